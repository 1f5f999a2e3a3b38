"""Pre-norm transformer blocks: self-attention for the encoder, cross for decoders."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

MLP_RATIO = 4


class Attention(nn.Module):
    """Multi-head attention with normalised queries and keys (Henry 2020)."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        head_dim = embed_dim // num_heads
        self.query = nn.Linear(embed_dim, embed_dim)
        self.key_value = nn.Linear(embed_dim, 2 * embed_dim)
        self.query_norm = nn.RMSNorm(head_dim)
        self.key_norm = nn.RMSNorm(head_dim)
        self.project = nn.Linear(embed_dim, embed_dim)

    def forward(
        self,
        x: Float[Tensor, "batch n_queries embed_dim"],
        context: Float[Tensor, "batch n_keys embed_dim"],
        context_mask: Bool[Tensor, "batch n_keys"] | None = None,
    ) -> Float[Tensor, "batch n_queries embed_dim"]:
        """Attend from `x` to `context`, except where `context_mask` is True."""
        query = self._split(self.query(x))
        key, value = map(self._split, self.key_value(context).chunk(2, dim=-1))
        allowed = None if context_mask is None else ~context_mask[:, None, None, :]
        attended = functional.scaled_dot_product_attention(
            self.query_norm(query), self.key_norm(key), value, attn_mask=allowed
        )
        projected: Tensor = self.project(attended.transpose(1, 2).flatten(2))
        return projected

    def _split(self, x: Tensor) -> Tensor:
        batch, n, embed_dim = x.shape
        heads = x.reshape(batch, n, self.num_heads, embed_dim // self.num_heads)
        return heads.transpose(1, 2)


class Block(nn.Module):
    """Pre-norm block; attends to itself, or to a context if one is given."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(embed_dim)
        self.attention = Attention(embed_dim, num_heads)
        self.mlp_norm = nn.RMSNorm(embed_dim)
        self.mlp = nn.Sequential(
            nn.Linear(embed_dim, MLP_RATIO * embed_dim),
            nn.GELU(),
            nn.Linear(MLP_RATIO * embed_dim, embed_dim),
        )

    def forward(
        self,
        x: Float[Tensor, "batch n embed_dim"],
        context: Float[Tensor, "batch n_keys embed_dim"] | None = None,
        context_mask: Bool[Tensor, "batch n_keys"] | None = None,
    ) -> Float[Tensor, "batch n embed_dim"]:
        """Attend, then transform each token."""
        normed = self.attention_norm(x)
        context = normed if context is None else context
        x = x + self.attention(normed, context, context_mask)
        return torch.add(x, self.mlp(self.mlp_norm(x)))


def initialise(module: nn.Module) -> None:
    """Xavier-uniform weights and zero biases, as in ViT and MAE (He 2021, App. A.1)."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
