"""Bad channels are those of pyprep; amplitudes that cannot be are named."""

import mne
import numpy as np
import pytest
from pyprep.find_noisy_channels import NoisyChannels
from scipy.stats import norm

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import UnitError
from neurograft.harmonising.filtering import measure_noise
from neurograft.harmonising.quality import (
    ChannelEvidence,
    check_amplitude,
    correlate_channels,
    find_bad_channels,
    robust_sd,
)

SFREQ = 256
PREP_LIMITS = HarmoniseConfig(max_lonely_share=0.01)


def make_eeg(n_channels, seed, seconds=60):
    """Sources shared by neighbours, of uneven amplitude, with some noise."""
    rng = np.random.default_rng(seed)
    sources = rng.standard_normal((6, seconds * SFREQ)).cumsum(1)
    sources -= mne.filter.filter_data(sources, SFREQ, None, 1.0, verbose="error")
    mixing = rng.normal(0, 1, (n_channels, 6)) + 1.5
    signals = mixing @ sources * 0.3 * rng.uniform(0.7, 1.3, (n_channels, 1))
    return signals + rng.normal(0, 1, signals.shape) * rng.uniform(
        0.7, 1.3, (n_channels, 1)
    )


def judge(signals):
    """Our verdicts on signals as they are (no filter of our own in between)."""
    evidence = ChannelEvidence()
    seconds = signals.reshape(len(signals), -1, SFREQ).transpose(1, 0, 2)
    evidence.add_seconds(lowpass(seconds, signals), 0.4)
    evidence.noise.append(measure_noise(signals, np.ones(1), float(SFREQ)))
    return find_bad_channels(robust_sd(signals), evidence, PREP_LIMITS)


def lowpass(seconds, signals):
    smooth = mne.filter.filter_data(signals, SFREQ, None, 47.0, verbose="error")
    return smooth.reshape(len(signals), -1, SFREQ).transpose(1, 0, 2)


def ask_pyprep(signals):
    names = [str(i) for i in range(len(signals))]
    info = mne.create_info(names, SFREQ, "eeg")
    noisy = NoisyChannels(
        mne.io.RawArray(signals * 1e-6, info, verbose="error"),
        do_detrend=False,
        ransac=False,
    )
    noisy.find_bad_by_deviation()
    noisy.find_bad_by_hfnoise()
    noisy.find_bad_by_correlation()
    return {int(name) for name in noisy.get_bads()}


@pytest.mark.parametrize("n_channels", [12, 19, 32, 64])
@pytest.mark.parametrize("seed", [0, 1])
def test_verdicts_are_those_of_pyprep(n_channels, seed):
    signals = make_eeg(n_channels, seed)
    rng = np.random.default_rng(seed + 10)
    signals[1] *= 15
    signals[4] += rng.normal(0, 60, signals.shape[1])
    signals[7] = rng.standard_normal(signals.shape[1]).cumsum() * 0.4
    found = judge(signals)
    expected = ask_pyprep(signals)
    assert {1, 4} <= expected
    assert set(found) == expected


def test_noise_is_that_of_pyprep_beside_jumps_and_drifts():
    signals = make_eeg(19, 2)
    rng = np.random.default_rng(3)
    times = np.arange(signals.shape[1]) / SFREQ
    for onset in rng.uniform(2, 58, 40):
        decay = np.where(times > onset, np.exp(-(times - onset)), 0)
        signals[:10] += rng.normal(0, 800, (10, 1)) * decay
    info = mne.create_info([str(i) for i in range(19)], SFREQ, "eeg")
    raw = mne.io.RawArray(signals * 1e-6, info, verbose="error")
    noisy = NoisyChannels(raw, ransac=False)
    noisy.find_bad_by_hfnoise()

    def spread(values):
        middle = np.median(values, axis=1, keepdims=True)
        return np.median(np.abs(values - middle), axis=1)

    high = noisy.EEGData - noisy.EEGFiltered
    expected = spread(high) / spread(noisy.EEGFiltered)
    found = measure_noise(signals, np.ones(1), float(SFREQ))
    np.testing.assert_allclose(found, expected, rtol=0.03)


def test_every_reason_names_its_measure():
    signals = make_eeg(19, 3)
    rng = np.random.default_rng(0)
    signals[1] *= 15
    signals[2] = 0
    signals[4] += rng.normal(0, 60, signals.shape[1])
    reasons = judge(signals)
    assert reasons[1].startswith("too loud, z ")
    assert reasons[2] == "flat"
    assert reasons[4].split(",")[0] in ("noise above 50 Hz", "too loud")


def test_a_channel_like_no_other_is_found():
    signals = make_eeg(19, 5)
    spread = np.diff(signals[8], append=0)
    other = np.random.default_rng(2).standard_normal(signals.shape[1])
    smooth = mne.filter.filter_data(other, SFREQ, 1.0, 30.0, verbose="error")
    signals[8] = smooth * signals[7].std() / smooth.std() + 0 * spread
    assert "like no other channel in" in judge(signals)[8]


def test_verdicts_do_not_depend_on_the_unit():
    signals = make_eeg(19, 6)
    signals[1] *= 1e-4
    signals[2] *= 40
    verdicts = [judge(unit * signals) for unit in (1e-6, 1.0, 1e6)]
    assert verdicts[0].keys() == verdicts[1].keys() == verdicts[2].keys() >= {1, 2}


def test_correlation_is_the_highest_with_another_channel():
    rng = np.random.default_rng(0)
    seconds = rng.standard_normal((5, 19, 128))
    expected = [np.abs(np.corrcoef(one) - np.eye(19)).max(0) for one in seconds]
    np.testing.assert_allclose(correlate_channels(seconds), expected, atol=1e-9)
    seconds[2, 3] = 1.0
    assert correlate_channels(seconds)[2, 3] == 0


@pytest.mark.parametrize("factor", [1e-3, 1e3, 1e6])
def test_a_unit_that_is_off_on_all_channels_comes_with_its_repair(factor):
    sds = np.random.default_rng(0).uniform(8, 14, 19)
    with pytest.raises(UnitError, match="All channels agree: set unit_factor = ") as no:
        check_amplitude(sds * factor)
    assert f"unit_factor = {1 / factor:g} " in str(no.value)


def test_amplitudes_that_disagree_are_offered_no_repair():
    with pytest.raises(UnitError, match="implausible") as caught:
        check_amplitude(np.array([8000.0, 9000.0, 5.0, 12_000.0]))
    assert "unit_factor" not in str(caught.value)


@pytest.mark.parametrize("n_times", [1001, 200_000])
def test_the_robust_sd_of_a_normal_variable_is_its_sd(n_times):
    rng = np.random.default_rng(0)
    grid = norm.ppf((np.arange(n_times) + 0.5) / n_times)
    sds = np.array([0.5, 10.0, 70.0])
    signals = sds[:, None] * rng.permutation(grid) + 5
    np.testing.assert_allclose(robust_sd(signals), sds, rtol=0.02)


def test_a_pop_does_not_change_the_robust_sd():
    signals = np.random.default_rng(0).standard_normal((3, 4000))
    popped = signals.copy()
    popped[:, 100:120] = 1e5
    np.testing.assert_allclose(robust_sd(popped), robust_sd(signals), rtol=0.03)
