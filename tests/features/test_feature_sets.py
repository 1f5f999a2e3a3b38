"""Feature sets measure what their names say."""

import numpy as np
import pytest

from neurograft.errors import ConfigError
from neurograft.features import connectivity
from neurograft.features.aperiodic import describe_aperiodic, find_spectrum
from neurograft.features.artefacts import describe_amplitude, describe_artefacts
from neurograft.features.connectivity import BANDS_HZ, describe_connectivity
from neurograft.features.handcrafted import describe_by_hand
from neurograft.features.window_facts import Facts

SFREQ, N = 128.0, 1280


def make_facts(n=6, has_microvolts=True):
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    places = np.stack([np.sin(angle), np.cos(angle), np.zeros(n)], 1)
    return Facts(SFREQ, places, has_microvolts)


def make_noise(exponent=1.0, n_windows=8, n_channels=6, seed=0, alpha=None, height=3.0):
    """Noise whose power falls as a power law, with an oscillation on top."""
    rng = np.random.default_rng(seed)
    f = np.fft.rfftfreq(N, 1 / SFREQ)
    size = np.zeros_like(f)
    size[1:] = f[1:] ** (-exponent / 2)
    if alpha is not None:
        size *= 1 + height * np.exp(-((f - alpha) ** 2) / 2)
    shape = (n_windows, n_channels, len(f))
    spectrum = size * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    return 100 * np.fft.irfft(spectrum, N)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.8])
@pytest.mark.parametrize("alpha", [None, 9.0, 11.5])
def test_exponent_and_alpha_are_those_of_the_noise(exponent, alpha):
    windows = make_noise(exponent, n_windows=24, alpha=alpha)
    found = describe_aperiodic(windows, make_facts()).reshape(4, 6)
    assert found[0].mean() == pytest.approx(exponent, abs=0.12)
    if alpha is not None:
        assert found[1].mean() == pytest.approx(alpha, abs=0.35)
        assert found[2].mean() > 0.8
    else:
        assert found[2].mean() < 0.4


def test_offset_follows_the_gain_and_nothing_else_does():
    windows = make_noise(alpha=10.0)
    quiet, loud = (
        describe_aperiodic(g * windows, make_facts()).reshape(4, 6) for g in (1.0, 10.0)
    )
    np.testing.assert_allclose(loud[:3], quiet[:3], atol=1e-6)
    np.testing.assert_allclose(loud[3], quiet[3] + 2, atol=1e-6)
    assert len(describe_aperiodic(windows, make_facts(has_microvolts=False))) == 18


def test_spectrum_of_white_noise_adds_up_to_its_variance():
    windows = np.random.default_rng(0).normal(0, 3, (40, 2, N))
    frequencies, power = find_spectrum(windows, sfreq=SFREQ)
    # The median of an exponential variable is log 2 of its mean.
    total = power.mean(1) * 64 / np.log(2)
    np.testing.assert_allclose(total, 9, rtol=0.05)
    assert frequencies[0] == 2
    assert frequencies[-1] == 40


def make_lagged(seed=0):
    """Channel 1 follows channel 0 by a quarter of an alpha cycle; 2 copies 0."""
    rng = np.random.default_rng(seed)
    windows = make_noise(n_windows=24, n_channels=6, seed=seed)
    t = np.arange(N) / SFREQ
    for window in windows:
        phase = np.cumsum(rng.normal(0, 0.15, N))
        size = 60 * (1.5 + np.sin(2 * np.pi * 0.3 * t + rng.uniform(0, 6)))
        wave = 2 * np.pi * 10 * t + phase
        window[0] += size * np.sin(wave)
        window[1] += size * np.sin(wave - np.pi / 2)
        window[2] += size * np.sin(wave)
    return windows


def test_connectivity_sees_lags_and_not_copies():
    n_pairs = 15
    found = describe_connectivity(make_lagged(), make_facts())
    parts = found
    lags = parts[: 3 * n_pairs].reshape(n_pairs, 3)
    imaginary = parts[3 * n_pairs : 6 * n_pairs].reshape(n_pairs, 3)
    envelopes = parts[6 * n_pairs :].reshape(3, n_pairs)
    pairs = list(zip(*np.tril_indices(6, -1), strict=True))
    lagged, copied, unrelated = (pairs.index(p) for p in ((1, 0), (2, 0), (5, 4)))
    alpha = BANDS_HZ.index((8.0, 13.0))
    assert lags[lagged, alpha] > 0.8
    assert lags[copied, alpha] < 0.3
    assert lags[unrelated, alpha] < 0.3
    assert imaginary[lagged, alpha] > 0.5
    assert imaginary[copied, alpha] < 0.2
    assert envelopes[alpha, lagged] > envelopes[alpha, unrelated] + 0.3


def test_without_the_package_connectivity_says_what_to_install(monkeypatch):
    monkeypatch.setattr(connectivity, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"pip install 'neurograft\[connectivity\]'"):
        describe_connectivity(make_noise(), make_facts())


def test_handcrafted_features_are_finite_and_blind_to_an_unknown_unit():
    facts = make_facts(has_microvolts=False)
    windows = make_noise(alpha=10.0)
    quiet, loud = (describe_by_hand(g * windows, facts) for g in (1.0, 100.0))
    assert np.isfinite(quiet).all()
    np.testing.assert_allclose(quiet, loud, atol=1e-6)
    known = describe_by_hand(windows, make_facts())
    assert len(known) == len(quiet) + 4 * 6


def test_rough_signals_have_a_larger_dimension_than_smooth_ones():
    def find(exponent):
        found = describe_by_hand(
            make_noise(exponent), make_facts(has_microvolts=False)
        ).reshape(-1, 6)
        names = 6  # skewness, kurtosis, four quantiles; then mobility, complexity, ...
        return dict(
            zip(
                ("mobility", "complexity", "crossings", "katz", "higuchi", "hurst"),
                found[names : names + 6].mean(1),
                strict=True,
            )
        )

    rough, smooth = find(0.2), find(2.0)
    assert rough["higuchi"] == pytest.approx(2.0, abs=0.1)
    assert smooth["higuchi"] == pytest.approx(1.5, abs=0.15)
    assert smooth["hurst"] == pytest.approx(0.5, abs=0.15)
    assert rough["crossings"] > smooth["crossings"]
    assert rough["mobility"] > smooth["mobility"]


def test_amplitude_knows_the_gain_only_where_units_mean_it():
    windows = make_noise()
    known = [describe_amplitude(g * windows, make_facts()) for g in (1, np.e)]
    assert known[1][0] - known[0][0] == pytest.approx(1.0)
    np.testing.assert_allclose(known[0][1:], known[1][1:], atol=1e-9)
    blind = make_facts(has_microvolts=False)
    assert describe_amplitude(windows, blind)[0] == 0


def test_eyes_and_muscles_raise_their_own_artefact():
    windows = make_noise()
    clean = describe_artefacts(windows, make_facts())
    t = np.arange(N) / SFREQ
    blinking = windows.copy()
    blinking[:, 0] += 400 * np.sin(2 * np.pi * 1.5 * t)  # the channel in front
    tense = windows + 30 * np.random.default_rng(1).standard_normal(windows.shape)
    flat = windows.copy()
    flat[:, 2, :600] = flat[:, 2, :1]
    assert describe_artefacts(blinking, make_facts())[0] > clean[0] + 0.3
    assert describe_artefacts(tense, make_facts())[1] > clean[1] + 1
    assert describe_artefacts(flat, make_facts())[5] > clean[5] + 0.5
