"""A harmonised recording in memory: windows as an array, quality as a table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.harmonising.harmonise import HarmonisedRecording
from neurograft.recordings.recording import Recording
from neurograft.store.acquisition import RecordingFacts


@dataclass(frozen=True)
class Harmonised:
    """Windows of one recording, and what was found about their quality.

    Attributes:
        key: Whose it is (BIDS entities).
        windows: Microvolts, average reference; consecutive windows without overlap from
            the usable stretches.
        starts_s: Where each window begins, seconds from the beginning.
        ch_names: Canonical names.
        positions: Electrodes on the unit sphere, x right, y front, z up.
        sfreq: Sampling rate, Hz.
        scale_uv: Median robust SD of the channels, microvolts.
        recorded_hz: Sampling rate of the file.
        line_freq: Mains frequency that was removed, Hz; None if there was none.
        reference: Reference according to the file.
        quality: One row per stretch of seconds: `start_s`, `duration_s`, `verdict`,
            `measure`, `value`.
        bads: Bad channels and why; they were interpolated.
        notes: What was repaired, done or noticed, in words.
    """

    key: RecordingKey
    windows: Float[np.ndarray, "n_windows n_channels n_times"]
    starts_s: Float[np.ndarray, " n_windows"]
    ch_names: tuple[str, ...]
    positions: Float[np.ndarray, "n_channels 3"]
    sfreq: float
    scale_uv: float
    recorded_hz: float
    line_freq: float | None
    reference: str
    quality: pd.DataFrame
    bads: dict[str, str]
    notes: tuple[str, ...]

    @property
    def acquisition(self) -> tuple[float, ...]:
        """Return what encoders are told of the device (`RecordingFacts`)."""
        return RecordingFacts(
            sfreq_hz=self.recorded_hz,
            line_freq_hz=np.nan if self.line_freq is None else self.line_freq,
            reference=self.reference,
        ).acquisition


def cut_windows(
    recording: Recording, harmonised: HarmonisedRecording, *, window_s: float
) -> Harmonised:
    """Cut the usable stretches of a harmonised recording into windows.

    Args:
        recording: As it was read.
        harmonised: The same, harmonised.
        window_s: Length of a window, seconds.

    Raises:
        DataError: If no stretch is as long as a window.
    """
    n_times = round(window_s * harmonised.sfreq)
    starts = harmonised.list_starts(n_times)
    if not starts:
        longest = max((b - a for a, b in harmonised.segments), default=0)
        raise DataError(
            f"The longest usable stretch has {longest / harmonised.sfreq:.1f} s, a "
            f"window {window_s:g} s; choose a smaller window_s or another recording."
        )
    signals = harmonised.signals
    return Harmonised(
        key=harmonised.key,
        windows=np.stack([signals[start : start + n_times].T for start in starts]),
        starts_s=np.array(starts) / harmonised.sfreq,
        ch_names=harmonised.ch_names,
        positions=harmonised.positions,
        sfreq=harmonised.sfreq,
        scale_uv=harmonised.scale,
        recorded_hz=recording.sfreq,
        line_freq=harmonised.line_freq,
        reference=recording.reference,
        quality=_tabulate_quality(harmonised),
        bads=harmonised.bads,
        notes=(*harmonised.repairs, *harmonised.notes),
    )


def _tabulate_quality(harmonised: HarmonisedRecording) -> pd.DataFrame:
    """Tabulate the verdict on every stretch of seconds."""
    rows = [
        (start / harmonised.sfreq, n_times / harmonised.sfreq, *verdict)
        for start, n_times, *verdict in harmonised.seconds
    ]
    columns = ["start_s", "duration_s", "verdict", "measure", "value"]
    return pd.DataFrame(rows, columns=columns)
