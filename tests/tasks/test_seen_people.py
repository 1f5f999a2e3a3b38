"""A card recognises people by label and by signal, and says what it cannot."""

import numpy as np
import pytest

from neurograft.errors import DataError
from neurograft.store.signal_fingerprint import thin_fingerprint, write_fingerprint
from neurograft.tasks.seen_people import (
    DataSet,
    RecordedPerson,
    SeenPeople,
    describe_seen,
    find_shared_recordings,
)

CLINIC = DataSet("clinic", ("data/clinic",), "/data/clinic")
OTHER = DataSet("other", ("data/other",), "/data/other")


def draw_mark(seed, seconds=60):
    """Draw bits that only this seed has."""
    rng = np.random.default_rng(seed)
    return np.repeat(rng.integers(1, 255, 2 * seconds, np.uint8), 2).tobytes()


def person(number, data_set=CLINIC, marks=None):
    own = (draw_mark(number),) if marks is None else tuple(marks)
    return RecordedPerson(data_set.name, f"sub-{number:02d}", data_set, own)


@pytest.fixture
def card():
    seen = describe_seen([person(1), person(2), person(3)])
    return seen | {"cohorts": ["clinic"], "n_subjects": 3}


def test_people_are_found_by_label_where_the_data_set_is_the_same(card):
    known = SeenPeople.of_card(card)
    strangers = [person(number, marks=[draw_mark(50 + number)]) for number in (1, 2, 9)]
    assert known.find_people(strangers) == {0: "label", 1: "label"}
    elsewhere = [one._replace(data_set=OTHER) for one in strangers]
    assert known.find_people(elsewhere) == {}
    renamed = [one._replace(cohort="closed") for one in strangers]
    assert set(known.find_people(renamed)) == {0, 1}
    bare = [one._replace(participant_id=one.participant_id[4:]) for one in strangers]
    assert set(known.find_people(bare)) == {0, 1}


def test_people_are_found_by_any_of_their_recordings(card):
    known = SeenPeople.of_card(card)
    second = [draw_mark(70), draw_mark(2)]
    asked = [person(20, OTHER, second), person(21, OTHER), person(22, OTHER, [])]
    assert known.find_people(asked) == {0: "signal"}


def test_a_card_tells_no_label_and_is_the_same_again(card):
    text = repr(card)
    assert "sub-0" not in text
    again = describe_seen([person(1), person(2), person(3)])
    assert again["salt"] == card["salt"]
    assert describe_seen([person(1)])["salt"] != card["salt"]
    assert describe_seen([person(1)], salt="old")["salt"] == "old"
    assert card["seen_recordings"] == sorted(
        write_fingerprint(thin_fingerprint(draw_mark(n))) for n in (1, 2, 3)
    )


def test_older_cards_and_other_versions_recognise_nobody(card):
    old = {"seen_subjects": ["a"], "seen_signals": ["b"], "cohorts": ["clinic"]}
    for told in (old | {"n_subjects": 1}, card | {"fingerprint_version": 0}):
        known = SeenPeople.of_card(told)
        assert known.fingerprints == ()
        assert known.data_sets == ("clinic",)
    assert SeenPeople.of_card(old | {"n_subjects": 1}).find_people([person(1)]) == {}


def test_a_card_without_fingerprints_recognises_labels_alone(card):
    del card["seen_recordings"]
    known = SeenPeople.of_card(card)
    assert known.find_people([person(1), person(2, OTHER)]) == {0: "label"}
    del card["seen_subjects"]
    assert SeenPeople.of_card(card).find_people([person(1)]) == {}


def test_a_damaged_card_is_one_sentence(card):
    with pytest.raises(DataError, match="fingerprint of a recording is damaged"):
        SeenPeople.of_card(card | {"seen_recordings": ["???"]})


def test_data_sets_with_the_same_people_are_named(card):
    seen = SeenPeople.of_card(card | {"data_sets": ["ds004504"], "cohorts": ["x"]})
    assert seen.name_relatives(["ds004504"]) == {"ds004504": "the same data set"}
    assert set(seen.name_relatives(["ds006036"])) == {"ds004504"}
    assert seen.name_relatives(["chbp"]) == {}
    assert seen.name_relatives(["x"]) == {"x": "the same data set"}


def test_a_data_set_is_known_by_card_or_folder_whatever_the_study_calls_it(tmp_path):
    folder = tmp_path / "site" / "bids"
    folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    one = DataSet.of_folder("closed", "", folder)
    two = DataSet.of_folder("open", "", tmp_path / "link")
    assert one.labelled_by == two.labelled_by == ("site/bids",)
    assert (one.name, two.name) == ("closed", "open")
    elsewhere = DataSet.of_folder("closed", "", tmp_path / "other" / "bids")
    assert elsewhere.labelled_by != one.labelled_by
    public = DataSet.of_folder("mine", "ds004504", folder)
    assert (public.name, public.labelled_by[0]) == ("ds004504", "ds004504")
    called = DataSet.of_folder("mine", "", tmp_path / "ds004504")
    assert called.labelled_by[0] == "ds004504"


def test_two_people_with_a_common_stretch_are_found():
    people = [person(1), person(2), person(3, marks=[draw_mark(9), draw_mark(1)])]
    who = [one.participant_id for one in people]
    first, second, seconds = find_shared_recordings(people, who)
    assert (first, second) == (0, 2)
    assert seconds == pytest.approx(60, abs=5)
    assert find_shared_recordings(people, ["a", "b", "a"]) is None
    assert find_shared_recordings(people[:2], who[:2]) is None
