"""A request is answered in lines: people, or one sentence that says why not."""

import json

import pytest

from neurograft.app.patient.model_process import answer_request, send_line
from neurograft.prediction.person.new_people import Describer


@pytest.fixture
def ask(tmp_path):
    """Send a request, and return the lines of its answer."""

    def send(**changes):
        request = {
            "recordings": [str(tmp_path / "recording-01.edf")],
            "answers": str(tmp_path / "answers"),
            "label": "",
            "age": 50.0,
            "sex": "F",
            "condition": "",
            "prevalence": None,
            "language": "en",
            "is_explained": False,
            "is_one_person": True,
        }
        told = tmp_path / "told"
        with told.open("w") as out:
            # What is wrong with recordings is said before the predictor is asked.
            answer_request(object.__new__(Describer), request | changes, out)
        return [json.loads(line) for line in told.read_text().splitlines()]

    return send


def test_a_recording_that_is_not_there_is_one_sentence(ask):
    (told,) = ask()
    assert "There is no file" in told["error"]


def test_facts_of_one_person_are_not_those_of_several(ask, tmp_path):
    for name in ("recording-01.edf", "recording-02.edf"):
        (tmp_path / name).write_bytes(b"x")
    files = [str(tmp_path / f"recording-0{i}.edf") for i in (1, 2)]
    folder = tmp_path / "no" / "such" / "folder"
    (told,) = ask(recordings=files, answers=str(folder))
    assert told == {"error": "No such file or directory"}


def test_a_line_is_whole_whatever_it_holds(tmp_path):
    with (tmp_path / "told").open("w") as out:
        send_line({"error": "a\nb"}, out)
    assert (tmp_path / "told").read_text().count("\n") == 1
