"""One request, one answer: a row, a reason to stop, or a mistake of ours."""

import io
import json

import pytest

from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.harmonising import one_recording
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worker")
    sites = default_sites(n_source=1)[:1]
    simulate_cohorts(folder, sites=sites, duration_s=20)
    return folder / "students"


def make_request(cohort, folder, **settings):
    config = CohortConfig(folder=cohort, **settings)
    (found,) = find_recordings("students", cohort, config)
    return one_recording.make_request(found, folder, config, HarmoniseConfig())


def test_a_recording_becomes_a_row_beside_its_signals(cohort, tmp_path):
    row = one_recording.answer(json.dumps(make_request(cohort, tmp_path)))["row"]
    assert row["status"] == "kept"
    assert row["usable_s"] == 20
    assert row["made_from"]
    written = json.loads((tmp_path / "signals/sub-001_task-rest.json").read_text())
    assert written == json.loads(json.dumps(row))
    assert (tmp_path / "signals/sub-001_task-rest.npy").exists()


def test_a_wrong_unit_can_be_repaired_as_the_reason_offers(cohort, tmp_path):
    wrong = make_request(cohort, tmp_path, unit_factor=1e6)
    row = one_recording.answer(json.dumps(wrong))["row"]
    assert row["status"] == "dropped"
    assert "set unit_factor = 1e-06 to repair it" in row["reason"]
    right = make_request(cohort, tmp_path, unit_factor=1.0)
    assert one_recording.answer(json.dumps(right))["row"]["status"] == "kept"


def test_a_condition_is_cropped_to_by_its_events(cohort, tmp_path):
    request = make_request(
        cohort,
        tmp_path,
        condition="closed",
        conditions={"closed": ["x"], "open": ["y"]},
    )
    row = one_recording.answer(json.dumps(request))["row"]
    assert row["reason"].startswith("the condition never begins: none of x is marked")


def test_inspecting_writes_nothing(cohort, tmp_path):
    request = make_request(cohort, tmp_path) | {"do": "inspect"}
    row = one_recording.answer(json.dumps(request))["row"]
    assert (row["status"], row["format"], row["n_scalp"]) == ("usable", "EDF", 19)
    assert list(tmp_path.iterdir()) == []
    gone = request | {"problem": "two files claim it"}
    row = one_recording.answer(json.dumps(gone))["row"]
    assert (row["status"], row["reason"]) == ("refused", "two files claim it")


def test_a_place_that_cannot_be_written_stops_the_run(cohort, tmp_path):
    (tmp_path / "file").write_text("")
    request = make_request(cohort, tmp_path / "file")
    assert "could not be written" in one_recording.answer(json.dumps(request))["stop"]


def test_requests_are_answered_one_by_one(cohort, tmp_path):
    line = json.dumps(make_request(cohort, tmp_path))
    answers = io.StringIO()
    one_recording.answer_all(io.StringIO(f"{line}\n{line}\n"), answers)
    first, second = map(json.loads, answers.getvalue().splitlines())
    assert first == second
    assert first["row"]["status"] == "kept"
