"""Optional cleaning by other people's methods: ICLabel and autoreject, off by default.

Both hold a recording in memory and take longer than everything else together. What they
decide is written down like every other repair.
"""

import importlib
import warnings
from collections.abc import Sequence
from typing import Any

import mne
import numpy as np

from neurograft.errors import ConfigError, DataError
from neurograft.files.keys import Segment
from neurograft.harmonising.repair import make_info
from neurograft.types import BoolArray, FloatArray

# Components of these kinds are removed above this probability (DISCOVER-EEG, Gil Avila
# 2023).
REMOVED_KINDS = ("muscle artifact", "eye blink")
MIN_PROBABILITY = 0.8
# ICA is fitted above this frequency (ICLabel, Pion-Tonachini 2019).
ICA_L_FREQ = 1.0
# Length of the epochs autoreject judges, and how many it needs. Chosen here: two for
# each of its five folds.
AUTOREJECT_S = 2
MIN_EPOCHS = 10


def _require(package: str, setting: str) -> Any:
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ConfigError(
            f"harmonise.{setting} needs the package {package}: "
            "pip install 'neurograft[clean]'"
        ) from error


def remove_components(
    signals: FloatArray, positions: FloatArray, good: Sequence[int], *, sfreq: float
) -> tuple[FloatArray, str]:
    """Remove independent components that ICLabel calls muscle or eye.

    Extended infomax on good channels at average reference. ICLabel was trained on
    1-100 Hz; above the band of the store it sees nothing.

    Args:
        signals: Band-passed microvolts, shape `(n_channels, n_times)`.
        positions: Unit sphere, shape `(n_channels, 3)`.
        good: Channels to use; the others stay as they are.
        sfreq: Sampling rate, Hz.

    Returns:
        Cleaned signals, and what was removed, in words.

    Raises:
        ConfigError: If mne-icalabel is not installed.
    """
    icalabel = _require("mne_icalabel", "iclabel")
    info = make_info(positions[list(good)], sfreq)
    raw = mne.io.RawArray(signals[list(good)] * 1e-6, info, verbose="error")
    raw.set_eeg_reference("average", verbose="error")
    fitted = raw.copy().filter(ICA_L_FREQ, None, verbose="error")
    ica = mne.preprocessing.ICA(
        n_components=min(len(good) - 1, 30),
        method="infomax",
        fit_params={"extended": True},
        random_state=0,
        max_iter="auto",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the band, which the docstring explains
        ica.fit(fitted, verbose="error")
        labelled = icalabel.label_components(fitted, ica, method="iclabel")
    removed = [
        (number, kind)
        for number, (kind, probability) in enumerate(
            zip(labelled["labels"], labelled["y_pred_proba"], strict=True)
        )
        if kind in REMOVED_KINDS and probability > MIN_PROBABILITY
    ]
    ica.apply(raw, exclude=[number for number, _ in removed], verbose="error")
    cleaned = signals.copy()
    cleaned[list(good)] = raw.get_data() * 1e6
    kinds = ", ".join(kind for _, kind in removed) or "none"
    return cleaned, f"ICLabel removed {len(removed)} components: {kinds}"


def find_rejected(
    signals: FloatArray,
    positions: FloatArray,
    segments: Sequence[Segment],
    *,
    sfreq: float,
) -> BoolArray:
    """Find the samples that autoreject (local, Jas 2017) would reject.

    Args:
        signals: Repaired microvolts, shape `(n_channels, n_times)`.
        positions: Unit sphere, shape `(n_channels, 3)`.
        segments: Stretches without a gap.
        sfreq: Sampling rate, Hz.

    Returns:
        True where rejected, shape `(n_times,)`.

    Raises:
        ConfigError: If autoreject is not installed.
        DataError: If the recording is too short for its cross-validation.
    """
    autoreject = _require("autoreject", "autoreject")
    length = round(AUTOREJECT_S * sfreq)
    starts = [s for a, b in segments for s in range(a, b - length + 1, length)]
    if len(starts) < MIN_EPOCHS:
        raise DataError(
            f"too short for autoreject: {len(starts)} epochs of {AUTOREJECT_S} s, "
            f"{MIN_EPOCHS} are needed"
        )
    data = np.stack([signals[:, s : s + length] for s in starts]) * 1e-6
    epochs = mne.EpochsArray(data, make_info(positions, sfreq), verbose="error")
    judge = autoreject.AutoReject(
        n_interpolate=[0], cv=5, random_state=0, n_jobs=1, verbose=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log = judge.fit(epochs).get_reject_log(epochs)
    rejected = np.zeros(signals.shape[1], dtype=bool)
    for start, is_bad in zip(starts, log.bad_epochs, strict=True):
        rejected[start : start + length] = is_bad
    return rejected
