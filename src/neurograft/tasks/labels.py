"""Labels of tasks, read from participants tables."""

from collections.abc import Mapping, Sequence

import pandas as pd

from neurograft.config.tasks import TaskConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.numbers import find_codes, find_unclear, parse_numbers
from neurograft.files.people import People
from neurograft.files.tables import say_columns
from neurograft.files.text import fold, fold_all
from neurograft.tasks.factors import MIN_NUMBERS
from neurograft.tasks.task import Task, check_task, name_rows

# Chosen here: numbers beyond are no measurement, and their squares lose all precision.
MAX_TARGET = 1e15
# Chosen here: more values than this do not fit into a sentence.
MAX_SHOWN = 10
# Numbers that may be told in a reason: longer ones can be dates, years of birth or
# numbers of a hospital. Chosen here.
SHOWN = r"[-+]?\d{1,3}([.,]\d{1,3})?"


def build_tasks(
    asked: Mapping[str, TaskConfig],
    people: Mapping[str, People],
    *,
    n_splits: int,
    holdout: Mapping[str, Sequence[str]] | None = None,
) -> list[Task]:
    """Build every task of a study from the participants tables alone.

    Args:
        asked: Settings of the tasks, by name.
        people: Of every cohort, by name.
        n_splits: Folds that every task must fill.
        holdout: Who is sealed (see `find_sealed`).

    Raises:
        ConfigError: If a column or value does not exist, or a task cannot be evaluated.
    """
    tasks = [
        build_task(name, settings, people, holdout=holdout or {})
        for name, settings in asked.items()
    ]
    for task in tasks:
        check_task(task, n_splits=n_splits)
    return tasks


def build_task(
    name: str,
    settings: TaskConfig,
    people: Mapping[str, People],
    *,
    holdout: Mapping[str, Sequence[str]],
) -> Task:
    """Build the labels of one task.

    Args:
        name: Name of the task.
        settings: Its settings.
        people: People of every cohort, by name.
        holdout: Values of columns that seal a person; empty if there are none.

    Raises:
        ConfigError: If a column or value of the task does not exist in the table.
    """
    settings = fold_settings(settings)
    parts = [
        _label_people(name, settings, number, people[view.cohort], holdout)
        for number, view in enumerate(settings.views)
    ]
    everybody = pd.concat(parts, ignore_index=True)
    everybody["confound"] = _code_confound(everybody["confound"], everybody["view"])
    _check_values(name, settings, everybody["group"])
    _check_chosen(name, settings, people)
    problems = everybody.pop("problem")
    is_kept = problems.isna().to_numpy()
    if settings.kind == "regression" and not is_kept.any():
        raise ConfigError(
            f"Task {name!r}: no subject of {settings.cohort!r} has a number in "
            f"column {settings.column!r}; choose another column or cohort."
        )
    task = Task(
        name=name,
        kind=settings.kind,
        classes=_name_classes(settings),
        views=settings.views,
        subjects=everybody[is_kept].reset_index(drop=True),
        left_out=dict(
            zip(name_rows(everybody[~is_kept]), problems[~is_kept], strict=True)
        ),
        column=settings.column,
        target=_name_target(settings, people),
    )
    return task.match() if settings.matched else task


def fold_settings(settings: TaskConfig) -> TaskConfig:
    """Fold every column and value of a task, as those of tables are."""
    folded = {
        "column": fold(settings.column),
        "confound": fold(settings.confound),
        "reference_column": fold(settings.reference_column),
        "reference": tuple(fold_all(settings.reference)),
        "positive": tuple(fold_all(settings.positive)),
        "negative": tuple(fold_all(settings.negative)),
        "classes": {k: tuple(fold_all(v)) for k, v in settings.classes.items()},
        "where": {fold(k): tuple(fold_all(v)) for k, v in settings.where.items()},
    }
    return settings.model_copy(update=folded)


def _name_classes(settings: TaskConfig) -> tuple[str, ...]:
    if settings.kind == "classification":
        pair = (settings.negative, settings.positive)
        return tuple(" or ".join(values).replace(",", ";") for values in pair)
    if settings.kind == "contrast":
        return tuple(view.name for view in reversed(settings.views))
    return tuple(settings.classes)


def _name_target(settings: TaskConfig, people: Mapping[str, People]) -> str:
    """Return `age`, `sex` or `site` if that is what a task asks for, else nothing."""
    own = [people[view.cohort].columns for view in settings.views]
    asked = settings.column.lower()
    return next(
        (
            name
            for name in ("age", "sex", "site")
            if asked and asked in {columns[name].lower() for columns in own}
        ),
        "",
    )


