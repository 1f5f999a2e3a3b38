"""The loop learns, stops on nonsense, and goes on exactly where it was."""

from dataclasses import replace

import pytest
import torch

from neurograft.errors import DataError
from neurograft.training.checkpoints import (
    load_checkpoint,
    read_checkpoint_facts,
    save_checkpoint,
)
from neurograft.training.loop import Recipe, learning_rate_at, make_optimizer, train

RECIPE = Recipe(n_steps=40, learning_rate=0.05, weight_decay=0.1)


def make_model():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)
    )


def gradients_of(model):
    def take(step):
        x = torch.randn(16, 3, generator=torch.Generator().manual_seed(step))
        loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
        model.zero_grad()
        loss.backward()
        return loss.item()

    return take


def run(model, optimizer, first_step=0, after_step=lambda step, loss: None):
    train(
        model,
        optimizer,
        RECIPE,
        take_gradients=gradients_of(model),
        after_step=after_step,
        first_step=first_step,
    )


def test_a_trapezoid_rises_stays_and_falls():
    recipe = replace(RECIPE, schedule="trapezoid")
    rates = [learning_rate_at(step, recipe) for step in range(recipe.n_steps + 1)]
    assert rates[3] == recipe.learning_rate
    assert set(rates[3:33]) == {recipe.learning_rate}
    assert rates[32:] == sorted(rates[32:], reverse=True)
    assert rates[-1] == pytest.approx(0.01 * recipe.learning_rate)


def test_the_schedule_rises_then_falls_to_one_percent():
    rates = [learning_rate_at(step, RECIPE) for step in range(RECIPE.n_steps + 1)]
    peak = rates.index(max(rates))
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert max(rates) == RECIPE.learning_rate
    assert rates[-1] == pytest.approx(0.01 * RECIPE.learning_rate)


def test_matrices_decay_and_vectors_do_not():
    optimizer = make_optimizer(make_model(), RECIPE)
    decays = {
        p.ndim: g["weight_decay"] for g in optimizer.param_groups for p in g["params"]
    }
    assert decays == {2: 0.1, 1: 0.0}


def test_training_learns():
    model = make_model()
    losses = []
    run(
        model,
        make_optimizer(model, RECIPE),
        after_step=lambda s, loss: losses.append(loss),
    )
    assert len(losses) == 40
    assert losses[-1] < 0.3 * losses[0]


def test_a_resumed_training_is_the_uninterrupted_one(tmp_path):
    whole = make_model()
    run(whole, make_optimizer(whole, RECIPE))
    path = tmp_path / "last.safetensors"
    first = make_model()
    optimizer = make_optimizer(first, RECIPE)

    def stop(step, loss):
        if step == 16:
            save_checkpoint(path, {"model": first}, optimizer, {"next_step": 17})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(first, optimizer, after_step=stop)
    second = make_model()
    fresh = make_optimizer(second, RECIPE)
    facts = load_checkpoint(path, {"model": second}, fresh)
    run(second, fresh, first_step=facts["next_step"])
    for a, b in zip(whole.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


def test_a_loss_that_is_not_finite_stops_with_advice():
    model = make_model()
    with pytest.raises(
        DataError, match=r"The loss is nan at step 0.*Lower learning_rate"
    ):
        train(
            model, make_optimizer(model, RECIPE), RECIPE,
            take_gradients=lambda step: float("nan"),
            after_step=lambda step, loss: None,
        )  # fmt: skip


def test_a_gradient_that_is_not_finite_is_never_applied():
    model = make_model()
    before = [p.detach().clone() for p in model.parameters()]

    def take(step):
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, torch.inf)
        return 1.0

    with pytest.raises(DataError, match="gradient nan|gradient inf"):
        train(
            model, make_optimizer(model, RECIPE), RECIPE, take_gradients=take,
            after_step=lambda step, loss: None,
        )  # fmt: skip
    for old, new in zip(before, model.parameters(), strict=True):
        assert old.equal(new)


def test_a_checkpoint_with_a_flipped_bit_is_refused(tmp_path):
    path, model = tmp_path / "last.safetensors", make_model()
    optimizer = make_optimizer(model, RECIPE)
    save_checkpoint(path, {"model": model}, optimizer, {})
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="its digest is not the one"):
        load_checkpoint(path, {"model": model}, optimizer)


def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path):
    path = tmp_path / "last.safetensors"
    path.write_bytes(b"nonsense")
    model = make_model()
    with pytest.raises(DataError, match="damaged; delete it"):
        read_checkpoint_facts(path)
    with pytest.raises(DataError, match="damaged; delete it"):
        load_checkpoint(path, {"model": model}, make_optimizer(model, RECIPE))
    other = torch.nn.Linear(2, 2)
    save_checkpoint(path, {"model": other}, make_optimizer(other, RECIPE), {})
    with pytest.raises(DataError, match="of another architecture"):
        load_checkpoint(path, {"model": model}, make_optimizer(model, RECIPE))
