"""Windows of one montage size, which encoders take, and tokens cut from them.

A batch never mixes numbers of channels, so nothing is ever padded or masked out; the
electrodes themselves may differ from row to row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class WindowBatch:
    """Windows with as many channels each.

    Attributes:
        signals: Microvolts, average reference.
        positions: Unit sphere.
        scale: Robust scale of each window's recording, microvolts, positive.
        acquisition: Facts about device and reference; 0 is unknown.
    """

    signals: Float[Tensor, "batch n_channels n_times"]
    positions: Float[Tensor, "batch n_channels 3"]
    scale: Float[Tensor, " batch"]
    acquisition: Float[Tensor, "batch n_facts"]

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """Return the attributes in their order, each of shape `(batch, ...)`."""
        return self.signals, self.positions, self.scale, self.acquisition

    def __len__(self) -> int:
        return len(self.signals)

    def split(self, n_parts: int) -> list["WindowBatch"]:
        """Cut into parts of (nearly) equal size, none of them empty.

        Example:
            >>> zeros = torch.zeros
            >>> places = zeros(5, 2, 3)
            >>> batch = WindowBatch(zeros(5, 2, 8), places, zeros(5), zeros(5, 7))
            >>> [len(part) for part in batch.split(2)]
            [3, 2]
        """
        parts = [tensor.tensor_split(n_parts) for tensor in self.tensors]
        return [WindowBatch(*part) for part in zip(*parts, strict=True) if len(part[0])]

    def select(self, rows: slice) -> "WindowBatch":
        """Pick windows."""
        return WindowBatch(*(tensor[rows] for tensor in self.tensors))

    def to(self, device: torch.device) -> "WindowBatch":
        """Copy to a device."""
        return WindowBatch(*(tensor.to(device) for tensor in self.tensors))


def interleave(views: Sequence[WindowBatch]) -> WindowBatch:
    """Put views of the same recordings next to each other, row by row."""
    parts = zip(*(view.tensors for view in views), strict=True)
    return WindowBatch(*(torch.stack(part, dim=1).flatten(0, 1) for part in parts))


@dataclass(frozen=True)
class Tokens:
    """Patches with their place and time, before embedding; any subset of a window.

    Attributes:
        waveforms: In units of the recording's scale, clipped.
        coordinates: Electrode positions on the unit sphere.
        times: Start of the patch, seconds into the window.
        acquisition: Log of the recording's scale over 10 microvolts, then what is known
            of device and reference.
    """

    waveforms: Float[Tensor, "batch n patch_size"]
    coordinates: Float[Tensor, "batch n 3"]
    times: Float[Tensor, "batch n"]
    acquisition: Float[Tensor, "batch n_facts_and_scale"]

    def take(self, ids: Int[Tensor, "batch k"]) -> "Tokens":
        """Pick tokens by index."""
        return Tokens(
            take_rows(self.waveforms, ids),
            take_rows(self.coordinates, ids),
            self.times.gather(1, ids),
            self.acquisition,
        )


def take_rows(
    values: Float[Tensor, "batch n dim"], ids: Int[Tensor, "batch k"]
) -> Float[Tensor, "batch k dim"]:
    """Pick rows of every window by index."""
    return values.gather(1, ids[..., None].expand(-1, -1, values.shape[-1]))
