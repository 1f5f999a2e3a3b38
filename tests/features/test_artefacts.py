"""Artefacts raise the number that is named after them."""

import numpy as np
import pytest

from neurograft.features.artefacts import describe_amplitude, describe_artefacts

SFREQ, N = 128.0, 1280


def test_amplitude_knows_the_gain_only_where_units_mean_it(make_facts, make_noise):
    windows = make_noise()
    known = [describe_amplitude(g * windows, make_facts()) for g in (1, np.e)]
    assert known[1][0] - known[0][0] == pytest.approx(1.0)
    np.testing.assert_allclose(known[0][1:], known[1][1:], atol=1e-9)
    blind = make_facts(has_microvolts=False)
    assert describe_amplitude(windows, blind)[0] == 0


def test_eyes_and_muscles_raise_their_own_artefact(make_facts, make_noise):
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
