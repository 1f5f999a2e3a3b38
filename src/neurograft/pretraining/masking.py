"""Which tokens the encoder sees and which it must predict."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from neurograft.errors import ConfigError


@dataclass(frozen=True)
class Masking:
    """Indices of visible and of queried tokens, per window.

    Windows of small montages have fewer tokens; their rows are padded.

    Attributes:
        ids_keep: Tokens the encoder sees.
        keep_mask: True where `ids_keep` is padding.
        ids_query: Hidden tokens to predict.
        query_mask: True where `ids_query` is padding.
    """

    ids_keep: Int[Tensor, "batch n_keep"]
    keep_mask: Bool[Tensor, "batch n_keep"]
    ids_query: Int[Tensor, "batch n_query"]
    query_mask: Bool[Tensor, "batch n_query"]


def mask_at_random(
    token_mask: Bool[Tensor, "batch n"],
    *,
    mask_ratio: float,
    n_queries: int,
    generator: torch.Generator,
) -> Masking:
    """Hide the same share of tokens in every window, uniformly at random.

    Source: He 2021 (MAE) section 3, random sampling without replacement; predicting a
    subset of the hidden tokens as in CrossMAE (Fu 2024).

    Args:
        token_mask: True where there is no token.
        mask_ratio: Hidden share of each window's own tokens, 0 to 1.
        n_queries: At most so many hidden tokens are predicted per window.
        generator: Source of randomness.

    Raises:
        ConfigError: If a window would have nothing to see or nothing to predict.
    """
    n_tokens = (~token_mask).sum(1)
    n_keep = ((1 - mask_ratio) * n_tokens).round().long()
    if bool((n_keep < 1).any()) or bool((n_keep >= n_tokens).any()):
        raise ConfigError(
            f"mask_ratio={mask_ratio:g} leaves nothing to see or nothing to predict in "
            f"a window of {int(n_tokens.min())} patches; take a ratio nearer to 0.5."
        )
    noise = torch.rand(token_mask.shape, generator=generator)
    order = noise.masked_fill(token_mask, torch.inf).argsort(dim=1)
    longest = int(n_keep.max())
    n_query = min(n_queries, int((n_tokens - n_keep).max()))
    hidden = n_keep[:, None] + torch.arange(n_query)
    query_mask = hidden >= n_tokens[:, None]
    ids_query = order.gather(1, hidden.clamp(max=order.shape[1] - 1))
    keep_mask = torch.arange(longest) >= n_keep[:, None]
    return Masking(order[:, :longest], keep_mask, ids_query, query_mask)
