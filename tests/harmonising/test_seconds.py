"""Every second gets one verdict, and no kept stretch touches a dropped one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.harmonising.buffer import RowBuffer
from neurograft.harmonising.seconds import (
    Stretch,
    count_constant,
    join_seconds,
    judge_seconds,
    keep_segments,
)

N_SECOND, N_CHANNELS = 8, 4


def make_rows(signals):
    """A buffer of `(n_times, n_channels)`."""
    rows = RowBuffer(len(signals), signals.shape[1])
    rows.append(signals.astype(np.float32))
    return rows


def judge(signals, segments, **options):
    still = [np.zeros(((b - a) // N_SECOND, N_CHANNELS), bool) for a, b in segments]
    constant = options.pop("constant", still)
    return join_seconds(judge_each(signals, segments, constant, **options))


def judge_each(signals, segments, constant, **options):
    return judge_seconds(
        make_rows(signals), np.eye(N_CHANNELS, dtype=np.float32),
        np.full(N_CHANNELS, 10.0, np.float32), segments=segments,
        constant=constant, n_second=N_SECOND, max_share=0.5, **options,
    )  # fmt: skip


@given(
    cuts=st.sets(st.integers(9, 190), max_size=3),
    jumps=st.lists(st.tuples(st.integers(0, 199), st.integers(1, 4)), max_size=6),
)
def test_verdicts_cover_all_samples_and_joined_neighbours_differ(cuts, jumps):
    signals = np.zeros((200, N_CHANNELS))
    for place, n_channels in jumps:
        signals[place, :n_channels] = 50
    edges = [0, *sorted(cuts), 200]
    verdicts = judge(signals, list(pairwise(edges)))
    assert sum(one.n_times for one in verdicts) == 200
    assert verdicts[0].start == 0
    for one, after in pairwise(verdicts):
        assert one.start + one.n_times == after.start
        assert (one.verdict, one.measure) != (after.verdict, after.measure)


@given(
    dropped=st.lists(st.tuples(st.integers(0, 95), st.integers(1, 20)), max_size=5),
    cuts=st.sets(st.integers(1, 99), max_size=3),
    n_least=st.integers(1, 12),
)
def test_kept_segments_are_all_that_is_long_enough_outside_dropped(
    dropped, cuts, n_least
):
    segments = list(pairwise([0, *sorted(cuts), 100]))
    verdicts = [Stretch(a, n, "dropped", "", 1.0) for a, n in dropped]
    verdicts.append(Stretch(0, 100, "kept", "", 0.0))
    usable = np.ones(100, bool)
    for start, n_times in dropped:
        usable[start : start + n_times] = False
    kept = keep_segments(segments, verdicts, n_least=n_least)
    seen = np.zeros(100, bool)
    for start, stop in kept:
        assert stop - start >= n_least
        assert usable[start:stop].all()
        assert any(a <= start and stop <= b for a, b in segments)
        seen[start:stop] = True
    for start, stop in segments:
        run = 0
        for i in range(start, stop):
            run = run + 1 if usable[i] else 0
            if run >= n_least:
                assert seen[i - run + 1 : i + 1].all()


@given(hops=st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_constant_seconds_do_not_depend_on_how_blocks_are_cut_at_seconds(hops):
    rng = np.random.default_rng(0)
    signals = rng.standard_normal((3, 20 * 16))
    signals[1, 5 * 16 : 9 * 16] = 2.0
    whole = np.zeros((20, 3), bool)
    count_constant(signals, 0, 16.0, whole)
    assert whole[:, 1].tolist() == [5 <= i < 9 for i in range(20)]
    assert not whole[:, [0, 2]].any()
    pieces = np.zeros((20, 3), bool)
    first = 0
    for hop in hops:
        count_constant(signals[:, first : first + 16 * hop], first, 16.0, pieces)
        first = min(first + 16 * hop, signals.shape[1])
    np.testing.assert_array_equal(pieces[: first // 16], whole[: first // 16])


def test_a_channel_is_constant_from_half_of_a_second_on():
    signals = np.random.default_rng(0).standard_normal((2, 80))
    signals[0, :40] = 1.0  # half of the first second of 80 samples
    signals[1, :30] = 1.0
    constant = np.zeros((1, 2), bool)
    count_constant(signals, 0, 80.0, constant)
    assert constant.tolist() == [[True, False]]


@pytest.mark.parametrize(
    ("n_jumping", "verdict", "measure"),
    [
        (0, "kept", ""), (1, "repaired", "amplitude clipped"),
        (2, "repaired", "amplitude clipped"),
        (3, "dropped", "amplitude beyond the limit"),
    ],
)  # fmt: skip
def test_few_channels_are_clipped_and_many_drop_the_second(n_jumping, verdict, measure):
    signals = np.zeros((3 * N_SECOND, N_CHANNELS))
    signals[N_SECOND + 3, :n_jumping] = -50  # also below zero
    verdicts = judge(signals, [(0, 3 * N_SECOND)])
    (second,) = [s for s in verdicts if s.start <= N_SECOND + 3 < s.start + s.n_times]
    assert (second.verdict, second.measure) == (verdict, measure)
    assert second.value == n_jumping / N_CHANNELS


def test_constant_channels_and_rejected_samples_drop_their_second():
    signals = np.zeros((4 * N_SECOND, N_CHANNELS))
    still = np.zeros((4, N_CHANNELS), bool)
    still[1, :3] = True
    rejected = np.zeros(4 * N_SECOND, bool)
    rejected[3 * N_SECOND] = True
    verdicts = judge(signals, [(0, 4 * N_SECOND)], constant=[still], rejected=rejected)
    assert [(one.verdict, one.measure) for one in verdicts] == [
        ("kept", ""), ("dropped", "constant channels"), ("kept", ""),
        ("dropped", "autoreject"),
    ]  # fmt: skip


def test_a_kept_second_still_tells_how_many_channels_are_constant():
    constant = [np.zeros((3, N_CHANNELS), bool)]
    constant[0][1, 0] = True
    signals = np.zeros((3 * N_SECOND, N_CHANNELS))
    seconds = judge_each(signals, [(0, 3 * N_SECOND)], constant)
    assert [second.verdict for second in seconds] == ["kept"] * 3
    assert [second.share for second in seconds] == [0, 0.25, 0]
    assert [second.value for second in seconds] == [0, 0, 0]
