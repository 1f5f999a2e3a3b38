"""Copy a data set without names: what is known to be harmless, and nothing else.

Signals are copied as they are; headers, markers, annotations, tables and sidecars are
written again from what a reader needs. A file of which that is not known is left out.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from neurograft.cohorts.deidentify.copy_bids import UNKNOWN_KIND, copy_bids
from neurograft.cohorts.deidentify.copy_recording import (
    Companions,
    copy_recording,
    is_companion,
)
from neurograft.cohorts.deidentify.copy_tables import hide_columns, read_units
from neurograft.cohorts.deidentify.people.known_people import (
    check_named_columns,
    find_label_column,
    know_people,
    note_labels,
    read_people,
)
from neurograft.cohorts.deidentify.people.scrub_people import Scrubbing
from neurograft.cohorts.deidentify.replaced_texts import say_replaced
from neurograft.cohorts.deidentify.scrub_json import list_units, tell_units
from neurograft.cohorts.deidentify.scrub_tables import to_tsv
from neurograft.cohorts.deidentify.scrubbing import Copied, Rules
from neurograft.cohorts.deidentify.walking import (
    count_files,
    is_folder,
    leave_folder,
    walk_folder,
)
from neurograft.cohorts.finding.plain_folders import locate_file
from neurograft.cohorts.labels import is_bids
from neurograft.cohorts.participants import check_folder
from neurograft.errors import ConfigError, DataError
from neurograft.files.tables import find_column
from neurograft.files.writing import write_text
from neurograft.files.written_tables import read_written
from neurograft.recordings.formats import find_extension, is_recording
from neurograft.types import Progress, no_progress


def deidentify(
    source: Path, target: Path, rules: Rules, *, progress: Progress = no_progress
) -> list[Copied]:
    """Copy a data set without names.

    The target appears when it is whole; until then it is made beside it, and what was
    made is deleted if anything fails. Names of files that are not BIDS are replaced,
    for they are often names of people.

    Args:
        source: BIDS folder, or any folder of recordings.
        target: New folder.
        rules: Rules for texts, labels, dates and ages.
        progress: Called along the way.

    Returns:
        Every file of the source, with its copy or the reason why there is none. Of
        folders that are not looked into, the folder. At the end, what is said of all.

    Raises:
        ConfigError: If the target exists, or one folder lies in the other, or a table
            or a column that the user names is not there, or a table has no column of
            labels or files.
        DataError: If the folder, or the table of a folder that is not BIDS, cannot be
            read.
    """
    _check_source(source)
    _check_target(source, target)
    _check_table(source, rules)
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    walk = copy_bids if is_bids(source) else _copy_plain
    total = count_files(source)
    copied = []
    try:
        part.mkdir(parents=True)
        for file in walk(source, part, rules):
            copied.append(file)
            progress("copying without names", len(copied), max(total, len(copied)))
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return copied


def _check_source(source: Path) -> None:
    if source.exists() and not source.is_dir():
        raise DataError(f"{source} is a file; give the folder that is to be copied.")
    if not source.exists():
        raise DataError(
            f"The folder {source} does not exist; give the folder that is to be copied."
        )
    check_folder(source)


def _check_target(source: Path, target: Path) -> None:
    a, b = source.resolve(), target.resolve()
    if target.exists():
        raise ConfigError(f"{target} exists; give a folder that does not.")
    if b.is_relative_to(a) or a.is_relative_to(b):
        raise ConfigError(f"{source} and {target} must not lie in one another.")


def _check_table(source: Path, rules: Rules) -> None:
    """Check that the table is there, unless it has the usual name, and a file."""
    if (source / rules.table).is_dir():
        raise ConfigError(
            f"{source / rules.table} is a folder, and should be the table of people; "
            "rename the folder, or name the table with --table."
        )
    if rules.table != Rules.table and not (source / rules.table).is_file():
        raise ConfigError(
            f"There is no table {source / rules.table}, which --table names; give its "
            f"path inside {source}, or leave --table out."
        )


def _copy_plain(source: Path, target: Path, rules: Rules) -> Iterator[Copied]:
    """Copy the recordings of a folder under new names, and its table if it has one."""
    listing = source / rules.table
    labels = _read_labels(listing, rules)
    renamed: dict[Path, str] = {}
    companions = Companions()
    for path in walk_folder(source, _is_entered):
        inside = path.relative_to(source)
        if path == listing:
            continue
        if is_recording(path):
            label = labels.get(_make_absolute(path), inside.as_posix())
            own = rules.for_file(inside.as_posix())
            made = _copy_renamed(path, inside.as_posix(), target, label, own)
            renamed[_make_absolute(path)] = made.target
            companions.note_header(path, made)
            yield made
        elif is_folder(path):
            yield leave_folder(path, inside)
        elif is_companion(path):
            companions.paths.append(path)
        else:
            yield Copied(inside.as_posix(), "", UNKNOWN_KIND)
    yield from companions.settle(source)
    if listing.is_file():
        yield _copy_listing(listing, target, renamed, rules)
    yield from say_replaced(rules.scrubber, know_people(labels.values(), []))


def _copy_renamed(
    path: Path, inside: str, target: Path, label: str, rules: Rules
) -> Copied:
    """Copy a recording under a name that says nothing."""
    hidden = rules.scrubber.hash(inside)[:12] + find_extension(path)
    return copy_recording(
        path, inside, target / hidden, label=label, scrubber=rules.scrubber
    )


def _make_absolute(path: Path) -> Path:
    """Return a path without `..`, by which files of tables and folders are compared."""
    return Path(os.path.abspath(path))


def _is_entered(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() != ".mff"


def _find_columns(path: Path, table: pd.DataFrame, rules: Rules) -> tuple[str, str]:
    """Return the columns of labels and of files of the table of a plain folder.

    Raises:
        ConfigError: If there is none.
    """
    label_column = find_label_column(table, rules.participant_column)
    file_column = find_column(table, rules.file_column)
    found = f"{path.name} has the columns {', '.join(map(str, table))}"
    if label_column is None:
        expected = rules.participant_column or "participant_id, subject or id"
        raise ConfigError(
            f"{found}, and none of people called {expected}; name the column of their "
            "labels with --participant-column."
        )
    if file_column is None:
        raise ConfigError(
            f"{found}, and none of recordings called {rules.file_column}; name the "
            "column of their files with --file-column."
        )
    return label_column, file_column


def _read_labels(path: Path, rules: Rules) -> dict[Path, str]:
    """Read whose recording each file is; nothing where there is no table.

    Raises:
        ConfigError: If the table has no column of labels or files, or not one that the
            user names.
    """
    if not path.is_file():
        check_named_columns([], rules)
        return {}
    table = read_people(path)
    label_column, file_column = _find_columns(path, table, rules)
    check_named_columns([table], rules)
    pairs = zip(table[file_column], table[label_column], strict=True)
    return {_find_listed(path, str(file)): str(label) for file, label in pairs}


def _find_listed(listing: Path, file: str) -> Path:
    """Find the file that a table names, as the rest of the program finds it."""
    return _make_absolute(locate_file(listing.parent, file))


def _copy_listing(
    path: Path, target: Path, renamed: dict[Path, str], rules: Rules
) -> Copied:
    """Copy the table of a plain folder with the new names of the files."""
    repairs = read_written(path)[1]
    table = read_people(path)
    label_column, file_column = _find_columns(path, table, rules)
    labels = ["" if pd.isna(one) else str(one) for one in table[label_column]]
    people = know_people(filter(None, labels), [(table, labels)])
    scrubbing = Scrubbing(table, labels, rules, people, read_units(path, table))
    kept, notes = scrubbing.scrub(
        {
            label_column: rules.scrubber.relabel,
            file_column: lambda file: renamed.get(_find_listed(path, file)) or None,
        }
    )
    new = target / path.with_suffix(".tsv").name
    write_text(new, to_tsv(kept))
    sidecar = path.with_suffix(".json")
    if units := list_units(sidecar, kept) if sidecar.is_file() else {}:
        write_text(new.with_suffix(".json"), tell_units(units))
    notes = hide_columns(repairs, table, people) + notes
    notes += note_labels(labels, rules.scrubber, people)
    return Copied(path.name, new.name, "\n".join(notes))
