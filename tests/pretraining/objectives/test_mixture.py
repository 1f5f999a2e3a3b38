"""What holds for every objective: order of channels, gradients, batches in parts."""

from dataclasses import replace

import pytest
import torch
from tests.pretraining.conftest import SETTINGS

from neurograft.pretraining.augmentations import Augmentation
from neurograft.pretraining.build import build_encoder, build_mixture
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.masking import Masking
from neurograft.pretraining.objectives.lejepa import LatentEuclidean
from neurograft.pretraining.objectives.mae import Hiding
from neurograft.pretraining.objectives.mixture import Mixture
from neurograft.pretraining.objectives.objective import Examples, Objective
from neurograft.training.averaging import find_momentum, update_average
from neurograft.training.parallel import compute_gradients

NAMES = ("mae", "jepa", "lejepa", "latent", "classical", "window-spectrum")


def build(corpus, *names, target="log-spectrum"):
    settings = SETTINGS.model_copy(update={"target": target})
    encoder = build_encoder(corpus, settings, h_freq=45.0, seed=0)
    return build_mixture(
        encoder, corpus, settings, weights=dict.fromkeys(names, 0.5), n_steps=40,
        l_freq=0.5, seed=0,
    )  # fmt: skip


def prepare(mixture, corpus, n=6, seed=1):
    drawn = corpus.draw(n, (seed,), n_views=mixture.n_views)
    return mixture.prepare(drawn, torch.Generator().manual_seed(seed))


