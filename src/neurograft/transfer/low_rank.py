"""Low-rank adapters: a few numbers per layer learn, the pretrained weights stay.

LoRA (Hu 2021, eq. 3): `W x + (alpha / r) B A x`, with B zero at first, so that an
adapted network begins as the pretrained one.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurograft.models.encoder import Encoder

# Rank of the update. Chosen here: small, because labels are few; Hu 2021 (section 7.2)
# finds little gain beyond.
RANK = 4
# The update is scaled by alpha / r; equal to 2 it is neither damped nor blown up.
# Chosen here.
ALPHA = 8.0


class LowRank(nn.Module):
    """A frozen linear layer and a low-rank update of it.

    Args:
        base: The layer; its weights no longer learn.
        rank: Rank of the update.
        alpha: Its scale, times `rank`.
    """

    def __init__(self, base: nn.Linear, *, rank: int, alpha: float) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.scale = alpha / rank
        self.down = nn.Parameter(torch.empty(rank, base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: Float[Tensor, "*shape n_in"]) -> Float[Tensor, "*shape n_out"]:
        """Apply the frozen layer and its update."""
        update = nn.functional.linear(nn.functional.linear(x, self.down), self.up)
        mapped: Tensor = self.base(x)
        return mapped + self.scale * update

    def merge(self) -> nn.Linear:
        """Return one linear layer that does the same."""
        with torch.no_grad():
            self.base.weight += self.scale * self.up @ self.down
        return self.base.requires_grad_(True)


def add_adapters(encoder: Encoder) -> list[nn.Parameter]:
    """Put adapters on the attention of every block and freeze all else, in place.

    Returns:
        The parameters that learn.
    """
    encoder.requires_grad_(False)
    learned: list[nn.Parameter] = []
    for block in encoder.blocks:
        attention = block.attention
        for name in ("query_key_value", "project"):
            layer = LowRank(getattr(attention, name), rank=RANK, alpha=ALPHA)
            setattr(attention, name, layer)
            learned += [layer.down, layer.up]
    return learned


def merge_adapters(encoder: Encoder) -> None:
    """Fold the adapters into the weights, in place: an encoder as any other."""
    for block in encoder.blocks:
        for name in ("query_key_value", "project"):
            layer = getattr(block.attention, name)
            if isinstance(layer, LowRank):
                setattr(block.attention, name, layer.merge())
