"""Note beside the results how far a run is, and why the last one ended.

Whoever looks at the folder from another process reads it there: the local page does.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from neurograft.errors import PackageError
from neurograft.files.lock import HOLDER_FILE, LOCK_FILE
from neurograft.files.writing import write_json
from neurograft.types import Progress

PROGRESS_FILE, ENDED_FILE = ".progress.json", ".ended.json"
# Chosen here: as often as somebody looks.
SECONDS_BETWEEN_NOTES = 1.0
STOPPED = "The run was stopped; started again, it goes on."


class Note(NamedTuple):
    """Progress of a run.

    Attributes:
        message: What it does.
        done: How many are done.
        total: How many there are.
        left_s: Seconds until all are done, at the speed so far; None if unknown.
    """

    message: str
    done: int
    total: int
    left_s: float | None


@contextmanager
def note_progress(folder: Path, show: Progress) -> Iterator[Progress]:
    """Yield a callback that shows progress and notes it in a folder that is held.

    A run that ends with an error leaves its sentence behind, until the next run.

    Args:
        folder: Of results.
        show: Called as well.

    Raises:
        PackageError: What the work raises.
    """
    if os.environ.get("RANK", "0") != "0":  # under torchrun, the first notes for all
        yield show
        return
    path, ended = folder / PROGRESS_FILE, folder / ENDED_FILE
    began: dict[str, float] = {}
    last = 0.0

    def note(message: str, done: int, total: int) -> None:
        nonlocal last
        show(message, done, total)
        now = time.time()
        name = message.split(" (")[0]
        is_new = name not in began
        began.setdefault(name, now)
        if is_new or now - last >= SECONDS_BETWEEN_NOTES:
            last = now
            told = {"message": message, "done": done, "total": total}
            write_json(path, told | {"began": began[name], "now": now})

    ended.unlink(missing_ok=True)
    try:
        yield note
    except (PackageError, OSError, KeyboardInterrupt) as error:
        is_stop = isinstance(error, KeyboardInterrupt)
        _note_end(folder, STOPPED if is_stop else str(error))
        raise
    finally:
        path.unlink(missing_ok=True)


def _note_end(folder: Path, sentence: str) -> None:
    """Note why a run ended, unless nothing else came of it."""
    if {path.name for path in folder.iterdir()} - {
        LOCK_FILE,
        HOLDER_FILE,
        PROGRESS_FILE,
    }:
        write_json(folder / ENDED_FILE, {"sentence": sentence})


def read_progress(folder: Path) -> Note | None:
    """Read how far the run in a folder is; None if nothing is noted."""
    try:
        told = json.loads((folder / PROGRESS_FILE).read_text(encoding="utf-8"))
        done, total = int(told["done"]), int(told["total"])
        spent_s = float(told["now"]) - float(told["began"])
        left_s = spent_s / done * (total - done) if done > 0 and spent_s > 0 else None
        return Note(str(told["message"]), done, total, left_s)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_end(folder: Path) -> str:
    """Read why the last run in a folder ended before its end; else nothing."""
    try:
        told = json.loads((folder / ENDED_FILE).read_text(encoding="utf-8"))
        return str(told["sentence"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
