"""The spectrum of every channel of a harmonised recording, over its usable seconds."""

import numpy as np

from neurograft.harmonising.harmonise import HarmonisedRecording
from neurograft.statistics.spectral_density import SEGMENT_S, estimate_density
from neurograft.types import FloatArray

# What is shown. Chosen here: the band that is harmonised to by default.
SHOWN_HZ = (0.5, 45.0)
# Segments that a spectrum is the median of; of more, evenly spaced ones are taken.
# Chosen here: five minutes, so that a day costs no more.
MAX_SEGMENTS = 150


def find_spectra(harmonised: HarmonisedRecording) -> tuple[FloatArray, FloatArray]:
    """Return frequencies, Hz, and the logarithm to base 10 of power by channel.

    Where no usable stretch is two seconds long, one of the longest is all there is.
    """
    longest = max(last - first for first, last in harmonised.segments)
    length = min(round(SEGMENT_S * harmonised.sfreq), longest)
    starts = [
        start
        for first, last in harmonised.segments
        for start in range(first, last - length + 1, length)
    ]
    places = np.linspace(0, len(starts) - 1, min(len(starts), MAX_SEGMENTS))
    segments = np.stack(
        [
            harmonised.read(starts[place], starts[place] + length).T
            for place in places.round().astype(int)
        ]
    )
    low, high = SHOWN_HZ
    frequencies, power = estimate_density(
        segments, sfreq=harmonised.sfreq, low_hz=low, high_hz=high
    )
    return frequencies, np.log10(power)
