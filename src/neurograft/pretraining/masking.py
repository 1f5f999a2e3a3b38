"""Masks: which patches the encoder sees and which it must predict.

Every mask is an order in which patches are hidden; the first of the order are hidden,
as many in every window, so a batch needs no padding. Ties are broken at random: cutting
sorted indices to a common length would always spare the last channels.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from neurograft.errors import ConfigError
from neurograft.models.batches import WindowBatch

MaskKind = Literal["random", "block", "channel", "future", "mixed"]
# A block hides a spherical cap holding about this share of the channels ...
CAP_SHARE = (0.15, 0.25)
# ... for so many seconds (REVE 2025: 3 s; S-JEPA 2024: size hardly matters).
BLOCK_S = (2, 5)
# Blocks drawn per window. Chosen here: enough to cover it at any useful ratio.
N_BLOCKS = 40
# Cosines closer than this are equal. Chosen here: 2.6 degrees at a cap's centre.
TIE_BREAKER = 1e-3
# Shares of the kinds that `mixed` draws. Chosen here: mostly blocks, some of others.
MIXED_SHARES: dict[MaskKind, float] = {
    "block": 0.7,
    "channel": 0.1,
    "future": 0.1,
    "random": 0.1,
}


@dataclass(frozen=True)
class Masking:
    """Indices of visible and of queried patches, as many in every window.

    Attributes:
        ids_keep: Patches the encoder sees.
        ids_query: Hidden patches to predict.
    """

    ids_keep: Int[Tensor, "batch n_keep"]
    ids_query: Int[Tensor, "batch n_query"]

    def split(self, n_parts: int) -> list["Masking"]:
        """Cut as `WindowBatch.split` does."""
        pairs = zip(
            self.ids_keep.tensor_split(n_parts),
            self.ids_query.tensor_split(n_parts),
            strict=True,
        )
        return [Masking(*pair) for pair in pairs if len(pair[0])]


def draw_mask(
    batch: WindowBatch,
    *,
    kind: MaskKind,
    n_patches: int,
    mask_ratio: float,
    n_queries: int,
    generator: torch.Generator,
) -> Masking:
    """Hide the same share of patches in every window.

    Source: random masks and their ratio, He 2021 (MAE) section 3; predicting a subset
    of the hidden patches, CrossMAE (Fu 2024); blocks of a cap for some seconds, REVE
    (2025); future, OTiS (2024).

    Args:
        batch: Windows; only positions and sizes are used.
        kind: `random`, `block` (spherical cap x time), `channel` (whole channels),
            `future` (the last seconds), or `mixed` (one of them, anew for every batch).
        n_patches: Seconds per window.
        mask_ratio: Hidden share, 0 to 1; whole channels and seconds are rounded.
        n_queries: At most so many hidden patches are predicted per window.
        generator: Source of randomness.

    Raises:
        ConfigError: If a window would have nothing to see or nothing to predict.
    """
    size, n_channels, _ = batch.positions.shape
    if kind == "mixed":
        kind = _draw_kind(n_channels, n_patches, generator)
    # Whole channels and whole seconds come in lumps.
    lump = {"channel": n_patches, "future": n_channels}.get(kind, 1)
    n_tokens = n_channels * n_patches
    # However small or large the share: something is hidden, and something seen.
    n_lumps = n_tokens // lump
    n_hidden = lump * min(max(round(mask_ratio * n_lumps), 1), n_lumps - 1)
    if not 0 < n_hidden < n_tokens:
        raise ConfigError(
            f"mask_ratio={mask_ratio:g} leaves nothing to see or nothing to predict in "
            f"a window of {n_channels} channels x {n_patches} patches with the mask "
            f"{kind!r}; take a ratio nearer to 0.5."
        )
    shape = (size, n_channels, n_patches)
    rank = _rank_patches(kind, shape, batch.positions, generator)
    noise = torch.rand(size, n_tokens, generator=generator)
    order = (rank.flatten(1) + noise).argsort(dim=1)
    hidden, keep = order[:, :n_hidden], order[:, n_hidden:]
    shuffled = torch.rand(hidden.shape, generator=generator).argsort(dim=1)
    return Masking(keep, hidden.gather(1, shuffled[:, :n_queries]))


def _draw_kind(n_channels: int, n_patches: int, generator: torch.Generator) -> MaskKind:
    """Draw a kind of mask; few channels or seconds cannot be hidden whole."""
    possible = dict(MIXED_SHARES)
    if n_channels < 4:
        del possible["channel"]
    if n_patches < 4:
        del possible["future"]
    shares = torch.tensor(list(possible.values()))
    return list(possible)[int(torch.multinomial(shares, 1, generator=generator))]


def _rank_patches(
    kind: MaskKind,
    shape: tuple[int, int, int],
    positions: Float[Tensor, "batch n_channels 3"],
    generator: torch.Generator,
) -> Float[Tensor, "batch n_channels n_patches"]:
    """Rank patches by whole numbers: those of a smaller number are hidden first."""
    size, n_channels, n_patches = shape
    if kind == "random":
        return torch.zeros(shape)
    if kind == "future":
        return torch.arange(n_patches).flip(0).expand(shape).float()
    if kind == "channel":
        order = torch.rand(size, n_channels, generator=generator).argsort(1).argsort(1)
        return order[..., None].expand(shape).float()
    return _rank_blocks(positions, n_patches, generator)


def _rank_blocks(
    positions: Float[Tensor, "batch n_channels 3"],
    n_patches: int,
    generator: torch.Generator,
) -> Float[Tensor, "batch n_channels n_patches"]:
    """Return the number of the first block that covers each patch."""
    size = len(positions)
    caps = draw_caps(positions, CAP_SHARE, n_caps=N_BLOCKS, generator=generator)
    spans = draw_spans(n_patches, BLOCK_S, (size, N_BLOCKS), generator=generator)
    covered = caps[..., None] & spans[:, :, None]
    number = torch.arange(N_BLOCKS)[None, :, None, None]
    return torch.where(covered, number, N_BLOCKS).amin(1).float()


def draw_caps(
    positions: Float[Tensor, "batch n_channels 3"],
    share: tuple[float, float],
    *,
    n_caps: int,
    generator: torch.Generator,
) -> Tensor:
    """Draw spherical caps around channels, each holding a share of the channels.

    Args:
        positions: Unit sphere.
        share: Smallest and largest share of the channels inside a cap.
        n_caps: Caps per window.
        generator: Source of randomness.

    Returns:
        True where a channel is inside, shape `(batch, n_caps, n_channels)`.
    """
    size, n_channels, _ = positions.shape
    centre = torch.randint(n_channels, (size, n_caps), generator=generator)
    low, high = share
    wanted = low + (high - low) * torch.rand(size, n_caps, 1, generator=generator)
    n_inside = (wanted * n_channels).round().clamp(min=1)
    centres = positions.gather(1, centre[..., None].expand(-1, -1, 3))
    nearness = centres @ positions.transpose(1, 2)
    # Left and right are equally near to the midline: ties are broken at random.
    nearness = nearness + TIE_BREAKER * torch.rand(nearness.shape, generator=generator)
    rank = nearness.argsort(2, descending=True).argsort(2)
    return rank < n_inside


def draw_spans(
    n_patches: int,
    length: tuple[int, int],
    shape: tuple[int, int],
    *,
    generator: torch.Generator,
) -> Tensor:
    """Draw stretches of consecutive patches of a length between two bounds.

    Args:
        n_patches: Patches of a channel.
        length: Shortest and longest stretch, patches.
        shape: Shape of the stretches drawn.
        generator: Source of randomness.

    Returns:
        True where a patch is inside, shape `(*shape, n_patches)`.
    """
    low, high = (min(bound, n_patches) for bound in length)
    lengths = torch.randint(low, high + 1, shape, generator=generator)
    room = n_patches - lengths + 1
    start = (torch.rand(shape, generator=generator) * room).long()
    times = torch.arange(n_patches)
    return (times >= start[..., None]) & (times < (start + lengths)[..., None])


# I-JEPA (Assran 2023, table 8): four target blocks of 15-20 % each.
N_TARGET_BLOCKS = 4
TARGET_CAP_SHARE = (0.35, 0.5)
TARGET_S_SHARE = (0.35, 0.5)


def draw_target_blocks(
    batch: WindowBatch,
    *,
    n_patches: int,
    mask_ratio: float,
    n_queries: int,
    generator: torch.Generator,
) -> Masking:
    """Draw blocks to predict and a context outside all of them.

    Blocks of different windows cover different numbers of patches; queries and context
    are brought to common numbers by dropping patches at random, so that no electrode
    is dropped more often than another.

    Args:
        batch: Windows; only positions and sizes are used.
        n_patches: Seconds per window.
        mask_ratio: At least this share is not in the context.
        n_queries: At most so many patches of the blocks are predicted.
        generator: Source of randomness.

    Raises:
        ConfigError: If the blocks cover a whole window.
    """
    size, n_channels, _ = batch.positions.shape
    caps = draw_caps(
        batch.positions, TARGET_CAP_SHARE, n_caps=N_TARGET_BLOCKS, generator=generator
    )
    low, high = (max(1, round(share * n_patches)) for share in TARGET_S_SHARE)
    spans = draw_spans(
        n_patches, (low, high), (size, N_TARGET_BLOCKS), generator=generator
    )
    covered = (caps[..., None] & spans[:, :, None]).any(1).flatten(1)
    is_whole = covered.all(1)
    if is_whole.any() and covered.shape[1] > 1:
        # Of a window that the blocks cover whole, one patch is seen all the same.
        seen = torch.randint(covered.shape[1], (size,), generator=generator)
        covered[is_whole, seen[is_whole]] = False
    n_covered = covered.sum(1)
    n_query = min(n_queries, int(n_covered.min()))
    n_free = n_channels * n_patches - int(n_covered.max())
    n_keep = min(n_free, max(1, round((1 - mask_ratio) * n_channels * n_patches)))
    if n_keep < 1:
        raise ConfigError(
            f"Target blocks cover a window of {n_channels} channels x {n_patches} "
            "patches; take longer windows or lower mask_ratio."
        )
    noise = torch.rand(covered.shape, generator=generator)
    order = (covered.float() + noise).argsort(dim=1)  # context first, then blocks
    backwards = order.flip(1)
    return Masking(order[:, :n_keep], backwards[:, :n_query])
