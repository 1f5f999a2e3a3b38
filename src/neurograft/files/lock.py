"""Keep a folder of results for one run at a time."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from neurograft.errors import ConfigError, WriteError
from neurograft.files.writing import write_json

# The operating system releases the first when its process ends, however it ends; the
# second says who holds it.
LOCK_FILE, HOLDER_FILE = ".lock", ".running.json"


class Holder(NamedTuple):
    """A run that holds a folder.

    Attributes:
        process: Its number.
        computer: Where it runs.
        since: When it began, as text.
        doing: The command.
    """

    process: int
    computer: str
    since: str
    doing: str

    @property
    def is_here(self) -> bool:
        """Return whether it runs on this computer."""
        return self.computer == socket.gethostname()


def check_writable(folder: Path) -> None:
    """Check that results can be written to a folder, or that it can be made.

    Args:
        folder: Of results.

    Raises:
        WriteError: If a file stands in its place, or nothing may be written there.
    """
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not there.is_dir():
        raise WriteError(f"{there} is a file; name another output_folder.")
    if not os.access(there, os.W_OK):
        raise WriteError(
            f"{there} cannot be written to; ask for permission, or name another "
            "output_folder."
        )


@contextmanager
def hold_folder(folder: Path, doing: str) -> Iterator[None]:
    """Hold a folder until the work is done, so that two runs never mix their results.

    A process that was killed holds nothing: the operating system takes its lock away.
    Under `torchrun`, the first process holds the folder for all.

    Args:
        folder: Of results; it is made.
        doing: What is done, for the sentence of another run.

    Raises:
        ConfigError: If another run holds the folder; the message says which.
        WriteError: If the folder cannot be written to.
    """
    if os.environ.get("RANK", "0") != "0":
        yield
        return
    lock = FileLock(folder / LOCK_FILE, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise ConfigError(
            f"{folder} is in use: {_say_holder(folder)}. Wait until it has ended, or "
            "name another output_folder."
        ) from error
    except OSError as error:
        raise WriteError(
            f"{folder} cannot be written to: {error.strerror}; ask for permission, or "
            "name another output_folder."
        ) from error
    try:
        now = datetime.now().astimezone().isoformat(sep=" ", timespec="minutes")
        holder = Holder(os.getpid(), socket.gethostname(), now, doing)
        write_json(folder / HOLDER_FILE, holder._asdict())
        yield
    finally:
        (folder / HOLDER_FILE).unlink(missing_ok=True)
        if [path.name for path in folder.iterdir()] == [LOCK_FILE]:
            # Nothing came of it: the folder goes as it came.
            (folder / LOCK_FILE).unlink()
            folder.rmdir()
        lock.release()


def find_holder(folder: Path) -> Holder | None:
    """Find the run that holds a folder; None if nobody does.

    What a killed process left behind is no run: its lock is free.
    """
    holder = _read_holder(folder)
    if holder is None:
        return None
    lock = FileLock(folder / LOCK_FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return holder
    except OSError:
        return None
    lock.release()
    return None


def _say_holder(folder: Path) -> str:
    """Say who holds a folder, as far as is known."""
    holder = _read_holder(folder)
    if holder is None:
        return "another run holds it"
    return (
        f"process {holder.process} on {holder.computer} does `{holder.doing}` there "
        f"since {holder.since}"
    )


def _read_holder(folder: Path) -> Holder | None:
    try:
        told = json.loads((folder / HOLDER_FILE).read_text(encoding="utf-8"))
        return Holder(int(told["process"]), *(str(told[k]) for k in Holder._fields[1:]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
