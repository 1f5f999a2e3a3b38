"""Find bad channels by the PREP criteria, and amplitudes that cannot be EEG.

Every criterion is relative to the other channels, so that it also serves arbitrary
units. On the same signals verdicts are those of pyprep (tested on simulated ones;
docs/decisions/0011 counts where they differ on real ones).
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import UnitError
from neurograft.types import BoolArray, FloatArray, IntArray

# Interquartile range of a normal distribution of SD 1, 2 * 0.6745, and its SD over its
# median deviation, 1 / 0.6745.
NORMAL_IQR = 1.349
NORMAL_MAD = 1.4826
# A scalp electrode between 0.5 and 45 Hz has a robust SD of about 1 to 200 microvolts.
# Chosen here: with room on either side.
PLAUSIBLE_SD_UV = (0.5, 500.0)
# A channel below this share of the median amplitude is disconnected. Chosen here.
FLAT_SHARE = 0.02
# Spreads are at least this share of the median, so that a very even montage does not
# turn small differences into outliers. Chosen here.
MIN_SPREAD_SHARE = 0.05
# PREP: the highest correlations with other channels, by this quantile.
CORRELATION_QUANTILE = 0.98
# Fewer channels are too few to compare one with the others. Chosen here.
MIN_CHANNELS = 4
# Robust spreads are taken over at most this many evenly spaced samples. Chosen here.
MAX_SAMPLES = 65_536


def robust_sd(signals: FloatArray) -> FloatArray:
    """Return the SD per channel by the interquartile range, in the signals' unit.

    Args:
        signals: Shape `(n_channels, n_times)`.
    """
    step = -(-signals.shape[1] // MAX_SAMPLES)
    thinned = np.ascontiguousarray(signals[:, ::step])
    low, high = np.percentile(thinned, [25, 75], axis=1)
    return np.asarray((high - low) / NORMAL_IQR)


@dataclass
class ChannelEvidence:
    """Evidence for and against every channel, gathered block by block.

    Attributes:
        noise: Share of amplitude above 50 Hz, one row per block.
        lonely: Seconds without a correlated channel, per channel.
        n_seconds: Seconds looked at.
        constant: Whether a channel was constant, one row per second; not of seconds in
            which most are, for that is no fault of the channels.
        resemblance: Highest correlation with another channel over the whole recording.
        broken: Channels with values that are not numbers.
        recorded_power: Mean square of every channel before filtering, and the samples
            it is of, one per block.
    """

    noise: list[FloatArray] = field(default_factory=list)
    lonely: IntArray | None = None
    n_seconds: int = 0
    constant: list[BoolArray] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    resemblance: FloatArray | None = None
    recorded_power: list[tuple[FloatArray, int]] = field(default_factory=list)

    @property
    def recorded_scale(self) -> float:
        """Return the root mean square of the median channel as it was recorded."""
        powers, sizes = zip(*self.recorded_power, strict=True)
        return float(np.sqrt(np.median(np.average(powers, axis=0, weights=sizes))))

    def add_seconds(self, seconds: FloatArray, min_correlation: float) -> None:
        """Count in which seconds a channel resembles no other.

        Args:
            seconds: Band-passed, shape `(n_seconds, n_channels, n_times)`.
            min_correlation: Least correlation of channels that resemble each other.
        """
        highest = correlate_channels(seconds)
        lonely = (highest < min_correlation).sum(0)
        self.lonely = lonely if self.lonely is None else self.lonely + lonely
        self.n_seconds += len(seconds)


def correlate_channels(seconds: FloatArray) -> FloatArray:
    """Find each channel's highest absolute correlation with another, per second.

    By the 98th percentile of all correlations of the channel, its own counted as 0
    (PREP), with MATLAB's interpolation between order statistics (pyprep).

    Args:
        seconds: Shape `(n_seconds, n_channels, n_times)`.

    Returns:
        Shape `(n_seconds, n_channels)`; 0 for a constant channel.
    """
    centred = seconds - seconds.mean(2, keepdims=True)
    norms = np.linalg.norm(centred, axis=2, keepdims=True)
    centred /= np.where(norms > 0, norms, 1)
    correlations = np.abs(centred @ centred.transpose(0, 2, 1))
    n_channels = seconds.shape[1]
    diagonal = np.arange(n_channels)
    correlations[:, diagonal, diagonal] = 0
    place = CORRELATION_QUANTILE * n_channels + 0.5
    if place >= n_channels:
        return np.asarray(correlations.max(2))
    lower = int(place)
    ordered = np.partition(correlations, (lower - 1, lower), axis=2)
    share = place - lower
    return np.asarray(
        (1 - share) * ordered[:, :, lower - 1] + share * ordered[:, :, lower]
    )


def find_bad_channels(
    sds: Float[np.ndarray, " n_channels"],
    evidence: ChannelEvidence,
    settings: HarmoniseConfig,
) -> dict[int, str]:
    """Judge every channel by the criteria of PREP (Bigdely-Shamlo 2015).

    The limits are PREP's but for `max_lonely_share`: its .01 is made for dense caps; on
    most real recordings of 14 and 19 electrodes it finds some channel
    (docs/decisions/0011). Slow noise resembles something in any second, so the
    correlation over the whole recording counts as well.

    Args:
        sds: Robust SD of every channel after band-pass.
        evidence: Evidence gathered over the recording.
        settings: Limits beyond which a channel is bad.

    Returns:
        Reason with the measure that decided, by channel index; only bad channels.
    """
    bad = dict.fromkeys(sorted(evidence.broken), "values that are not numbers")
    middle = float(np.median(sds))
    for i in np.flatnonzero(sds <= FLAT_SHARE * middle):
        bad.setdefault(int(i), "flat")
    good = np.array([i for i in range(len(sds)) if i not in bad], dtype=int)
    if good.size < MIN_CHANNELS:
        return bad
    reasons = [
        *_judge_amplitude(sds[good], settings.deviation_z),
        *_judge_noise(evidence, good, settings.noise_z),
        *_judge_loneliness(evidence, good, settings),
    ]
    for place, reason in reasons:
        bad.setdefault(int(good[place]), reason)
    return bad


def _judge_amplitude(sds: FloatArray, limit: float) -> list[tuple[int, str]]:
    z = _robust_z(sds, robust_sd(sds[None]).item())
    return [
        (i, f"too {'loud' if z[i] > 0 else 'quiet'}, z {z[i]:.1f}")
        for i in np.flatnonzero(np.abs(z) > limit).tolist()
    ]


def _judge_noise(
    evidence: ChannelEvidence, good: IntArray, limit: float
) -> list[tuple[int, str]]:
    if not evidence.noise:
        return []
    noise = np.median(np.stack(evidence.noise), axis=0)[good]
    if np.isnan(noise).any():
        return []
    spread = float(np.median(np.abs(noise - np.median(noise)))) * NORMAL_MAD
    z = _robust_z(noise, spread)
    return [
        (i, f"noise above 50 Hz, z {z[i]:.1f}")
        for i in np.flatnonzero(z > limit).tolist()
    ]


def _judge_loneliness(
    evidence: ChannelEvidence, good: IntArray, settings: HarmoniseConfig
) -> list[tuple[int, str]]:
    reasons = []
    limit = settings.max_lonely_share
    if evidence.lonely is not None and evidence.n_seconds:
        lonely = evidence.lonely[good] / evidence.n_seconds
        reasons += [
            (i, f"like no other channel in {lonely[i]:.0%} of seconds")
            for i in np.flatnonzero(lonely > limit).tolist()
        ]
    if evidence.resemblance is not None:
        alike = evidence.resemblance[good]
        reasons += [
            (i, f"like no other channel, correlation {alike[i]:.2f}")
            for i in np.flatnonzero(alike < settings.min_correlation).tolist()
        ]
    if evidence.constant:
        constant = np.stack(evidence.constant).mean(0)[good]
        reasons += [
            (i, f"constant in {constant[i]:.0%} of seconds")
            for i in np.flatnonzero(constant > limit).tolist()
        ]
    return reasons


def _robust_z(values: FloatArray, spread: float) -> FloatArray:
    middle = float(np.median(values))
    spread = max(spread, MIN_SPREAD_SHARE * abs(middle), 1e-30)
    return np.asarray((values - middle) / spread)


def check_amplitude(sds_uv: Float[np.ndarray, " n_channels"]) -> None:
    """Check that amplitudes can be microvolts.

    Args:
        sds_uv: Robust SD per channel after band-pass.

    Raises:
        UnitError: If the median is outside the plausible range. If every channel is
            off by the same power of 1000, the sentence offers the factor.
    """
    low, high = PLAUSIBLE_SD_UV
    middle = float(np.median(sds_uv))
    if middle == 0:
        raise UnitError("the signal is constant on most channels")
    if low <= middle <= high:
        return
    sizes = np.maximum(sds_uv, middle * 1e-6)
    steps = np.round(np.log10(sizes / 10) / 3)
    hint = 'correct the unit, or declare units = "arbitrary"'
    factor = 10 ** (3 * steps[0])
    if steps[0] and (steps == steps[0]).all() and 1 <= middle / factor <= 200:
        hint = (
            f"off by about {factor:g}? All channels agree: set unit_factor = "
            f'{1 / factor:g} to repair it, or declare units = "arbitrary"'
        )
    raise UnitError(
        f"implausible: the median channel has an SD of {middle:.3g} microvolts where 1 "
        f"to 200 is expected; {hint}"
    )
