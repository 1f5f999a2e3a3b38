"""Split people into outer folds that are balanced over age, sex, site and label.

People are dealt like cards: sorted by label, site, sex and age, then given to the folds
in turn. Every fold gets its share of every group, site, sex and age band as far as the
numbers allow, in that order of importance, and no stratum can be too small.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from neurograft.errors import ConfigError
from neurograft.statistics.folds import MAX_BINS, bin_by_quantile, deal
from neurograft.tasks.leak_guard import check_no_leakage
from neurograft.types import FloatArray, IntArray

# Chosen here: the width of the age bands that folds are balanced over, years.
AGE_BAND_YEARS = 10
# Nothing can be tuned on fewer people, or pairs.
MIN_LEARNED = 2


class Split(NamedTuple):
    """One fold of one repeat: rows to train on, rows to predict."""

    repeat: int
    fold: int
    train: IntArray
    test: IntArray

    @property
    def seed(self) -> int:
        """Return the seed of inner folds and of other random choices in the fold."""
        return 1000 * self.repeat + self.fold


def make_splits(
    people: pd.DataFrame,
    *,
    is_classification: bool,
    n_splits: int,
    n_repeats: int,
    seed: int,
) -> list[Split]:
    """Split people into folds, anew for every repeat.

    Args:
        people: One row per sample: `label`; `cluster`, whose rows stay together; and
            `site`, `sex`, `age` where they are known.
        is_classification: Whether labels are groups.
        n_splits: Folds.
        n_repeats: Repeats.
        seed: Decides the folds.

    Raises:
        ConfigError: If there are fewer clusters than folds.
        LeakageError: If a cluster would be on both sides.
    """
    clusters, number = np.unique(people["cluster"].astype(str), return_inverse=True)
    if len(clusters) < n_splits:
        raise ConfigError(
            f"{len(clusters)} people cannot fill {n_splits} folds; lower "
            "evaluation.n_splits or add people."
        )
    keys = _find_keys(people, number, n_splits, is_classification=is_classification)
    splits = []
    for repeat in range(n_repeats):
        rng = np.random.default_rng([seed, repeat])
        fold_of = deal(keys, n_splits, rng)[number]
        for fold in range(n_splits):
            is_test = fold_of == fold
            splits.append(_split(repeat, fold, is_test, number))
    return splits


def split_by(
    people: pd.DataFrame, column: str, *, is_classification: bool
) -> list[Split]:
    """Leave out one site, or one cohort, at a time.

    Args:
        people: Rows with `label`, `cluster` and the column.
        column: What is left out.
        is_classification: True if every training set must hold both groups.

    Raises:
        ConfigError: If there is only one, or without one of them a group is missing.
    """
    names = people[column].astype("string").fillna("unknown").to_numpy(dtype=str)
    values = sorted(set(names.tolist()))
    if len(values) < 2:
        raise ConfigError(
            f"Leaving one {column} out needs at least two; found "
            f"{', '.join(values) or 'none'}. Choose protocol = 'repeated-cv' or name "
            f"the column of the {column}."
        )
    number = np.unique(people["cluster"].astype(str), return_inverse=True)[1]
    labels = people["label"].to_numpy()
    splits = []
    for fold, value in enumerate(values):
        split = _split(0, fold, names == value, number)
        missing = set(labels) - set(labels[split.train]) if is_classification else set()
        if missing:
            raise ConfigError(
                f"Without {column} {value!r} nobody of one group is left to learn "
                "from; the groups are confounded with it and cannot be told apart."
            )
        splits.append(split)
    return splits


def hold_out(
    people: pd.DataFrame, *, share: float, is_classification: bool, seed: int
) -> list[Split]:
    """Seal a share of the people of every group, balanced like folds, and test it once.

    Of a group at least one person is sealed, and one is left to learn from, as far as
    it has two.

    Args:
        people: As for `make_splits`.
        share: Of the people that is sealed.
        is_classification: Whether labels are groups.
        seed: Seed of who.
    """
    number = np.unique(people["cluster"].astype(str), return_inverse=True)[1]
    keys = _find_keys(people, number, MAX_BINS, is_classification=is_classification)
    # The first keys are who is healthy, where it is known, and the label of groups.
    n_keys = int("is_reference" in people) + int(is_classification)
    group = np.zeros(len(keys[0]), dtype=int)
    if n_keys:
        _, group = np.unique(np.stack(keys[:n_keys]), axis=1, return_inverse=True)
        group = group.ravel()
    rng = np.random.default_rng([seed, 1])
    sealed = np.zeros(len(group), dtype=bool)
    for value in np.unique(group):
        own = np.flatnonzero(group == value)
        order = own[
            np.lexsort((rng.permutation(len(own)), *(k[own] for k in keys[::-1])))
        ]
        n_sealed = min(max(round(share * len(own)), 1), len(own) - 1)
        # As far apart in the order as their number allows, from a random beginning.
        places = (np.arange(n_sealed) + rng.random()) * len(own) / max(n_sealed, 1)
        sealed[order[places.astype(int)]] = True
    return [_split(0, 0, sealed[number], number)]


def draw_few(
    splits: Sequence[Split],
    people: pd.DataFrame,
    *,
    n_per_class: int,
    n_draws: int,
    is_classification: bool,
    seed: int,
) -> list[Split]:
    """Keep few labelled people of each training fold; the test people stay the same.

    Args:
        splits: Folds of at least one repeat; draw `i` takes repeat `i`, round again.
        people: As for `make_splits`.
        n_per_class: Labelled clusters of each class; of a number, in all twice as many.
        n_draws: Draws.
        is_classification: Whether labels are groups.
        seed: Seed of the choice of people.

    Returns:
        The draws as repeats; none if a training fold has no more people than that, or
        that is one person or pair alone.
    """
    number = np.unique(people["cluster"].astype(str), return_inverse=True)[1]
    labels = people["label"].to_numpy(dtype=float)
    is_within = len(people) > number.max() + 1
    own = np.zeros(len(labels))
    if is_classification and not is_within:
        own = labels
    each = n_per_class if is_classification else 2 * n_per_class
    n_repeats = max(split.repeat for split in splits) + 1
    few = []
    for draw in range(n_draws):
        for split in (one for one in splits if one.repeat == draw % n_repeats):
            rng = np.random.default_rng([seed, n_per_class, draw, split.fold])
            chosen: list[int] = []
            for value in np.unique(own[split.train]):
                pool = np.unique(number[split.train[own[split.train] == value]])
                if len(pool) <= each:
                    return []
                chosen += rng.permutation(pool)[:each].tolist()
            if len(chosen) < MIN_LEARNED:
                return []
            train = split.train[np.isin(number[split.train], chosen)]
            few.append(Split(draw, split.fold, train, split.test))
    return few


def _find_keys(
    people: pd.DataFrame, number: IntArray, n_splits: int, *, is_classification: bool
) -> list[FloatArray]:
    """Return the keys that balance clusters: health, label, site, sex, age band."""
    first = np.unique(number, return_index=True)[1]
    of_cluster = people.iloc[first]
    labels = people["label"].to_numpy(dtype=float)
    means = np.bincount(number, labels) / np.bincount(number)
    keys = [
        means if is_classification else bin_by_quantile(means, n_splits).astype(float)
    ]
    if "is_reference" in people:
        keys.insert(0, of_cluster["is_reference"].to_numpy(dtype=float))
    for column in ("site", "sex"):
        if column in people:
            codes = pd.factorize(of_cluster[column], sort=True)[0]
            keys.append(codes.astype(float))
    if "age" in people:
        age = of_cluster["age"].to_numpy(dtype=float)
        keys.append(np.nan_to_num(age // AGE_BAND_YEARS, nan=-1))
    return keys


def _split(repeat: int, fold: int, is_test: np.ndarray, number: IntArray) -> Split:
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    names = number.astype(str)
    check_no_leakage(names[train].tolist(), names[test].tolist())
    return Split(repeat, fold, train, test)


def number_splits(
    pairs: Iterable[tuple[IntArray, IntArray]], clusters: IntArray
) -> list[Split]:
    """Number the pairs of a scikit-learn splitter as folds of repeats.

    A repeat ends where somebody would be tested in it again.

    Args:
        pairs: Training rows and test rows.
        clusters: Cluster of every row, `(n_rows,)`.

    Raises:
        LeakageError: If a cluster is on both sides.
    """
    splits: list[Split] = []
    repeat, tested = 0, set[int]()
    for train, test in pairs:
        check_no_leakage(
            clusters[train].astype(str).tolist(), clusters[test].astype(str).tolist()
        )
        if tested & set(test.tolist()):
            repeat, tested = repeat + 1, set()
        fold = sum(split.repeat == repeat for split in splits)
        splits.append(Split(repeat, fold, np.asarray(train), np.asarray(test)))
        tested |= set(test.tolist())
    return splits


def number_folds(splits: Sequence[Split], n_rows: int) -> IntArray:
    """Return the fold that tests each row, -1 if none: `(n_repeats, n_rows)`."""
    n_repeats = max(split.repeat for split in splits) + 1
    folds = np.full((n_repeats, n_rows), -1)
    for split in splits:
        folds[split.repeat, split.test] = split.fold
    return folds
