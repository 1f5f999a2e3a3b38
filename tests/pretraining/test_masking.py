"""Masks hide the stated share of every window, in the shape they are named after."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import ConfigError
from neurograft.models.batches import WindowBatch
from neurograft.pretraining.masking import (
    CAP_SHARE,
    TIE_BREAKER,
    _draw_kind,
    draw_caps,
    draw_mask,
    draw_spans,
    draw_target_blocks,
)

N_SECONDS = 10
KINDS = ("random", "block", "channel", "future", "mixed")


def make_batch(n, n_channels, seed=0):
    generator = torch.Generator().manual_seed(seed)
    places = torch.randn(n, n_channels, 3, generator=generator)
    return WindowBatch(
        torch.zeros(n, n_channels, N_SECONDS),
        torch.nn.functional.normalize(places, dim=-1),
        torch.ones(n),
        torch.zeros(n, 7),
    )


def draw(kind, n=4, n_channels=19, ratio=0.75, n_queries=10_000, seed=0):
    return draw_mask(
        make_batch(n, n_channels, seed),
        kind=kind,
        n_patches=N_SECONDS,
        mask_ratio=ratio,
        n_queries=n_queries,
        generator=torch.Generator().manual_seed(seed),
    )


def grid(ids, n_channels):
    """Which patches are among the indices, `(n, n_channels, n_patches)`."""
    found = torch.zeros(len(ids), n_channels * N_SECONDS, dtype=torch.bool)
    return found.scatter(1, ids, True).reshape(-1, n_channels, N_SECONDS)


@given(
    kind=st.sampled_from(KINDS),
    n_channels=st.integers(4, 40),
    ratio=st.floats(0.3, 0.8),
    seed=st.integers(0, 99),
)
def test_visible_and_hidden_patches_share_out_each_window(
    kind, n_channels, ratio, seed
):
    masking = draw(kind, n_channels=n_channels, ratio=ratio, seed=seed)
    n = n_channels * N_SECONDS
    both = torch.cat([masking.ids_keep, masking.ids_query], 1).sort(1).values
    assert (both == torch.arange(n)).all()
    lump = max(n_channels, N_SECONDS)  # whole channels or seconds are rounded
    assert abs(masking.ids_query.shape[1] - ratio * n) <= lump / 2 + 0.5
    if kind in ("random", "block"):
        assert abs(masking.ids_query.shape[1] - ratio * n) <= 0.5


@given(kind=st.sampled_from(KINDS), n_queries=st.integers(1, 40))
def test_at_most_so_many_are_asked_and_which_ones_is_random(kind, n_queries):
    masking = draw(kind, n_queries=n_queries)
    assert masking.ids_query.shape == (4, n_queries)
    assert not set(masking.ids_query[0].tolist()) & set(masking.ids_keep[0].tolist())


@pytest.mark.parametrize("kind", ["random", "block", "channel"])
def test_every_channel_is_hidden_equally_often(kind):
    counts = torch.zeros(12)
    for seed in range(150):
        batch = make_batch(8, 12, seed=0)
        # Electrodes on a ring have the same neighbourhoods.
        angles = torch.arange(12) / 12 * 2 * torch.pi
        ring = torch.stack([angles.cos(), angles.sin(), 0 * angles], -1)
        batch.positions[:] = ring
        masking = draw_mask(
            batch, kind=kind, n_patches=N_SECONDS, mask_ratio=0.5, n_queries=1000,
            generator=torch.Generator().manual_seed(seed),
        )  # fmt: skip
        counts += grid(masking.ids_query, 12).float().mean((0, 2))
    assert (counts / 150 - 0.5).abs().max() < 0.05


def test_windows_of_a_batch_are_masked_differently_and_repeatably():
    a, b = draw("random"), draw("random")
    assert a.ids_keep.equal(b.ids_keep)
    assert set(a.ids_keep[0].tolist()) != set(a.ids_keep[1].tolist())


def test_future_hides_the_last_seconds_and_channel_whole_channels():
    future = grid(draw("future", ratio=0.4).ids_query, 19)
    assert future[:, :, 6:].all()
    assert not future[:, :, :6].any()
    channel = grid(draw("channel", ratio=0.5).ids_query, 19)
    assert (channel.all(2) | ~channel.any(2)).all()
    assert set(channel.any(2).sum(1).tolist()) == {round(0.5 * 19)}


def test_a_block_hides_neighbours_in_space_and_time_together():
    """A hidden patch has more hidden neighbours than under a random mask."""

    def clumping(kind):
        batch = make_batch(60, 32)
        masking = draw_mask(
            batch, kind=kind, n_patches=N_SECONDS, mask_ratio=0.5, n_queries=1000,
            generator=torch.Generator().manual_seed(0),
        )  # fmt: skip
        hidden = grid(masking.ids_query, 32).float()
        nearness = batch.positions @ batch.positions.transpose(1, 2)
        nearest = (nearness - 9 * torch.eye(32)).argmax(2)
        beside = hidden.gather(1, nearest[..., None].expand(-1, -1, N_SECONDS))
        in_time = (hidden[:, :, 1:] * hidden[:, :, :-1]).mean()
        return float((hidden * beside).mean()), float(in_time)

    for block, random in zip(clumping("block"), clumping("random"), strict=True):
        assert random == pytest.approx(0.25, abs=0.02)
        assert block > random + 0.08


def test_caps_hold_the_share_of_channels_they_should_and_are_caps():
    batch = make_batch(20, 40)
    caps = draw_caps(
        batch.positions, CAP_SHARE, n_caps=7,
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    sizes = caps.sum(2)
    assert sizes.min() >= round(CAP_SHARE[0] * 40)
    assert sizes.max() <= round(CAP_SHARE[1] * 40)
    # Some channel is the centre: all inside are nearer to it than all outside.
    nearness = batch.positions @ batch.positions.transpose(1, 2)
    inside = nearness.masked_fill(~caps[:, 0, None], 9).amin(2)
    outside = nearness.masked_fill(caps[:, 0, None], -9).amax(2)
    assert (inside >= outside - 2 * TIE_BREAKER).any(1).all()


@given(n_patches=st.integers(1, 12), low=st.integers(1, 5), more=st.integers(0, 5))
def test_spans_are_consecutive_and_of_the_length_asked(n_patches, low, more):
    spans = draw_spans(
        n_patches, (low, low + more), (6, 5),
        generator=torch.Generator().manual_seed(n_patches),
    )  # fmt: skip
    lengths = spans.sum(-1)
    assert lengths.min() >= min(low, n_patches)
    assert lengths.max() <= min(low + more, n_patches)
    jumps = (spans[..., 1:] != spans[..., :-1]).sum(-1)
    assert jumps.max() <= 2


@pytest.mark.parametrize("kind", ["random", "block", "future", "channel"])
@pytest.mark.parametrize("ratio", [0.99, 0.01])
def test_something_is_hidden_and_something_seen_whatever_the_share(kind, ratio):
    masking = draw(kind, n_channels=2, ratio=ratio)
    assert masking.ids_keep.shape[1] > 0
    assert masking.ids_query.shape[1] > 0


def test_the_only_channel_cannot_be_hidden_whole():
    with pytest.raises(
        ConfigError, match="leaves nothing to see or nothing to predict"
    ):
        draw("channel", n_channels=1, ratio=0.5)


def test_mixed_masks_never_hide_whole_channels_where_there_are_few():
    for seed in range(60):
        draw("mixed", n_channels=1, seed=seed)


@given(n_channels=st.integers(6, 64), seed=st.integers(0, 30))
def test_target_blocks_and_context_never_overlap(n_channels, seed):
    masking = draw_target_blocks(
        make_batch(6, n_channels, seed), n_patches=N_SECONDS, mask_ratio=0.75,
        n_queries=64, generator=torch.Generator().manual_seed(seed),
    )  # fmt: skip
    hidden = grid(masking.ids_query, n_channels)
    seen = grid(masking.ids_keep, n_channels)
    assert not (hidden & seen).any()
    assert hidden.flatten(1).sum(1).eq(masking.ids_query.shape[1]).all()
    assert masking.ids_keep.shape[1] <= round(0.25 * n_channels * N_SECONDS)


def test_no_electrode_is_dropped_more_often_when_blocks_are_made_equally_long():
    """Truncating sorted indices would always spare the first, drop the last."""
    asked, seen = torch.zeros(16), torch.zeros(16)
    angles = torch.arange(16) / 16 * 2 * torch.pi
    ring = torch.stack([angles.cos(), angles.sin(), 0 * angles], -1)
    for seed in range(200):
        batch = make_batch(8, 16)
        batch.positions[:] = ring
        masking = draw_target_blocks(
            batch, n_patches=N_SECONDS, mask_ratio=0.75, n_queries=20,
            generator=torch.Generator().manual_seed(seed),
        )  # fmt: skip
        asked += grid(masking.ids_query, 16).float().sum((0, 2))
        seen += grid(masking.ids_keep, 16).float().sum((0, 2))
    for counts in (asked, seen):
        assert (counts / counts.mean() - 1).abs().max() < 0.1


def test_blocks_that_cover_everything_are_refused():
    with pytest.raises(ConfigError, match="Target blocks cover a window"):
        draw_target_blocks(
            make_batch(4, 1), n_patches=1, mask_ratio=0.75, n_queries=5,
            generator=torch.Generator().manual_seed(0),
        )  # fmt: skip


def test_spans_begin_at_every_place_where_they_fit():
    generator = torch.Generator().manual_seed(0)
    spans = draw_spans(4, (2, 3), (50, 40), generator=generator).flatten(0, 1)
    seen = {tuple(row) for row in spans.int().tolist()}
    assert seen == {
        (1, 1, 0, 0),
        (0, 1, 1, 0),
        (0, 0, 1, 1),
        (1, 1, 1, 0),
        (0, 1, 1, 1),
    }


def test_too_few_seconds_or_channels_are_never_hidden_whole():
    generator = torch.Generator().manual_seed(0)
    short = {_draw_kind(8, 3, generator) for _ in range(200)}
    few = {_draw_kind(3, 8, generator) for _ in range(200)}
    assert "future" not in short
    assert "channel" in short
    assert "channel" not in few
    assert "future" in few
