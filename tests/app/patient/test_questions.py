"""A question knows its pages by number, and deletes its own files alone."""

import pytest

from neurograft.app.patient.questions import AskedFacts, PatientQuestion, make_key


@pytest.fixture
def question(tmp_path):
    made = PatientQuestion("key", tmp_path / "own", tmp_path / "model", AskedFacts())
    made.answers.mkdir(parents=True)
    made.people = [{"page": "a.html"}, {"page": "b.html"}]
    return made


def test_pages_are_found_by_the_number_of_the_person(question):
    assert question.find_page("1") == question.answers / "b.html"
    for number in ("2", "-1", "", "x", "1.0", "00001", "\u0661"):
        assert question.find_page(number) is None


def test_deleting_leaves_what_is_beside_it(question, tmp_path):
    (tmp_path / "other").touch()
    question.delete()
    assert question.is_deleted
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_keys_cannot_be_guessed():
    keys = {make_key() for _ in range(100)}
    assert len(keys) == 100
    assert min(map(len, keys)) >= 22
