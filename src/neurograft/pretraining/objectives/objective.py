"""The interface of pretraining objectives, and the parts that they share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from neurograft.models.batches import Tokens, WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.models.region_pooling import pool_regions
from neurograft.models.transformer import initialise, rms_norm
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.masking import Masking

# Width of the heads of pooled tokens. Chosen here: as wide as the "small" encoder; the
# head is thrown away after pretraining.
HIDDEN_DIM = 256


@dataclass(frozen=True)
class Examples:
    """Windows, masks of what is hidden of them, and targets.

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
        encoder: The encoder that learns.
        n_views: Windows drawn from each recording.
    """

    if TYPE_CHECKING:
        # Not for `isinstance`: since Python 3.12 it does not find what a torch module
        # keeps in its table of modules.
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
        """Return the loss of a whole batch's responses; `seed` is of its examples."""
        ...

    def compare(self, examples: Examples) -> dict[str, float]:
        """Return the loss and that of knowing nothing, by name of the measure."""
        ...

    def follow(self, progress: float) -> None:
        """Do what is due after a step; `progress` is the share of steps done."""
        ...


def see(encoder: Encoder, tokens: Tokens, masking: Masking) -> tuple[Tokens, Tensor]:
    """Return the visible tokens and their embedding; hidden ones are never touched.

    Returns:
        The tokens, and their embedding of shape `(batch, n_keep, embed_dim)`.
    """
    visible = tokens.take(masking.ids_keep)
    return visible, encoder.encode(visible)


def see_regions(
    encoder: Encoder, examples: Examples
) -> Float[Tensor, "batch n_regions embed_dim"]:
    """Embed the visible tokens and average them by scalp region, each normalised."""
    visible, seen = see(encoder, encoder.tokenise(examples.batch), examples.masking)
    return rms_norm(pool_regions(seen, visible.coordinates))


def make_head(n_inputs: int, n_outputs: int) -> nn.Sequential:
    """Build two linear layers with a GELU between them."""
    head = nn.Sequential(
        nn.Linear(n_inputs, HIDDEN_DIM), nn.GELU(), nn.Linear(HIDDEN_DIM, n_outputs)
    )
    return head.apply(initialise)


def find_losses(
    predicted: Float[Tensor, "batch ..."], truth: Float[Tensor, "batch ..."]
) -> Float[Tensor, "batch 1"]:
    """Return the smooth-L1 loss (Huber 1964) of each row."""
    losses = functional.smooth_l1_loss(predicted, truth, reduction="none")
    return losses.flatten(1).mean(1, keepdim=True)


def beside_mean(
    predicted: Float[Tensor, "*shape n_outputs"],
    truth: Float[Tensor, "*shape n_outputs"],
) -> dict[str, float]:
    """Return the smooth-L1 loss beside that of predicting the mean of the truth.

    The mean is taken over everything but the last axis: it is what somebody would
    predict who knows how the outputs are distributed and sees nothing of the window.
    """
    mean = truth.mean(tuple(range(truth.ndim - 1))).expand_as(truth)
    return {
        "watched_loss": functional.smooth_l1_loss(predicted, truth).item(),
        "predict_mean_loss": functional.smooth_l1_loss(mean, truth).item(),
    }
