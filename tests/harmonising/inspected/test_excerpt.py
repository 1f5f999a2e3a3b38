"""Samples of the stored signal are found in the file again."""

import dataclasses

import numpy as np
import pytest

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.inspected.excerpt import (
    choose_typical,
    cut_excerpt,
    locate_sample,
)


@pytest.fixture
def gapped(make_recording):
    recording = make_recording(duration_s=60, sfreq=200.0)
    recording = dataclasses.replace(recording, segments=((1000, 5000), (7000, 11_000)))
    return recording, harmonise_recording(recording, HarmoniseConfig())


def test_time_in_the_file_goes_on_after_a_gap(gapped):
    _, done = gapped
    assert locate_sample(done, 0) == 5.0
    assert locate_sample(done, 20 * 128) == 35.0
    assert locate_sample(done, 20 * 128 + 64) == 35.5


def test_an_excerpt_lies_within_one_stretch(gapped):
    recording, done = gapped
    start, stop = choose_typical(done)
    assert stop - start == 1280
    assert any(first <= start and stop <= last for first, last in done.segments)
    excerpt = cut_excerpt(recording, done)
    assert excerpt.before.shape == excerpt.after.shape
    np.testing.assert_allclose(excerpt.before.mean(1), 0, atol=0.5)
