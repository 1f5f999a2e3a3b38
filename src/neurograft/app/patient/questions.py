"""Questions to a predictor: what a visitor asks, and how far the answer is."""

import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

State = Literal["waiting", "working", "answered", "failed"]
ANSWERS_FOLDER = "answers"
# Files that are offered for download, by the name that their link has.
TABLES = ("predictions.tsv", "recordings.tsv")


@dataclass(frozen=True)
class AskedFacts:
    """Facts that come with recordings.

    Attributes:
        label: Of the one person; empty, a number.
        age: Years; None if unknown.
        sex: F or M; empty if unknown.
        condition: In which the recordings were made; empty if unknown.
        prevalence: Share of the second group where the predictor is used, or None.
        language: Of the pages.
        is_explained: Whether parts are hidden from the encoder.
        is_one_person: Whether all recordings are of one person.
    """

    label: str = ""
    age: float | None = None
    sex: str = ""
    condition: str = ""
    prevalence: float | None = None
    language: Literal["en", "de"] = "en"
    is_explained: bool = False
    is_one_person: bool = True


@dataclass
class PatientQuestion:
    """Recordings that a predictor is asked about.

    Attributes:
        key: In the address of its page.
        folder: Of its files.
        model: Folder of the predictor.
        facts: What is known of the person.
        recordings: Files, under names of ours.
        names: Names under which they were sent, by ours.
        unused: Names of files that are not used, with the reason.
        state: How far it is.
        progress: What is done, how many are, of how many.
        error: Why there is no answer.
        people: What was answered, one dict per person.
        is_deleted: Whether nobody wants an answer any more.
    """

    key: str
    folder: Path
    model: Path
    facts: AskedFacts
    recordings: list[Path] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    unused: list[tuple[str, str]] = field(default_factory=list)
    state: State = "waiting"
    progress: tuple[str, int, int] = ("waiting", 0, 1)
    error: str = ""
    people: list[dict[str, Any]] = field(default_factory=list)
    is_deleted: bool = False

    @property
    def is_running(self) -> bool:
        """Return whether an answer is still to come."""
        return self.state in ("waiting", "working")

    @property
    def answers(self) -> Path:
        """Return the folder of tables and pages."""
        return self.folder / ANSWERS_FOLDER

    def find_page(self, number: str) -> Path | None:
        """Find the page of a person by their number from 0."""
        if not number.isascii() or not number.isdigit() or len(number) > 4:
            return None
        pages = [self.answers / str(person["page"]) for person in self.people]
        return pages[int(number)] if int(number) < len(pages) else None

    def delete(self) -> None:
        """Delete all its files."""
        self.is_deleted = True
        shutil.rmtree(self.folder, ignore_errors=True)


def make_key() -> str:
    """Return a key that cannot be guessed."""
    return secrets.token_urlsafe(16)
