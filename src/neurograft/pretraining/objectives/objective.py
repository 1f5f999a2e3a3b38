"""What every pretraining objective is: examples made from drawn windows, and a loss."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from neurograft.models.batches import Tokens, WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.masking import Masking


@dataclass(frozen=True)
class Examples:
    """Windows, what is hidden of them, and what must be said of them.

    All that is random has been drawn, for the whole batch at once: however the
    examples are shared out among threads or machines, the loss is the same.

    Attributes:
        batch: Windows; views of one recording follow each other.
        masking: Visible and queried patches.
        targets: One vector per window, where the objective needs it.
        seed: For randomness that is not of single windows.
    """

    batch: WindowBatch
    masking: Masking
    targets: Float[Tensor, "batch n_targets"] | None = None
    seed: int = 0

    def __len__(self) -> int:
        return len(self.batch)

    def split(self, n_parts: int) -> list["Examples"]:
        """Cut into parts of (nearly) equal size, none of them empty."""
        batches = self.batch.split(n_parts)
        targets = (
            [None] * len(batches)
            if self.targets is None
            else self.targets.tensor_split(n_parts)[: len(batches)]
        )
        parts = zip(batches, self.masking.split(n_parts), targets, strict=True)
        return [Examples(*part, self.seed) for part in parts]

    def to(self, device: torch.device) -> "Examples":
        """Copy to a device."""
        masking = Masking(
            self.masking.ids_keep.to(device), self.masking.ids_query.to(device)
        )
        targets = None if self.targets is None else self.targets.to(device)
        return Examples(self.batch.to(device), masking, targets, self.seed)


@runtime_checkable
class Objective(Protocol):
    """A loss that teaches an encoder without labels.

    Attributes:
        encoder: Who learns.
        n_views: Windows drawn from each recording.
    """

    encoder: Encoder
    n_views: int

    def prepare(self, drawn: Drawn, generator: torch.Generator) -> Examples:
        """Draw masks, augmentations and targets for windows."""
        ...

    def respond(self, examples: Examples) -> Float[Tensor, "batch n_numbers"]:
        """Run the networks: some numbers per example, whatever the others are.

        A batch can be cut into parts here; what needs all of it is left to `judge`.
        """
        ...

    def judge(
        self, responses: Float[Tensor, "batch n_numbers"], seed: int, /
    ) -> Float[Tensor, ""]:
        """Loss of the responses of a whole batch; `seed` is that of its examples."""
        ...

    def compare(self, examples: Examples) -> dict[str, float]:
        """How the loss compares with knowing nothing, by name of the measure."""
        ...

    def follow(self, progress: float) -> None:
        """Do what is due after a step; `progress` is the share of steps done."""
        ...


def see(encoder: Encoder, tokens: Tokens, masking: Masking) -> tuple[Tokens, Tensor]:
    """Visible tokens and their embedding; hidden ones are never touched."""
    visible = tokens.take(masking.ids_keep)
    return visible, encoder.encode(visible)
