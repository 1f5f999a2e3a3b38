"""The watch tells learning from not learning, and a collapse from a sphere."""

import numpy as np
import pytest
import torch

from neurograft.pretraining.build import build_encoder, build_mixture
from neurograft.pretraining.monitoring import (
    Watch,
    embed_drawn,
    find_r2,
    find_rank,
    find_spread,
    judge,
    probe_linearly,
    score_probes,
)

from .conftest import SETTINGS

RNG = np.random.default_rng(0)
CPU = torch.device("cpu")


def test_rank_counts_directions_that_are_used():
    basis = np.linalg.qr(RNG.standard_normal((40, 40)))[0]
    for rank in (1, 5, 20):
        scales = np.where(np.arange(40) < rank, 1.0, 0.0)
        assert find_rank(basis * scales) == pytest.approx(rank, rel=0.01)


def test_spread_is_one_on_a_sphere_and_zero_in_a_point():
    sphere = RNG.standard_normal((3000, 32))
    assert find_spread(sphere) == pytest.approx(1, abs=0.02)
    assert find_spread(5 * sphere) == pytest.approx(find_spread(sphere))
    point = RNG.standard_normal(32) + 1e-6 * RNG.standard_normal((50, 32))
    assert find_spread(point) < 1e-4
    assert find_spread(np.zeros((5, 4))) == 0


def test_a_probe_finds_what_is_linear_and_equals_its_primal_form():
    x, new = RNG.standard_normal((80, 12)), RNG.standard_normal((40, 12))
    weights = RNG.standard_normal((12, 3))
    predicted = probe_linearly(x, x @ weights + 2, new)
    assert find_r2(new @ weights + 2, predicted) > 0.98
    mean, sd = x.mean(0), x.std(0) + 1e-6
    z = (x - mean) / sd
    ridge = np.linalg.solve(
        z.T @ z + 0.3 * 12 * np.eye(12),
        z.T @ (x @ weights - (x @ weights).mean(0)),
    )
    expected = (x @ weights + 2).mean(0) + (new - mean) / sd @ ridge
    np.testing.assert_allclose(predicted, expected, rtol=1e-6)
    noise = probe_linearly(x, RNG.standard_normal((80, 3)), new)
    assert find_r2(RNG.standard_normal((40, 3)), noise) < 0.1


def test_a_probe_far_below_zero_counts_as_zero():
    assert score_probes({"spectral_r2": 0.6, "age_r2": -3.0}) == pytest.approx(0.3)
    assert score_probes({"spectral_r2": 0.6, "rank": 7.0}) == pytest.approx(0.6)


def test_what_is_watched_is_of_people_left_out(corpus):
    encoder = build_encoder(corpus, SETTINGS, h_freq=45.0, seed=0)
    mixture = build_mixture(
        encoder, corpus, SETTINGS, weights={"mae": 1.0}, n_steps=5, l_freq=0.5, seed=0
    )
    watch = Watch(corpus, mixture, seed=0, device=CPU)
    out = {place for one in corpus.left_out for place in one.recordings}
    assert {w[:2] for one in watch.watched.drawn for w in one.windows} <= out
    assert not {w[:2] for one in watch.learned.drawn for w in one.windows} & out
    measured = watch.measure(mixture, encoder)
    assert {"watched_loss", "predict_mean_loss", "rank", "feature_sd", "spectral_r2",
            "age_r2", "sex_r2", "probe"} >= set(measured)  # fmt: skip
    assert 1 < measured["rank"] < 96
    assert -1 < measured["spectral_r2"] < 1
    assert mixture.training
    assert measured == watch.measure(mixture, encoder)  # nothing random is left


def test_embeddings_stand_in_the_order_of_their_windows(corpus):
    encoder = build_encoder(corpus, SETTINGS, h_freq=45.0, seed=0)
    drawn = corpus.draw_mixed(50, (3,))
    together = embed_drawn(encoder, drawn, device=CPU)
    row = 0
    for one in drawn:
        for number in range(len(one.windows)):
            if number % 7 == 0:
                rows = slice(number, number + 1)
                alone = one._replace(
                    batch=one.batch.select(rows), windows=one.windows[rows]
                )
                np.testing.assert_allclose(
                    embed_drawn(encoder, [alone], device=CPU)[0], together[row],
                    atol=0.05,
                )  # fmt: skip
            row += 1
    assert row == len(together)


@pytest.mark.parametrize(
    ("loss", "spread", "words"),
    [
        (0.5, 0.5, []),
        (0.96, 0.5, ["learned next to nothing"]),
        (0.5, 0.05, ["have collapsed"]),
        (1.2, 0.01, ["learned next to nothing", "have collapsed"]),
    ],
)
def test_trouble_is_said_in_words(loss, spread, words):
    row = {
        "watched_loss": loss, "predict_mean_loss": 1.0, "feature_sd": spread,
        "rank": 3.0,
    }  # fmt: skip
    said = judge([{**row, "watched_loss": 9.0}, row])
    assert len(said) == len(words)
    assert all(word in text for word, text in zip(words, said, strict=True))
