"""The mains frequency of a recording: 50 Hz, 60 Hz, or none to be seen."""

import numpy as np
from scipy.signal import welch

from neurograft.recordings.recording import Recording

# A mains line stands out of its neighbourhood by at least this factor in power.
LINE_PROMINENCE = 4.0
# Enough of a recording to see its mains line in.
LINE_SEARCH_S = 120.0


def detect_line_freq(recording: Recording) -> float | None:
    """Find the mains line at 50 or 60 Hz in the spectrum, None if there is none.

    Looks at the middle two minutes.
    """
    nyquist = recording.sfreq / 2
    n_times = min(recording.n_times, int(LINE_SEARCH_S * recording.sfreq))
    start = (recording.n_times - n_times) // 2
    signals = np.nan_to_num(recording.signals[:, start : start + n_times])
    length = min(n_times, int(4 * recording.sfreq))
    frequencies, power = welch(signals, recording.sfreq, nperseg=length)
    mean_power = power.mean(0)
    lines = {}
    for candidate in (50.0, 60.0):
        if candidate + 4 < nyquist:
            distance = np.abs(frequencies - candidate)
            near = mean_power[distance <= 0.5].max()
            around = np.median(mean_power[(distance > 1.5) & (distance <= 4)])
            if near > LINE_PROMINENCE * around:
                lines[candidate] = near
    return max(lines, key=lambda hz: lines[hz], default=None)
