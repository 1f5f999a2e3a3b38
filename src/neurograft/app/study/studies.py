"""Look at the studies of a folder: what they found, what runs, who was recorded."""

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from neurograft.config.study import StudyConfig, read_study
from neurograft.errors import PackageError
from neurograft.files.lock import LOCK_FILE, Holder, find_holder
from neurograft.files.progress_note import Note, read_end, read_progress
from neurograft.files.tables import read_table
from neurograft.files.text import encode_name
from neurograft.prediction.card import PredictorCard
from neurograft.prediction.card_file import (
    CARD_FILE,
    MODELS_FOLDER,
    read_predictor_card,
)

# Chosen here: a study file lies in the folder itself, or two folders below.
MAX_DEPTH = 2
MAX_STUDY_BYTES = 2**20
REPORT, SUBJECTS = "report.html", "subjects"


@dataclass(frozen=True)
class ShownModel:
    """A predictor that can be asked.

    Attributes:
        key: In forms.
        folder: Of the predictor.
        card: What it is; None if it cannot be read.
        problem: Why it cannot.
    """

    key: str
    folder: Path
    card: PredictorCard | None
    problem: str = ""


@dataclass(frozen=True)
class ShownStudy:
    """A study file, and what is known of its results.

    Attributes:
        key: In addresses.
        path: Of the study file.
        settings: What it says; None if it cannot be read.
        problem: Why it cannot.
    """

    key: str
    path: Path
    settings: StudyConfig | None
    problem: str = ""

    @property
    def title(self) -> str:
        """Return the title of the study, or where its file lies."""
        if self.settings is None:
            return f"{self.path.parent.name}/{self.path.name}"
        return self.settings.name

    @property
    def results(self) -> Path | None:
        """Return the folder of results, if there is one."""
        folder = self.settings.output_folder if self.settings else None
        return folder if folder is not None and folder.is_dir() else None

    @property
    def holder(self) -> Holder | None:
        """Return the run that works in the folder of results now."""
        return find_holder(self.results) if self.results else None

    @property
    def progress(self) -> Note | None:
        """Return how far that run is."""
        return read_progress(self.results) if self.results else None

    @property
    def last_error(self) -> str:
        """Return why the last run ended before its end."""
        return read_end(self.results) if self.results else ""

    @property
    def has_report(self) -> bool:
        """Return whether there is a report."""
        return self.results is not None and (self.results / REPORT).is_file()

    @property
    def verdicts(self) -> list[str]:
        """Return what the study says about each task, in one sentence."""
        path = (self.results or Path()) / "summary" / "verdicts.tsv"
        if self.results is None or not path.is_file():
            return []
        table = read_table(path)
        own = table[table["question"] == "evidence"]
        return [f"{row.task}: {row.sentence}" for row in own.itertuples()]

    def list_pages(self) -> dict[str, Path]:
        """List the report and the pages of people, by their place in the results."""
        if self.results is None:
            return {}
        found = {REPORT: self.results / REPORT} if self.has_report else {}
        for path in sorted((self.results / SUBJECTS).rglob("*.html")):
            found[path.relative_to(self.results).as_posix()] = path
        return found

    def list_models(self) -> list[ShownModel]:
        """List the predictors that were fitted."""
        if self.results is None:
            return []
        cards = sorted((self.results / MODELS_FOLDER).glob(f"*/*/{CARD_FILE}"))
        return [_show_model(card.parent) for card in cards]

    def tabulate_recordings(self) -> pd.DataFrame:
        """Tabulate the recordings of all cohorts, used or not, with the reason."""
        folder = (self.results or Path()) / "cohorts"
        paths = sorted(folder.glob("*/recordings.tsv")) if self.results else []
        tables = [_read_cohort(path) for path in paths]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def tabulate_people(self) -> pd.DataFrame:
        """Tabulate everybody who was recorded, one row per person."""
        rows = self.tabulate_recordings()
        if rows.empty:
            return rows
        rows["is_used"] = rows["status"] != "dropped"
        people = rows.groupby(["cohort", "participant_id"], sort=False).agg(
            age=("age", "first"),
            sex=("sex", "first"),
            recordings=("status", "size"),
            used=("is_used", "sum"),
            usable_s=("usable_s", "sum"),
        )
        return people.reset_index()


RECORDING_COLUMNS = [
    "cohort", "participant_id", "session", "task", "run", "status", "reason", "age",
    "sex", "duration_s", "usable_s", "n_channels", "sfreq_hz", "reference",
]  # fmt: skip


def _read_cohort(path: Path) -> pd.DataFrame:
    """Read the recordings of a cohort, by the columns that are shown."""
    table = read_table(path)
    for name in ("age", "usable_s", "duration_s"):
        if name in table:
            table[name] = pd.to_numeric(table[name], errors="coerce")
    return table.reindex(columns=RECORDING_COLUMNS)


def list_studies(root: Path) -> list[ShownStudy]:
    """List the studies of a folder, in the order of their paths.

    Args:
        root: The folder that the user named; nothing outside is looked for.
    """
    return [_show_study(path, root) for path in _find_files(root, MAX_DEPTH)]


def list_models(root: Path, studies: Sequence[ShownStudy]) -> list[ShownModel]:
    """List the predictors of studies, and those that lie in the folder themselves."""
    alone = [root, *(path for path in sorted(root.iterdir()) if path.is_dir())]
    own = [_show_model(path) for path in alone if (path / CARD_FILE).is_file()]
    found = [model for study in studies for model in study.list_models()]
    return list({model.folder: model for model in [*found, *own]}.values())


def _find_files(folder: Path, depth: int) -> Iterator[Path]:
    """Find study files; people's folders and results are not entered."""
    try:
        children = sorted(folder.iterdir())
    except OSError:
        return
    if any(child.name == LOCK_FILE for child in children):
        return
    for child in children:
        if child.name.startswith(".") or child.is_symlink():
            continue
        if child.suffix == ".toml" and child.is_file() and _is_study(child):
            yield child
        elif depth and child.is_dir() and not child.name.startswith("sub-"):
            yield from _find_files(child, depth - 1)


def _is_study(path: Path) -> bool:
    """Return whether a file is meant as a study file, whole or not."""
    try:
        if path.stat().st_size > MAX_STUDY_BYTES:
            return False
        return "cohorts" in tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return path.name == "study.toml"


def _show_study(path: Path, root: Path) -> ShownStudy:
    key = _make_key(path.relative_to(root))
    try:
        return ShownStudy(key, path, _read(path, path.stat().st_mtime))
    except (PackageError, OSError) as error:
        return ShownStudy(key, path, None, str(error))


@lru_cache(maxsize=256)
def _read(path: Path, _written: float) -> StudyConfig:
    """Read a study file, once as long as it does not change."""
    return read_study(path)


def _show_model(folder: Path) -> ShownModel:
    key = _make_key(folder)
    try:
        written = (folder / CARD_FILE).stat().st_mtime
        return ShownModel(key, folder, _read_model(folder, written))
    except (PackageError, OSError) as error:
        return ShownModel(key, folder, None, str(error))


@lru_cache(maxsize=256)
def _read_model(folder: Path, _written: float) -> PredictorCard:
    """Read the card of a predictor, once as long as it does not change."""
    return read_predictor_card(folder)[0]


def _make_key(path: Path) -> str:
    """Return a key of a path, which tells nothing of it."""
    return hashlib.sha256(encode_name(path.as_posix())).hexdigest()[:16]
