"""People are recognised by what stays the same in them, and only those left out."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from neurograft.pretraining import monitoring, recognition
from neurograft.pretraining.build import build_encoder, build_mixture
from neurograft.pretraining.monitoring import Watch
from neurograft.pretraining.recognition import draw_halves, find_recognised

from .conftest import SETTINGS


def make_people(same, n_people=60, n_windows=12, n_features=40, seed=0):
    """Windows of people: a part that is theirs, and noise."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(n_people, 1, n_features))
    return same * own + rng.normal(size=(n_people, n_windows, n_features))


def test_noise_recognises_one_in_so_many_and_what_is_stable_everybody():
    chance = [find_recognised(make_people(0.0, seed=seed)) for seed in range(40)]
    assert np.mean(chance) == pytest.approx(1 / 60, abs=0.01)
    assert find_recognised(make_people(2.0)) > 0.9
    shares = [find_recognised(make_people(same)) for same in (0.1, 0.3, 0.6)]
    assert shares == sorted(shares)


def test_the_scale_and_place_of_a_feature_do_not_matter():
    people = make_people(0.3)
    rng = np.random.default_rng(1)
    moved = people * rng.uniform(0.01, 100, 40) + rng.normal(0, 50, 40)
    assert find_recognised(moved) == find_recognised(people)


def test_people_may_differ_in_how_much_they_vary():
    rng = np.random.default_rng(2)
    spread = np.exp(rng.normal(size=(30, 1, 40)))
    people = spread * rng.normal(size=(30, 200, 40))
    assert find_recognised(people) > 0.5


@pytest.fixture
def everybody_left_out(corpus, monkeypatch):
    """A corpus whose people are all left out, with halves of three windows."""
    for module in (recognition, monitoring):
        monkeypatch.setattr(module, "N_WINDOWS", 6)
    return replace(corpus, left_out=[*corpus.subjects, *corpus.left_out])


def test_the_halves_are_of_people_left_out_and_no_window_is_in_both(
    corpus, everybody_left_out
):
    some = replace(everybody_left_out, left_out=corpus.subjects)
    drawn = draw_halves(some)
    out = {place for one in corpus.subjects for place in one.recordings}
    assert len(drawn) >= recognition.MIN_PEOPLE
    assert {w[:2] for one in drawn for w in one.windows} <= out
    for one in drawn:
        starts = sorted((w.recording, w.start) for w in one.windows)
        assert len(starts) == 6
        for (first, start), (second, after) in pairwise(starts):
            assert first != second or after - start >= corpus.n_times
    assert not draw_halves(replace(some, left_out=corpus.subjects[:4]))


def test_the_watch_says_how_many_it_recognised(corpus, everybody_left_out):
    encoder = build_encoder(corpus, SETTINGS, h_freq=45.0, seed=0)
    mixture = build_mixture(
        encoder, corpus, SETTINGS, weights={"mae": 1.0}, n_steps=5, l_freq=0.5, seed=0
    )
    watch = Watch(everybody_left_out, mixture, seed=0, device=torch.device("cpu"))
    share = watch.probe(encoder)["recognised"]
    assert 0 < share <= 1
    assert share == watch.probe(encoder)["recognised"]
