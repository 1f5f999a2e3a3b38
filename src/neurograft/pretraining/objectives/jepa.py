"""Joint-embedding prediction for EEG: predict the embedding of hidden blocks.

Source: I-JEPA (Assran 2023): a context encoder, a predictor, and a target encoder that
is a moving average of the context encoder and embeds the whole window. Blocks are
spherical caps of electrodes for some seconds instead of rectangles of an image.
"""

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from neurograft.models.batches import take_rows
from neurograft.models.encoder import Encoder
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.masking import draw_target_blocks
from neurograft.pretraining.objectives.mae import Hiding, TokenPredictor, locate
from neurograft.pretraining.objectives.objective import (
    Examples,
    beside_mean,
    find_losses,
    see,
)
from neurograft.training.averaging import update_average

# The first momentum forgets over this share of the steps; the last does not forget.
# Chosen here: I-JEPA's 0.996 is made for a hundred thousand steps.
HORIZON_SHARE = 0.03


class JointEmbedding(nn.Module):
    """Context encoder, predictor, and the target encoder that follows the first."""

    n_views = 1

    def __init__(self, encoder: Encoder, *, hiding: Hiding, n_steps: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.target_encoder = copy.deepcopy(encoder).requires_grad_(False)
        self.predictor = TokenPredictor(
            encoder.config.embed_dim, encoder.config.embed_dim
        )
        self.hiding = hiding
        self.first_momentum = max(0.0, 1 - 1 / max(1.0, HORIZON_SHARE * n_steps))

    def prepare(self, drawn: Drawn, generator: torch.Generator) -> Examples:
        """Draw target blocks, and a context that shows none of them."""
        masking = draw_target_blocks(
            drawn.batch,
            n_patches=drawn.batch.signals.shape[2] // self.encoder.config.patch_size,
            mask_ratio=self.hiding.mask_ratio,
            n_queries=self.hiding.n_queries,
            generator=generator,
        )
        return Examples(drawn.batch, masking)

    def predict(self, examples: Examples) -> tuple[Tensor, Tensor]:
        """Return predicted and true embeddings, both `(batch, n_query, embed_dim)`.

        The truth is the mean of the last half of the target encoder's blocks, each
        normalised (data2vec, Baevski 2022, section 3.3).
        """
        tokens = self.encoder.tokenise(examples.batch)
        ids = examples.masking.ids_query
        with torch.no_grad():
            blocks = self.target_encoder.run_blocks(tokens)
            upper = [take_rows(block, ids) for block in blocks[len(blocks) // 2 :]]
            shape = upper[0].shape[-1:]
            normed = [functional.layer_norm(block.float(), shape) for block in upper]
            truth = functional.layer_norm(torch.stack(normed).mean(0), shape)
        _, seen = see(self.encoder, tokens, examples.masking)
        places = locate(self.encoder, tokens.take(ids))
        return self.predictor(seen, places), truth

    def respond(self, examples: Examples) -> Float[Tensor, "batch 1"]:
        """Return the smooth-L1 loss of the predicted embeddings of each window."""
        return find_losses(*self.predict(examples))

    def judge(
        self, responses: Float[Tensor, "batch 1"], _seed: int, /
    ) -> Float[Tensor, ""]:
        """Average over windows."""
        return responses.mean()

    def compare(self, examples: Examples) -> dict[str, float]:
        """Return the loss beside predicting the mean; cosine of teacher and student."""
        predicted, truth = self.predict(examples)
        cosine = functional.cosine_similarity(predicted, truth, dim=-1).mean()
        return beside_mean(predicted, truth) | {"teacher_cosine": cosine.item()}

    def follow(self, progress: float) -> None:
        """Move the target encoder; momentum rises linearly to 1 (I-JEPA, App. A)."""
        momentum = self.first_momentum + (1 - self.first_momentum) * progress
        update_average(self.target_encoder, self.encoder, momentum=momentum)
