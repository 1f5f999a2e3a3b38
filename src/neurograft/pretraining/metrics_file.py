"""Measures of an encoder that learns, on disk as soon as they are measured."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from neurograft.errors import ConfigError
from neurograft.files.tables import write_table

# Names inside the folder of a pretraining.
METRICS_FILE = "metrics.tsv"
EVENTS_FOLDER = "tensorboard"

History = list[dict[str, float]]


class MetricsWriter:
    """Writes `metrics.tsv` anew at every look, and TensorBoard's events where asked.

    Args:
        folder: Of the pretraining.
        has_events: Whether events are written to `folder/tensorboard`.

    Raises:
        ConfigError: If events are asked for and TensorBoard is not installed.
    """

    def __init__(self, folder: Path, *, has_events: bool = False) -> None:
        self.folder = folder
        self.make_events: Any = _import_events() if has_events else None
        self.events: Any = None

    def __call__(self, history: History) -> None:
        """Write everything so far; the last row is new."""
        write_table(self.folder / METRICS_FILE, pd.DataFrame(history))
        if self.make_events:
            self._add_events(history[-1])

    def _add_events(self, row: Mapping[str, float]) -> None:
        step = int(row["step"])
        if self.events is None:
            # What an interrupted run had written from this step on is taken back.
            folder = str(self.folder / EVENTS_FOLDER)
            self.events = self.make_events(folder, purge_step=step)
        for name, value in row.items():
            if name != "step":
                self.events.add_scalar(name, value, step)
        self.events.flush()


def _import_events() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ConfigError(
            "pretraining.tensorboard needs TensorBoard, which is not installed; "
            "install neurograft[tensorboard] or leave the setting out."
        ) from error
    return SummaryWriter
