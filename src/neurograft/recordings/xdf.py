"""XDF files (Lab Streaming Layer): the EEG stream as an MNE `Raw`.

pyxdf puts the samples of every stream on one clock. Where that clock was reset, or
samples were lost, the recording has a gap.
"""

from pathlib import Path
from typing import Any

import mne
import numpy as np

from neurograft.errors import DataError
from neurograft.types import FloatArray

# Volts per unit of a channel, as streams write them.
UNITS = {
    "volts": 1.0, "v": 1.0, "millivolts": 1e-3, "mv": 1e-3,
    "microvolts": 1e-6, "uv": 1e-6, "µv": 1e-6, "nanovolts": 1e-9, "nv": 1e-9,
}  # fmt: skip
# A pause of more than this many samples is a gap. Chosen here.
MAX_PAUSE_SAMPLES = 3.0


def read_xdf(path: Path) -> Any:
    """Read the stream of type EEG that has the most channels.

    Raises:
        DataError: If there is no such stream, or it holds no samples.
    """
    import pyxdf

    streams, _ = pyxdf.load_xdf(str(path), verbose=False)
    eeg = [s for s in streams if _describe(s, "type").lower() == "eeg"]
    if not eeg:
        raise DataError(f"none of the {len(streams)} streams is of type EEG")
    stream = max(eeg, key=lambda s: int(_describe(s, "channel_count") or 0))
    samples = np.asarray(stream["time_series"], dtype=float)
    if samples.size == 0:
        raise DataError("the EEG stream holds no samples")
    sfreq = float(_describe(stream, "nominal_srate") or 0)
    if sfreq <= 0:
        raise DataError("the EEG stream has no fixed sampling rate")
    labels, factors = _read_channels(stream, samples.shape[1])
    info = mne.create_info(labels, sfreq, "eeg")
    raw = mne.io.RawArray((samples * factors).T, info, verbose="error")
    onsets = _find_gaps(np.asarray(stream["time_stamps"], dtype=float), sfreq)
    raw.set_annotations(mne.Annotations(onsets, 0.0, "boundary"), verbose="error")
    return raw


def _describe(stream: dict[str, Any], field: str) -> str:
    return str((stream["info"].get(field) or [""])[0] or "")


def _read_channels(
    stream: dict[str, Any], n_channels: int
) -> tuple[list[str], FloatArray]:
    """Read labels and volts per unit; microvolts where no unit is given."""
    description = (stream["info"].get("desc") or [None])[0] or {}
    block = (description.get("channels") or [None])[0] or {}
    channels = block.get("channel") or []
    if len(channels) != n_channels:
        return [f"ch{i + 1}" for i in range(n_channels)], np.full(n_channels, 1e-6)
    labels = [
        str((one.get("label") or [f"ch{i + 1}"])[0]) for i, one in enumerate(channels)
    ]
    units = [str((one.get("unit") or ["microvolts"])[0]).lower() for one in channels]
    return labels, np.array([UNITS.get(unit, 1e-6) for unit in units])


def _find_gaps(times: FloatArray, sfreq: float) -> list[float]:
    """Find samples after a pause or a step back; their onsets in the recording, s."""
    pauses = np.diff(times) * sfreq
    late = np.flatnonzero((pauses > MAX_PAUSE_SAMPLES) | (pauses < 0)) + 1
    return [float(sample / sfreq) for sample in late]
