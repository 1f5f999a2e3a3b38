"""One plain loop: gradients per step, AdamW, a schedule, clipped gradients."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from neurograft.errors import DataError

# The learning rate rises over this share of the steps, then falls to 1 % of its peak.
# Chosen here.
WARMUP_SHARE = 0.1
FINAL_SHARE = 0.01
# A trapezoid falls over this last share of the steps (Haegele 2024, section 3).
DECAY_SHARE = 0.2
# Longer gradients are scaled down to this. Chosen here: usual for transformers.
MAX_GRADIENT_NORM = 1.0
# Decay of AdamW's averages of gradients and of their squares; the second as in Vaswani
# 2017, section 5.3.
BETAS = (0.9, 0.98)


@dataclass(frozen=True)
class Recipe:
    """The length of a training and its learning rates.

    Attributes:
        n_steps: Optimiser steps.
        learning_rate: Peak of the schedule.
        weight_decay: AdamW decay of matrices; vectors do not decay.
        schedule: Shape of the fall of the rate after its warm-up.
    """

    n_steps: int
    learning_rate: float
    weight_decay: float
    schedule: Literal["cosine", "trapezoid"] = "cosine"


def learning_rate_at(step: int, recipe: Recipe) -> float:
    """Return the rate after a linear warm-up: half a cosine, or a trapezoid.

    Source: Loshchilov 2017, eq. 5, without restarts; trapezoid: Zhai 2022, section 3.5.

    Example:
        >>> recipe = Recipe(n_steps=100, learning_rate=1.0, weight_decay=0.0)
        >>> learning_rate_at(4, recipe), learning_rate_at(10, recipe)
        (0.5, 1.0)
    """
    warmup = max(1, round(WARMUP_SHARE * recipe.n_steps))
    if step < warmup:
        return recipe.learning_rate * (step + 1) / warmup
    if recipe.schedule == "trapezoid":
        left = (recipe.n_steps - step) / max(1.0, DECAY_SHARE * recipe.n_steps)
        share = min(1.0, left)
    else:
        progress = (step - warmup) / max(1, recipe.n_steps - warmup)
        share = 0.5 * (1 + math.cos(math.pi * progress))
    return recipe.learning_rate * (FINAL_SHARE + (1 - FINAL_SHARE) * share)


def make_optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    """Make an AdamW (Loshchilov 2019) that decays matrices, but no vectors."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in parameters if p.ndim >= 2]},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups,
        lr=recipe.learning_rate,
        betas=BETAS,
        weight_decay=recipe.weight_decay,
        fused=True,
    )


def train(
    model: nn.Module,
    optimizer: torch.optim.AdamW,
    recipe: Recipe,
    *,
    take_gradients: Callable[[int], float],
    after_step: Callable[[int, float], None],
    first_step: int = 0,
) -> None:
    """Take the steps from `first_step` to the end of the recipe.

    Args:
        model: The module that learns; left in training mode.
        optimizer: From `make_optimizer`.
        recipe: Length and schedule.
        take_gradients: Sets the gradients of a step and returns its loss; all
            randomness must follow from the step, so that a resumed run is the
            uninterrupted one.
        after_step: Called with the step just taken and its loss.
        first_step: First step to take.

    Raises:
        DataError: If the loss or a gradient is not a finite number; the step is not
            taken.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    model.train()
    for step in range(first_step, recipe.n_steps):
        value = take_gradients(step)
        norm = torch.nn.utils.clip_grad_norm_(parameters, MAX_GRADIENT_NORM).item()
        if not (math.isfinite(value) and math.isfinite(norm)):
            raise DataError(
                f"The loss is {value} at step {step} (gradient {norm}); the last "
                "checkpoint is kept. Lower learning_rate and run again."
            )
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(step, recipe)
        optimizer.step()
        after_step(step, value)
