"""The guard says what was compared; it claims nothing that nobody looked at."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config.tasks import View
from neurograft.errors import LeakageError
from neurograft.evaluation.guard import guard_task, list_recorded
from neurograft.files.keys import RecordingKey
from neurograft.store.signal_store import SignalStore, StoredRecording
from neurograft.store.views import ReadView
from neurograft.tasks.seen_people import DataSet, RecordedPerson, describe_seen
from neurograft.tasks.task import Task

PLACES = {"closed": "/data/clinic", "open": "/data/clinic", "other": "/data/other"}


def draw_mark(seed):
    """Draw a minute of bits that only this seed has."""
    bits = np.random.default_rng(seed).integers(1, 255, 120, np.uint8)
    return np.repeat(bits, 2).tobytes()


def name_data_set(cohort):
    return DataSet(cohort, (PLACES[cohort][1:],), PLACES[cohort])


def store(cohort, marks, folder):
    """Make a store of people's recordings: label and bits."""
    recordings = tuple(
        StoredRecording(
            RecordingKey(cohort, who, run=str(n)), 9, (), (), (), 1.0, (), "", mark
        )
        for n, (who, mark) in enumerate(marks)
    )
    return SignalStore(folder, 128.0, True, recordings)


@pytest.fixture
def make(tmp_path):
    def make_task(kind="classification", **marks):
        views = tuple(View(cohort) for cohort in marks)
        rows = [
            (cohort, who, False)
            for cohort, own in marks.items()
            for who in dict.fromkeys(who for who, _ in own)
        ]
        columns = ["cohort", "participant_id", "is_sealed"]
        subjects = pd.DataFrame(rows, columns=columns)
        task = Task("disease", kind, ("a", "b"), views, subjects, {})
        stores = {name: store(name, own, tmp_path) for name, own in marks.items()}
        return task, lambda view: ReadView(stores[view.cohort], [], {})

    return make_task


def make_card(*people, data_set="public", **facts):
    place = DataSet(data_set, (data_set,))
    seen = [RecordedPerson("x", who, place, marks) for who, marks in people]
    return {"cohorts": ["x"], "n_subjects": len(people)} | describe_seen(seen) | facts


def test_what_was_compared_is_said_and_that_nothing_was_found(make):
    task, read = make(closed=[("sub-1", draw_mark(1)), ("sub-2", b"")])
    card = make_card(("sub-1", (draw_mark(5),)), ("sub-7", (draw_mark(6),)))
    report = guard_task(task, read, card, name_data_set=name_data_set)
    assert report.seen == ()
    assert report.compared == (
        "1 recordings of 2 people were compared, by a fingerprint of the signal, with "
        "2 recordings that the encoder has seen, and the labels of the people with "
        "those of 2 people. The recordings of 1 people have no fingerprint. No match "
        "was found."
    )
    assert report.caution == ""


def test_a_copy_is_found_as_the_second_recording_too(make):
    task, read = make(
        closed=[("sub-1", draw_mark(1)), ("sub-1", draw_mark(5)), ("sub-2", b"")]
    )
    card = make_card(("sub-9", (draw_mark(5),)))
    with pytest.raises(LeakageError, match="1 of the people of 'closed'.*by signal"):
        guard_task(task, read, card, name_data_set=name_data_set)
    report = guard_task(
        task, read, card, name_data_set=name_data_set, allow_transductive=True
    )
    assert report.seen == ("sub-1",)
    assert "1 people were found among those" in report.compared
    sealed = guard_task(task, read, card, name_data_set=name_data_set, only_sealed=True)
    assert sealed.seen == ()


def test_a_card_that_knows_nobody_leads_to_no_claim(make):
    task, read = make(closed=[("sub-1", draw_mark(1))])
    old = {"cohorts": ["x"], "n_subjects": 9, "seen_subjects": ["a"]}
    own = {"cohorts": [], "n_subjects": 0}
    for card, words in (
        (old, "only the names of its data sets"),
        (own, "is not known"),
    ):
        said = guard_task(task, read, card, name_data_set=name_data_set).compared
        assert words in said
        assert "No match" not in said
    partly = make_card(("sub-9", (draw_mark(5),)), n_subjects=12)
    said = guard_task(task, read, partly, name_data_set=name_data_set).compared
    assert "Of the 12 people whom the encoder has seen, the others cannot" in said


def test_the_name_of_the_data_set_warns(make):
    task, read = make(closed=[("sub-1", draw_mark(1))])
    card = make_card(("sub-9", (draw_mark(5),)), data_set="closed")
    report = guard_task(task, read, card, name_data_set=name_data_set)
    assert "has seen the data set closed (the same data set)" in report.caution
    assert "cannot be recognised by its signal" in report.caution


def test_nobody_is_twice_in_a_task(make):
    card = make_card(("sub-9", (draw_mark(5),)))
    twice = {"closed": [("sub-1", draw_mark(1))], "open": [("sub-1", draw_mark(2))]}
    with pytest.raises(LeakageError, match="'closed' and 'open' are read from one fol"):
        guard_task(*make(**twice), card, name_data_set=name_data_set)
    guard_task(*make("contrast", **twice), card, name_data_set=name_data_set)
    apart = {"closed": [("sub-1", draw_mark(1))], "other": [("sub-1", draw_mark(2))]}
    guard_task(*make(**apart), card, name_data_set=name_data_set)
    copied = {
        "closed": [("sub-1", draw_mark(1)), ("sub-1", draw_mark(3))],
        "other": [("sub-5", draw_mark(2)), ("sub-5", draw_mark(3))],
    }
    for kind in ("classification", "contrast"):
        with pytest.raises(LeakageError, match=r"sub-1 \(closed\) and sub-5 \(other\)"):
            guard_task(*make(kind, **copied), card, name_data_set=name_data_set)


def test_people_without_a_fingerprint_are_listed_too(make):
    task, read = make(closed=[("sub-2", b""), ("sub-1", draw_mark(1))])
    people = list_recorded(task, read, name_data_set)
    assert [one.participant_id for one in people] == ["sub-1", "sub-2"]
    assert people[1].fingerprints == ()
