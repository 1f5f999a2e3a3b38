"""Moving averages of weights."""

import torch
from torch import nn


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, *, momentum: float) -> None:
    """Move an average towards a model: `momentum * average + (1 - momentum) * model`.

    Source: Polyak averaging in its exponential form (Tarvainen 2017, eq. 1).

    Args:
        average: Module of the same shape; changed in place.
        model: Module with the new weights.
        momentum: 0 copies, 1 leaves the average as it is.
    """
    averaged: list[torch.Tensor] = list(average.parameters())
    current = [parameter.detach() for parameter in model.parameters()]
    torch._foreach_lerp_(averaged, current, 1 - momentum)
    for buffer, source in zip(average.buffers(), model.buffers(), strict=True):
        buffer.copy_(source)


def find_momentum(step: int, *, horizon: float) -> float:
    """Return a step's momentum: a plain mean first, then a window of `horizon`.

    Example:
        >>> find_momentum(0, horizon=100), find_momentum(10_000, horizon=100)
        (0.0, 0.99)
    """
    return min(step / (step + 1), 1 - 1 / max(1.0, horizon))
