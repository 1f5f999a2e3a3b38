"""Supervised by simulation: windows follow from the generator, not from the corpus."""

import pytest
import torch

from neurograft.pretraining.corpus import Drawn, Window
from neurograft.pretraining.objectives.latent import N_CHANNELS, make_latent_objective
from neurograft.pretraining.objectives.mae import Hiding
from neurograft.simulation.windows import LATENTS


@pytest.fixture
def objective(encoder):
    return make_latent_objective(encoder, hiding=Hiding(), l_freq=0.5)


def prepare(objective, batch, seed):
    drawn = Drawn(batch, (Window(0, 0, 0),) * len(batch))
    return objective.prepare(drawn, torch.Generator().manual_seed(seed))


def test_windows_follow_from_the_generator_and_not_from_the_recordings(
    objective, make_batch
):
    first = prepare(objective, make_batch(seed=0), 4)
    other_people = prepare(objective, make_batch(seed=1), 4)
    assert first.batch.signals.equal(other_people.batch.signals)
    assert first.targets.equal(other_people.targets)
    other_draw = prepare(objective, make_batch(seed=0), 5)
    assert not torch.equal(first.targets, other_draw.targets)


def test_as_many_windows_as_drawn_name_all_latents(objective, make_batch):
    sizes = set()
    for seed in range(8):
        examples = prepare(objective, make_batch(n=3), seed)
        n, n_channels, n_times = examples.batch.signals.shape
        assert (n, n_times) == (3, 4 * 64)
        assert N_CHANNELS[0] <= n_channels <= N_CHANNELS[1]
        assert examples.targets.shape == (3, len(LATENTS))
        assert examples.targets.abs().max() <= 4
        sizes.add(n_channels)
    assert len(sizes) > 1


def test_simulated_devices_tell_nothing_of_themselves(objective, make_batch):
    batch = prepare(objective, make_batch(), 0).batch
    assert not batch.acquisition.any()
    norms = batch.positions.norm(dim=-1)
    torch.testing.assert_close(norms, torch.ones_like(norms), atol=1e-4, rtol=0)
    assert (batch.scale > 0).all()
