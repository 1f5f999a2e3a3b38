"""Pre-norm transformer blocks: self-attention for encoders, cross for decoders.

Written for short sequences on a CPU, where the small operations between the matrix
products cost as much as the products: norms without parameters, no biases, attention
spelled out.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

# Width of the two-layer map over that of a token (Vaswani 2017, section 3.3).
MLP_RATIO = 4
# Added to the root mean square, so that zeros can be divided. Chosen here.
EPSILON = 1e-6
# Up to so many keys, attention spelled out is faster on a CPU in half precision than
# the fused kernel, which is as fast or faster in single precision.
MAX_SPELLED_OUT = 256


class _RmsNorm(torch.autograd.Function):
    """Root-mean-square norm whose backward pass makes four sweeps instead of nine."""

    @staticmethod
    def forward(ctx, x):  # type: ignore[no-untyped-def]
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        inverse = norm.mul_(x.shape[-1] ** -0.5).add_(EPSILON).reciprocal_().to(x.dtype)
        normed = x * inverse
        ctx.save_for_backward(normed, inverse)
        return normed

    @staticmethod
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        normed, inverse = ctx.saved_tensors
        along = (gradient * normed).mean(-1, keepdim=True)
        return torch.addcmul(gradient, normed, along, value=-1).mul_(inverse)


def rms_norm(x: Float[Tensor, "*shape dim"]) -> Float[Tensor, "*shape dim"]:
    """Divide by the root mean square of the last axis (Zhang 2019, eq. 4).

    Without learned gains: the linear map that follows can hold them.

    Example:
        >>> rms_norm(torch.tensor([[3.0, -4.0]])).square().mean().round(decimals=3)
        tensor(1.)
    """
    normed: Tensor = _RmsNorm.apply(x)  # type: ignore[no-untyped-call]
    return normed


def attend(
    query: Float[Tensor, "batch n_queries num_heads head_dim"],
    key: Float[Tensor, "batch n_keys num_heads head_dim"],
    value: Float[Tensor, "batch n_keys num_heads head_dim"],
) -> Float[Tensor, "batch n_queries embed_dim"]:
    """Attend with several heads (Vaswani 2017, eq. 1), queries and keys normalised.

    Queries and keys have a root mean square of 1 (Henry 2020), so that logits cannot
    exceed the root of `head_dim` and the exponential needs no maximum subtracted.
    On a CPU in half precision, where the fused kernel is slow: matrix products spelled
    out for few keys, single precision for many.
    """
    query, key = rms_norm(query), rms_norm(key)
    is_slow = query.device.type == "cpu" and query.dtype != torch.float32
    if is_slow and key.shape[1] <= MAX_SPELLED_OUT:
        mixed = _attend_spelled_out(query, key, value)
    else:
        q, k, v = (part.transpose(1, 2) for part in (query, key, value))
        if is_slow:
            q, k, v = q.float(), k.float(), v.float()
        mixed = functional.scaled_dot_product_attention(q, k, v)
    return mixed.transpose(1, 2).flatten(2)


def _attend_spelled_out(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    batch, n_queries, num_heads, head_dim = query.shape
    q, k, v = (
        part.transpose(1, 2).reshape(batch * num_heads, -1, head_dim)
        for part in (query * head_dim**-0.5, key, value)
    )
    weights = torch.bmm(q, k.transpose(1, 2)).exp()
    mixed = torch.bmm(weights, v) / weights.sum(-1, keepdim=True)
    return mixed.reshape(batch, num_heads, n_queries, head_dim)


class SelfAttention(nn.Module):
    """Every token attends to every token of its window."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query_key_value = nn.Linear(embed_dim, 3 * embed_dim, bias=False)
        self.project = nn.Linear(embed_dim, embed_dim, bias=False)

    def forward(
        self, x: Float[Tensor, "batch n embed_dim"]
    ) -> Float[Tensor, "batch n embed_dim"]:
        """Mix the tokens."""
        batch, n, embed_dim = x.shape
        shape = (batch, n, 3, self.num_heads, embed_dim // self.num_heads)
        query, key, value = self.query_key_value(x).reshape(shape).unbind(2)
        mixed: Tensor = self.project(attend(query, key, value))
        return mixed


class CrossAttention(nn.Module):
    """Every query attends to every token of a context."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Linear(embed_dim, embed_dim, bias=False)
        self.key_value = nn.Linear(embed_dim, 2 * embed_dim, bias=False)
        self.project = nn.Linear(embed_dim, embed_dim, bias=False)

    def forward(
        self,
        x: Float[Tensor, "batch n_queries embed_dim"],
        context: Float[Tensor, "batch n_keys embed_dim"],
    ) -> Float[Tensor, "batch n_queries embed_dim"]:
        """Gather from the context."""
        batch, n, embed_dim = x.shape
        shape = (batch, -1, 2, self.num_heads, embed_dim // self.num_heads)
        query = self.query(x).reshape(batch, n, *shape[3:])
        key, value = self.key_value(context).reshape(shape).unbind(2)
        mixed: Tensor = self.project(attend(query, key, value))
        return mixed


class Block(nn.Module):
    """Pre-norm block: attention, then a two-layer map of each token."""

    def __init__(
        self, embed_dim: int, num_heads: int, *, takes_context: bool = False
    ) -> None:
        super().__init__()
        make: Callable[[int, int], nn.Module] = (
            CrossAttention if takes_context else SelfAttention
        )
        self.attention = make(embed_dim, num_heads)
        self.expand = nn.Linear(embed_dim, MLP_RATIO * embed_dim, bias=False)
        self.contract = nn.Linear(MLP_RATIO * embed_dim, embed_dim, bias=False)

    def forward(
        self, x: Float[Tensor, "batch n embed_dim"], *context: Tensor
    ) -> Float[Tensor, "batch n embed_dim"]:
        """Attend to itself or to the context; the stream stays in single precision."""
        x = x + self.attention(rms_norm(x), *context)
        hidden = functional.gelu(self.expand(rms_norm(x)))
        return torch.add(x, self.contract(hidden))


def initialise(module: nn.Module) -> None:
    """Set Xavier-uniform weights and zero biases, as MAE does (He 2021, App. A.1)."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
