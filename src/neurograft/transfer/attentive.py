"""From tokens to one vector per window: their mean, or what queries look for."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

# Queries that pool the tokens. Chosen here: few, because labels are.
N_QUERIES = 4


class MeanPooling(nn.Module):
    """All channels and seconds count the same."""

    def forward(
        self, embedded: Float[Tensor, "batch n_channels n_patches width"]
    ) -> Float[Tensor, "batch width"]:
        """Average the tokens."""
        return embedded.mean((1, 2))


class AttentivePooling(nn.Module):
    """Every query weighs channels and seconds for its own share of the features.

    Efficient probing (Psomas 2025, arXiv 2506.10178): queries see whole tokens, without
    projections, so that little is learned. They begin at zero, which is the mean.

    Args:
        width: Numbers per token, a multiple of `n_queries`.
        n_queries: Queries.
    """

    def __init__(self, width: int, n_queries: int = N_QUERIES) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.zeros(n_queries, width))

    def forward(
        self, embedded: Float[Tensor, "batch n_channels n_patches width"]
    ) -> Float[Tensor, "batch width"]:
        """Average the tokens, each query with its weights."""
        tokens = embedded.flatten(1, 2)
        weights = (tokens @ self.queries.T).softmax(dim=1)
        shares = tokens.reshape(*weights.shape, -1)
        return torch.einsum("bnq,bnqs->bqs", weights, shares).flatten(1)
