"""Handcrafted features measure what their names say."""

import numpy as np
import pytest

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
