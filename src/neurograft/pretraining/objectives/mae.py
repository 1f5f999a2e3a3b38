"""Masked autoencoder for EEG: predict hidden patches from the visible ones.

Source: He 2021 (the encoder sees visible patches only; loss on hidden ones only),
CrossMAE (Fu 2024; decoder by cross-attention, on a subset of the hidden patches). The
default target is the hidden patch's log-spectrum instead of its waveform, whose phase
nobody can predict.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurograft.models.batches import Tokens, WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.models.positions import N_POSITION_FEATURES, N_TIME_FEATURES
from neurograft.models.transformer import Block, initialise, rms_norm
from neurograft.pretraining.augmentations import GENTLE, augment
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.masking import Masking, MaskKind, draw_mask
from neurograft.pretraining.objectives.objective import (
    Examples,
    beside_mean,
    find_losses,
    see,
)
from neurograft.pretraining.objectives.targets import (
    Target,
    count_target_numbers,
    find_target,
)

# Width and depth of the decoder by the encoder's width; thrown away after pretraining.
# Chosen here: narrower and shallower than the encoder, as in He 2021 (section 3).
DECODERS = {96: (64, 1), 128: (96, 2), 256: (160, 2), 512: (256, 4)}
# Numbers per attention head of the decoder. Chosen here: as in the encoder.
HEAD_DIM = 32


@dataclass(frozen=True)
class Hiding:
    """The settings by which patches are hidden.

    Attributes:
        kind: See `masking.draw_mask`.
        mask_ratio: Hidden share.
        n_queries: Hidden patches predicted per window.
    """

    kind: MaskKind = "random"
    mask_ratio: float = 0.75
    n_queries: int = 64


class TokenPredictor(nn.Module):
    """Cross-attention from places and times to what the encoder saw."""

    def __init__(self, embed_dim: int, n_outputs: int) -> None:
        super().__init__()
        dim, depth = DECODERS.get(embed_dim, (embed_dim // 2 // 32 * 32, 2))
        self.context_embed = nn.Linear(embed_dim, dim, bias=False)
        self.query_embed = nn.Linear(N_POSITION_FEATURES + N_TIME_FEATURES, dim)
        self.blocks = nn.ModuleList(
            Block(dim, dim // HEAD_DIM, takes_context=True) for _ in range(depth)
        )
        self.head = nn.Linear(dim, n_outputs)
        self.apply(initialise)

    def forward(
        self,
        seen: Float[Tensor, "batch n_keep embed_dim"],
        places: Float[Tensor, "batch n_query n_features"],
    ) -> Float[Tensor, "batch n_query n_outputs"]:
        """Predict what is at some places and times."""
        context = rms_norm(self.context_embed(seen))
        x = self.query_embed(places).float()
        for block in self.blocks:
            x = block(x, context)
        predicted: Tensor = self.head(rms_norm(x))
        return predicted.float()


class MaskedAutoencoder(nn.Module):
    """An encoder, a small cross-attention decoder, and the loss between them."""

    n_views = 1

    def __init__(
        self,
        encoder: Encoder,
        *,
        target: Target = "log-spectrum",
        hiding: Hiding,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.target = target
        self.hiding = hiding
        self.predictor = TokenPredictor(
            encoder.config.embed_dim, count_target_numbers(encoder, target)
        )

    def prepare(self, drawn: Drawn, generator: torch.Generator) -> Examples:
        """Jitter the acquisition, and hide patches."""
        sfreq = self.encoder.config.patch_size
        batch = augment(drawn.batch, GENTLE, sfreq=sfreq, generator=generator)
        return Examples(batch, hide(self.encoder, batch, self.hiding, generator))

    def predict(self, examples: Examples) -> tuple[Tensor, Tensor]:
        """Return predicted and true targets, both `(batch, n_query, n_outputs)`."""
        tokens = self.encoder.tokenise(examples.batch)
        _, seen = see(self.encoder, tokens, examples.masking)
        queried = tokens.take(examples.masking.ids_query)
        predicted = self.predictor(seen, locate(self.encoder, queried))
        return predicted, find_target(self.encoder, queried.waveforms, self.target)

    def respond(self, examples: Examples) -> Float[Tensor, "batch 1"]:
        """Return the smooth-L1 loss over each window's queried patches only."""
        return find_losses(*self.predict(examples))

    def judge(
        self, responses: Float[Tensor, "batch 1"], _seed: int, /
    ) -> Float[Tensor, ""]:
        """Average over windows."""
        return responses.mean()

    def compare(self, examples: Examples) -> dict[str, float]:
        """Return the loss beside that of predicting the mean of the targets."""
        return beside_mean(*self.predict(examples))

    def follow(self, progress: float) -> None:
        """Do nothing."""


def hide(
    encoder: Encoder, batch: WindowBatch, hiding: Hiding, generator: torch.Generator
) -> Masking:
    """Draw masks for windows by an objective's settings.

    Args:
        encoder: The encoder, for its patch size.
        batch: Windows.
        hiding: Kind of mask, hidden share, number of queries.
        generator: Source of randomness.
    """
    return draw_mask(
        batch,
        kind=hiding.kind,
        n_patches=batch.signals.shape[2] // encoder.config.patch_size,
        mask_ratio=hiding.mask_ratio,
        n_queries=hiding.n_queries,
        generator=generator,
    )


def locate(encoder: Encoder, tokens: Tokens) -> Float[Tensor, "batch n n_features"]:
    """Return features of where and when tokens are, without what is there."""
    features: Tensor = encoder.position_features(tokens.coordinates, tokens.times)
    return features
