"""What may be used: between gaps, outside bad marks, in the condition."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import DataError
from neurograft.recordings.events import Event
from neurograft.recordings.segments import find_segments


def find(*events, **options):
    return find_segments(events, n_times=1000, sfreq=10.0, **options)[0]


def test_without_marks_all_of_it_is_one_segment():
    assert find() == ((0, 1000),)
    assert find(Event(0.0, 0.0, "New Segment")) == ((0, 1000),)


@pytest.mark.parametrize(
    "name",
    ["New Segment", "boundary", "BAD boundary", "EDGE boundary", "new segment/x"],
)
def test_every_words_for_a_gap_cut(name):
    assert find(Event(30.0, 0.0, name)) == ((0, 300), (300, 1000))


def test_gaps_that_no_event_marks_cut_too():
    assert find(gaps=[0, 200, 1000]) == ((0, 200), (200, 1000))


def test_bad_stretches_are_left_out_and_bad_words_are_not():
    assert find(Event(10.0, 5.0, "BAD_blink")) == ((0, 100), (150, 1000))
    assert find(Event(10.0, 5.0, "badminton")) == ((0, 1000),)


def test_a_condition_lasts_until_the_next_one_or_its_own_end():
    events = (
        Event(0.0, 0.0, "eyes_open"),
        Event(20.0, 0.0, "eyes_closed"),
        Event(50.0, 0.0, "eyes_open"),
        Event(70.0, 10.0, "eyes_closed"),
    )
    closed = {"condition": ("eyes_closed",), "others": ("eyes_open",)}
    assert find(*events, **closed) == ((200, 500), (700, 800))
    opened = {"condition": ("eyes_open",), "others": ("eyes_closed",)}
    assert find(*events, **opened) == ((0, 200), (500, 700))


def test_a_condition_is_cut_at_gaps():
    events = (Event(10.0, 0.0, "rest"), Event(30.0, 0.0, "boundary"))
    assert find(*events, condition=("rest",)) == ((100, 300), (300, 1000))


def test_a_condition_that_never_begins_says_what_was_found():
    events = (Event(1.0, 0.0, "S  1"), Event(2.0, 0.0, "Mrs Smith coughs"))
    with pytest.raises(DataError, match=r"none of rest is marked; found S  1$"):
        find(*events, condition=("rest",))


def test_nothing_left_is_a_reason():
    with pytest.raises(DataError, match="nothing is left"):
        find(Event(0.0, 200.0, "BAD_all"))


@given(
    st.lists(
        st.tuples(
            st.floats(0, 100), st.floats(0, 20), st.sampled_from(["bad", "boundary"])
        ),
        max_size=8,
    )
)
def test_segments_are_ordered_apart_and_touch_nothing_bad(marks):
    events = [Event(*mark) for mark in marks]
    try:
        segments = find(*events)
    except DataError:
        return
    assert all(start < stop for start, stop in segments)
    assert all(a[1] <= b[0] for a, b in pairwise(segments))
    for start, stop in segments:
        assert start >= 0
        assert stop <= 1000
        for event in events:
            first, last = (
                round(event.onset_s * 10),
                round((event.onset_s + event.duration_s) * 10),
            )
            if event.name == "bad" and event.duration_s > 0:
                assert stop <= first or start >= last or first == last
            elif event.name == "boundary" and 0 < first < 1000:
                assert not start < first < stop