def _label_people(
    name: str,
    settings: TaskConfig,
    number: int,
    cohort: People,
    holdout: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Return everybody of a view, with a label or a problem."""
    view, source = settings.views[number], cohort.source
    used = [settings.column] if settings.column else []
    check_one_label(cohort.cells, used, f"{source} of {view.cohort!r}")
    table, written = cohort.first_cells, cohort.first_written
    healthy = [settings.reference_column] if settings.reference else []
    for column in (*used, *healthy, *settings.where):
        if column not in table:
            raise ConfigError(
                f"Task {name!r}: {source} of {view.cohort!r} has no column "
                f"{column!r}; {say_columns(table, column)}"
            )
    people = cohort.known.copy()
    people.insert(0, "cohort", view.cohort)
    people["view"] = number
    people["is_sealed"] = find_sealed(written, holdout, view.cohort)
    people["confound"] = _read_confound(name, settings, people, cohort)
    people["group"] = _list_groups(settings, cohort) if used else view.name
    people["is_reference"] = (
        written[healthy[0]].isin(list(settings.reference)).to_numpy()
        if healthy
        else True
    )
    label, problem = _label(name, settings, cohort, number)
    people["label"] = label.to_numpy()
    for column, values in settings.where.items():
        excluded = ~written[column].isin(list(values)).to_numpy()
        problem = problem.mask(excluded, f"{column} is not {' or '.join(values)}")
    people["problem"] = problem.to_numpy()
    owner = "" if settings.kind == "contrast" else f"{view.cohort}/"
    people["cluster"] = owner + people["participant_id"].astype(str)
    return people


def find_sealed(
    table: pd.DataFrame, holdout: Mapping[str, Sequence[str]], cohort: str
) -> "pd.Series[bool]":
    """Return a mask of the people that a hold-out seals, row by row of a table.

    Args:
        table: Of the cohort.
        holdout: Values of columns that all sealed people have; empty seals nobody.
        cohort: Its name, for messages.

    Raises:
        ConfigError: If the table lacks a column of the hold-out.
    """
    sealed = pd.Series(bool(holdout), index=table.index)
    for column, values in holdout.items():
        if column not in table:
            raise ConfigError(
                f"evaluation.holdout names the column {column!r}, which the table of "
                f"{cohort!r} has not; {say_columns(table, column)}"
            )
        sealed &= table[column].isin(fold_all(values))
    return sealed


def check_one_label(table: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    """Check that nobody has two different values of a column.

    Raises:
        DataError: If a person has two; the message names the first.
    """
    for column in columns:
        if column not in table:
            continue
        counts = table.groupby("participant_id")[column].nunique()
        if (counts > 1).any():
            who = str(counts.index[counts > 1][0])
            values = table.loc[table["participant_id"] == who, column].unique()
            raise DataError(
                f"{where}: {who} has {len(values)} values of {column!r} "
                f"({', '.join(map(str, values))}); correct the table, or give each "
                "session its own column."
            )


def _read_confound(
    name: str,
    settings: TaskConfig,
    people: pd.DataFrame,
    cohort: People,
) -> "pd.Series[str]":
    """Return the confound as text; missing where none is named."""
    column, table = settings.confound, cohort.first_cells
    if not column:
        return pd.Series(pd.NA, index=people.index, dtype="string")
    known = {name: people[name] for name in ("age", "sex", "site")}
    is_known = column in known and bool(known[column].notna().any())
    if not is_known and column not in table:
        raise ConfigError(
            f"Task {name!r}: {cohort.source} of {people['cohort'].iloc[0]!r} has no "
            f"column {column!r} for `confound`; name another column, or that of age, "
            f"sex or site in the cohort's section; {say_columns(table, column)}"
        )
    cells = known[column] if is_known else table[column]
    return cells.astype("string").reset_index(drop=True)


def _code_confound(
    cells: "pd.Series[str]", views: "pd.Series[int]"
) -> "pd.Series[float]":
    """Return a confound as numbers; where it is none, values are counted.

    A value has the same number in every cohort.

    Args:
        cells: Of everybody, as text.
        views: View of everybody; one table may write decimals as another does not.
    """
    parts = [parse_numbers(own) for _, own in cells.groupby(views)]
    numbers = pd.concat(parts).reindex(cells.index)
    known = cells.notna()
    if not known.any() or numbers[known].notna().mean() >= MIN_NUMBERS:
        return numbers
    codes = pd.Series(pd.factorize(cells, sort=True)[0], cells.index, dtype=float)
    return codes.where(codes >= 0)


def _label(
    name: str, settings: TaskConfig, cohort: People, number: int
) -> tuple[pd.Series, pd.Series]:
    """Return labels, and for each row without one the reason."""
    table = cohort.first_cells
    if settings.kind == "contrast":
        labels = pd.Series(1.0 - number, index=table.index)
        return labels, _reason(labels.isna(), "")
    if settings.kind == "regression":
        return read_targets(name, settings.column, cohort)
    cells = cohort.first_written[settings.column]
    of_value = {
        value: float(label)
        for label, values in enumerate(_list_values(settings))
        for value in values
    }
    labels = cells.map(of_value).astype(float)
    neither = "neither group" if len(_list_values(settings)) == 2 else "no group"
    problems = _reason(labels.isna(), f"{settings.column} is of {neither}")
    is_word = table[settings.column].isna() & (cells != "") & labels.isna()
    return labels, problems.mask(
        is_word & ~cells.isin(["n/a", "N/A"]),
        settings.column + " is missing, as " + cells.astype(str) + " means",
    )


def read_targets(
    task: str, column: str, cohort: People
) -> "tuple[pd.Series[float], pd.Series[str]]":
    """Return the target of every person, and for each without one the reason.

    The column of ages is read as ages are everywhere else. Infinite and huge numbers,
    and codes for what is missing (-9, 999), are no targets.

    Args:
        task: Name of the task, for messages.
        column: With the target.
        cohort: Its people.

    Raises:
        ConfigError: If a mark could separate decimals or thousands.
    """
    cells = cohort.first_cells[column].reset_index(drop=True)
    shown = cells.astype("string").fillna("")
    is_short = shown.str.fullmatch(SHOWN).astype(bool)
    said = (" (" + shown + ")").where(is_short, "")
    if is_age(column, cohort):
        ages = cohort.known["age"].astype(float).reset_index(drop=True)
        return ages, _explain(cells, ages, f"{column} cannot be" + said)
    unclear = find_unclear(cells)
    if unclear:
        raise ConfigError(
            f"Task {task!r}: column {column!r} of {cohort.source} holds {unclear[0]} "
            f"beside {unclear[1]}: nobody can say whether its mark separates thousands "
            "or decimals; write all numbers without marks for thousands."
        )
    numbers = parse_numbers(cells)
    codes = find_codes(numbers)
    huge = numbers.abs() > MAX_TARGET
    numbers = numbers.mask(codes | huge)
    sentences = (f"{column} is no number" + said).mask(
        codes, f"{column} is a code for what is missing" + said
    )
    sentences = sentences.mask(huge, f"{column} cannot be" + said)
    return numbers, _explain(cells, numbers, sentences)


def is_age(column: str, cohort: People) -> bool:
    """Return whether a column is the one with the ages of a cohort."""
    return column.strip().lower() == cohort.columns["age"].strip().lower()


def _explain(
    cells: pd.Series, numbers: "pd.Series[float]", sentences: "pd.Series[str]"
) -> "pd.Series[str]":
    """Give everybody without a number a reason, nobody else."""
    reasons = sentences.astype(object).mask(cells.isna(), f"no {cells.name}")
    return reasons.where(numbers.isna(), None)


def _list_groups(settings: TaskConfig, cohort: People) -> "pd.Series[str]":
    """Return the values of the column; words that the study names are no gaps."""
    cells = cohort.first_cells[settings.column].reset_index(drop=True)
    written = cohort.first_written[settings.column]
    named = {value for values in _list_values(settings) for value in values}
    return cells.where(~written.isin(named), written)


def _list_values(settings: TaskConfig) -> list[tuple[str, ...]]:
    """List the values of the column, by label."""
    if settings.kind == "classification":
        return [settings.negative, settings.positive]
    return list(settings.classes.values())


def _check_values(name: str, settings: TaskConfig, found: "pd.Series[str]") -> None:
    if settings.kind in ("regression", "contrast"):
        return
    known = set(found.dropna())
    for value in (value for values in _list_values(settings) for value in values):
        if value not in known:
            raise ConfigError(
                f"Task {name!r}: nobody has {settings.column} = {value!r}; found "
                f"{', '.join(sorted(map(str, known)))}."
            )


def _check_chosen(
    name: str, settings: TaskConfig, people: Mapping[str, People]
) -> None:
    """Check that somebody has every value of `reference` and `where`.

    Raises:
        ConfigError: If nobody has one: it would choose nobody, without a word.
    """
    tables = [people[view.cohort].first_written for view in settings.views]
    chosen = [(column, values, "where") for column, values in settings.where.items()]
    if settings.reference:
        chosen.append((settings.reference_column, settings.reference, "reference"))
    for column, values, setting in chosen:
        known = {cell for table in tables for cell in table[column]}
        unknown = [value for value in values if value not in known]
        if unknown:
            found = ", ".join(sorted(map(str, known - {""}))[:MAX_SHOWN])
            raise ConfigError(
                f"Task {name!r}: `{setting}` names {column} = {unknown[0]!r}, which "
                f"nobody has; found {found}."
            )


def _reason(applies: pd.Series, reason: str) -> pd.Series:
    return pd.Series([reason if one else None for one in applies], index=applies.index)
