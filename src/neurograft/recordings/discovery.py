"""Find the recordings of a cohort: a BIDS-EEG folder, or a plain folder and a table."""

import glob
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from neurograft.config import CohortConfig
from neurograft.errors import DataError
from neurograft.recordings.demographics import check_folder, read_participants
from neurograft.recordings.recording import RecordingKey

EXTENSIONS = (".edf", ".bdf", ".vhdr", ".set", ".fif")
# Sidecars at the top of a BIDS data set apply to every recording below.
SIDECARS = ("*eeg.json", "*channels.tsv", "*electrodes.tsv", "*coordsystem.json")
LABEL = re.compile(r"\w[\w.+-]*")
ENTITY = re.compile(r"(?:^|_)(sub|ses|task|run)-([A-Za-z0-9]+)")


@dataclass(frozen=True)
class FoundRecording:
    """A file that claims to be a recording; `problem` says why it cannot be used."""

    key: RecordingKey
    path: Path
    bids_root: Path | None
    problem: str = ""
    inherited: tuple[Path, ...] = ()

    @property
    def files(self) -> list[Path]:
        """Everything the recording is read from: a change in any makes it another.

        The file, companions and sidecars of its name, and sidecars of the whole data
        set that it inherits.
        """
        stem = self.path.stem.removesuffix("_eeg")
        own = self.path.parent.glob(f"{glob.escape(stem)}[._]*")
        return [path for path in (*own, *self.inherited) if path.is_file()]


def find_recordings(
    cohort: str, folder: Path, settings: CohortConfig
) -> list[FoundRecording]:
    """List the recordings of a cohort in the order of their keys.

    Args:
        cohort: Name of the cohort.
        folder: BIDS root, or a folder with a table that has a column of file paths.
        settings: Table, columns and BIDS tasks of the cohort.

    Raises:
        DataError: If the folder or its table is missing, or holds no recording.
    """
    check_folder(folder)
    is_bids = any(path.is_dir() for path in folder.glob("sub-*"))
    listed = (
        _find_bids(cohort, folder)
        if is_bids
        else _find_listed(cohort, folder, settings)
    )
    found = sorted(listed, key=lambda one: (one.key, one.path))
    wanted = [
        one
        for one in found
        if not settings.bids_tasks or one.key.task in settings.bids_tasks
    ]
    if not wanted:
        tasks = sorted({one.key.task for one in found})
        raise DataError(
            f"Cohort {cohort!r}: {folder} holds {len(found)} recordings"
            + (f" of the tasks {tasks}, none of them in bids_tasks." if found else ".")
            + f" Expected files ending in {', '.join(EXTENSIONS)}."
        )
    return _mark_rivals(wanted)


def _find_bids(cohort: str, root: Path) -> Iterator[FoundRecording]:
    inherited = tuple(path for end in SIDECARS for path in sorted(root.glob(end)))
    for path in root.glob("sub-*/**/eeg/*_eeg.*"):
        if path.suffix.lower() in EXTENSIONS:
            entities = dict(ENTITY.findall(path.stem))
            key = RecordingKey(
                cohort,
                f"sub-{entities.get('sub', '')}",
                entities.get("ses", ""),
                entities.get("task", ""),
                entities.get("run", ""),
            )
            yield FoundRecording(key, path, root, inherited=inherited)


def _find_listed(
    cohort: str, folder: Path, settings: CohortConfig
) -> Iterator[FoundRecording]:
    table = read_participants(folder, settings)
    column = settings.file_column
    if column not in table:
        raise DataError(
            f"Cohort {cohort!r}: {folder} is not BIDS (no sub-* folders) and "
            f"{settings.table} has no column {column!r}; found {list(table)}."
        )
    for row in table.fillna("").to_dict("records"):
        path = (folder / str(row[column])).resolve()
        if path.suffix.lower() not in EXTENSIONS:
            problem = f"{path.name} is not one of {', '.join(EXTENSIONS)}"
        elif not path.is_relative_to(folder.resolve()):
            problem = f"{row[column]} lies outside the cohort's folder"
        else:
            problem = "" if path.is_file() else f"there is no file {path.name}"
        entities = (str(row.get(name, "")) for name in ("session", "task", "run"))
        key = RecordingKey(cohort, str(row["participant_id"]), *entities)
        check_labels(key)
        yield FoundRecording(key, path, None, problem)


def check_labels(key: RecordingKey) -> None:
    """Check that labels can be part of a file name.

    Raises:
        DataError: If one holds anything but letters, digits, `+`, `.`, `-` and `_`.
    """
    for label in key[1:]:
        if label and not LABEL.fullmatch(label):
            raise DataError(
                f"Cohort {key.cohort!r}: {label!r} cannot be a label; use letters, "
                "digits, '+', '.', '-' and '_' for subjects, sessions, tasks and runs."
            )


def _mark_rivals(found: list[FoundRecording]) -> list[FoundRecording]:
    """Refuse files that claim the same recording: which is right cannot be known."""
    claims = Counter(one.key for one in found)
    return [
        one
        if claims[one.key] == 1
        else replace(
            one, problem=f"{claims[one.key]} files claim to be {one.key.name}; keep one"
        )
        for one in found
    ]
