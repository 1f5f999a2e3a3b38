"""From arrays of a table to the people of a task."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from neurograft.api.columns import (
    read_ages,
    read_column,
    read_covariates,
    read_features,
    read_names,
    read_numbers,
    read_sexes,
)
from neurograft.api.questions import asks_number
from neurograft.cohorts.demographics import PLAIN_SEX
from neurograft.config.tasks import View
from neurograft.errors import ConfigError, DataError, LeakageError
from neurograft.files.keys import ACQUISITION
from neurograft.kinds import Kind
from neurograft.tasks.design_audit import Factor
from neurograft.tasks.factors import number_people
from neurograft.tasks.task import Task
from neurograft.types import IntArray

COHORT = "data"
# Chosen here: a covariate that goes with the label as closely is the label, rounded.
SAME_CORRELATION = 0.99
# Chosen here: so many numbers that are not whole are not the same by chance.
LEAST_COLUMNS = 3


class Samples(NamedTuple):
    """Rows of a table, and the people they belong to.

    Attributes:
        features: By estimator, `(n_samples, ...)`.
        people: One row per person, of a contrast two: `participant_id`, `label`, and
            `age`, `sex`, `site`, `domain` as far as they are given.
        row_of: Row of `people` of every sample, `(n_samples,)`.
        kind: What is asked.
        values: Groups as they are called in `y`, in the order of their labels; of a
            number, none.
        covariates: Further columns of the people, which may go with the label.
        has_names: Whether people have names, whose order may go with the label.
    """

    features: dict[str, npt.NDArray[Any]]
    people: pd.DataFrame
    row_of: IntArray
    kind: Kind
    values: npt.NDArray[Any]
    covariates: pd.DataFrame
    has_names: bool

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the groups."""
        return tuple(map(str, self.values))


def gather_samples(
    estimators: Mapping[str, Any],
    X: Any,
    y: Any,
    groups: Any,
    columns: Mapping[str, Any],
) -> Samples:
    """Put the arguments of `evaluate` together, a row of a table each.

    Args:
        estimators: By name; they decide whether groups or a number are asked for.
        X: Features of all of them, or by name.
        y: Label of every row.
        groups: Person of every row; None, every row is a person.
        columns: `age`, `sex`, `site`, `domain` and `covariates` of every row; None
            where not given.

    Raises:
        DataError: If lengths differ, numbers are infinite, or a person has two values
            of what a person has once.
        ConfigError: If estimators and labels do not go together.
        LeakageError: If two people have the same features.
    """
    labels = _read_labels(y)
    n = len(labels)
    features = {name: _read_features(X, name, n) for name in estimators}
    is_number = asks_number(estimators, labels)
    coded, values = _code_labels(labels, is_number=is_number)
    table = pd.DataFrame({"participant_id": _read_people(groups, n), "label": coded})
    table = table.join(_read_facts(columns, n))
    kind = _refine_kind(table, len(values))
    keys = ["participant_id", "label"] if kind == "contrast" else ["participant_id"]
    _check_once(table, keys)
    people = table.groupby(keys, sort=False).first().reset_index()
    index = pd.MultiIndex.from_frame(people[keys])
    row_of = index.get_indexer(pd.MultiIndex.from_frame(table[keys]))
    codes = people["label"]
    names = values[codes.astype(int)].astype(str) if len(values) else codes.astype(str)
    for name, values_of in features.items():
        check_copies(values_of, table["participant_id"], name)
    covariates = read_covariates(columns.get("covariates"), n)
    return Samples(
        features,
        people.assign(group=names),
        row_of,
        kind,
        values,
        covariates.groupby(row_of).agg(_summarise_column),
        has_names=groups is not None,
    )


def _summarise_column(cells: "pd.Series[Any]") -> Any:
    """Return the mean of a person's numbers, or the first of other values."""
    if pd.api.types.is_numeric_dtype(cells):
        return cells.mean()
    return next(iter(cells.dropna()), None)


def check_copies(
    features: npt.NDArray[Any], people: "pd.Series[str]", name: str
) -> None:
    """Check that no two people have the same features, number by number.

    Whole numbers and few columns may be the same by chance, and say nothing.

    Raises:
        LeakageError: If two have.
    """
    if features.dtype == object or features[0].size < LEAST_COLUMNS:
        return
    rows = features.reshape(len(features), -1)
    n_telling = (rows % 1 != 0).sum(1)
    telling = np.isfinite(rows).all(1) & (n_telling >= LEAST_COLUMNS)
    owner: dict[bytes, str] = {}
    for row, who in zip(rows[telling], people[telling], strict=True):
        first = owner.setdefault(row.tobytes(), who)
        if first != who:
            raise LeakageError(
                f"X of {name!r}: {first} and {who} have the same features; one of them "
                "is a copy. Leave it out, or give both the same name in `groups` if "
                "they are one person."
            )


def _read_labels(y: Any) -> "pd.Series[Any]":
    """Read labels as they are given.

    Raises:
        DataError: If one is missing or infinite.
    """
    given = np.asarray(y)
    if given.ndim == 0 or not given.size:
        raise DataError("y has no rows; give the label of every row of X.")
    labels = pd.Series(read_column(given, "y", len(given))).infer_objects()
    if labels.isna().any():
        raise DataError(
            f"y has {int(labels.isna().sum())} missing labels of {len(labels)}; leave "
            "those rows out."
        )
    if labels.nunique() < 2:
        only = labels.tolist()[0]
        raise DataError(f"y holds one value, {only!r}; nothing can be told.")
    return labels