def permute_channels(examples, order):
    """The same examples with channels and their positions in another order."""
    n_channels = examples.batch.positions.shape[1]
    n_patches = examples.batch.signals.shape[2] // 128
    back = order.argsort()

    def move(ids):
        return back[ids // n_patches] * n_patches + ids % n_patches

    assert len(order) == n_channels
    batch = replace(
        examples.batch,
        signals=examples.batch.signals[:, order],
        positions=examples.batch.positions[:, order],
    )
    masking = Masking(move(examples.masking.ids_keep), move(examples.masking.ids_query))
    return replace(examples, batch=batch, masking=masking)


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_does_not_depend_on_the_order_of_channels(corpus, name):
    mixture = build(corpus, name).eval()
    _, objective = mixture.members[0]
    assert isinstance(objective, Objective)
    (examples,) = prepare(mixture, corpus).parts
    order = torch.randperm(
        examples.batch.positions.shape[1], generator=torch.Generator().manual_seed(3)
    )
    loss = objective.judge(objective.respond(examples), examples.seed)
    moved = permute_channels(examples, order)
    again = objective.judge(objective.respond(moved), examples.seed)
    torch.testing.assert_close(again, loss, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("target", ["log-spectrum", "whitened", "waveform"])
def test_gradients_reach_every_parameter_of_a_masked_autoencoder(corpus, target):
    check_gradients(build(corpus, "mae", target=target), corpus)


@pytest.mark.parametrize("name", NAMES[1:])
def test_gradients_reach_every_parameter(corpus, name):
    check_gradients(build(corpus, name), corpus)


def check_gradients(mixture, corpus):
    examples = prepare(mixture, corpus)
    mixture.judge(mixture.respond(examples), examples.seeds).backward()
    learning = [(n, p) for n, p in mixture.named_parameters() if p.requires_grad]
    without = [n for n, p in learning if p.grad is None or not p.grad.any()]
    # Simulated devices tell nothing of themselves but their scale.
    assert [n for n in without if "acquisition" not in n] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_cut_into_parts_gives_the_same_gradients(corpus, name):
    mixture = build(corpus, name)
    examples = prepare(mixture, corpus, n=8)
    found = []
    for n_parts in (1, 2, 4):
        loss = compute_gradients(
            mixture,
            examples.split(n_parts),
            respond=mixture.respond,
            judge=lambda responses: mixture.judge(responses, examples.seeds),
        )
        grads = [p.grad.clone() for p in mixture.parameters() if p.grad is not None]
        found.append((loss, torch.cat([g.flatten() for g in grads])))
    for loss, gradient in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        torch.testing.assert_close(gradient, found[0][1], rtol=1e-3, atol=1e-5)


def test_a_mixture_is_the_weighted_sum(corpus):
    mixture = build(corpus, "mae", "classical")
    examples = prepare(mixture, corpus)
    alone = [
        one.judge(one.respond(part), part.seed)
        for (_, one), part in zip(mixture.members, examples.parts, strict=True)
    ]
    loss = mixture.judge(mixture.respond(examples), examples.seeds)
    torch.testing.assert_close(loss, 0.5 * alone[0] + 0.5 * alone[1])
    measured = mixture.compare(examples)
    assert {"watched_loss", "classical_watched_loss"} <= set(measured)


def test_objectives_of_one_window_get_the_first_view_of_each_recording(corpus):
    mixture = build(corpus, "mae", "lejepa")
    assert mixture.n_views == 2
    drawn = corpus.draw(6, (1,), n_views=2)
    assert [a[:2] for a in drawn.windows[::2]] == [b[:2] for b in drawn.windows[1::2]]
    examples = mixture.prepare(drawn, torch.Generator().manual_seed(0))
    assert [len(part) for part in examples.parts] == [6, 12]
    assert examples.parts[0].batch.signals.equal(drawn.batch.signals[::2])


def test_the_teacher_follows_its_closed_form(encoder):
    student, teacher = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    start = teacher.weight.detach().clone()
    seen = []
    for step in range(5):
        with torch.no_grad():
            student.weight += 1 + step
        seen.append(student.weight.detach().clone())
        update_average(teacher, student, momentum=0.8)
    expected = 0.8**5 * start
    for age, weights in enumerate(reversed(seen)):
        expected = expected + 0.2 * 0.8**age * weights
    torch.testing.assert_close(teacher.weight.detach(), expected)


def test_the_average_of_weights_begins_as_a_plain_mean():
    student, average = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    seen = []
    for step in range(6):
        with torch.no_grad():
            student.weight.fill_(float(step))
        seen.append(step)
        update_average(average, student, momentum=find_momentum(step, horizon=100))
    assert average.weight.item() == pytest.approx(sum(seen) / len(seen))
    update_average(average, student, momentum=find_momentum(3, horizon=0))
    assert average.weight.item() == 5


def test_the_teacher_gets_no_gradient_and_moves_only_when_told(corpus):
    mixture = build(corpus, "jepa")
    jepa = mixture.members[0][1]
    before = [p.clone() for p in jepa.target_encoder.parameters()]
    examples = prepare(mixture, corpus)
    mixture.judge(mixture.respond(examples), examples.seeds).backward()
    assert all(p.grad is None for p in jepa.target_encoder.parameters())
    with torch.no_grad():
        for parameter in jepa.encoder.parameters():
            parameter += 1
    for old, new in zip(before, jepa.target_encoder.parameters(), strict=True):
        assert old.equal(new)
    mixture.follow(1.0)  # momentum 1 at the end: nothing moves
    for old, new in zip(before, jepa.target_encoder.parameters(), strict=True):
        assert old.equal(new)
    mixture.follow(0.0)
    moved = next(jepa.target_encoder.parameters()) - before[0]
    torch.testing.assert_close(
        moved, torch.full_like(moved, 1 - jepa.first_momentum), rtol=1e-3, atol=1e-4
    )


def test_views_of_a_recording_pass_different_amplifiers(encoder, make_batch):
    objective = LatentEuclidean(
        encoder, hiding=Hiding(), augmentation=Augmentation(gain_sd=0.5)
    )
    single = make_batch(n=3)
    twice = replace(
        single,
        signals=single.signals.repeat_interleave(2, 0),
        positions=single.positions.repeat_interleave(2, 0),
        scale=single.scale.repeat_interleave(2, 0),
        acquisition=single.acquisition.repeat_interleave(2, 0),
    )
    examples = objective.prepare(Drawn(twice, ()), torch.Generator().manual_seed(0))
    first, second = examples.batch.signals[::2], examples.batch.signals[1::2]
    assert not first.equal(second)
    ratio = (first / single.signals).std(2)
    assert ratio.max() < 1e-4  # a gain, and nothing else


def test_examples_say_how_many_they_are(encoder, make_batch):
    batch = make_batch(n=3)
    ids = torch.zeros(3, 1, dtype=torch.long)
    examples = Examples(batch, Masking(ids, ids), torch.zeros(3, 2), seed=5)
    assert len(examples) == 3
    assert [part.seed for part in examples.split(2)] == [5, 5]
    assert examples.to(torch.device("cpu")).targets.shape == (3, 2)
    assert isinstance(Mixture, type)
