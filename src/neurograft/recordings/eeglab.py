"""EEGLAB `.set` files: continuous, cut into epochs, or with impossible events."""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import mne
import numpy as np
from pymatreader import read_mat
from scipy.io import savemat

from neurograft.errors import DataError


class RepairWarning(UserWarning):
    """Something wrong in a file was put right while it was read."""


def read_eeglab(path: Path) -> Any:
    """Open a `.set` file; epochs are put one after the other.

    MNE stops at events of negative duration: they are made moments in a copy.
    """
    try:
        return _read(path)
    except AssertionError:
        with tempfile.TemporaryDirectory() as folder:
            repaired = _repair_events(path, Path(folder) / "repaired.set")
            raw = _read(repaired).load_data(verbose="error")
    text = "annotations of negative duration: taken as moments"
    warnings.warn(RepairWarning(text), stacklevel=2)
    return raw


def find_outer_signals(path: Path) -> list[Path]:
    """Return the `.fdt` file that holds the signals of a `.set` file, if there is one.

    Raises:
        DataError: If the `.set` file cannot be read.
    """
    alike = path.with_suffix(".fdt")
    if alike.is_file() or not any(path.parent.glob("*.[fF][dD][tT]")):
        return [alike] if alike.is_file() else []
    try:
        content = read_mat(path)
    except (ValueError, TypeError, OSError, NotImplementedError) as error:
        raise DataError("the file cannot be read: it is no .set file") from error
    named = content.get("EEG", content).get("data")
    return [path.parent / Path(named).name] if isinstance(named, str) else []


def _read(path: Path) -> Any:
    try:
        return mne.io.read_raw_eeglab(path, verbose="error")
    except TypeError as error:
        if "number of trials" not in str(error):
            raise
        return join_epochs(mne.io.read_epochs_eeglab(path, verbose="error"))


def join_epochs(epochs: Any) -> Any:
    """Put epochs one after the other, with a boundary between each two."""
    data = epochs.get_data(verbose="error")
    n_epochs, n_channels, n_times = data.shape
    joined = data.transpose(1, 0, 2).reshape(n_channels, -1)
    raw = mne.io.RawArray(joined, epochs.info, verbose="error")
    onsets = [number * n_times / raw.info["sfreq"] for number in range(1, n_epochs)]
    raw.set_annotations(mne.Annotations(onsets, 0.0, "boundary"), verbose="error")
    return raw


def _repair_events(path: Path, target: Path) -> Path:
    """Write a copy whose events have no negative duration; signals outside stay there.

    Raises:
        DataError: If that is not what is wrong with the file.
    """
    content = read_mat(path)
    root = content.get("EEG", content)
    events = _list_rows(root.get("event"))
    if not any(float(event.get("duration") or 0) < 0 for event in events):
        raise DataError("the file cannot be read: MNE finds its content inconsistent")
    root["event"] = [
        event | {"duration": max(float(event.get("duration") or 0), 0.0)}
        for event in events
    ]
    if isinstance(root.get("data"), str):
        root["data"] = str((path.parent / root["data"]).resolve())
    savemat(target, {k: v for k, v in content.items() if not k.startswith("_")})
    return target


def _list_rows(events: Any) -> list[dict[str, Any]]:
    """List events as dictionaries; pymatreader also gives a column for each field."""
    if isinstance(events, dict):
        columns = [np.atleast_1d(column).tolist() for column in events.values()]
        rows = zip(*columns, strict=True)
        return [dict(zip(events, row, strict=True)) for row in rows]
    return list(events if events is not None else [])
