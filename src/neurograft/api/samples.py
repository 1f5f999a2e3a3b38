"""From arrays of a table to the people of a task."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from neurograft.config.tasks import View
from neurograft.errors import DataError
from neurograft.tasks.design_audit import Factor
from neurograft.tasks.task import Task
from neurograft.types import FloatArray, IntArray, Kind

# Chosen here: a float column with more values is a number, not a group.
MAX_GROUPS = 10
COHORT = "data"


class Samples(NamedTuple):
    """Rows of a table, and the people they belong to.

    Attributes:
        features: By estimator, `(n_samples, ...)`.
        people: One row per person, of a contrast two: `participant_id`, `label`, and
            `age`, `sex`, `site`, `domain` as far as they are given.
        row_of: Row of `people` of every sample, `(n_samples,)`.
        kind: What is asked.
        classes: Names of the groups in the order of their labels.
    """

    features: dict[str, FloatArray]
    people: pd.DataFrame
    row_of: IntArray
    kind: Kind
    classes: tuple[str, ...]


def gather_samples(
    names: Any, X: Any, y: Any, groups: Any, columns: Mapping[str, Any]
) -> Samples:
    """Put the arguments of `evaluate` together, a row of a table each.

    Args:
        names: Of the estimators.
        X: Features of all of them, or by name.
        y: Label of every row.
        groups: Person of every row; None, every row is a person.
        columns: `age`, `sex`, `site`, `domain` of every row; None where not given.

    Raises:
        DataError: If lengths differ, numbers are not finite, or a person has two values
            of what a person has once.
    """
    labels = pd.Series(np.asarray(y).ravel())
    n = len(labels)
    features = {
        name: _read_features(X[name] if isinstance(X, Mapping) else X, name, n)
        for name in names
    }
    if labels.isna().any():
        raise DataError(
            f"y has {int(labels.isna().sum())} missing labels of {n}; leave those rows "
            "out."
        )
    table = pd.DataFrame({"label": labels})
    table["participant_id"] = (
        [f"row-{row:04d}" for row in range(n)]
        if groups is None
        else [str(who) for who in _read_column(groups, "groups", n)]
    )
    for name, values in columns.items():
        table[name] = None if values is None else _read_column(values, name, n)
    kind, classes = _find_kind(table)
    keys = ["participant_id", "label"] if kind == "contrast" else ["participant_id"]
    people = table.drop_duplicates(keys).reset_index(drop=True)
    _check_once(table, keys)
    index = pd.MultiIndex.from_frame(people[keys])
    row_of = index.get_indexer(pd.MultiIndex.from_frame(table[keys]))
    if classes:
        order = {value: float(place) for place, value in enumerate(classes)}
        people["group"] = people["label"].map(str)
        people["label"] = people["label"].map(str).map(order)
    else:
        people["group"] = people["label"].map(str)
    return Samples(features, people, row_of, kind, classes)


def _read_features(X: Any, name: str, n: int) -> FloatArray:
    values = np.asarray(X.to_numpy() if hasattr(X, "to_numpy") else X, dtype=float)
    if len(values) != n:
        raise DataError(f"X of {name!r} has {len(values)} rows and y has {n}.")
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values.reshape(n, -1)).all(1)).sum())
        raise DataError(
            f"X of {name!r}: {bad} of {n} rows hold numbers that are not finite; fill "
            "them in inside a pipeline's own data, or leave those rows out."
        )
    return values[:, None] if values.ndim == 1 else values


def _read_column(values: Any, name: str, n: int) -> list[Any]:
    cells = list(np.asarray(values, dtype=object).ravel())
    if len(cells) != n:
        raise DataError(f"{name} has {len(cells)} values and y has {n}.")
    return [None if pd.isna(cell) else cell for cell in cells]


def _find_kind(table: pd.DataFrame) -> tuple[Kind, tuple[str, ...]]:
    """Tell groups from numbers, and groups of people from conditions within them."""
    labels = table["label"]
    n_values = labels.nunique()
    if n_values < 2:
        raise DataError(f"y holds one value, {labels.iloc[0]!r}; nothing can be told.")
    if pd.api.types.is_float_dtype(labels) and n_values > MAX_GROUPS:
        return "regression", ()
    classes = tuple(map(str, sorted(labels.unique())))
    if n_values > 2:
        return "multiclass", classes
    per_person = table.groupby("participant_id")["label"].nunique()
    return ("contrast" if (per_person == 2).all() else "classification"), classes


def _check_once(table: pd.DataFrame, keys: list[str]) -> None:
    """Check that a person has one label, age, sex and site.

    Raises:
        DataError: If somebody has two.
    """
    for name in (str(c) for c in table if c not in keys):
        counts = table.groupby(keys)[name].nunique(dropna=True)
        if (counts > 1).any():
            who = counts.index[counts > 1][0]
            raise DataError(
                f"{who if isinstance(who, str) else who[0]} has two values of "
                f"{name!r}; a person has one."
            )


def make_task(name: str, samples: Samples) -> Task:
    """Make a task of the people."""
    people, kind = samples.people, samples.kind
    is_contrast = kind == "contrast"
    view = (1 - people["label"]).astype(int) if is_contrast else 0
    age = pd.to_numeric(people["age"], errors="coerce").astype(float)
    subjects = people.assign(
        cohort=COHORT,
        view=view,
        age=age,
        confound=np.nan,
        is_sealed=False,
        is_reference=True,
        cluster=people["participant_id"],
    )
    is_age = kind == "regression" and np.array_equal(people["label"], age)
    return Task(
        name=name,
        kind=kind,
        classes=samples.classes,
        views=tuple(View(c) for c in reversed(samples.classes))
        if is_contrast
        else (View(COHORT),),
        subjects=subjects,
        left_out={},
        target="age" if is_age else "",
    )


def list_known_factors(task: Task) -> dict[str, Factor]:
    """List what is known of the people and might go with the label."""
    people = task.subjects
    names = [name for name in ("age", "sex", "site") if name != task.target]
    known = {name: people[name] for name in names}
    return {
        name: Factor(values, name == "site")
        for name, values in known.items()
        if values.notna().any()
    }
