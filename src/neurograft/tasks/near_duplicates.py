"""Find recordings under two names that are all but the same, also moved in time.

The first minute of every recording is slid along that of every other. A copy that was
cropped, rescaled, resampled or has noise added correlates with its original at some
lag; what two people share never does.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from scipy.signal import resample

from neurograft.errors import LeakageError
from neurograft.types import FloatArray

# Seconds that are looked at, and that must overlap at a lag.
PROFILE_S, OVERLAP_S = 60.0, 10.0
# Rate to which profiles are brought, Hz: most of the EEG lies below half of it.
PROFILE_HZ = 32
# Chosen here: strangers of five cohorts correlate by less than 0.57.
ALIKE = 0.95
# Chosen here: channels are mixed to so many, always in the same way.
N_MIXED = 3
# Chosen here: larger amplitudes are clipped, for two blinks are not two copies.
MAX_AMPLITUDE = 3.0


def make_profile(
    signals: Float[np.ndarray, "n_channels n_times"], sfreq: float
) -> Float[np.ndarray, "n_mixed n_profile"]:
    """Return the beginning of a recording, small enough to slide along others.

    Args:
        signals: On the channels of the task, in any unit; at most a minute is used.
        sfreq: Hz.
    """
    part = signals[:, : int(PROFILE_S * sfreq)].astype(float)
    mixing = np.random.default_rng(0).standard_normal((N_MIXED, len(part)))
    mixed = mixing @ part
    mixed = resample(mixed, max(1, round(part.shape[1] * PROFILE_HZ / sfreq)), axis=1)
    mixed -= np.median(mixed, axis=1, keepdims=True)
    typical = np.median(np.abs(mixed), axis=1, keepdims=True) + 1e-12
    cut = np.clip(mixed / typical, -MAX_AMPLITUDE, MAX_AMPLITUDE)
    return np.asarray(cut - cut.mean(1, keepdims=True))


def find_near_duplicates(
    profiles: Mapping[str, FloatArray], *, threshold: float = ALIKE
) -> list[tuple[str, str, float]]:
    """Find pairs of people whose recordings are all but the same.

    Args:
        profiles: By person, as `make_profile` gives them.
        threshold: Correlation at the best lag from which on two are the same.

    Returns:
        Pairs and their correlation, the largest first.
    """
    names = sorted(profiles)
    longest = max((profiles[name].shape[1] for name in names), default=0)
    size = 1 << (2 * longest).bit_length()
    spectra = np.stack([np.fft.rfft(profiles[n], size) for n in names]).astype("c8")
    found = []
    for i, name in enumerate(names[:-1]):
        products = (spectra[i] * spectra[i + 1 :].conj()).sum(1)
        sums = np.fft.irfft(products, size)
        for j, own in enumerate(sums, start=i + 1):
            r = _find_best(own, profiles[name], profiles[names[j]])
            if r >= threshold:
                found.append((name, names[j], r))
    return sorted(found, key=lambda pair: -pair[2])


def _find_best(sums: FloatArray, one: FloatArray, other: FloatArray) -> float:
    """Return the largest correlation over lags at which both overlap enough.

    Args:
        sums: Circular cross-correlation sums; entry `lag` is of `one[t]` and
            `other[t - lag]`.
        one: Profile.
        other: Profile.
    """
    n, m = one.shape[1], other.shape[1]
    overlap = min(int(OVERLAP_S * PROFILE_HZ), n, m)
    lags = np.arange(overlap - m, n - overlap + 1)
    start, stop = np.maximum(0, lags), np.minimum(n, m + lags)
    first, second = (np.cumsum(np.r_[0, (x**2).sum(0)]) for x in (one, other))
    energy = (first[stop] - first[start]) * (second[stop - lags] - second[start - lags])
    return float((sums[lags] / np.sqrt(np.maximum(energy, 1e-9))).max(initial=-1))


def check_near_duplicates(profiles: Mapping[str, FloatArray]) -> None:
    """Check that no two people's signals are all but the same.

    Raises:
        LeakageError: If two are; the message names the first pair.
    """
    found = find_near_duplicates(profiles)
    if found:
        one, other, r = found[0]
        raise LeakageError(
            f"The signals of {one} and {other} correlate by {r:.3f} ({len(found)} such "
            "pair(s)); one is a copy. Remove it, or give both the same label if they "
            "are one person."
        )
