"""Masked autoencoder for EEG: predict hidden patches from the visible ones.

Source: He 2021 (the encoder sees visible patches only; loss on hidden ones only),
CrossMAE (Fu 2024; decoder by cross-attention, on a subset of the hidden patches). The
default target is the hidden patch's log-spectrum instead of its waveform, whose phase
nobody can predict.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from neurograft.models.encoder import Encoder, Tokens
from neurograft.models.positions import PositionEmbedding
from neurograft.models.transformer import Block, initialise
from neurograft.pretraining.masking import Masking

Target = Literal["log-spectrum", "waveform"]
# Width and depth of the decoder; thrown away after pretraining.
DECODER_DIM = {96: 64, 128: 96}
DECODER_DEPTH = {96: 1, 128: 2}
HEAD_DIM = 32


class MaskedAutoencoder(nn.Module):
    """An encoder, a small cross-attention decoder, and the loss between them."""

    def __init__(self, encoder: Encoder, *, target: Target = "log-spectrum") -> None:
        super().__init__()
        config = encoder.config
        dim = DECODER_DIM[config.embed_dim]
        n_outputs = config.n_bins if target == "log-spectrum" else config.patch_size
        self.encoder = encoder
        self.target = target
        self.context_embed = nn.Linear(config.embed_dim, dim)
        self.mask_token = nn.Parameter(torch.empty(dim))
        self.pos_embed = PositionEmbedding(dim)
        self.blocks = nn.ModuleList(
            Block(dim, dim // HEAD_DIM) for _ in range(DECODER_DEPTH[config.embed_dim])
        )
        self.norm = nn.RMSNorm(dim)
        self.head = nn.Linear(dim, n_outputs)
        for part in (self.context_embed, self.pos_embed, self.blocks, self.head):
            part.apply(initialise)
        nn.init.normal_(self.mask_token, std=0.02)

    def predict(
        self, tokens: Tokens, masking: Masking
    ) -> Float[Tensor, "batch n_query n_outputs"]:
        """Predict the queried patches from the visible ones."""
        visible = tokens.take(masking.ids_keep, masking.keep_mask)
        context = self.context_embed(self.encoder.encode(visible))
        queried = tokens.take(masking.ids_query, masking.query_mask)
        x = self.mask_token + self.pos_embed(queried.coordinates, queried.times)
        padding = masking.keep_mask if bool(masking.keep_mask.any()) else None
        for block in self.blocks:
            x = block(x, context, padding)
        predicted: Tensor = self.head(self.norm(x))
        return predicted

    def find_target(
        self, tokens: Tokens, masking: Masking
    ) -> Float[Tensor, "batch n_query n_outputs"]:
        """The queried patches as they are: standardised log-spectra, or waveforms."""
        queried = tokens.take(masking.ids_query, masking.query_mask)
        return queried.spectra if self.target == "log-spectrum" else queried.waveforms

    def forward(self, tokens: Tokens, masking: Masking) -> Float[Tensor, ""]:
        """Smooth-L1 loss over the queried patches; visible ones never count."""
        return masked_loss(
            self.predict(tokens, masking), self.find_target(tokens, masking), masking
        )


def masked_loss(
    predicted: Float[Tensor, "batch n_query n_outputs"],
    target: Float[Tensor, "batch n_query n_outputs"],
    masking: Masking,
) -> Float[Tensor, ""]:
    """Smooth-L1 (Huber 1964, beta 1), averaged over real queries only."""
    loss = functional.smooth_l1_loss(predicted, target, reduction="none").mean(-1)
    weight = (~masking.query_mask).to(loss.dtype)
    return (loss * weight).sum() / weight.sum()
