"""Networks that learn from labelled people: tuned encoders, and networks from scratch.

A person is the unit: in every step some windows of some people are drawn, their outputs
averaged per person, and the loss is that of the people. Training stops on people of the
training fold who are not learned from, and the best weights so far are kept.
"""

import copy
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from neurograft.errors import DataError
from neurograft.models.encoder import Encoder
from neurograft.statistics.folds import inner_folds
from neurograft.transfer.low_rank import merge_adapters
from neurograft.transfer.network_input import NetworkInput, Targets
from neurograft.transfer.networks import (
    TunedEncoder,
    count_outputs,
    group_parameters,
    make_network,
)
from neurograft.types import FloatArray, IntArray


@dataclass(frozen=True)
class TuningRecipe:
    """The settings of learning; defaults were fixed before any result was seen.

    Attributes:
        epochs: Passes over the people, at most.
        patience: Passes without a better left-out loss before stopping.
        people: NetworkInput per step.
        windows: Windows drawn of each.
        crop_s: Seconds drawn of each window: more variety, and a third of the work.
        watched: Windows of each left-out person, evenly spaced, that decide when to
            stop; predictions are made from all.
        learning_rate: Peak, of the head and the last block.
        layer_decay: Learning rate of a block over that of the next (Clark 2020).
        head_epochs: Passes in which only the head learns (Kumar 2022, LP-FT).
        weight_decay: Of matrices.
        auxiliary: Weight of age and sex beside the label.
        adversary: Weight of the site that is worked against, at the end of a ramp.
        n_inner: The left-out people are one of so many parts.
    """

    epochs: int = 20
    patience: int = 6
    people: int = 16
    windows: int = 2
    crop_s: float = 4.0
    watched: int = 6
    learning_rate: float = 1e-3
    layer_decay: float = 0.65
    head_epochs: int = 3
    weight_decay: float = 0.05
    auxiliary: float = 0.1
    adversary: float = 0.3
    n_inner: int = 5


class Tuned(NamedTuple):
    """A network that has learned.

    Attributes:
        network: With the best weights.
        centre: Mean and SD of the labels it learned from; 0 and 1 for classes.
        epochs: Passes until the best weights.
        n_outputs: Outputs that belong to the label.
    """

    network: nn.Module
    centre: tuple[float, float]
    epochs: int
    n_outputs: int


def tune(
    name: str,
    encoder: Encoder,
    people: NetworkInput,
    targets: Targets,
    *,
    clusters: IntArray,
    seed: int,
    recipe: TuningRecipe | None = None,
) -> Tuned:
    """Learn from labelled people.

    Args:
        name: See `make_network`.
        encoder: Pretrained.
        people: Windows.
        targets: Labels.
        clusters: Shape `(n_people,)`; people of one cluster are learned from together
            or not at all.
        seed: Decides everything random.
        recipe: Settings of learning; None takes the defaults.

    Raises:
        DataError: If the loss is not finite.
    """
    recipe = recipe or TuningRecipe()
    n_outputs = targets.n_outputs
    scaled, centre = _standardise(targets)
    n_extra = (targets.age is not None) + (targets.sex is not None)
    network = make_network(
        name,
        encoder,
        n_channels=people.signals.shape[2],
        n_outputs=n_outputs + n_extra,
        seed=seed,
        n_domains=_number_domains(name, targets),
    )
    left_out = inner_folds(clusters, n_inner=recipe.n_inner, seed=seed)[0]
    learned = np.setdiff1d(np.arange(len(clusters)), left_out)
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        epochs = _learn(network, name, people, scaled, (learned, left_out), recipe, rng)
    if isinstance(network, TunedEncoder):
        merge_adapters(network.encoder)
    return Tuned(network.eval(), centre, epochs, n_outputs)


def predict_people(tuned: Tuned, people: NetworkInput, n_classes: int) -> FloatArray:
    """Return probabilities or values of people: the mean over all their windows.

    Returns:
        `(n, 1)`: values, or probabilities of the second of two classes; else
        `(n, n_classes)`.
    """
    outputs = _predict(tuned.network, people, np.arange(len(people.signals)))
    own = outputs[:, : tuned.n_outputs].double()
    if n_classes == 0:
        mean, sd = tuned.centre
        return np.asarray(own.numpy() * sd + mean)
    p = torch.sigmoid(own) if n_classes == 2 else torch.softmax(own, dim=1)
    return np.asarray(p.numpy())


def _number_domains(name: str, targets: Targets) -> int:
    """Return how many sites the targets number.

    Raises:
        DataError: If `adversarial` learns from people of one site.
    """
    if name != "adversarial":
        return 0
    if targets.domain is None or len(np.unique(targets.domain)) < 2:
        raise DataError(
            "adversarial works against the site, but all people it learns from are "
            "from one; name `site_column` of the cohort, join cohorts with "
            "`more_cohorts`, or use fine-tuned."
        )
    return int(targets.domain.max())


def _standardise(targets: Targets) -> tuple[Targets, tuple[float, float]]:
    """Return targets with numbers in units of their SD, and mean and SD of labels."""
    centre = (0.0, 1.0)
    if targets.n_classes == 0:
        centre = (float(targets.labels.mean()), float(targets.labels.std()) or 1.0)
        targets = targets._replace(labels=(targets.labels - centre[0]) / centre[1])
    if targets.age is not None:
        mean, sd = np.nanmean(targets.age), np.nanstd(targets.age)
        targets = targets._replace(age=(targets.age - mean) / (sd or 1.0))
    return targets, centre


