"""Check, start and stop studies, each in a process of its own."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from neurograft.app.study.studies import ShownStudy
from neurograft.errors import ConfigError
from neurograft.files.progress_note import STOPPED

COMMAND = (sys.executable, "-m", "neurograft")
DEMO_FOLDER = "neurograft-demo"
MAX_LINES = 200


@dataclass(frozen=True)
class Checked:
    """The answer of `neurograft check` to a study file.

    Attributes:
        digest: Of the file that was checked.
        has_passed: Whether the study may be started.
        lines: What was said.
    """

    digest: str
    has_passed: bool
    lines: tuple[str, ...]


class Runs:
    """Processes that were started from the page; they go on when the server ends.

    Args:
        folder: For what the processes say.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._checked: dict[str, Checked] = {}
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def find_check(self, study: ShownStudy) -> Checked | None:
        """Find what was said of a study file as it is now."""
        checked = self._checked.get(study.key)
        return checked if checked and checked.digest == _hash(study.path) else None

    async def check(self, study: ShownStudy) -> None:
        """Ask `neurograft check` about a study file."""
        digest = _hash(study.path)
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            "check",
            str(study.path),
            "--quiet",
            stdout=PIPE,
            stderr=STDOUT,
            env=_make_environment(),
        )
        said, _ = await process.communicate()
        lines = said.decode("utf-8", "replace").splitlines()[:MAX_LINES]
        has_passed = process.returncode == 0
        self._checked[study.key] = Checked(digest, has_passed, tuple(lines))

    def start(self, study: ShownStudy) -> None:
        """Start or go on with a study.

        Raises:
            ConfigError: If `check` has not passed the file as it is now.
        """
        checked = self.find_check(study)
        if checked is None or not checked.has_passed:
            raise ConfigError(
                f"{study.title} has not been checked as it is now; check it first."
            )
        self._start(study.key, ["run", str(study.path), "--quiet"])

    def start_demo(self, root: Path) -> None:
        """Run the demo in a folder of its own below `root`.

        Raises:
            ConfigError: If that folder is there already.
        """
        folder = root / DEMO_FOLDER
        if folder.exists():
            raise ConfigError(f"{folder} is there already; see the studies.")
        self._start(DEMO_FOLDER, ["demo", str(folder), "--quiet"])

    @property
    def is_demo_running(self) -> bool:
        """Return whether the demo was started here and has not ended."""
        return self.is_running(DEMO_FOLDER)

    def is_running(self, key: str) -> bool:
        """Return whether a process of that key was started here and has not ended."""
        process = self._started.get(key)
        return process is not None and process.poll() is None

    def _start(self, key: str, words: Sequence[str]) -> None:
        if self.is_running(key):
            raise ConfigError("It runs already.")
        with (self.folder / f"{key}.log").open("wb") as log:
            self._started[key] = subprocess.Popen(
                [*COMMAND, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_make_environment(),
                start_new_session=True,
            )

    def stop(self, study: ShownStudy) -> None:
        """Ask the run of a study to end; started again, it goes on.

        Raises:
            ConfigError: If it runs on another computer, or not at all.
        """
        process = self._started.get(study.key)
        if process is not None and process.poll() is None:
            process.terminate()
            return
        holder = study.holder
        if holder is None:
            raise ConfigError(f"{study.title} does not run.")
        if not holder.is_here:
            raise ConfigError(
                f"{study.title} runs on {holder.computer}; stop it there."
            )
        with suppress(ProcessLookupError):
            os.kill(holder.process, signal.SIGTERM)

    def explain_end(self, key: str) -> str:
        """Say how a process that was started here failed; else nothing."""
        process = self._started.get(key)
        code = None if process is None else process.poll()
        if code in (None, 0):
            return ""
        if code in (130, 143, -signal.SIGTERM):
            return STOPPED
        with suppress(OSError):
            said = (self.folder / f"{key}.log").read_text("utf-8", "replace").strip()
            if code == 2 and said:
                return said.splitlines()[-1].removeprefix("neurograft: ")
        return (
            f"The run ended with code {code}, which is a fault of neurograft or a lack "
            "of memory; `neurograft run` in a terminal shows more."
        )


def _make_environment() -> dict[str, str]:
    return os.environ | {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONIOENCODING": "utf-8"}


def _hash(path: Path) -> str:
    """Return the digest of a file; nothing if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
