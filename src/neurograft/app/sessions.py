"""Visitors: each has a folder of their own, which ends with the visit."""

import secrets
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from neurograft.app.patient.questions import PatientQuestion

# Chosen here: a working day, after which files of patients must not lie around.
IDLE_HOURS = 8.0
TOKEN_BYTES = 32


@dataclass
class Session:
    """A visit of one browser.

    Attributes:
        key: Value of the cookie.
        form_token: What every form of this visit carries.
        folder: Of its uploads and answers.
        questions: Asked so far, by their key.
        last_seen: Seconds of the monotonic clock.
    """

    key: str
    form_token: str
    folder: Path
    questions: dict[str, PatientQuestion] = field(default_factory=dict)
    last_seen: float = field(default_factory=time.monotonic)


class Sessions:
    """All visits of a server, and the link that lets the next one in.

    Args:
        folder: For the files of visits; what a crash left there is deleted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.delete_all()
        self.entry_token = secrets.token_urlsafe(TOKEN_BYTES)
        self._open: dict[str, Session] = {}

    def enter(self, token: str) -> Session | None:
        """Open a visit if the token is that of the link, which then is used up."""
        if not secrets.compare_digest(token.encode(), self.entry_token.encode()):
            return None
        self.entry_token = secrets.token_urlsafe(TOKEN_BYTES)
        key = secrets.token_urlsafe(TOKEN_BYTES)
        folder = self.folder / secrets.token_hex(8)
        folder.mkdir(parents=True, mode=0o700)
        session = Session(key, secrets.token_urlsafe(TOKEN_BYTES), folder)
        self._open[key] = session
        return session

    def find(self, key: str) -> Session | None:
        """Find the visit of a cookie."""
        session = self._open.get(key)
        if session is not None:
            session.last_seen = time.monotonic()
        return session

    def end(self, session: Session) -> None:
        """End a visit, and delete all its files."""
        self._open.pop(session.key, None)
        for question in session.questions.values():
            question.is_deleted = True
        shutil.rmtree(session.folder, ignore_errors=True)

    def end_idle(self) -> None:
        """End the visits that nobody has used for hours and that wait for nothing."""
        limit = time.monotonic() - 3600 * IDLE_HOURS
        for session in list(self._open.values()):
            if session.last_seen < limit:
                self.end(session)

    def delete_all(self) -> None:
        """Delete the files of all visits, those of an earlier server too."""
        if self.folder.is_dir():
            for child in self.folder.iterdir():
                if child.is_dir() and not child.is_symlink():
                    shutil.rmtree(child, ignore_errors=True)
        else:
            self.folder.mkdir(parents=True, mode=0o700)
