"""Masks hide the stated share of every window, and never see padding."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import ConfigError
from neurograft.pretraining.masking import mask_at_random


def draw(lengths, ratio, n_queries=10_000, seed=0):
    longest = max(lengths)
    padding = torch.arange(longest) >= torch.tensor(lengths)[:, None]
    return mask_at_random(
        padding,
        mask_ratio=ratio,
        n_queries=n_queries,
        generator=torch.Generator().manual_seed(seed),
    )


lengths = st.lists(st.integers(8, 60), min_size=1, max_size=5)


@given(lengths=lengths, ratio=st.floats(0.2, 0.8), seed=st.integers(0, 99))
def test_visible_and_hidden_tokens_share_out_each_window(lengths, ratio, seed):
    masking = draw(lengths, ratio, seed=seed)
    for row, length in enumerate(lengths):
        kept = masking.ids_keep[row][~masking.keep_mask[row]].tolist()
        asked = masking.ids_query[row][~masking.query_mask[row]].tolist()
        assert sorted(kept + asked) == list(range(length))
        assert abs(len(kept) - (1 - ratio) * length) <= 0.5


@given(lengths=lengths, n_queries=st.integers(1, 20))
def test_at_most_so_many_are_asked(lengths, n_queries):
    masking = draw(lengths, 0.75, n_queries=n_queries)
    everything = draw(lengths, 0.75)
    asked = (~masking.query_mask).sum(1)
    hidden = (~everything.query_mask).sum(1)
    assert asked.tolist() == hidden.clamp(max=n_queries).tolist()


def test_every_token_is_hidden_equally_often():
    counts = torch.zeros(20)
    for seed in range(600):
        masking = draw([20], 0.75, seed=seed)
        counts[masking.ids_query[0]] += 1
    assert (counts / 600 - 0.75).abs().max() < 0.08


def test_windows_of_a_batch_are_masked_differently_and_repeatably():
    a, b = draw([40, 40], 0.75), draw([40, 40], 0.75)
    assert a.ids_keep.equal(b.ids_keep)
    assert set(a.ids_keep[0].tolist()) != set(a.ids_keep[1].tolist())


@pytest.mark.parametrize(("length", "ratio"), [(1, 0.5), (2, 0.9), (3, 0.05)])
def test_masks_that_hide_everything_or_nothing_are_refused(length, ratio):
    with pytest.raises(
        ConfigError, match="leaves nothing to see or nothing to predict"
    ):
        draw([30, length], ratio)
