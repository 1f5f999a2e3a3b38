"""Copy tables and sidecars of BIDS without names."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from neurograft.cohorts.ages import read_age_unit
from neurograft.cohorts.deidentify.bids_names import hide_value, rename_path
from neurograft.cohorts.deidentify.copy_recording import name_copy
from neurograft.cohorts.deidentify.people.column_names import AGE, classify_column
from neurograft.cohorts.deidentify.people.known_people import (
    KnownPeople,
    find_label_column,
    hide_label,
    is_without_header,
    note_labels,
    read_people,
    spell_labels,
)
from neurograft.cohorts.deidentify.people.personal_names import is_personal_header
from neurograft.cohorts.deidentify.people.scrub_people import Scrubbing
from neurograft.cohorts.deidentify.people.sentences import (
    say_columns_left,
    show_column,
)
from neurograft.cohorts.deidentify.scrub_json import list_units, scrub_json
from neurograft.cohorts.deidentify.scrub_tables import (
    scrub_channels,
    scrub_events,
    to_tsv,
)
from neurograft.cohorts.deidentify.scrubbing import Rules
from neurograft.cohorts.labels import is_subject, name_subject
from neurograft.errors import DataError
from neurograft.files.writing import write_text
from neurograft.files.written_tables import mask_empty, mask_missing, read_written
from neurograft.recordings.formats import is_recording

CHANNELS = ("channels.tsv", "electrodes.tsv")
NOT_PEOPLE = ("channels.json", "electrodes.json", "events.json")
WITHOUT_HEADER = "its first line holds data, not names of columns"
NO_LABELS = (
    "no column with labels of people was found: name it with --participant-column"
)
NOT_OF_BIDS = "BIDS does not know them, and they may hold names"


def copy_text(
    path: Path, new: Path, folder: str, rules: Rules, people: KnownPeople
) -> str:
    """Copy a table or a sidecar of BIDS; returns what was left out of it.

    Args:
        path: Of the file.
        new: Of its copy.
        folder: Name of the subject's folder; empty for files of the root.
        rules: Rules for texts, labels, dates and ages.
        people: Of the data set.

    Raises:
        DataError: If it cannot be read.
    """
    if path.suffix == ".json":
        units = _list_kept_units(path, folder, rules, people)
        write_text(new, scrub_json(path, rules.scrubber, units))
        return ""
    table, repairs = read_written(path)
    notes = hide_columns(repairs, table, people)
    if path.name.endswith(CHANNELS):
        kept = scrub_channels(_drop_empty_rows(mask_missing(table)), rules.scrubber)
        notes += _say_lost(table, kept, people)
    elif path.name.endswith("events.tsv"):
        kept = scrub_events(_drop_empty_rows(mask_missing(table)), rules.scrubber)
        notes += _say_renamed(table, kept, people)
    else:
        table = _drop_empty_rows(mask_empty(table))
        kept, said = _scrub_people(path, table, folder, rules, people)
        notes += said
    write_text(new, to_tsv(kept))
    return "\n".join(notes)


def _drop_empty_rows(table: pd.DataFrame) -> pd.DataFrame:
    return table.dropna(how="all").reset_index(drop=True)


def hide_columns(
    sentences: Sequence[str], table: pd.DataFrame, people: KnownPeople
) -> list[str]:
    """Return sentences without names of columns that name somebody.

    Args:
        sentences: On a table; names of columns stand between quotation marks.
        table: With these columns.
        people: Of the data set.
    """
    hidden = list(sentences)
    for column, shown in _show_columns(table, people).items():
        hidden = [one.replace(repr(column), repr(shown)) for one in hidden]
    return hidden


def _show_columns(table: pd.DataFrame, people: KnownPeople) -> dict[str, str]:
    """Return how sentences call the columns of a table."""
    columns = list(map(str, table))
    return {
        one: show_column(columns, one, is_hidden=is_personal_header(one, people))
        for one in columns
    }


def _scrub_people(
    path: Path, table: pd.DataFrame, folder: str, rules: Rules, people: KnownPeople
) -> tuple[pd.DataFrame, list[str]]:
    """Scrub a table of people, or of the recordings or sessions of one.

    Raises:
        DataError: If it has no names of columns.
    """
    if is_without_header(table, people):
        raise DataError(WITHOUT_HEADER)
    column = find_label_column(table, rules.participant_column)
    given: dict[str, Callable[[str], str | None]] = {
        "filename": lambda file: _rename_listed(path, file, folder, rules, people),
        "session_id": lambda session: hide_value(session, rules.scrubber, people),
    }
    owner = name_subject(folder) if is_subject(folder) else ""
    owners, spelled = list_owners(table, owner, rules, people.folders)
    if column is not None:
        given[column] = lambda label: hide_label(spelled[label], rules.scrubber, people)
    units = read_units(path, table)
    kept, notes = Scrubbing(table, owners, rules, people, units).scrub(given)
    notes += note_labels(spelled.values(), rules.scrubber, people)
    is_lost = column is None and not folder
    return kept, [*notes, NO_LABELS] if is_lost else notes


def _rename_listed(
    listing: Path, file: str, folder: str, rules: Rules, people: KnownPeople
) -> str | None:
    """Rename a recording that a table lists as its copy is named."""
    hidden = rename_path(file, rules.scrubber, folder=folder, people=people)
    path = listing.parent / file
    if hidden is None or not is_recording(path):
        return hidden
    try:
        return name_copy(path, Path(hidden)).as_posix()
    except (DataError, OSError):  # said where the recording is copied, if it is there
        return hidden


def _list_kept_units(
    path: Path, folder: str, rules: Rules, people: KnownPeople
) -> dict[str, str]:
    """List the units of those columns of people that stay, beside whose table it is."""
    listing = path.with_suffix(".tsv")
    if not listing.is_file() or path.name.endswith(NOT_PEOPLE):
        return {}
    try:
        kept, _ = _scrub_people(listing, read_people(listing), folder, rules, people)
    except DataError:  # said where the table is copied
        return {}
    return list_units(path, kept)


def read_units(path: Path, table: pd.DataFrame) -> dict[str, str]:
    """Read the units of all columns of ages, from the sidecar of a table or their name.

    Args:
        path: Of the table.
        table: Its cells.
    """
    ages = [one for one in map(str, table) if classify_column(one) == AGE]
    return {column: read_age_unit(path, table, column) for column in ages}


def _say_lost(
    table: pd.DataFrame, kept: pd.DataFrame, people: KnownPeople
) -> list[str]:
    """Say which columns of channels or electrodes were left out."""
    shown = _show_columns(table, people)
    lost = [shown[one] for one in map(str, table) if one not in kept]
    return say_columns_left({NOT_OF_BIDS: lost} if lost else {})


def _say_renamed(
    table: pd.DataFrame, kept: pd.DataFrame, people: KnownPeople
) -> list[str]:
    """Say which columns have another name in the copy."""
    shown = _show_columns(table, people)
    pairs = zip(map(str, table), map(str, kept), strict=True)
    renamed = [f"{shown[old]} is {new}" for old, new in pairs if old != new]
    return [f"columns renamed: {', '.join(renamed)}"] if renamed else []


def list_owners(
    table: pd.DataFrame, owner: str, rules: Rules, folders: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """List the person of every row, of its label or else of the folder.

    Args:
        table: Of people.
        owner: Label of the folder.
        rules: Which name the column of labels.
        folders: Labels of all folders of subjects.

    Returns:
        The person of every row, and the labels of the table as folders spell them.
    """
    column = find_label_column(table, rules.participant_column)
    if column is None:
        return [owner] * len(table), {}
    spelled = spell_labels(table, column, folders)
    named = (spelled.get(str(label), "") for label in table[column])
    return [name_subject(label) if label else "" for label in named], spelled
