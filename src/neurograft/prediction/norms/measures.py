"""Measure what people are compared in: spectra by region, bands by electrode."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neurograft.features.person_spectra import (
    CLINICAL_BANDS,
    describe_person,
    find_density,
    sum_clinical_bands,
)
from neurograft.prediction.card import Taken
from neurograft.store.subject_windows import read_channels, read_subject_windows
from neurograft.store.views import ReadView
from neurograft.store.window_choice import SubjectWindows, split_by_recording
from neurograft.types import FloatArray

# Bands of which heads are drawn. Delta is left out: eyes and sweat make most of it.
BANDS = {name: CLINICAL_BANDS[name] for name in ("theta", "alpha", "beta")}
# Fewer electrodes have no topography, as in reports of studies.
MIN_CHANNELS = 8


class Measures(NamedTuple):
    """Logarithms to base 10 of the power of a person.

    Attributes:
        frequencies_hz: Bins.
        log_power: Density, regions in the order of `REGIONS`.
        band_power: Of `BANDS`, by electrode; without electrodes where these are few.
    """

    frequencies_hz: Float[np.ndarray, " n_bins"]
    log_power: Float[np.ndarray, "n_regions n_bins"]
    band_power: Float[np.ndarray, "n_bands n_channels"]

    def join(self) -> Float[np.ndarray, " n_values"]:
        """Return all values as one vector."""
        return np.concatenate([self.log_power.ravel(), self.band_power.ravel()])


def list_compared_channels(taken: Taken) -> tuple[str, ...]:
    """List the electrodes that heads are drawn of; none where they are few."""
    return taken.channels if len(taken.channels) >= MIN_CHANNELS else ()


def measure_people(
    read: ReadView, chosen: Sequence[SubjectWindows], taken: Taken, *, n_times: int
) -> list[Measures]:
    """Measure people in the windows that the predictor looks at.

    Args:
        read: Their signals.
        chosen: The people, with their windows.
        taken: How recordings are.
        n_times: Length of a window, samples.
    """
    return [_measure(read, one, taken, n_times) for one in chosen]


def _measure(
    read: ReadView, subject: SubjectWindows, taken: Taken, n_times: int
) -> Measures:
    store, is_relative = read.store, not taken.has_microvolts
    band_hz = (taken.harmonise.l_freq, taken.harmonise.h_freq)
    spectrum = describe_person(
        read_subject_windows(store, subject, n_times=n_times),
        [np.array(store.recordings[n].positions) for n in split_by_recording(subject)],
        sfreq=store.sfreq,
        band_hz=band_hz,
        is_relative=is_relative,
    )
    channels = list_compared_channels(taken)
    bands: FloatArray = np.zeros((len(BANDS), 0))
    if channels:
        windows = read_channels(store, subject, channels, n_times=n_times)
        density = find_density(windows, sfreq=store.sfreq, band_hz=band_hz)
        bands = sum_clinical_bands(*density, is_relative=is_relative, bands=BANDS)
    return Measures(spectrum.frequencies_hz, spectrum.log_power, bands)
