"""The signal store: one plain int16 `.npy` per recording, readable with numpy alone.

Times are the first axis, so that a random window is one contiguous read whatever the
montage. Microvolts are the integers times a scale per channel. Reading needs neither
MNE nor torch; `writing.py` writes.
"""

import hashlib
import json
import os
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.lib import format as npy

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey, Segment
from neurograft.files.writing import write_json
from neurograft.store.signal_fingerprint import (
    parse_fingerprint,
    write_fingerprint,
)
from neurograft.types import FloatArray

# Names inside a cohort's folder (docs/decisions/0005).
INDEX_FILE = "index.json"
RECORDINGS_FILE = "recordings.tsv"
SIGNALS_FOLDER = "signals"
# Signal files that stay open. Chosen here: a quarter of the 1024 descriptors that Linux
# gives a process by default, so that reading thousands of recordings does not run out.
MAX_OPEN_FILES = 256


@dataclass(frozen=True)
class StoredRecording:
    """A recording as the index describes it.

    Attributes:
        key: Cohort and BIDS entities.
        n_times: Length in samples.
        ch_names: Canonical names, in the order of the columns.
        positions: Unit sphere, one row per channel.
        steps_uv: Microvolts per integer step, one per channel.
        scale_uv: Median robust SD of the channels.
        segments: Stretches that windows may be cut from: no gap, no dropped second.
        sha256: Of the signal file.
        fingerprint: By which a copy of any part of it is found (signal_fingerprint.py);
            empty where it is too short.
    """

    key: RecordingKey
    n_times: int
    ch_names: tuple[str, ...]
    positions: tuple[tuple[float, ...], ...]
    steps_uv: tuple[float, ...]
    scale_uv: float
    segments: tuple[Segment, ...]
    sha256: str
    fingerprint: bytes = b""

    @property
    def file(self) -> str:
        """Return the path inside the cohort's folder."""
        return f"{SIGNALS_FOLDER}/{self.key.name}.npy"

    @cached_property
    def steps(self) -> Float[np.ndarray, "n_channels 1"]:
        """Return `steps_uv` as a column, float32; integers times these are finite.

        Raises:
            DataError: If they are not.
        """
        steps = np.array(self.steps_uv)[:, None]
        if not (np.abs(steps) < np.finfo(np.float32).max / 2**15).all():
            raise DataError(
                f"{self.key.name} holds numbers that are not finite; harmonise its "
                "cohort again."
            )
        return steps.astype(np.float32)

    def to_entry(self) -> dict[str, Any]:
        """Return its JSON form, which `parse_recording` reads."""
        return asdict(self) | {
            "key": list(self.key),
            "fingerprint": write_fingerprint(self.fingerprint),
        }

    def list_starts(self, n_times: int) -> tuple[Segment, ...]:
        """List ranges of first samples of windows: the first, and after the last."""
        return tuple(
            (start, stop - n_times + 1)
            for start, stop in self.segments
            if stop - start >= n_times
        )


def write_index(
    folder: Path,
    recordings: Sequence[StoredRecording],
    *,
    sfreq: float,
    has_microvolts: bool,
) -> None:
    """Write `index.json`, which makes the folder a store.

    Args:
        folder: The cohort's folder.
        recordings: Recordings whose signals have been written.
        sfreq: Sampling rate of all of them, Hz.
        has_microvolts: False if the amplitude scale means nothing.
    """
    write_json(
        folder / INDEX_FILE,
        {
            "sfreq": sfreq,
            "unit": "microvolts" if has_microvolts else "arbitrary",
            "recordings": [recording.to_entry() for recording in recordings],
        },
    )


def parse_recording(entry: dict[str, Any]) -> StoredRecording:
    """Make a `StoredRecording` of its JSON form."""
    return StoredRecording(
        key=RecordingKey(*entry["key"]),
        n_times=int(entry["n_times"]),
        ch_names=tuple(entry["ch_names"]),
        positions=tuple(tuple(row) for row in entry["positions"]),
        steps_uv=tuple(entry["steps_uv"]),
        scale_uv=float(entry["scale_uv"]),
        segments=tuple((int(a), int(b)) for a, b in entry["segments"]),
        sha256=entry["sha256"],
        fingerprint=parse_fingerprint(entry.get("fingerprint", "")),
    )


