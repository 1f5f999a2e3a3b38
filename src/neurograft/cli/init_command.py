"""The command that begins a study: it looks, asks, and writes the study file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from neurograft.cli.asking import Asker
from neurograft.errors import ConfigError

if TYPE_CHECKING:
    from neurograft.cohorts.columns import Candidate
    from neurograft.study.beginning.looking import FoundFolder
    from neurograft.study.beginning.writing import BeginningChoices

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
        female: Value of the sex column that means female; may be repeated.
        male: Value of the sex column that means male; may be repeated.
        neither: Value of the sex column that leaves the sex open; may be repeated.
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
    female: Words = ()
    male: Words = ()
    neither: Words = ()
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
    from neurograft.files.writing import write_text
    from neurograft.study.beginning.looking import describe_looked, look_at_folder
    from neurograft.study.beginning.writing import (
        check_beginning,
        count_chosen,
        write_beginning,
    )

    _check_new(answers)
    looked = look_at_folder(folder, table)
    for line in describe_looked(looked):
        print(line)
    chosen = _choose(looked, answers, Asker(is_silent=answers.yes))
    text = write_beginning(looked, chosen, answers.out.parent)
    problem = check_beginning(text, answers.out)
    if problem:
        print(f"As long as the recordings are so, nothing can be run: {problem}")
    counted = count_chosen(looked, chosen)
    if chosen.age_column and not counted.can_learn_age:
        print(
            "Brain age is left out: it needs the different ages of "
            f"{counted.n_ages_needed} healthy people, found {counted.ages}."
        )
    write_text(answers.out, text)
    print(f"Study file: {answers.out}")
    print(f"Next: neurograft check {answers.out}")


def _check_new(answers: Beginning) -> None:
    """Check the name of the study file and the title, before anything is asked.

    Raises:
        ConfigError: If the file exists, or the title cannot be one.
    """
    from neurograft.config.study import is_title

    if answers.out.exists():
        raise ConfigError(
            f"{answers.out} exists already; name another file with --out, so that "
            "nothing of yours is overwritten."
        )
    if answers.name and not is_title(answers.name):
        raise ConfigError(
            f"--name {answers.name[:60]!r} cannot be a title; use letters, digits, "
            "blanks, '.', '-' and '_' only."
        )


def _choose(
    looked: "FoundFolder", answers: Beginning, asker: Asker
) -> "BeginningChoices":
    """Decide everything that the study file needs."""
    from neurograft.cohorts.columns import find_ages, find_groups, find_sexes
    from neurograft.study.beginning.writing import BeginningChoices, make_title

    ages = find_ages(looked.table, looked.table_file)
    age = _choose_column(
        "The column with the age",
        "--age-column",
        ages,
        _find_named(looked, answers.age_column),
        asker,
    )
    sex = _choose_column(
        "The column with the sex",
        "--sex-column",
        find_sexes(looked.table),
        _find_named(looked, answers.sex_column),
        asker,
    )
    taken = (age, sex, looked.participant_column, looked.file_column)
    group = _choose_column(
        "The column with the diagnosis",
        "--group-column",
        find_groups(looked.words, taken),
        _find_named(looked, answers.group_column),
        asker,
        may_lack=False,
    )
    patients, controls = _choose_groups(looked, group, answers, asker)
    return BeginningChoices(
        name=answers.name or make_title(looked.folder.resolve().name),
        age_column=age,
        sex_column=sex,
        sex_codes=_choose_codes(looked, sex, answers, asker),
        group_column=group,
        patients=patients,
        controls=controls,
        bids_tasks=_choose_conditions(looked, answers, asker),
    )


def _find_named(looked: "FoundFolder", given: str) -> str:
    """Find the column that an answer names; `none` and nothing stay what they are.

    Raises:
        ConfigError: If there is none.
    """
    from neurograft.files.tables import find_column, say_columns

    found = find_column(looked.words, given) if given else ""
    if found is None and given != NONE:
        raise ConfigError(
            f"{looked.table_name} has no column {given!r}; "
            f"{say_columns(looked.words, given)}"
        )
    return found or given


def _choose_column(
    what: str,
    option: str,
    candidates: "Sequence[Candidate]",
    given: str,
    asker: Asker,
    *,
    may_lack: bool = True,
) -> str:
    """Choose a column; empty where there is none."""
    if given == NONE and not may_lack:
        raise ConfigError(f"{what} is needed; name it with {option}.")
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
        low, high = (f"{round(age, 1):g}" for age in one.range)
        notes = f" ({'; '.join(one.notes)})" if one.notes else ""
        return f"{one.name}: {low} to {high} years{notes}"
    told = ", ".join(f"{value} {n}" for value, n in one.counts.items())
    missing = f", missing {one.n_missing}" if one.n_missing else ""
    return f"{one.name}: {told}{missing}"


def _choose_groups(
    looked: "FoundFolder", column: str, answers: Beginning, asker: Asker
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose which values mean a patient, and which a healthy person."""
    from neurograft.cohorts.columns import find_healthy
    from neurograft.files.text import fold_all
    from neurograft.files.written_tables import MISSING

    values = list(looked.words[column].dropna().astype(str).value_counts().index)
    patients, controls = fold_all(answers.patient), fold_all(answers.control)
    _check_values(column, values, [*patients, *controls])
    _check_once({"--patient": patients, "--control": controls})
    if not controls:
        left = [value for value in values if value not in patients]
        if not left:
            raise ConfigError(f"No value of {column!r} is left for --control.")
        what = f"The value of {column!r} that means a healthy person"
        controls = [asker.ask(what, "--control", left, find_healthy(left))]
    if not patients:
        # A word such as "unknown" is a group only for who names it.
        patients = [v for v in values if v not in (*controls, *MISSING)]
        if not patients:
            raise ConfigError(f"No value of {column!r} is left for --patient.")
        print(f"Patients are all others: {', '.join(patients)} (--patient names some)")
    return tuple(patients), tuple(controls)


