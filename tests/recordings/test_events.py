"""Events that stand in the file and in the table are one."""

import random

import pytest

from neurograft.recordings.events import Event, is_harmless, read_events
from neurograft.recordings.segments import find_segments
from neurograft.recordings.sidecars import SidecarSet


def merge(folder, rows, *in_file, alike=()):
    path = folder / "sub-1_events.tsv"
    path.write_text("onset\tduration\ttrial_type\n" + "".join(f"{r}\n" for r in rows))
    notes, repairs = [], []
    events = read_events(
        SidecarSet(events=path), repairs, sfreq=100.0, in_file=in_file, alike=alike,
        notes=notes,
    )  # fmt: skip
    return [tuple(event) for event in events], notes + repairs


@pytest.mark.parametrize("name", ["eyes_closed", "Eyes closed", "Comment/eyes-closed"])
@pytest.mark.parametrize("late", [-0.09, 0.0, 0.004, 0.05])
@pytest.mark.parametrize("duration", [0.0, 60.0])
def test_the_table_says_how_long_the_same_event_lasts(tmp_path, name, late, duration):
    events, notes = merge(
        tmp_path, ["5.5\t25\teyes_closed"], Event(5.5 + late, duration, name)
    )
    assert events == [(5.5, 25.0, "eyes_closed")]
    assert notes == [
        "events whose durations differ between the file and events.tsv, taken from "
        "the table: 1"
    ]


def test_the_file_says_it_where_the_table_does_not(tmp_path):
    events, notes = merge(tmp_path, ["5\tn/a\tx"], Event(5.0, 8.0, "x"))
    assert events == [(5.0, 8.0, "x")]
    assert notes == []


def test_whole_seconds_are_rounded_ones_and_others_are_not(tmp_path):
    assert len(merge(tmp_path, ["5\t2\tx"], Event(5.4, 2.0, "x"))[0]) == 1
    assert len(merge(tmp_path, ["5.1\t2\tx"], Event(5.5, 2.0, "x"))[0]) == 2


def test_each_event_is_the_same_as_one_other_at_most(tmp_path):
    rows = [f"{i / 20:g}\t0\tS 1" for i in range(40)]
    in_file = [Event(i / 20 + 0.001, 0.0, "Stimulus/S1") for i in range(40)]
    events, notes = merge(tmp_path, rows, *in_file)
    assert len(events) == 40
    assert notes == []


def test_another_event_of_the_same_time_stays(tmp_path):
    events, _ = merge(tmp_path, ["5\t25\teyes_closed"], Event(5.0, 0.0, "arithmetic"))
    assert len(events) == 2


def test_names_that_mean_one_condition_are_the_same(tmp_path):
    alike = [("eyes_closed", "S  1"), ("eyes_open",)]
    events, _ = merge(
        tmp_path, ["5\t25\teyes_closed"], Event(5.0, 0.0, "S 1"), alike=alike
    )
    assert events == [(5.0, 25.0, "eyes_closed")]
    segments, _ = find_segments(
        [Event(*one) for one in events], n_times=10_000, sfreq=100.0,
        condition=("eyes_closed", "S  1"),
    )  # fmt: skip
    assert segments == ((500, 3000),)


def test_onsets_that_are_no_number_are_left_out_and_said(tmp_path):
    events, notes = merge(
        tmp_path, ["inf\t1\tx", "zwei\t1\tx", "n/a\t1\tx", "3\tinf\ty"]
    )
    assert events[0][::2] == (3.0, "y")
    assert notes == ["events whose onset is no number: left out"]


def test_a_table_without_its_columns_is_not_used_and_said(tmp_path):
    path = tmp_path / "sub-1_events.tsv"
    path.write_text("begin\tname\n1\tx\n")
    repairs = []
    assert read_events(SidecarSet(events=path), repairs, sfreq=1.0) == []
    assert repairs == ["events.tsv has no column of onsets or names: not used"]


@pytest.mark.parametrize(
    "text",
    [
        "4711234567", "19560312", "1956", "photic Huber hz", "E 4711", "S 47112345",
        "trigger 19560312", "17.03.56", "+4915112345", "event Huber", "1e19560312",
        "flicker_4711hz", "12.345", "Stimulus/S 4711", "eyes Huber", "bad Huber",
    ],
)  # fmt: skip
def test_numbers_and_words_that_may_be_of_a_person_are_not_harmless(text):
    assert not is_harmless(text)


@pytest.mark.parametrize(
    "text",
    [
        "S  1", "Stimulus/S 12", "T0", "255", "eyes closed", "EC", "boundary", "12.5",
        "New Segment/", "photic 12 Hz", "photic stimulation 12.5hz", "flicker_10hz",
        "R128", "trigger 99", "rest_start", "BAD_acq_skip", "photic",
    ],
)  # fmt: skip
def test_codes_and_words_of_the_field_are_harmless(text):
    assert is_harmless(text)


def test_no_digits_of_four_or_more_are_ever_harmless():
    rng = random.Random(0)
    fronts = ["", "S", "E ", "trigger ", "photic ", "event_", "Stimulus/S "]
    for _ in range(2000):
        number = str(rng.randrange(10 ** rng.randint(3, 12)) + 1000)
        assert not is_harmless(rng.choice(fronts) + number)
