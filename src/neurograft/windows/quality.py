"""Is this EEG? Bad channels, and amplitudes that cannot be microvolts."""

import numpy as np

from neurograft.errors import UnitError
from neurograft.types import FloatArray

# Interquartile range of a normal distribution of SD 1.
NORMAL_IQR = 1.349
# A scalp electrode between 0.5 and 45 Hz has a robust SD of about 1 to 200 microvolts.
PLAUSIBLE_SD_UV = (0.5, 500.0)
FLAT_SHARE = 0.02
# PREP (Bigdely-Shamlo 2015): robust z of the channel's amplitude, and the smallest
# correlation with any other channel.
MAX_DEVIATION_Z = 5.0
MIN_CORRELATION = 0.4
# The spread of log amplitude over channels is at least this, so that a very even
# montage does not turn small differences into outliers.
MIN_LOG_SPREAD = 0.15


def robust_sd(signals: FloatArray) -> FloatArray:
    """SD per channel from the interquartile range, in the unit of the signals.

    Args:
        signals: Shape `(n_channels, n_times)`.
    """
    low, high = np.percentile(signals, [25, 75], axis=1)
    return np.asarray((high - low) / NORMAL_IQR)


def find_bad_channels(signals: FloatArray) -> dict[int, str]:
    """Find channels that are flat, of outlying amplitude, or like no other channel.

    Criteria of the PREP pipeline (Bigdely-Shamlo 2015), over the whole recording;
    all are relative, so that they also serve arbitrary units.

    Args:
        signals: Band-passed, shape `(n_channels, n_times)`.

    Returns:
        Reason by channel index.
    """
    sds = robust_sd(signals)
    middle = float(np.median(sds))
    bad = {int(i): "flat" for i in np.flatnonzero(sds <= FLAT_SHARE * middle)}
    good = np.array([i for i in range(len(sds)) if i not in bad], dtype=int)
    if good.size < 4:
        return bad
    logs = np.log(sds[good])
    low, high = np.percentile(logs, [25, 75])
    spread = max((high - low) / NORMAL_IQR, MIN_LOG_SPREAD)
    deviation = (logs - np.median(logs)) / spread
    correlation = np.abs(np.corrcoef(signals[good])) - np.eye(good.size)
    for index, z, highest in zip(good, deviation, correlation.max(1), strict=True):
        if abs(z) > MAX_DEVIATION_Z:
            bad[int(index)] = "too loud" if z > 0 else "too quiet"
        elif highest < MIN_CORRELATION:
            bad[int(index)] = "like no other channel"
    return bad


def check_amplitude(sds_uv: FloatArray) -> None:
    """Check that amplitudes can be microvolts.

    Args:
        sds_uv: Robust SD per channel after band-pass.

    Raises:
        UnitError: If the median is outside the plausible range.
    """
    low, high = PLAUSIBLE_SD_UV
    middle = float(np.median(sds_uv))
    if middle == 0:
        raise UnitError("the signal is constant on most channels")
    if not low <= middle <= high:
        factor = 10 ** (3 * round(np.log10(middle / 10) / 3))
        hint = f"off by about {factor:g}? " if factor != 1 else ""
        raise UnitError(
            f"the median channel has an SD of {middle:.3g} microvolts where 1 to 200 "
            f'is expected; {hint}correct the unit, or declare units = "arbitrary"'
        )
