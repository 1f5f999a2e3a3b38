"""Exponent, offset and alpha are those that were put in."""

import numpy as np
import pytest

from neurograft.features.aperiodic import describe_aperiodic, find_spectrum

SFREQ, N = 128.0, 1280


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.8])
@pytest.mark.parametrize("alpha", [None, 9.0, 11.5])
def test_exponent_and_alpha_are_those_of_the_noise(
    make_facts, make_noise, exponent, alpha
):
    windows = make_noise(exponent, n_windows=24, alpha=alpha)
    found = describe_aperiodic(windows, make_facts()).reshape(4, 6)
    assert found[0].mean() == pytest.approx(exponent, abs=0.12)
    if alpha is not None:
        assert found[1].mean() == pytest.approx(alpha, abs=0.35)
        assert found[2].mean() > 0.8
    else:
        assert found[2].mean() < 0.4


def test_offset_follows_the_gain_and_nothing_else_does(make_facts, make_noise):
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
