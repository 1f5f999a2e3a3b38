"""Tab-separated tables: the only form in which results travel."""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from neurograft.errors import DataError
from neurograft.files.text import fold
from neurograft.files.writing import write_text

# What names a recording everywhere; labels such as "01" must stay text.
KEY_COLUMNS = ("cohort", "participant_id", "session", "task", "run", "acquisition")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a tab-separated table with `n/a` for what is missing, as BIDS asks."""
    write_text(path, table.to_csv(sep="\t", index=False, na_rep="n/a"))


def write_tables(folder: Path, tables: Mapping[str, Sequence[pd.DataFrame]]) -> None:
    """Write tables of parts, and delete those of an earlier run."""
    whole = {
        name: [part for part in parts if len(part)] for name, parts in tables.items()
    }
    named = {f"{name}.tsv": parts for name, parts in whole.items() if parts}
    for path in folder.glob("*.tsv"):
        if path.name not in named:
            path.unlink()
    for file, parts in named.items():
        write_table(folder / file, pd.concat(parts, ignore_index=True))


def read_table(path: Path, *, text: Sequence[str] = ()) -> pd.DataFrame:
    """Read a tab-separated table written by `write_table`.

    Args:
        path: Of the table.
        text: Further columns whose cells are text whatever they look like.

    Raises:
        DataError: If the table is not there.
    """
    if not path.is_file():
        raise DataError(f"There is no {path}; run the stage that writes it first.")
    return pd.read_csv(
        path,
        sep="\t",
        na_values=["n/a"],
        keep_default_na=False,
        dtype=dict.fromkeys((*KEY_COLUMNS, *text), str),
    )


def find_column(table: pd.DataFrame, name: str) -> str | None:
    """Return the column of a name, or the only one that differs in case or blanks.

    Example:
        >>> find_column(pd.DataFrame(columns=["ID", "AGE"]), "age")
        'AGE'
    """
    name = fold(name)
    if name in table:
        return name
    alike = [str(c) for c in table if fold(str(c)).lower() == name.lower()]
    return alike[0] if len(alike) == 1 else None


def say_columns(table: pd.DataFrame, name: str) -> str:
    """Say which columns a table has that lacks one, and which is like it.

    Example:
        >>> say_columns(pd.DataFrame(columns=["ID", "Age"]), "agee")
        "found ID, Age; the nearest is 'Age'."
    """
    folded = {fold(str(column)).lower(): str(column) for column in table}
    near = difflib.get_close_matches(fold(name).lower(), folded, n=1, cutoff=0.5)
    meant = f"the nearest is {folded[near[0]]!r}" if near else "name one of these"
    return f"found {', '.join(map(str, table))}; {meant}."
