"""Folders and files that may not be read are rows: nobody is left out silently."""

import os
import shutil

import pytest

from neurograft.cohorts.finding.closed_folders import list_closed
from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.recordings.found_recording import (
    FoundRecording,
    describe_sources,
    hash_sources,
    list_sources,
)
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.study.check import check_path, find_recording_files

NOT_UTF8 = os.fsdecode(b"sub-001_task-r\xfcst_eeg.edf")


@pytest.fixture
def cohort(tmp_path):
    sites = default_sites(n_source=3)[:1]
    simulate_cohorts(tmp_path, sites=sites, duration_s=20)
    return tmp_path / "students"


def close(monkeypatch, *folders):
    """Let the system refuse to list folders, as it does without permission.

    Pathlib lists by either function, depending on the version of Python.
    """
    closed = {str(folder) for folder in folders}

    def refuse(real):
        def listing(path="."):
            if os.fspath(path) in closed:
                raise PermissionError(13, "Permission denied", os.fspath(path))
            return real(path)

        return listing

    for name in ("scandir", "listdir"):
        monkeypatch.setattr(os, name, refuse(getattr(os, name)))


@pytest.mark.parametrize("inside", ["", "eeg"])
def test_a_folder_that_may_not_be_read_is_a_row_with_its_reason(
    cohort, monkeypatch, inside
):
    close(monkeypatch, cohort / "sub-002" / inside)
    found = find_recordings("students", cohort, CohortConfig(folder=cohort))
    problems = {one.key.participant_id: one.problem for one in found if one.problem}
    assert list(problems) == ["sub-002"]
    assert problems["sub-002"].startswith("the file or its folder may not be read")
    assert all("sub-002" not in problem for problem in problems.values())


def test_closed_folders_of_a_plain_cohort_are_rows_of_whom_they_are_named_after(
    tmp_path, monkeypatch
):
    for name in ("P1/a.edf", "P2/b.edf", "Maier/c.edf"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "participants.tsv").write_text("participant_id\nP1\nP2\n")
    close(monkeypatch, tmp_path / "P2", tmp_path / "Maier")
    found = find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    problems = {one.key.participant_id: one.problem for one in found}
    assert problems["P1"] == ""
    assert problems["P2"].startswith("the file or its folder may not be read")
    assert problems["unmatched"].startswith("the file or its folder may not be read")
    assert not any("Maier" in one.key.name + one.problem for one in found)


def test_check_tells_of_folders_that_may_not_be_read(cohort, tmp_path, monkeypatch):
    plain = tmp_path / "plain"
    shutil.copytree(cohort / "sub-001/eeg", plain / "a")
    shutil.copytree(cohort / "sub-002/eeg", plain / "b")
    close(monkeypatch, plain / "b")
    found = find_recording_files(plain)
    assert [one.key.participant_id for one in found if one.problem] == ["b"]
    assert any("may not be read" in line for line in check_path(plain))
    close(monkeypatch, cohort / "sub-003")
    assert any("may not be read" in line for line in check_path(cohort))


@pytest.mark.skipif(
    getattr(os, "geteuid", lambda: 1)() == 0, reason="root may read everything"
)
def test_the_system_itself_refuses(cohort):
    (cohort / "sub-002/eeg").chmod(0)
    try:
        assert [path.name for path, _ in list_closed(cohort)] == ["eeg"]
        found = find_recordings("students", cohort, CohortConfig(folder=cohort))
        assert [bool(one.problem) for one in found] == [False, True, False]
    finally:
        (cohort / "sub-002/eeg").chmod(0o755)


def test_files_that_vanish_during_a_run_are_hashed_as_not_readable(cohort):
    found = find_recordings("students", cohort, CohortConfig(folder=cohort))
    files = list_sources(found[0])
    paths = list(files.values())
    shutil.rmtree(cohort / "sub-001")
    assert {one.sha256 for one in hash_sources(files, known={}).values()} >= {
        "not readable"
    }
    assert "not readable" in describe_sources(paths, base=cohort, known={}).values()
    assert isinstance(found[0], FoundRecording)
    assert found[0].files == []


def test_names_of_files_from_other_systems_end_nothing(cohort):
    folder = cohort / "sub-001" / "eeg"
    (recording,) = folder.glob("*.edf")
    recording.rename(folder / NOT_UTF8)
    found = find_recordings("c", cohort, CohortConfig(folder=cohort))
    (odd,) = (one for one in found if one.path.name == NOT_UTF8)
    assert "cannot be a label" in odd.problem
    names = {name for one in found for name in list_sources(one)}
    assert all(len(name) == 24 for name in names)
    assert len(names) >= len(found)
