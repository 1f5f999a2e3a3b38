"""A few numbers about a person's recordings that a reader can name.

They stand beside the features of the method in the distance to the people learned from:
where a device differs, or a unit is wrong, one of them says so.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from neurograft.features.person_spectra import find_density, sum_clinical_bands
from neurograft.store.recordings_table import Recorded
from neurograft.store.subject_windows import read_subject_windows
from neurograft.store.views import ReadView
from neurograft.store.window_choice import SubjectWindows
from neurograft.types import FloatArray

# Bands whose share of power is looked at, Hz: those of clinical reports, with the
# lowest and the highest frequencies, where amplifiers differ.
BANDS = {
    "drift power": (0.5, 1.0),
    "delta power": (1.0, 4.0),
    "theta power": (4.0, 8.0),
    "alpha power": (8.0, 13.0),
    "beta power": (13.0, 30.0),
    "gamma power": (30.0, 40.0),
    "power above 40 Hz": (40.0, 46.0),
}
SCALES = ("amplitude", "amplitude before filtering")
# Facts of the device and the montage, in octaves.
DEVICE = ("sampling rate", "number of electrodes")
# Differences of the device by so much are usual, also where all those learned from were
# recorded alike. Chosen here: a tenth of an octave, 7 %, of two rates or caps.
DEVICE_OCTAVES = 0.1


def name_facts(*, has_microvolts: bool) -> tuple[str, ...]:
    """Name the facts, in the order of the columns."""
    return (*(SCALES if has_microvolts else ()), *BANDS, *DEVICE)


def list_least_widths(*, has_microvolts: bool) -> Float[np.ndarray, " n_facts"]:
    """List the spread between people that every fact has at least.

    Args:
        has_microvolts: Whether amplitudes mean something.
    """
    names = name_facts(has_microvolts=has_microvolts)
    return np.array([DEVICE_OCTAVES if name in DEVICE else 0.0 for name in names])


def describe_facts(
    read: ReadView, recorded: Mapping[str, Recorded], *, n_times: int
) -> Float[np.ndarray, "n_people n_facts"]:
    """Describe people by logarithms: amplitudes, shares of power, rate, electrodes.

    Args:
        read: People, their windows and signals.
        recorded: How every recording was recorded, by its name.
        n_times: Length of a window, samples.
    """
    return np.array([_describe(read, one, recorded, n_times) for one in read.chosen])


def _describe(
    read: ReadView,
    subject: SubjectWindows,
    recorded: Mapping[str, Recorded],
    n_times: int,
) -> FloatArray:
    store = read.store
    shares = []
    for windows in read_subject_windows(store, subject, n_times=n_times):
        frequencies, power = find_density(
            windows, sfreq=store.sfreq, band_hz=(0.5, store.sfreq / 2)
        )
        logs = sum_clinical_bands(frequencies, power, is_relative=True, bands=BANDS)
        shares.append(len(windows) * logs.mean(1))
    found = np.sum(shares, axis=0) / len(subject.windows)
    used = [store.recordings[number] for number, _ in subject.windows]
    before = [recorded[one.key.name] for one in used]
    device = [
        np.mean([np.log2(one.sfreq_hz) for one in before]),
        np.mean([np.log2(one.n_channels) for one in before]),
    ]
    if not store.has_microvolts:
        return np.concatenate([found, device])
    scales = [
        np.mean([np.log10(one.scale_uv) for one in used]),
        np.mean([np.log10(one.scale) for one in before]),
    ]
    return np.concatenate([scales, found, device])
