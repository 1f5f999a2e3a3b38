"""The command that begins a study: it looks, asks, and writes the study file."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from neurograft.errors import ConfigError

if TYPE_CHECKING:
    from neurograft.cohorts.columns import Candidate
    from neurograft.study.beginning import BeginningChoices, FoundFolder

NONE = "none"
Word = Annotated[str, Parameter(show_default=False)]
Words = Annotated[
    tuple[str, ...],
    Parameter(show_default=False, negative="", consume_multiple=False),
]


@Parameter(name="*")
@dataclass(frozen=True)
class Beginning:
    """Answers to what `init` asks.

    Attributes:
        out: The study file.
        name: Title of the study.
        age_column: Column with the age; `none` if it is unknown.
        sex_column: Column with the sex; `none` if it is unknown.
        female: Value of the sex column that means female, if it is no word.
        male: Value of the sex column that means male, if it is no word.
        group_column: Column with the diagnosis.
        patient: Value that means a patient; may be repeated.
        control: Value that means a healthy person; may be repeated.
        condition: Condition (BIDS task) that is used; may be repeated.
        yes: Take what is proposed, and ask nothing.
    """

    out: Path = Path("study.toml")
    name: Word = ""
    age_column: Word = ""
    sex_column: Word = ""
    female: Word = ""
    male: Word = ""
    group_column: Word = ""
    patient: Words = ()
    control: Words = ()
    condition: Words = ()
    yes: Annotated[bool, Parameter(negative="", show_default=False)] = False


NOTHING_ANSWERED = Beginning()


def begin_study(
    folder: Path, table: str = "", /, *, answers: Beginning = NOTHING_ANSWERED
) -> None:
    """Look at a folder of recordings and a table of people, and write a study file.

    For example: `neurograft init clinic people.xlsx`. What is not given as an option is
    asked in the terminal, with a proposal.

    Args:
        folder: Recordings: BIDS, or any folder.
        table: Table of people; without it, one is looked for in the folder.
        answers: Answers given beforehand.
    """
    from neurograft.config.study import read_study
    from neurograft.files.writing import write_text
    from neurograft.study.beginning import (
        describe_looked,
        look_at_folder,
        write_beginning,
    )

    if answers.out.exists():
        raise ConfigError(
            f"{answers.out} exists already; name another file with --out, so that "
            "nothing of yours is overwritten."
        )
    looked = look_at_folder(folder, table)
    for line in describe_looked(looked):
        print(line)
    chosen = _choose(looked, answers, _Asker(is_silent=answers.yes))
    write_text(answers.out, write_beginning(looked, chosen, answers.out.parent))
    read_study(answers.out)
    print(f"Study file: {answers.out}")
    print(f"Next: neurograft check {answers.out}")


class _Asker:
    """Asks in the terminal; elsewhere it takes what is proposed, or refuses.

    Args:
        is_silent: Whether proposals are taken without a question.
    """

    def __init__(self, *, is_silent: bool) -> None:
        self.is_silent = is_silent or not sys.stdin.isatty()

    def ask(self, what: str, option: str, choices: Sequence[str], proposed: str) -> str:
        """Ask for one of some choices.

        Args:
            what: What is asked for.
            option: That answers it beforehand.
            choices: What may be answered.
            proposed: Taken if nothing is answered; empty proposes nothing.

        Raises:
            ConfigError: If nobody can be asked, and nothing is proposed.
        """
        if self.is_silent:
            if proposed:
                print(f"{what}: {proposed} (give {option} for another)")
                return proposed
            raise ConfigError(
                f"{what} is not clear; give {option}, one of {', '.join(choices)}."
            )
        while True:
            hint = f" [{proposed}]" if proposed else ""
            said = input(f"{what}, one of {', '.join(choices)}{hint}: ").strip()
            if not said and proposed:
                return proposed
            if said in choices:
                return said
            print(f"{said!r} is none of them.")


def _choose(
    looked: "FoundFolder", answers: Beginning, asker: _Asker
) -> "BeginningChoices":
    """Decide everything that the study file needs."""
    from neurograft.cohorts.columns import find_ages, find_groups, find_sexes
    from neurograft.study.beginning import BeginningChoices

    ages, sexes = find_ages(looked.table), find_sexes(looked.table)
    age = _choose_column(
        "The column with the age", "--age-column", ages, answers.age_column, asker
    )
    sex = _choose_column(
        "The column with the sex", "--sex-column", sexes, answers.sex_column, asker
    )
    taken = (age, sex, looked.participant_column, looked.file_column)
    groups = find_groups(looked.table, taken)
    group = _choose_column(
        "The column with the diagnosis",
        "--group-column",
        groups,
        answers.group_column,
        asker,
        may_lack=False,
    )
    _check_columns(looked, age, sex, group)
    patients, controls = _choose_groups(looked, group, answers, asker)
    return BeginningChoices(
        name=answers.name or looked.folder.resolve().name,
        age_column=age,
        sex_column=sex,
        sex_codes=_choose_codes(looked, sex, answers, asker),
        group_column=group,
        patients=patients,
        controls=controls,
        bids_tasks=_choose_conditions(looked, answers, asker),
    )


def _choose_column(
    what: str,
    option: str,
    candidates: "Sequence[Candidate]",
    given: str,
    asker: _Asker,
    *,
    may_lack: bool = True,
) -> str:
    """Choose a column; empty where there is none."""
    if given:
        return "" if given == NONE else given
    for one in candidates:
        print(f"  {_describe(one)}")
    names = [one.name for one in candidates]
    if may_lack:
        if not names:
            print(f"{what}: none found ({option} names one)")
            return ""
        names.append(NONE)
    if not names:
        raise ConfigError(
            f"{what} was not found: no column has a few values with three people each. "
            f"Name it with {option}."
        )
    # A diagnosis is proposed only where its column is called so: a guess would be run.
    is_sure = may_lack or candidates[0].is_named
    said = asker.ask(what, option, names, names[0] if is_sure else "")
    return "" if said == NONE else said


def _describe(one: "Candidate") -> str:
    """Describe a candidate: its values with counts, or its range."""
    if one.range is not None:
        told = f"{one.range[0]:g} to {one.range[1]:g}"
    else:
        told = ", ".join(f"{value} {n}" for value, n in one.counts.items())
    missing = f", missing {one.n_missing}" if one.n_missing else ""
    return f"{one.name}: {told}{missing}"


def _check_columns(looked: "FoundFolder", *names: str) -> None:
    """Check that the table has the columns.

    Raises:
        ConfigError: If one is missing.
    """
    from neurograft.files.tables import say_columns

    for name in names:
        if name and name not in looked.table:
            raise ConfigError(
                f"{looked.table_name} has no column {name!r}; "
                f"{say_columns(looked.table, name)}"
            )


def _choose_groups(
    looked: "FoundFolder", column: str, answers: Beginning, asker: _Asker
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose which values mean a patient, and which a healthy person."""
    from neurograft.cohorts.columns import find_healthy

    values = list(looked.table[column].dropna().astype(str).value_counts().index)
    unknown = sorted({*answers.patient, *answers.control} - set(values))
    if unknown:
        raise ConfigError(
            f"The column {column!r} has no value {unknown[0]!r}; found "
            f"{', '.join(values)}."
        )
    controls = answers.control
    if not controls:
        left = [value for value in values if value not in answers.patient]
        what = f"The value of {column!r} that means a healthy person"
        controls = (asker.ask(what, "--control", left, find_healthy(left)),)
    patients = answers.patient or tuple(v for v in values if v not in controls)
    if not answers.patient:
        print(f"Patients are all others: {', '.join(patients)} (--patient names some)")
    return patients, controls