def _code_labels(
    labels: "pd.Series[Any]", *, is_number: bool
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return labels as numbers, and the groups that they number.

    Raises:
        DataError: If groups are written in two ways.
    """
    if is_number:
        return read_features(labels, "y")[:, 0], np.empty(0)
    if pd.api.types.infer_dtype(labels).startswith("mixed"):
        raise DataError("y mixes numbers and text; write every group in one way.")
    codes, values = pd.factorize(labels, sort=True)
    return codes.astype(float), np.asarray(values)


def _read_features(X: Any, name: str, n: int) -> npt.NDArray[Any]:
    """Read the features of an estimator.

    Raises:
        DataError: If there are more or fewer rows than labels.
        ConfigError: If it has none.
    """
    if isinstance(X, Mapping):
        if name not in X:
            raise ConfigError(
                f"X holds no features of {name!r}; found {', '.join(map(str, X))}."
            )
        X = X[name]
    values = read_features(X, f"X of {name!r}")
    if len(values) != n:
        raise DataError(
            f"X of {name!r} has {len(values)} rows and y has {n}; give a label to "
            "every row."
        )
    return values


def _read_people(groups: Any, n: int) -> list[str]:
    """Read the person of every row.

    Raises:
        DataError: If one is missing.
    """
    if groups is None:
        return [f"row-{row:04d}" for row in range(n)]
    people = read_names(groups, "groups", n)
    if None in people:
        raise DataError(
            f"groups has {people.count(None)} missing values of {n}; name the person "
            "of every row."
        )
    return people


def _read_facts(columns: Mapping[str, Any], n: int) -> pd.DataFrame:
    """Read what is known of the people; a site without a name is its domain.

    Raises:
        DataError: If somebody's domain is missing.
    """
    age, sex, site, domain = (columns[c] for c in ("age", "sex", "site", "domain"))
    facts: dict[str, Any] = {
        "age": np.full(n, np.nan) if age is None else read_ages(age, n),
        "sex": [None] * n if sex is None else read_sexes(sex, n),
        "domain": np.full(n, np.nan),
        "site": [None] * n if site is None else read_names(site, "site", n),
    }
    if domain is not None:
        cells = read_column(read_numbers(domain, "sample_domain"), "sample_domain", n)
        if None in cells:
            raise DataError(
                f"sample_domain has {cells.count(None)} missing values of {n}; give a "
                "positive or negative number to every row."
            )
        facts["domain"] = [float(cell) for cell in cells]
        if site is None:
            facts["site"] = [f"domain {d:g}" for d in facts["domain"]]
    return pd.DataFrame(facts)


def _refine_kind(table: pd.DataFrame, n_groups: int) -> Kind:
    """Tell groups of people from conditions within them."""
    if n_groups != 2:
        return "multiclass" if n_groups else "regression"
    per_person = table.groupby("participant_id")["label"].nunique()
    return "contrast" if (per_person == 2).all() else "classification"


def _check_once(table: pd.DataFrame, keys: list[str]) -> None:
    """Check that a person has one label, age, sex and site.

    Raises:
        DataError: If somebody has two.
    """
    for name in (str(c) for c in table if c not in keys):
        counts = table.groupby(keys)[name].nunique(dropna=True)
        if (counts > 1).any():
            who = counts.index[counts > 1][0]
            known = {"label": "y", "domain": "sample_domain"}.get(name, name)
            raise DataError(
                f"{who if isinstance(who, str) else who[0]} has two values of "
                f"{known!r}; a person has one, or of two labels everybody has both."
            )


def make_task(name: str, samples: Samples) -> Task:
    """Make a task of the people."""
    people, kind = samples.people, samples.kind
    is_contrast = kind == "contrast"
    subjects = people.assign(
        cohort=COHORT,
        view=(1 - people["label"]).astype(int) if is_contrast else 0,
        confound=np.nan,
        is_sealed=False,
        is_reference=True,
        cluster=people["participant_id"],
    )
    conditions = tuple(View(value) for value in reversed(samples.classes))
    return Task(
        name=name,
        kind=kind,
        classes=samples.classes,
        views=conditions if is_contrast else (View(COHORT),),
        subjects=subjects,
        left_out={},
        target=_find_target(samples),
    )


def _find_target(samples: Samples) -> str:
    """Return `age`, `sex` or `site` if that is the label itself; else nothing."""
    people = samples.people
    if samples.kind == "regression":
        known = people[people["age"].notna()]
        if known["age"].nunique() < 2 or known["label"].nunique() < 2:
            return ""
        is_near = ((known["age"] - known["label"]).abs() <= 1).all()
        alike = abs(known["age"].corr(known["label"])) > SAME_CORRELATION
        return "age" if is_near or alike else ""
    sexes = pd.Series([PLAIN_SEX.get(v.lower()) for v in people["group"]], dtype=object)
    known_sex = people["sex"].notna() & sexes.notna()
    if known_sex.any() and (sexes == people["sex"])[known_sex].all():
        return "sex"
    is_site = (people["site"].astype(str) == people["group"].astype(str)).all()
    return "site" if is_site else ""


def list_known_factors(task: Task, samples: Samples) -> dict[str, Factor]:
    """List what is known of the people and might go with the label."""
    people = task.subjects
    names = [name for name in ("age", "sex", "site") if name != task.target]
    known = {name: people[name] for name in names}
    factors = {
        name: Factor(values, name == "site")
        for name, values in known.items()
        if values.notna().any()
    }
    own = samples.covariates.reset_index(drop=True)
    # Columns of the caller are audited; those called like ours stand beside them.
    factors |= {
        f"{name} in covariates" if name in factors else name: Factor(
            own[name], name in ACQUISITION
        )
        for name in map(str, own)
    }
    return factors | (number_people(people) if samples.has_names else {})
