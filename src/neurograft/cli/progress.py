"""Show a stage's progress: a bar in a terminal, log lines elsewhere."""

import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from neurograft.types import Progress as Callback
from neurograft.types import no_progress

logger = logging.getLogger(__name__)
# Chosen here: a log of an hour has at most 360 lines.
SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def watch(*, quiet: bool = False) -> Iterator[Callback]:
    """Yield a callback that shows the work in progress, its share and the time left."""
    console = Console(stderr=True)
    with warnings.catch_warnings():
        # loky replaces a process that has grown and says so; it changes no result.
        warnings.filterwarnings("ignore", "A worker stopped while", UserWarning)
        if quiet:
            yield no_progress
        elif console.is_terminal:
            with Progress(
                TextColumn("{task.description:<44}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=console,
            ) as bars:
                yield _Bars(bars).show
        else:
            yield _Lines().show


def _name(message: str) -> str:
    """Return the message without its changing part in brackets."""
    return message.split(" (")[0]


class _Bars:
    """Progress bars, one per kind of message."""

    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.ids: dict[str, TaskID] = {}

    def show(self, message: str, done: int, total: int) -> None:
        name = _name(message)
        if name not in self.ids:
            self.ids[name] = self.bars.add_task(message, total=total)
        self.bars.update(self.ids[name], description=message, completed=done)


class _Lines:
    """Log lines at the start, at the end, and every few seconds."""

    def __init__(self) -> None:
        self.name = ""
        self.last = 0.0

    def show(self, message: str, done: int, total: int) -> None:
        now = time.monotonic()
        is_new = _name(message) != self.name
        if is_new or done == total or now - self.last >= SECONDS_BETWEEN_LINES:
            logger.info("%s: %d of %d", message, done, total)
            self.name, self.last = _name(message), now
