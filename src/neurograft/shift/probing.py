"""Probe features for a factor: cross-validated linear probes with exact nulls.

Groups are told apart by linear discriminants with equal priors on the first principal
components, numbers predicted by ridge regression. Both have closed forms, so that a
thousand permutations cost hardly more than one fit.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import eigh

from neurograft.adaptation.adapter import Adapter
from neurograft.errors import DataError
from neurograft.statistics.intervals import percentile_interval
from neurograft.statistics.perfect_values import widen_perfect
from neurograft.statistics.permutation import permutation_p_value
from neurograft.types import FloatArray, IntArray

# Components kept: far fewer than people, enough for what a linear probe finds.
N_COMPONENTS = 20
# Share of the mean variance added to the within-group covariance and the ridge.
SHRINKAGE = 0.1
# Chosen here: enough for two digits of a 95 % interval.
N_DRAWS = 2000


class Probe(NamedTuple):
    """Accuracy with which a factor is predicted from features.

    Attributes:
        measure: `balanced accuracy`, or `R2`.
        value: Cross-validated.
        ci_low: Of the 95 % interval over people.
        ci_high: Of it.
        chance: What ignorance reaches.
        p: Share of permutations at least as good, the observed one among them.
        n: People.
        predicted: For every row, the group or number.
    """

    measure: str
    value: float
    ci_low: float
    ci_high: float
    chance: float
    p: float
    n: int
    predicted: FloatArray

    @property
    def proxy_a_distance(self) -> float:
        """Return `2 (1 - 2 error)`: 0 alike, 2 apart (Ben-David 2007)."""
        return 2 * (1 - 2 * (1 - self.value))


def probe_groups(
    X: Float[np.ndarray, "n n_features"],
    groups: Int[np.ndarray, " n"],
    *,
    people: IntArray | None = None,
    strata: IntArray | None = None,
    adapter: Adapter | None = None,
    n_splits: int = 5,
    n_permutations: int = 1000,
    seed: int = 0,
) -> Probe:
    """Tell groups apart, on people outside the training rows.

    Args:
        X: Features.
        groups: Group of every row.
        people: Person of every row: never on both sides; None, every row is a person.
        strata: Permute within these only; None, everywhere.
        adapter: Makes the groups alike first, fitted to the training rows. It
            knows the group of tested rows, as in use: what is left it cannot undo.
        n_splits: Folds; fewer where a group is small.
        n_permutations: Of the group of people.
        seed: Decides folds and permutations.
    """
    rng = np.random.default_rng(seed)
    names, coded = np.unique(groups, return_inverse=True)
    people = np.arange(len(X)) if people is None else people
    owner, first = np.unique(people, return_index=True)
    own = coded[first]
    folds = deal_groups(own, min(n_splits, _check_groups(names, own)), rng)
    number = np.searchsorted(owner, people)
    blocks = None if strata is None else strata[first]
    permuted = permute(own, blocks, n_permutations, rng)
    labels = np.concatenate([own[None], permuted])[:, number]
    guesses = np.empty(labels.shape, dtype=int)
    for train, test, Z in _reduce_folds(X, folds[number]):
        if adapter is not None:
            adapter.fit(Z[train], sample_domain=coded[train] + 1)
            Z = adapter.transform(Z, sample_domain=coded + 1)
        guesses[:, test] = _discriminate(
            Z[train], labels[:, train], Z[test], len(names)
        )
    right = guesses == labels
    scores = _average_within(right, labels, len(names))
    low, high = _resample_accuracy(right[0], labels[0], rng)
    p = permutation_p_value(scores[0], scores[1:])
    chance, predicted = 1 / len(names), guesses[0].astype(float)
    return Probe(
        "balanced accuracy", scores[0], low, high, chance, p, len(owner), predicted
    )


def _check_groups(names: np.ndarray, own: IntArray) -> int:
    """Return the size of the smallest group.

    Raises:
        DataError: If there is one group, or one with a single person.
    """
    counts = np.bincount(own, minlength=len(names))
    if len(names) < 2 or counts.min() < 2:
        raise DataError(
            f"A probe needs at least two groups of two people; found "
            f"{dict(zip(names.tolist(), counts.tolist(), strict=True))}."
        )
    return int(counts.min())


def probe_number(
    X: Float[np.ndarray, "n n_features"],
    values: Float[np.ndarray, " n"],
    *,
    n_splits: int = 5,
    n_permutations: int = 1000,
    seed: int = 0,
) -> Probe:
    """Predict a number, on people outside the training rows.

    Args:
        X: Features of the people.
        values: The number of each; NaN where unknown.
        n_splits: Number of folds.
        n_permutations: Number of permutations.
        seed: Seed of folds and permutations.

    Raises:
        DataError: If it does not vary, or fewer people than two per fold have one.
    """
    rng = np.random.default_rng(seed)
    n = len(values)
    if n < 2 * n_splits or np.ptp(values) == 0:
        raise DataError(
            f"A probe of a number needs {2 * n_splits} people and a number that "
            f"varies; found {n} people."
        )
    quantile = np.argsort(np.argsort(values)) * n_splits // n
    folds = deal_groups(quantile, n_splits, rng)
    shuffled = [rng.permutation(values) for _ in range(n_permutations)]
    labels = np.stack([values, *shuffled])
    predicted = np.empty(labels.shape)
    for train, test, Z in _reduce_folds(X, folds):
        known = Z[train]
        ridge = SHRINKAGE * (known**2).sum() / known.shape[1]
        gram = known.T @ known + ridge * np.eye(known.shape[1])
        hat = Z[test] @ np.linalg.solve(gram, known.T)
        mean = labels[:, train].mean(1, keepdims=True)
        predicted[:, test] = mean + (labels[:, train] - mean) @ hat.T
    errors = (labels - predicted) ** 2
    scores = 1 - errors.sum(1) / _sum_squares(labels)
    drawn = rng.integers(n, size=(N_DRAWS, n))
    spread = np.maximum(_sum_squares(values[drawn]), 1e-12)
    resampled = 1 - errors[0][drawn].sum(1) / spread
    low, high = percentile_interval(resampled)
    p = permutation_p_value(scores[0], scores[1:])
    return Probe("R2", scores[0], low, high, 0.0, p, n, predicted[0])


def _sum_squares(values: FloatArray) -> FloatArray:
    """Return the sum of squares of every row about its mean."""
    return np.asarray(((values - values.mean(1, keepdims=True)) ** 2).sum(1))


def deal_groups(groups: IntArray, n_folds: int, rng: np.random.Generator) -> IntArray:
    """Return the fold of every person `(n,)`, with groups spread evenly."""
    order = rng.permutation(len(groups))
    order = order[np.argsort(groups[order], kind="stable")]
    folds = np.empty(len(groups), dtype=int)
    folds[order] = np.arange(len(groups)) % n_folds
    return folds


def permute(
    groups: IntArray, strata: IntArray | None, n: int, rng: np.random.Generator
) -> IntArray:
    """Return permuted copies of a grouping, within strata if given.

    Args:
        groups: Group of every person, `(n_people,)`.
        strata: Stratum of every person, `(n_people,)`; None permutes freely.
        n: Number of copies.
        rng: Source of randomness.
    """
    found = np.tile(groups, (n, 1))
    parts = [np.arange(len(groups))]
    if strata is not None:
        parts = [np.flatnonzero(strata == one) for one in np.unique(strata)]
    for row in found:
        for part in parts:
            row[part] = row[rng.permutation(part)]
    return found


def _reduce_folds(
    X: FloatArray, folds: IntArray
) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
    """Yield training rows, test rows, and components fitted to the former."""
    for fold in np.unique(folds):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        yield train, test, reduce_features(X, train)


def reduce_features(
    X: Float[np.ndarray, "n n_features"],
    train: IntArray,
    *,
    n_components: int = N_COMPONENTS,
) -> FloatArray:
    """Standardise and reduce all rows to components of the training rows alone.

    Components come from the smaller of the two products of the training rows with
    themselves: exact, and quick for few people with thousands of features.
    """
    mean, sd = X[train].mean(0), X[train].std(0)
    scaled = (X - mean) / np.where(sd > 1e-12, sd, 1.0)
    known = scaled[train]
    n = max(1, min(n_components, X.shape[1], len(train) // 3))
    wide = known.shape[1] > len(known)
    gram = known @ known.T if wide else known.T @ known
    last = len(gram) - 1
    values, vectors = eigh(gram, subset_by_index=[last - n + 1, last])
    if wide:
        vectors = known.T @ (vectors / np.sqrt(np.maximum(values, 1e-12)))
    return np.asarray(scaled @ vectors[:, ::-1])


def _discriminate(
    train: FloatArray, labels: IntArray, test: FloatArray, n_groups: int
) -> IntArray:
    """Return the nearest group mean in the whitened space of each row of labels."""
    n, d = train.shape
    one_hot = (labels[:, None, :] == np.arange(n_groups)[:, None]).astype(float)
    counts = np.maximum(one_hot.sum(2), 1)
    means = one_hot @ train / counts[..., None]
    total = train.T @ train
    between = np.einsum("lkd,lk,lke->lde", means, counts, means, optimize=True)
    within = (total - between) / n
    trace = np.trace(within, axis1=1, axis2=2) / d
    within += (SHRINKAGE * trace + 1e-12)[:, None, None] * np.eye(d)
    weights = np.linalg.solve(within, np.swapaxes(means, 1, 2))
    offset = 0.5 * np.einsum("lkd,ldk->lk", means, weights)
    scores = np.einsum("td,ldk->ltk", test, weights, optimize=True)
    return np.asarray((scores - offset[:, None]).argmax(2))


def _average_within(
    right: np.ndarray, labels: IntArray, n_groups: int
) -> Float[np.ndarray, " n_labels"]:
    """Return the mean over groups of the share that is right."""
    shares = []
    for group in range(n_groups):
        own = labels == group
        shares.append((right & own).sum(1) / np.maximum(own.sum(1), 1))
    return np.asarray(np.mean(shares, axis=0))


def _resample_accuracy(
    right: np.ndarray, labels: IntArray, rng: np.random.Generator
) -> tuple[float, float]:
    """Return an interval of balanced accuracy, people drawn within groups."""
    shares = []
    for group in np.unique(labels):
        own = right[labels == group]
        shares.append(rng.binomial(len(own), own.mean(), N_DRAWS) / len(own))
    counts = np.unique(labels, return_counts=True)[1].tolist()
    interval = percentile_interval(np.mean(shares, axis=0))
    return widen_perfect("balanced accuracy", interval, counts)
