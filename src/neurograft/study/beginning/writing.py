"""Write a study file for recordings and a table, with a comment on every choice."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w

from neurograft.cohorts.ages import parse_ages, read_age_unit
from neurograft.cohorts.demographics import find_sex_column
from neurograft.config.cohort import CohortConfig
from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.study import MAX_TITLE, is_title, parse_study
from neurograft.errors import ConfigError, DataError, PackageError
from neurograft.files.tables import find_column
from neurograft.files.text import count_things, fold
from neurograft.study.beforehand import check_beforehand
from neurograft.study.beginning.looking import FoundFolder, count_persons
from neurograft.study.opened_study import Study

# Folds that need people: of each group one, of the healthy with an age two in each.
USUAL_FOLDS, LEAST_FOLDS, AGES_PER_FOLD = EvaluationConfig().n_splits, 2, 2


@dataclass(frozen=True)
class BeginningChoices:
    """Decisions of the user.

    Attributes:
        name: Title of the study.
        age_column: Empty if ages are unknown.
        sex_column: Empty if sexes are unknown.
        sex_codes: Meaning of values of the sex column that are no words.
        group_column: With the diagnosis.
        patients: Its values that mean a patient.
        controls: Its values that mean a healthy person.
        bids_tasks: Conditions that are used; empty takes all.
    """

    name: str
    age_column: str
    sex_column: str
    sex_codes: Mapping[str, str]
    group_column: str
    patients: tuple[str, ...]
    controls: tuple[str, ...]
    bids_tasks: tuple[str, ...] = ()


class Counted(NamedTuple):
    """Numbers of people with a recording that can be used.

    Attributes:
        patients: People whose diagnosis means a patient.
        controls: Healthy people.
        ages: Healthy people whose age is known.
        has_ages_that_differ: Whether not all of these ages are the same.
    """

    patients: int
    controls: int
    ages: int
    has_ages_that_differ: bool

    @property
    def n_splits(self) -> int:
        """Return the number of folds that both groups fill."""
        return min(USUAL_FOLDS, self.patients, self.controls)

    @property
    def n_ages_needed(self) -> int:
        """Return how many healthy people with an age brain age needs."""
        return AGES_PER_FOLD * self.n_splits

    @property
    def can_learn_age(self) -> bool:
        """Return whether brain age can be learned."""
        return self.ages >= self.n_ages_needed and self.has_ages_that_differ


def make_title(text: str) -> str:
    """Make a title of a text, such as the name of a folder.

    Example:
        >>> make_title("Pain & sleep (2024)"), make_title("???")
        ('Pain - sleep -2024', 'study')
    """
    allowed = "".join(one if is_title(one) else "-" for one in fold(text))
    title = re.sub(r"-+", "-", allowed).strip(" -")
    return title[:MAX_TITLE] or "study"


def count_chosen(looked: FoundFolder, chosen: BeginningChoices) -> Counted:
    """Count the people that a study can use.

    Raises:
        DataError: If a group has too few of them.
    """
    is_recorded = looked.is_recorded(chosen.bids_tasks)
    groups = looked.words[chosen.group_column]
    is_patient = groups.isin(list(chosen.patients)) & is_recorded
    is_healthy = groups.isin(list(chosen.controls)) & is_recorded
    unit = read_age_unit(looked.table_file, looked.table, chosen.age_column)
    ages = parse_ages(looked.table, chosen.age_column, unit)[is_healthy].dropna()
    counted = Counted(
        int(is_patient.sum()), int(is_healthy.sum()), len(ages), ages.nunique() > 1
    )
    if counted.n_splits < LEAST_FOLDS:
        raise DataError(
            f"{_say_groups(counted)} have a recording that can be used, and two of "
            "each are the least; add people, or name other values with --patient and "
            "--control."
        )
    return counted


def _say_groups(counted: Counted) -> str:
    patients = count_things(counted.patients, "patient")
    return f"{patients} and {count_things(counted.controls, 'control')}"


def write_beginning(looked: FoundFolder, chosen: BeginningChoices, base: Path) -> str:
    """Write a study file with a comment on every choice.

    Args:
        looked: What was found.
        chosen: What was decided.
        base: Folder that the file will lie in.

    Raises:
        DataError: If a group has too few people.
    """
    folder = Path(os.path.relpath(looked.folder.resolve(), base.resolve()))
    counted = count_chosen(looked, chosen)
    lines = [
        "# Written by `neurograft init`. `neurograft check` says what it holds, and",
        "# `neurograft run` computes everything; `neurograft settings` lists settings.",
        f"name = {quote(chosen.name)}",
        f"data_folder = {quote(folder.parent.as_posix())}",
        'output_folder = "results"',
        "",
        f"# {count_things(len(looked.found), 'recording')} of "
        f"{count_persons(len(looked.people))}.",
        "[cohorts.clinic]",
        f"folder = {quote(folder.name)}",
    ]
    lines += _write_table(looked, chosen)
    lines += [
        "",
        "# Without a public cohort, the encoder that comes with the package is taken.",
        "[pretraining]",
        'shipped = "tiny"',
        "",
        f"# {_say_groups(counted)} with a recording.",
        "[tasks.disease]",
        'kind = "classification"',
        'cohort = "clinic"',
        f"column = {quote(chosen.group_column)}",
        f"positive = {_list(chosen.patients)}",
        f"negative = {_list(chosen.controls)}",
    ]
    if counted.can_learn_age:
        lines += _write_age(chosen)
    if counted.n_splits < USUAL_FOLDS:
        lines += _write_folds(counted)
    lines += [
        "",
        "# What only you know; the report shows blank fields as blank.",
        "[report]",
        '# intended_use = "For whom, and at what point of care."',
        '# owner = "Who answers for the study."',
        "# prevalence = 0.05  # share of patients where a predictor is to be used",
    ]
    return "\n".join(lines) + "\n"


def _write_table(looked: FoundFolder, chosen: BeginningChoices) -> list[str]:
    """Write what differs from the usual names of a table."""
    usual = CohortConfig.model_fields
    table, plain = looked.words, CohortConfig(folder=looked.folder)
    # A column that would be read by its usual name is left out by an empty name.
    age = "" if find_column(table, plain.age_column) else plain.age_column
    sex = "" if find_sex_column(table, plain) else plain.sex_column
    told: dict[str, Any] = {
        "table": looked.table_name,
        "participant_column": looked.participant_column,
        "file_column": looked.file_column or usual["file_column"].default,
        "age_column": chosen.age_column or age,
        "sex_column": chosen.sex_column or sex,
    }
    lines = [
        f"{key} = {quote(value)}" + ("" if value else "  # not used")
        for key, value in told.items()
        if value != usual[key].default
    ]
    if chosen.sex_codes:
        pairs = ", ".join(
            f"{quote(k)} = {quote(v)}" for k, v in chosen.sex_codes.items()
        )
        lines.append(f"sex_codes = {{ {pairs} }}")
    if chosen.bids_tasks:
        lines.append(
            f"bids_tasks = {_list(chosen.bids_tasks)}  # conditions that are used"
        )
    return lines


def _write_age(chosen: BeginningChoices) -> list[str]:
    return [
        "",
        "# Brain age: learned from healthy people only.",
        "[tasks.age]",
        'kind = "regression"',
        'cohort = "clinic"',
        f"column = {quote(chosen.age_column)}",
        f"reference_column = {quote(chosen.group_column)}",
        f"reference = {_list(chosen.controls)}",
    ]


def _write_folds(counted: Counted) -> list[str]:
    return [
        "",
        f"# Usually {USUAL_FOLDS}; no more than the smaller group has people.",
        "[evaluation]",
        f"n_splits = {counted.n_splits}",
    ]


def check_beginning(text: str, path: Path) -> str:
    """Check the text of a study file, and its tasks, before it is written.

    Args:
        text: TOML.
        path: Where it will lie.

    Returns:
        What `neurograft check` would refuse of the recordings; else nothing.

    Raises:
        ConfigError: If `neurograft check` would refuse its settings or its tasks.
        DataError: If it would refuse its table of people.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(
            "The name of the folder or of the table is no text in UTF-8; rename it."
        ) from error
    study = Study(parse_study(text, path))
    study.build_tasks()
    try:
        check_beforehand(study)
    except PackageError as error:
        return str(error)
    return ""


def quote(text: str) -> str:
    r"""Write a text as TOML.

    Example:
        >>> print(quote('a "b" \\ c'))
        "a \"b\" \\ c"
    """
    return tomli_w.dumps({"": text}).removeprefix('"" = ').removesuffix("\n")


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(quote, values))}]"
