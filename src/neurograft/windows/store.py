"""The signal store: one plain int16 `.npy` per recording, readable with numpy alone.

Times are the first axis, so that a random window is one contiguous read whatever the
montage. Microvolts are the integers times a scale per channel.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from neurograft.errors import DataError
from neurograft.provenance import write_bytes, write_json
from neurograft.recordings.recording import RecordingKey
from neurograft.types import FloatArray
from neurograft.windows.harmonise import HarmonisedRecording
from neurograft.windows.quality import robust_sd

INDEX_FILE = "index.json"
SIGNALS_FOLDER = "signals"
# Steps per robust SD of the channel: rounding noise is step / sqrt(12), so 320 steps
# put it 61 dB below the signal, and int16 still reaches 102 SD.
STEPS_PER_SD = 320.0


@dataclass(frozen=True)
class StoredRecording:
    """What the index knows of one recording.

    Attributes:
        key: Whose and which.
        n_times: Length in samples.
        ch_names: Canonical names, in the order of the columns.
        positions: Unit sphere, one row per channel.
        steps_uv: Microvolts per integer step, one per channel.
        scale_uv: Median robust SD of the channels.
        sha256: Of the signal file.
    """

    key: RecordingKey
    n_times: int
    ch_names: tuple[str, ...]
    positions: tuple[tuple[float, ...], ...]
    steps_uv: tuple[float, ...]
    scale_uv: float
    sha256: str

    @property
    def file(self) -> str:
        """Path inside the cohort's folder."""
        return f"{SIGNALS_FOLDER}/{self.key.name}.npy"


def write_recording(folder: Path, recording: HarmonisedRecording) -> StoredRecording:
    """Write the signals of one recording; the index is written by `write_index`."""
    sds = robust_sd(recording.signals.T)
    steps = (np.maximum(sds, 1e-2 * recording.scale) / STEPS_PER_SD).astype(np.float32)
    limit = np.iinfo(np.int16).max
    integers = np.clip(np.rint(recording.signals / steps), -limit, limit)
    buffer = io.BytesIO()
    np.save(buffer, integers.astype(np.int16))
    content = buffer.getvalue()
    stored = StoredRecording(
        key=recording.key,
        n_times=len(integers),
        ch_names=recording.ch_names,
        positions=tuple(tuple(map(float, row)) for row in recording.positions),
        steps_uv=tuple(map(float, steps)),
        scale_uv=recording.scale,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    write_bytes(folder / stored.file, content)
    return stored


def write_index(
    folder: Path,
    recordings: Sequence[StoredRecording],
    *,
    sfreq: float,
    has_microvolts: bool,
) -> None:
    """Write `index.json`, which makes the folder a store."""
    write_json(
        folder / INDEX_FILE,
        {
            "sfreq": sfreq,
            "unit": "microvolts" if has_microvolts else "arbitrary",
            "recordings": [asdict(one) | {"key": list(one.key)} for one in recordings],
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
        sha256=entry["sha256"],
    )


@dataclass(frozen=True)
class SignalStore:
    """The harmonised signals of one cohort, memory-mapped.

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
    _maps: dict[int, Any] = field(default_factory=dict, repr=False, compare=False)

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

    def read(self, number: int, start: int, n_times: int) -> FloatArray:
        """Read a window of one recording.

        Args:
            number: Index into `recordings`.
            start: First sample.
            n_times: Number of samples.

        Returns:
            Microvolts, shape `(n_channels, n_times)`, float32.

        Raises:
            DataError: If the window does not lie inside the recording.
        """
        recording = self.recordings[number]
        if start < 0 or start + n_times > recording.n_times:
            raise DataError(
                f"{recording.key.name} has {recording.n_times} samples; there is no "
                f"window of {n_times} from {start} on."
            )
        integers = self._map(number)[start : start + n_times]
        steps = np.asarray(recording.steps_uv, dtype=np.float32)
        return np.ascontiguousarray((integers * steps).T)

    def _map(self, number: int) -> Any:
        if number not in self._maps:
            path = self.folder / self.recordings[number].file
            self._maps[number] = np.load(path, mmap_mode="r", allow_pickle=False)
        return self._maps[number]
