"""Handcrafted features measure what their names say."""

import numpy as np
import pytest

from neurograft.features.band_power import POWER_EDGES
from neurograft.features.handcrafted import describe_by_hand

SFREQ, N = 128.0, 1280


def test_handcrafted_features_are_finite_and_blind_to_an_unknown_unit(
    make_facts, make_noise
):
    facts = make_facts(has_microvolts=False)
    windows = make_noise(alpha=10.0)
    quiet, loud = (describe_by_hand(g * windows, facts) for g in (1.0, 100.0))
    assert np.isfinite(quiet).all()
    np.testing.assert_allclose(quiet, loud, atol=1e-6)
    known = describe_by_hand(windows, make_facts())
    assert len(known) == len(quiet) + 4 * 6


def test_rough_signals_have_a_larger_dimension_than_smooth_ones(make_facts, make_noise):
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


NAMES = [
    "skewness",
    "kurtosis",
    "q5",
    "q25",
    "q75",
    "q95",
    "mobility",
    "complexity",
    "zero_crossings",
    "katz",
    "higuchi",
    "hurst",
    "decorrelation_s",
    "entropy",
    "edge",
    "slope",
]


def describe(signal, make_facts):
    """Features of a signal, by name, and the shares of power by band."""
    windows = np.broadcast_to(signal, (2, 1, signal.size)).astype(float)
    values = describe_by_hand(windows, make_facts(1, has_microvolts=False))
    return dict(zip(NAMES, values, strict=False)), np.exp(values[len(NAMES) :])


def test_a_straight_line_has_dimension_one_and_noise_more(make_facts):
    line, _ = describe(np.linspace(-1, 1, 1280), make_facts)
    assert line["katz"] == pytest.approx(1)
    assert line["skewness"] == pytest.approx(0, abs=1e-9)
    assert line["q25"] == pytest.approx(-line["q75"])
    noise, _ = describe(np.random.default_rng(0).normal(size=1280), make_facts)
    assert noise["katz"] > 1.3


def test_a_signal_that_alternates_is_decorrelated_after_a_sample(make_facts):
    features, _ = describe(np.tile([1.0, -1.0], 640), make_facts)
    assert features["decorrelation_s"] == pytest.approx(1 / 128)
    assert features["zero_crossings"] == pytest.approx(1)


def test_a_wave_has_its_power_in_its_band_and_no_entropy(make_facts):
    wave = np.sin(2 * np.pi * 10.5 * np.arange(1280) / 128)
    features, shares = describe(wave, make_facts)
    assert shares.sum() == pytest.approx(1)
    assert shares.argmax() == POWER_EDGES.index(10)
    assert features["edge"] == pytest.approx(np.log(11))
    assert features["entropy"] < 0.1


def test_the_slope_is_that_of_the_noise(make_noise, make_facts):
    windows = make_noise(1.0, n_windows=24)
    values = describe_by_hand(windows, make_facts(has_microvolts=False))
    slope = values.reshape(-1, 6)[NAMES.index("slope")].mean()
    assert slope == pytest.approx(-1, abs=0.15)