def _check_values(column: str, values: Sequence[str], named: Sequence[str]) -> None:
    """Check that a column has the values that answers name.

    Raises:
        ConfigError: If it lacks one.
    """
    unknown = [value for value in named if value not in values]
    if unknown:
        raise ConfigError(
            f"The column {column!r} has no value {unknown[0]!r}; found "
            f"{', '.join(values)}."
        )


def _check_once(named: Mapping[str, Sequence[str]]) -> None:
    """Check that no value stands under two options.

    Raises:
        ConfigError: If one does.
    """
    options: dict[str, str] = {}
    for option, values in named.items():
        for value in values:
            if options.setdefault(value, option) != option:
                raise ConfigError(
                    f"{value!r} is given with {options[value]} and with {option}; "
                    "give it once."
                )


def _choose_codes(
    looked: "FoundFolder", column: str, answers: Beginning, asker: Asker
) -> dict[str, str]:
    """Choose the meaning of values of the sex column that are no words."""
    from neurograft.cohorts.demographics import (
        NOT_STATED,
        clean_codes,
        find_sex_codes,
    )
    from neurograft.files.text import fold_all

    named = {
        "--female": fold_all(answers.female),
        "--male": fold_all(answers.male),
        "--neither": fold_all(answers.neither),
    }
    _check_once(named)
    said = [value for values in named.values() for value in values]
    if not column:
        if said:
            raise ConfigError(f"{said[0]!r} means a sex; name --sex-column too.")
        return {}
    _check_values(column, sorted(set(clean_codes(looked.table[column]).dropna())), said)
    codes = dict(zip(("F", "M", NOT_STATED), named.values(), strict=True))
    told = {value: sex for sex, values in codes.items() for value in values}
    left = find_sex_codes(looked.table[column], {value.lower() for value in told})
    if left and asker.is_silent:
        raise ConfigError(
            f"The values {', '.join(left)} of {column!r} are no words for a sex that "
            "are known; say what each means with --female, --male or --neither."
        )
    meaning = {"female": "F", "male": "M", "neither": NOT_STATED}
    for code in left:
        what = f"The meaning of {code!r} in the column {column!r}"
        told[code] = meaning[asker.ask(what, "--female", list(meaning), "")]
    return told


def _choose_conditions(
    looked: "FoundFolder", answers: Beginning, asker: Asker
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
