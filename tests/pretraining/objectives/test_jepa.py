"""Joint embedding: the teacher sees all of a window, the student what is visible."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from neurograft.models.batches import take_rows
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.objectives.jepa import HORIZON_SHARE, JointEmbedding
from neurograft.pretraining.objectives.mae import Hiding


@pytest.fixture
def jepa(encoder):
    torch.manual_seed(3)
    return JointEmbedding(encoder, hiding=Hiding(n_queries=6), n_steps=1000)


@pytest.fixture
def examples(jepa, make_batch):
    return jepa.prepare(Drawn(make_batch(), ()), torch.Generator().manual_seed(0))


def test_true_embeddings_are_standardised_over_their_features(jepa, examples):
    _, truth = jepa.predict(examples)
    torch.testing.assert_close(truth.mean(-1), torch.zeros(4, 6), atol=1e-5, rtol=0)
    torch.testing.assert_close(
        truth.var(-1, correction=0), torch.ones(4, 6), atol=1e-3, rtol=0
    )
    assert not truth.requires_grad


def test_the_truth_is_the_mean_of_the_upper_half_of_the_teacher_s_blocks(
    jepa, examples
):
    tokens = jepa.encoder.tokenise(examples.batch)
    ids = examples.masking.ids_query
    blocks = jepa.target_encoder.run_blocks(tokens)
    assert len(blocks) == 2  # of two blocks, the last is the upper half
    expected = functional.layer_norm(take_rows(blocks[1], ids), (96,))
    torch.testing.assert_close(jepa.predict(examples)[1], expected, atol=1e-4, rtol=0)


def test_hidden_patches_reach_the_teacher_and_not_the_student(jepa, examples):
    predicted, truth = jepa.predict(examples)
    patches = examples.batch.signals.reshape(4, 32, 64).clone()
    hidden = torch.ones(4, 32, dtype=torch.bool)
    hidden.scatter_(1, examples.masking.ids_keep, value=False)
    patches[hidden] = 77.0
    signals = patches.reshape(examples.batch.signals.shape)
    changed = replace(examples, batch=replace(examples.batch, signals=signals))
    again, other = jepa.predict(changed)
    torch.testing.assert_close(again, predicted, rtol=0, atol=0)
    assert not torch.allclose(other, truth, atol=1e-2)


def test_context_and_queries_are_apart(examples):
    keep, query = examples.masking.ids_keep, examples.masking.ids_query
    for row in range(4):
        assert not set(keep[row].tolist()) & set(query[row].tolist())


@pytest.mark.parametrize("n_steps", [1, 1000, 100_000])
def test_the_first_momentum_forgets_over_a_share_of_the_steps(encoder, n_steps):
    jepa = JointEmbedding(encoder, hiding=Hiding(), n_steps=n_steps)
    horizon = max(1.0, HORIZON_SHARE * n_steps)
    assert jepa.first_momentum == pytest.approx(1 - 1 / horizon)
    assert 0 <= jepa.first_momentum < 1


def test_what_is_compared_is_the_loss_that_is_learned(jepa, examples):
    measured = jepa.compare(examples)
    loss = jepa.judge(jepa.respond(examples), 0)
    assert measured["watched_loss"] == pytest.approx(loss.item(), rel=1e-5)
    assert -1 <= measured["teacher_cosine"] <= 1
