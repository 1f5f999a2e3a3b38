"""A request is answered in lines: people, or one sentence that says why not."""

import io
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
            "prevalence": None,
            "language": "en",
            "is_explained": False,
            "is_one_person": True,
        }
        out = io.StringIO()
        # What is wrong with the recordings is said before the predictor is asked.
        answer_request(object.__new__(Describer), request | changes, out)
        return [json.loads(line) for line in out.getvalue().splitlines()]

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


def test_a_line_is_whole_whatever_it_holds():
    out = io.StringIO()
    send_line({"error": "a\nb"}, out)
    assert out.getvalue().count("\n") == 1
