"""What all objectives share: losses by row, and the loss of knowing nothing."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurograft.models.batches import WindowBatch
from neurograft.pretraining.masking import Masking
from neurograft.pretraining.objectives.objective import (
    Examples,
    beside_mean,
    find_losses,
    make_head,
    see_regions,
)


def draw(shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@given(
    shape=st.sampled_from([(5, 3), (2, 4, 3), (7, 1)]),
    seed=st.integers(0, 5),
)
def test_the_truth_costs_nothing_and_the_mean_costs_what_it_is_compared_with(
    shape, seed
):
    truth = draw(shape, seed)
    mean = truth.flatten(0, -2).mean(0).expand_as(truth)
    known = beside_mean(truth, truth)
    assert known["watched_loss"] == 0
    assert known["predict_mean_loss"] > 0
    ignorant = beside_mean(mean, truth)
    assert ignorant["watched_loss"] == pytest.approx(known["predict_mean_loss"])


def test_a_shift_of_each_output_changes_no_loss():
    predicted, truth, shift = draw((4, 6, 3)), draw((4, 6, 3), 1), draw((3,), 2)
    before = beside_mean(predicted, truth)
    after = beside_mean(predicted + shift, truth + shift)
    assert after == pytest.approx(before, rel=1e-5)


def test_losses_are_huber_s_and_their_mean_is_the_loss_of_the_batch():
    predicted = torch.tensor([[0.0, 0.0], [0.0, 0.0]])
    truth = torch.tensor([[0.5, 0.0], [3.0, -1.0]])
    losses = find_losses(predicted, truth)
    torch.testing.assert_close(losses, torch.tensor([[0.0625], [1.5]]))
    assert beside_mean(predicted, truth)["watched_loss"] == pytest.approx(
        losses.mean().item()
    )


def test_regions_are_read_from_visible_tokens_only_and_normalised(encoder, make_batch):
    batch = make_batch(n=2)
    keep = torch.arange(0, 32, 2).expand(2, -1)
    examples = Examples(batch, Masking(keep, keep + 1))
    regions = see_regions(encoder, examples)
    assert regions.shape == (2, 6, 96)
    torch.testing.assert_close(regions.square().mean(-1), torch.ones(2, 6))
    patches = batch.signals.reshape(2, 32, 64).clone()
    patches[:, 1::2] = 70.0  # what is hidden
    changed = WindowBatch(
        patches.reshape(batch.signals.shape), batch.positions, batch.scale,
        batch.acquisition,
    )  # fmt: skip
    again = see_regions(encoder, Examples(changed, Masking(keep, keep + 1)))
    torch.testing.assert_close(again, regions, rtol=0, atol=0)


def test_a_head_begins_without_an_offset():
    head = make_head(12, 3)
    assert head(torch.zeros(5, 12)).abs().max() == 0
    assert head(draw((5, 12))).shape == (5, 3)