class _OpenFiles:
    """Signal files that are open, the last used ones; closed when there are many."""

    def __init__(self) -> None:
        self.files: OrderedDict[int, tuple[int, int]] = OrderedDict()
        weakref.finalize(self, _close_all, self.files)

    def __reduce__(self) -> tuple[type["_OpenFiles"], tuple[()]]:
        """Open nothing in another process: descriptors mean other files there."""
        return _OpenFiles, ()

    def find(self, number: int) -> tuple[int, int] | None:
        """Return file descriptor and first byte of the samples, if it is open."""
        if number in self.files:
            self.files.move_to_end(number)
        return self.files.get(number)

    def open(self, number: int, path: Path) -> tuple[int, int]:
        """Open a file, and close the one that was not used for longest."""
        if len(self.files) >= MAX_OPEN_FILES:
            os.close(self.files.popitem(last=False)[1][0])
        with path.open("rb") as file:
            npy.read_magic(file)
            npy.read_array_header_1_0(file)
            self.files[number] = os.dup(file.fileno()), file.tell()
        return self.files[number]


def _close_all(files: OrderedDict[int, tuple[int, int]]) -> None:
    for handle, _ in files.values():
        os.close(handle)


@dataclass(frozen=True)
class SignalStore:
    """The harmonised signals of one cohort, read window by window.

    Windows are read with `pread` rather than through a memory map: as fast, and the
    process does not grow with the part of the store that it has seen.

    Attributes:
        folder: The cohort's folder.
        sfreq: Sampling rate, Hz.
        has_microvolts: False if the amplitude scale means nothing.
        recordings: In the order of their keys.
    """

    folder: Path
    sfreq: float
    has_microvolts: bool
    recordings: tuple[StoredRecording, ...]
    _files: _OpenFiles = field(
        default_factory=_OpenFiles, init=False, repr=False, compare=False
    )

    @classmethod
    def open(cls, folder: Path) -> "SignalStore":
        """Open a cohort's folder.

        Raises:
            DataError: If the folder holds no store.
        """
        path = folder / INDEX_FILE
        if not path.is_file():
            raise DataError(
                f"{folder} holds no {INDEX_FILE}; harmonise the cohort first."
            )
        index = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            folder,
            float(index["sfreq"]),
            index["unit"] == "microvolts",
            tuple(parse_recording(entry) for entry in index["recordings"]),
        )

    def read(
        self, number: int, start: int, n_times: int, out: FloatArray | None = None
    ) -> FloatArray:
        """Read a window of one recording.

        Args:
            number: Index into `recordings`.
            start: First sample.
            n_times: Number of samples.
            out: Array to read into, if the window is part of a batch.

        Returns:
            Microvolts, shape `(n_channels, n_times)`, float32.

        Raises:
            DataError: If the window does not lie inside the recording, the signal file
                is shorter than the index says, or its scale is not a finite number.
        """
        recording = self.recordings[number]
        if start < 0 or start + n_times > recording.n_times:
            raise DataError(
                f"{recording.key.name} has {recording.n_times} samples; there is no "
                f"window of {n_times} from {start} on."
            )
        n_channels = len(recording.ch_names)
        steps = recording.steps
        integers = np.empty((n_times, n_channels), dtype="<i2")
        handle, offset = self._files.find(number) or self._files.open(
            number, self.folder / recording.file
        )
        place = offset + 2 * n_channels * start
        if os.preadv(handle, [integers.data], place) < integers.nbytes:
            raise DataError(
                f"{recording.file} is shorter than the index says; harmonise again."
            )
        window = np.empty((n_channels, n_times), np.float32) if out is None else out
        np.multiply(integers.T, steps, out=window)
        return window

    def check_files(self) -> list[str]:
        """List recordings whose signal file is not the one that was written."""
        return [
            recording.key.name
            for recording in self.recordings
            if _hash_file(self.folder / recording.file) != recording.sha256
        ]


def _hash_file(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
