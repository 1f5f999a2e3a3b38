"""A vector per window, read from the visible tokens by region."""

from dataclasses import replace

import pytest
import torch

from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.objectives.mae import Hiding
from neurograft.pretraining.objectives.whole_window import (
    TARGET_CLIP,
    PooledPrediction,
)

ANSWER = torch.tensor([0.5, -2.0, 100.0])


@pytest.fixture
def model(encoder):
    def ask(drawn, _generator):
        return drawn.batch, ANSWER.repeat(len(drawn.batch), 1)

    torch.manual_seed(2)
    return PooledPrediction(encoder, hiding=Hiding(), ask=ask, n_targets=3)


@pytest.fixture
def examples(model, make_batch):
    return model.prepare(Drawn(make_batch(), ()), torch.Generator().manual_seed(0))


def test_targets_are_those_asked_for_without_artefacts(examples):
    expected = torch.tensor([0.5, -2.0, TARGET_CLIP]).repeat(4, 1)
    torch.testing.assert_close(examples.targets, expected)


def test_hidden_patches_change_no_prediction(model, examples):
    predicted = model.predict(examples)
    hidden = torch.ones(4, 32, dtype=torch.bool)
    hidden.scatter_(1, examples.masking.ids_keep, value=False)
    patches = examples.batch.signals.reshape(4, 32, 64).clone()
    patches[hidden] = 77.0
    signals = patches.reshape(examples.batch.signals.shape)
    changed = replace(examples, batch=replace(examples.batch, signals=signals))
    torch.testing.assert_close(model.predict(changed), predicted, rtol=0, atol=0)
    assert predicted.shape == (4, 3)


def test_a_window_s_loss_does_not_depend_on_its_neighbours(model, examples):
    together = model.respond(examples)
    alone = torch.cat([model.respond(part) for part in examples.split(4)])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(model.judge(together, 0), together.mean())


def test_learning_lowers_the_loss(model, examples):
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    first = model.respond(examples).mean().item()
    for _ in range(15):
        optimizer.zero_grad()
        loss = model.judge(model.respond(examples), 0)
        loss.backward()
        optimizer.step()
    assert model.compare(examples)["watched_loss"] < 0.6 * first