def _choose_codes(
    looked: "FoundFolder", column: str, answers: Beginning, asker: _Asker
) -> dict[str, str]:
    """Choose the meaning of values of the sex column that are no words."""
    from neurograft.cohorts.demographics import PLAIN_SEX

    if not column:
        return {}
    values = sorted(set(looked.table[column].dropna().astype(str)))
    codes = [value for value in values if value.lower() not in PLAIN_SEX]
    if not codes:
        return {}
    female = answers.female or asker.ask(
        f"The value of {column!r} that means female", "--female", codes, ""
    )
    rest = [code for code in codes if code != female]
    male = answers.male or (
        rest[0]
        if len(rest) == 1
        else asker.ask(f"The value of {column!r} that means male", "--male", rest, "")
    )
    return {female: "F", male: "M"}


def _choose_conditions(
    looked: "FoundFolder", answers: Beginning, asker: _Asker
) -> tuple[str, ...]:
    """Choose the conditions, where recordings are of several."""
    found = [name for name in looked.conditions if name]
    if answers.condition:
        unknown = sorted(set(answers.condition) - set(found))
        if unknown:
            raise ConfigError(
                f"No recording is of the condition {unknown[0]!r}; found "
                f"{', '.join(found) or 'none'}."
            )
        return answers.condition
    if len(found) < 2:
        return ()
    resting = [name for name in found if "rest" in name.lower()]
    proposed = resting[0] if len(resting) == 1 else found[0]
    return (asker.ask("The condition to use", "--condition", found, proposed),)
