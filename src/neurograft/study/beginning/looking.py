"""Look at a folder of recordings and a table, and match the files to its people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from neurograft.cohorts.ages import find_damaged_units
from neurograft.cohorts.columns import find_files, find_labels
from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.cohorts.finding.plain_folders import NOBODY
from neurograft.cohorts.labels import is_bids
from neurograft.cohorts.participants import read_participants, read_people_table
from neurograft.config.cohort import CohortConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.text import count_things
from neurograft.files.written_tables import MISSING, mask_empty, mask_missing
from neurograft.recordings.found_recording import FoundRecording

# Tables that are looked for, and their endings.
USUAL_TABLE = "participants.tsv"
ENDINGS = (".tsv", ".csv", ".xlsx")
# Tables of BIDS that list something else than people.
NO_PEOPLE = ("scans", "events", "channels", "electrodes", "sessions", "phenotype")


@dataclass(frozen=True)
class FoundFolder:
    """A folder of recordings and its table, as they were found.

    Attributes:
        folder: Of the recordings.
        table_name: Of the table, inside the folder or by its whole path.
        words: The first row of every person as text; only empty cells are missing.
        labels: Of the people, row by row of `words`, as their folders are called.
        n_rows: Rows of the table that name a person.
        participant_column: With labels of people.
        file_column: With names of files; empty where names of files begin with labels.
        found: Recordings.
    """

    folder: Path
    table_name: str
    words: pd.DataFrame
    labels: "pd.Series[str]"
    n_rows: int
    participant_column: str
    file_column: str
    found: tuple[FoundRecording, ...]

    @property
    def table(self) -> pd.DataFrame:
        """Return the first row of every person; words such as None are missing."""
        return mask_missing(self.words)

    @property
    def table_file(self) -> Path:
        """Return the path of the table."""
        return self.folder / self.table_name

    @property
    def n_matched(self) -> int:
        """Count the recordings that are of somebody in the table."""
        listed = set(self.labels)
        return sum(one.key.participant_id in listed for one in self.found)

    @property
    def people(self) -> set[str]:
        """Return the labels of people with a recording."""
        return {one.key.participant_id for one in self.found} - {NOBODY}

    @property
    def conditions(self) -> dict[str, int]:
        """Count recordings by the condition that their names state."""
        named = (one for one in self.found if one.key.task or not one.problem)
        return dict(Counter(one.key.task for one in named).most_common())

    def is_recorded(self, conditions: Sequence[str] = ()) -> "pd.Series[bool]":
        """Return, row by row, whether somebody has a recording that can be used.

        Args:
            conditions: Those that count; empty takes all.
        """
        usable = {
            one.key.participant_id
            for one in self.found
            if not one.problem and (not conditions or one.key.task in conditions)
        }
        return self.labels.isin(usable)


def look_at_folder(folder: Path, table: str = "") -> FoundFolder:
    """Look at a folder of recordings, and match its files to the people of a table.

    Args:
        folder: BIDS, or any folder.
        table: Path of the table of people; empty looks for one in the folder.

    Raises:
        DataError: If there is no folder, no table, or no recording of its people.
        ConfigError: If there are several tables.
    """
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}; give the one of the recordings.")
    name = _name_table(folder, table) if table else _find_table(folder)
    written = read_people_table(folder / name)[0]
    best: FoundFolder | None = None
    reasons = []
    for column, file_column in _list_pairs(folder, mask_missing(written)):
        try:
            looked = _try(folder, name, written, column, file_column)
        except (DataError, ConfigError) as error:
            reasons.append(str(error))
            continue
        if best is None or looked.n_matched > best.n_matched:
            best = looked
    if best is None or not best.n_matched:
        why = _say_strangers(best) if best else reasons[0]
        raise DataError(
            f"The recordings of {folder} could not be matched to the people of {name}: "
            f"{why}"
        )
    return best


def _list_pairs(folder: Path, cells: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """List what may be the column of labels, with the column of files or none.

    Where a column names the files, every column would match them all: only the
    likeliest can be that of the labels.
    """
    labels = find_labels(cells) or list(map(str, cells))[:1]
    files = [] if is_bids(folder) else find_files(cells)
    yield from ((labels[0], one) for one in files if one != labels[0])
    yield from ((one, "") for one in labels if one not in files)


def _say_strangers(looked: FoundFolder) -> str:
    """Say that recordings and table are of different people."""
    recorded = ", ".join(sorted(looked.people)[:1]) or "nobody"
    return (
        f"recordings are of {recorded} and others, the column "
        f"{looked.participant_column!r} lists {looked.labels.iloc[0]!r} and others; "
        "write the same labels in both."
    )


def _name_table(folder: Path, table: str) -> str:
    """Return how a study file names a table that the user named.

    Raises:
        DataError: If it is not there.
    """
    path = Path(table)
    whole = path if path.is_file() else folder / table
    if not whole.is_file():
        raise DataError(f"There is no table {table}; give its path.")
    whole = whole.resolve()
    base = folder.resolve()
    return str(whole.relative_to(base) if whole.is_relative_to(base) else whole)


def _find_table(folder: Path) -> str:
    """Find the table of people in a folder.

    Raises:
        DataError: If there is none.
        ConfigError: If there are several.
    """
    if (folder / USUAL_TABLE).is_file():
        return USUAL_TABLE
    found = sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix.lower() in ENDINGS
        and not any(word in path.stem.lower() for word in NO_PEOPLE)
        and not path.name.startswith(("~", "."))
    )
    if not found:
        raise DataError(
            f"{folder} holds no table of people ({', '.join(ENDINGS)}); name one, with "
            "a row per person: neurograft init FOLDER TABLE."
        )
    if len(found) > 1:
        raise ConfigError(
            f"{folder} holds several tables ({', '.join(found)}); say which lists the "
            "people: neurograft init FOLDER TABLE."
        )
    return found[0]


def _try(
    folder: Path, name: str, written: pd.DataFrame, column: str, file_column: str
) -> FoundFolder:
    """Match recordings to people as if a column held the labels."""
    settings = CohortConfig(
        folder=folder,
        table=name,
        participant_column=column,
        **({"file_column": file_column} if file_column else {}),
    )
    found = tuple(find_recordings("", folder, settings))
    labels = read_participants(folder, settings)["participant_id"]
    rows = written[~written[column].isin(MISSING)].reset_index(drop=True)
    is_first = ~labels.duplicated()
    words = mask_empty(rows[is_first]).reset_index(drop=True)
    labels = labels[is_first].reset_index(drop=True)
    return FoundFolder(
        folder, name, words, labels, len(rows), column, file_column, found
    )


def describe_looked(looked: FoundFolder) -> list[str]:
    """Say what was found, in sentences."""
    n, n_people = len(looked.found), len(looked.words)
    verb = "is" if looked.n_matched == 1 else "are"
    lines = [
        f"{looked.folder}: {count_things(n, 'recording')} of "
        f"{count_persons(len(looked.people))}.",
        f"{looked.table_name}: {count_persons(n_people)}; {looked.n_matched} of "
        f"{count_things(n, 'recording')} {verb} of them, by the column "
        f"{looked.participant_column!r}"
        + (f" and the files of {looked.file_column!r}." if looked.file_column else "."),
    ]
    lines += [f"{sentence}." for sentence in find_damaged_units(looked.table_file)]
    if looked.n_rows > n_people:
        lines.append(
            f"The table has {looked.n_rows} rows; the first of each person counts."
        )
    unusable = sum(bool(one.problem) for one in looked.found)
    if unusable:
        lines.append(
            f"{count_things(unusable, 'recording')} cannot be used; `neurograft check` "
            "says why."
        )
    if set(looked.conditions) - {""}:
        told = ", ".join(
            f"{k or 'not named'} {n}" for k, n in looked.conditions.items()
        )
        lines.append(f"Conditions: {told}.")
    return lines


def count_persons(n: int) -> str:
    """Write a number of people.

    Example:
        >>> count_persons(1), count_persons(2)
        ('1 person', '2 people')
    """
    return "1 person" if n == 1 else f"{n} people"
