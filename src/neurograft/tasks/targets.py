"""Read the numbers that a regression predicts, and why people have none."""

import pandas as pd

from neurograft.errors import ConfigError
from neurograft.files.numbers import find_codes, find_unclear, parse_numbers
from neurograft.files.people import People


def read_targets(
    task: str, column: str, cohort: People
) -> "tuple[pd.Series[float], pd.Series[str]]":
    """Return the target of every person, and for each without one the reason.

    The column of ages is read as ages are everywhere else. Infinite numbers, and codes
    for what is missing (-9, 999), are no targets.

    Args:
        task: Name of the task, for messages.
        column: With the target.
        cohort: Its people.

    Raises:
        ConfigError: If a mark could separate decimals or thousands.
    """
    cells = cohort.first_cells[column].reset_index(drop=True)
    shown = cells.astype("string").fillna("")
    is_short = shown.str.fullmatch(r"[-+\d.,]{1,12}").astype(bool)
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
    numbers = numbers.mask(codes)
    sentences = (f"{column} is no number" + said).mask(
        codes, f"{column} is a code for what is missing" + said
    )
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
