"""Objectives that ask something of the whole window: a vector from the visible tokens.

The answer is read from the tokens pooled by scalp region, as the readout of a frozen
encoder will read them, so what is learned here stands where it will be looked for.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.models.region_pooling import N_REGIONS
from neurograft.pretraining.augmentations import GENTLE, augment
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.objectives.mae import Hiding, hide
from neurograft.pretraining.objectives.objective import (
    Examples,
    beside_mean,
    find_losses,
    make_head,
    see_regions,
)

# Targets are standardised; further out they are artefacts. Chosen here.
TARGET_CLIP = 4.0
# Takes drawn windows and a source of randomness; returns the windows to look at and
# one vector for each.
Ask = Callable[
    [Drawn, torch.Generator], tuple[WindowBatch, Float[Tensor, "batch n_targets"]]
]


class PooledPrediction(nn.Module):
    """Encoder, regional pooling, and two layers to a vector per window."""

    n_views = 1

    def __init__(
        self, encoder: Encoder, *, hiding: Hiding, ask: Ask, n_targets: int
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.hiding = hiding
        self.ask = ask
        self.head = make_head(N_REGIONS * encoder.config.embed_dim, n_targets)

    def prepare(self, drawn: Drawn, generator: torch.Generator) -> Examples:
        """Find windows and targets, jitter the acquisition, hide patches."""
        batch, targets = self.ask(drawn, generator)
        sfreq = self.encoder.config.patch_size
        batch = augment(batch, GENTLE, sfreq=sfreq, generator=generator)
        masking = hide(self.encoder, batch, self.hiding, generator)
        return Examples(batch, masking, targets.clamp(-TARGET_CLIP, TARGET_CLIP))

    def predict(self, examples: Examples) -> Float[Tensor, "batch n_targets"]:
        """Predict the targets from the visible tokens."""
        predicted: Tensor = self.head(see_regions(self.encoder, examples).flatten(1))
        return predicted.float()

    def respond(self, examples: Examples) -> Float[Tensor, "batch 1"]:
        """Return the smooth-L1 loss over all targets of each window."""
        assert examples.targets is not None
        return find_losses(self.predict(examples), examples.targets)

    def judge(
        self, responses: Float[Tensor, "batch 1"], _seed: int, /
    ) -> Float[Tensor, ""]:
        """Average over windows."""
        return responses.mean()

    def compare(self, examples: Examples) -> dict[str, float]:
        """Return the loss beside that of predicting the mean of the targets."""
        assert examples.targets is not None
        return beside_mean(self.predict(examples), examples.targets)

    def follow(self, progress: float) -> None:
        """Do nothing."""
