"""What variants of pretraining are compared on: rows, labels, splits, resamples.

Everything here is the same for every variant, so that they are compared in pairs: the
same windows, the same folds, the same draws of few labels, the same resampled people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neurograft.config import StudyConfig
from neurograft.config_comparison import ContrastConfig
from neurograft.evaluation.splits import Split, make_splits
from neurograft.evaluation.statistics import draw_bootstrap_weights
from neurograft.evaluation.tasks import build_tasks
from neurograft.transfer.embeddings import View
from neurograft.types import FloatArray, IntArray

ALL_LABELS = 0


@dataclass(frozen=True)
class Compared:
    """One task of a comparison.

    Attributes:
        name: Of the task or contrast.
        cohort: Whose people.
        is_classification: Whether labels are 0 and 1.
        rows: View and person of every row.
        labels: Label of every row.
        splits: Folds by budget; `ALL_LABELS` are the folds of cross-validation, budgets
            that a task is too small for are missing.
        weights: How often each row counts in each resample of people.
    """

    name: str
    cohort: str
    is_classification: bool
    rows: tuple[tuple[View, str], ...]
    labels: FloatArray
    splits: dict[int, list[Split]]
    weights: FloatArray

    @property
    def views(self) -> list[View]:
        """Views that the rows need, each once."""
        return list(dict.fromkeys(view for view, _ in self.rows))

    def gather(self, features: Mapping[View, Mapping[str, FloatArray]]) -> FloatArray:
        """Features of the rows, from features by view and person."""
        return np.stack([features[view][who] for view, who in self.rows])


def list_compared(
    study: StudyConfig, available: Mapping[View, Sequence[str]]
) -> list[Compared]:
    """List the tasks and contrasts, restricted to people with enough signal.

    Args:
        study: The study.
        available: People of every view.
    """
    found = []
    for task in build_tasks(study):
        view = View(task.cohort, task.bids_tasks)
        task = task.restrict(available[view], {})
        rows = [(view, str(who)) for who in task.subjects["participant_id"]]
        found.append(
            _make(
                study,
                task.name,
                rows,
                task.labels,
                is_classification=task.is_classification,
            )
        )
    for name, contrast in study.comparison.contrasts.items():
        positive, negative = view_contrast(contrast)
        both = [who for who in available[positive] if who in set(available[negative])]
        rows = [(view, who) for who in both for view in (positive, negative)]
        labels = np.tile([1.0, 0.0], len(both))
        found.append(_make(study, name, rows, labels, is_classification=True))
    return found


def view_contrast(contrast: ContrastConfig) -> tuple[View, View]:
    """Views of the two BIDS tasks of a contrast."""
    return (
        View(contrast.cohort, (contrast.positive,)),
        View(contrast.cohort, (contrast.negative,)),
    )


def _make(
    study: StudyConfig,
    name: str,
    rows: list[tuple[View, str]],
    labels: FloatArray,
    *,
    is_classification: bool,
) -> Compared:
    settings = study.comparison
    groups = [who for _, who in rows]
    splits = {
        ALL_LABELS: make_splits(
            labels,
            groups,
            is_classification=is_classification,
            n_splits=study.evaluation.n_splits,
            n_repeats=settings.n_repeats,
            seed=study.seed,
        )
    }
    for budget in settings.budgets:
        few = draw_few(
            labels,
            groups,
            is_classification=is_classification,
            budget=budget,
            n_draws=settings.n_draws,
            seed=study.seed,
        )
        splits |= {budget: few} if few else {}
    return Compared(
        name,
        rows[0][0].cohort,
        is_classification,
        tuple(rows),
        labels,
        splits,
        _resample(labels, groups, study, is_classification=is_classification),
    )


def draw_few(
    labels: FloatArray,
    groups: Sequence[str],
    *,
    is_classification: bool,
    budget: int,
    n_draws: int,
    seed: int,
) -> list[Split]:
    """Draw few labelled people, as many of each class; everybody else is tested.

    Args:
        labels: Label of every row.
        groups: Person of every row; both rows of a person are on one side.
        is_classification: Whether classes are balanced.
        budget: Labelled people.
        n_draws: Draws.
        seed: Decides them.

    Returns:
        The draws; none if nobody of a class would be left to test.
    """
    people, first, of_row = np.unique(
        np.array(groups), return_index=True, return_inverse=True
    )
    is_paired = len(people) < len(labels)
    own = (
        labels[first] if is_classification and not is_paired else np.zeros(len(people))
    )
    classes = np.unique(own)
    each = budget // len(classes)
    if min((own == one).sum() for one in classes) <= each:
        return []
    splits = []
    for draw in range(n_draws):
        rng = np.random.default_rng([seed, budget, draw])
        chosen = np.concatenate(
            [rng.permutation(np.flatnonzero(own == one))[:each] for one in classes]
        )
        is_train = np.isin(of_row, chosen)
        splits.append(
            Split(draw, 0, np.flatnonzero(is_train), np.flatnonzero(~is_train))
        )
    return splits


def _resample(
    labels: FloatArray,
    groups: Sequence[str],
    study: StudyConfig,
    *,
    is_classification: bool,
) -> FloatArray:
    """Counts of rows in resamples of people; rows of a person go together."""
    people, first, of_row = np.unique(
        np.array(groups), return_index=True, return_inverse=True
    )
    is_paired = len(people) < len(labels)
    strata: IntArray = np.zeros(len(people), dtype=int)
    if is_classification and not is_paired:
        strata = labels[first].astype(int)
    weights = draw_bootstrap_weights(
        strata,
        n_bootstraps=study.evaluation.n_bootstraps,
        rng=np.random.default_rng([study.seed, 9]),
    )
    return np.asarray(weights[:, of_row])
