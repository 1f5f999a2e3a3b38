"""SIGReg is a distance from a standard normal, and nothing else."""

import math

import pytest
import torch

from neurograft.models.region_pooling import pool_regions, weigh_tokens
from neurograft.montage.regions import weigh_regions
from neurograft.pretraining.augmentations import ACQUISITION
from neurograft.pretraining.objectives.lejepa import (
    PROJECTED_DIM,
    REGULARISER_SHARE,
    LatentEuclidean,
    sigreg,
)
from neurograft.pretraining.objectives.mae import Hiding


def directions(dim, n=256):
    drawn = torch.randn(dim, n, generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.normalize(drawn, dim=0)


def normal(n, dim, seed=0):
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed))


def test_it_vanishes_for_a_normal_and_shrinks_with_more_samples():
    few, many = (sigreg(normal(n, 16), directions(16)) for n in (100, 10_000))
    assert many < 2e-4
    assert 20 * many < few


@pytest.mark.parametrize("rank", [8, 4, 2, 1])
def test_it_grows_with_collapse(rank):
    """Keep fewer and fewer dimensions alive."""
    x = normal(2000, 16)
    alive, less = x.clone(), x.clone()
    alive[:, 2 * rank :] = 0
    less[:, rank:] = 0
    assert sigreg(less, directions(16)) > sigreg(alive, directions(16))


@pytest.mark.parametrize("change", [lambda x: x + 1, lambda x: 2 * x, lambda x: x**3])
def test_it_sees_shifts_scales_and_shapes(change):
    x = normal(5000, 8)
    assert sigreg(change(x), directions(8)) > 50 * sigreg(x, directions(8))


def test_it_does_not_see_a_rotation():
    x = normal(500, 6)
    rotation, _ = torch.linalg.qr(normal(6, 6, seed=3))
    turned = sigreg(x @ rotation, rotation.T @ directions(6))
    torch.testing.assert_close(turned, sigreg(x, directions(6)), rtol=1e-3, atol=1e-6)


def test_minimising_it_brings_any_cloud_to_a_normal():
    x = (0.05 * normal(200, 4) + 2).requires_grad_()
    optimiser = torch.optim.Adam([x], lr=0.05)
    for step in range(300):
        drawn = torch.randn(4, 64, generator=torch.Generator().manual_seed(step))
        loss = sigreg(x, torch.nn.functional.normalize(drawn, dim=0))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert x.mean(0).abs().max() < 0.15
    torch.testing.assert_close(torch.cov(x.T), torch.eye(4), atol=0.3, rtol=0)


def test_regions_of_tokens_are_those_of_electrodes():
    places = torch.nn.functional.normalize(normal(12, 3), dim=1)[None]
    expected = weigh_regions(places[0].numpy())
    torch.testing.assert_close(
        weigh_tokens(places)[0],
        torch.from_numpy(expected).float(),
        atol=1e-5,
        rtol=1e-4,
    )
    values = normal(12, 5)[None]
    pooled = pool_regions(values, places)
    torch.testing.assert_close(
        pooled[0], torch.from_numpy(expected).float() @ values[0], atol=1e-4, rtol=1e-4
    )


def test_a_collapse_to_the_origin_has_its_closed_form():
    # The integral of (1 - exp(-t^2 / 2))^2 exp(-t^2 / 2) over all t.
    expected = math.sqrt(2 * math.pi) * (1 - 2 / math.sqrt(2) + 1 / math.sqrt(3))
    collapsed = sigreg(torch.zeros(9, 4), directions(4))
    assert collapsed.item() == pytest.approx(expected, rel=0.02)


@pytest.fixture
def objective(encoder):
    return LatentEuclidean(encoder, hiding=Hiding(), augmentation=ACQUISITION)


def test_equal_views_are_no_distance_apart_and_opposite_ones_all_of_it(objective):
    views = normal(5, 2 * PROJECTED_DIM)
    alike = views.repeat_interleave(2, 0)
    assert objective.measure(alike, 0)[0].item() == pytest.approx(0, abs=1e-9)
    opposite = torch.stack([views, -views], dim=1).flatten(0, 1)
    torch.testing.assert_close(objective.measure(opposite, 0)[0], views.square().mean())


def test_twice_the_recordings_are_twice_the_evidence_against_a_normal(objective):
    views = normal(6, 2 * PROJECTED_DIM)
    once, twice = (objective.measure(x, 0)[1] for x in (views, views.repeat(2, 1)))
    torch.testing.assert_close(twice, 2 * once)


def test_the_loss_weighs_invariance_and_distance_from_a_normal(objective):
    views = normal(6, 2 * PROJECTED_DIM)
    invariance, distance = objective.measure(views, 3)
    expected = (1 - REGULARISER_SHARE) * invariance + REGULARISER_SHARE * distance
    torch.testing.assert_close(objective.judge(views, 3), expected)
    assert REGULARISER_SHARE == 0.05