def _learn(
    network: nn.Module,
    name: str,
    people: NetworkInput,
    targets: Targets,
    rows: tuple[IntArray, IntArray],
    recipe: TuningRecipe,
    rng: np.random.Generator,
) -> int:
    """Train in place; return the number of epochs of the weights kept."""
    learned, left_out = rows
    tunes = ("fine-tuned", "adversarial", "partial")
    decay = recipe.layer_decay if name in tunes else 1.0
    groups = group_parameters(network, rate=recipe.learning_rate, decay=decay)
    optimizer = torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)
    peaks = [group["lr"] for group in optimizer.param_groups]
    best, best_epoch = math.inf, 0
    kept = copy.deepcopy(network.state_dict())
    for epoch in range(recipe.epochs):
        share = 0.5 * (1 + math.cos(math.pi * epoch / recipe.epochs))
        only_head = name in (*tunes, "lora") and epoch < recipe.head_epochs
        for number, group in enumerate(optimizer.param_groups):
            group["lr"] = peaks[number] * share
            for parameter in group["params"]:
                parameter.requires_grad_(not (only_head and number))
        # The adversary grows with the epochs (Ganin 2016, section 5.2.2).
        ramp = 2 / (1 + math.exp(-10 * epoch / recipe.epochs)) - 1
        weights = (recipe.auxiliary, recipe.adversary * ramp)
        _pass_over(network, people, targets, learned, recipe, rng, optimizer, weights)
        outputs = _predict(network, people, left_out, n_windows=recipe.watched)
        loss = float(_find_loss(outputs, targets.select(left_out), (0.0, 0.0)))
        if not math.isfinite(loss):
            raise DataError(
                f"{name}: the loss of people left out is {loss} after epoch "
                f"{epoch + 1}; lower the learning rate or look for broken recordings."
            )
        if loss < best - 1e-4:
            best, best_epoch = loss, epoch + 1
            kept = copy.deepcopy(network.state_dict())
        elif epoch + 1 - best_epoch >= recipe.patience + only_head * recipe.head_epochs:
            break
    network.load_state_dict(kept)
    return best_epoch


def _pass_over(
    network: nn.Module,
    people: NetworkInput,
    targets: Targets,
    learned: IntArray,
    recipe: TuningRecipe,
    rng: np.random.Generator,
    optimizer: torch.optim.Optimizer,
    weights: tuple[float, float],
) -> None:
    """Take one pass over the people learned from."""
    network.train()
    n_windows, n_times = people.signals.shape[1], people.signals.shape[3]
    second = int(people.sfreq)
    length = min(n_times, int(recipe.crop_s * second))
    order = rng.permutation(learned)
    for rows in np.array_split(order, max(1, len(order) // recipe.people)):
        drawn = np.stack(
            [rng.permutation(n_windows)[: recipe.windows] for _ in range(len(rows))]
        )
        start = int(rng.integers((n_times - length) // second + 1)) * second
        batch = people.take(rows, drawn, slice(start, start + length))
        outputs = network(batch).reshape(len(rows), -1, count_outputs(network)).mean(1)
        loss = _find_loss(outputs, targets.select(rows), weights)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()


def _find_loss(
    outputs: Tensor, targets: Targets, weights: tuple[float, float]
) -> Tensor:
    """Return the loss of people: of their label, age and sex, and site.

    Args:
        outputs: Of people; those of the site come last.
        targets: Of the same.
        weights: Of age and sex, and of the site.
    """
    auxiliary, adversary = weights
    labels = torch.from_numpy(targets.labels)
    n = targets.n_outputs
    if targets.n_classes == 0:
        loss = functional.mse_loss(outputs[:, 0], labels.float())
    elif targets.n_classes == 2:
        loss = functional.binary_cross_entropy_with_logits(
            outputs[:, 0], labels.float()
        )
    else:
        loss = functional.cross_entropy(outputs[:, :n], labels.long())
    column = n
    for values, is_number in ((targets.age, True), (targets.sex, False)):
        if values is None:
            continue
        known = np.isfinite(values)
        if auxiliary > 0 and known.any():
            own = outputs[torch.from_numpy(known), column]
            truth = torch.from_numpy(values[known]).float()
            measure = (
                functional.mse_loss
                if is_number
                else functional.binary_cross_entropy_with_logits
            )
            loss = loss + auxiliary * measure(own, truth)
        column += 1
    if adversary > 0 and targets.domain is not None and outputs.shape[1] > column:
        site = torch.from_numpy(targets.domain - 1).long()
        loss = loss + adversary * functional.cross_entropy(outputs[:, column:], site)
    return loss


@torch.inference_mode()
def _predict(
    network: nn.Module, people: NetworkInput, rows: IntArray, *, n_windows: int = 0
) -> Tensor:
    """Return the mean output over windows of people: all, or some evenly spaced."""
    network.eval()
    n_all = people.signals.shape[1]
    every = np.linspace(0, n_all - 1, n_windows or n_all).round().astype(int)[None]
    outputs = []
    for row in rows:
        batch = people.take(np.array([row]), every)
        outputs.append(network(batch).float().mean(0))
    return torch.stack(outputs)
