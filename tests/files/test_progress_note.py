"""How far a run is, and why it ended, is read from another process."""

import pytest

from neurograft.errors import DataError
from neurograft.files import progress_note
from neurograft.files.progress_note import (
    ENDED_FILE,
    PROGRESS_FILE,
    STOPPED,
    note_progress,
    read_end,
    read_progress,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cohorts").mkdir()
    return tmp_path


def test_progress_is_shown_noted_and_gone_at_the_end(folder, monkeypatch):
    now = iter([100.0, 110.0])
    monkeypatch.setattr(progress_note.time, "time", lambda: next(now))
    shown = []
    with note_progress(folder, lambda *told: shown.append(told)) as note:
        assert read_progress(folder) is None
        note("embedding (1 MiB)", 0, 8)
        assert read_progress(folder) == ("embedding (1 MiB)", 0, 8, None)
        note("embedding (2 MiB)", 2, 8)
        assert read_progress(folder) == ("embedding (2 MiB)", 2, 8, 30.0)
    assert shown == [("embedding (1 MiB)", 0, 8), ("embedding (2 MiB)", 2, 8)]
    assert read_progress(folder) is None
    assert read_end(folder) == ""


def test_notes_are_not_written_more_often_than_they_are_read(folder):
    with note_progress(folder, lambda *_: None) as note:
        for number in range(100):
            note("evaluating", number, 100)
        assert read_progress(folder).done == 0


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DataError("No such column."), "No such column."),
        (OSError("The disk is full."), "The disk is full."),
        (KeyboardInterrupt(), STOPPED),
    ],
)
def test_why_a_run_ended_is_noted_until_the_next_one(folder, error, sentence):
    with pytest.raises(type(error)), note_progress(folder, lambda *_: None):
        raise error
    assert read_end(folder) == sentence
    with note_progress(folder, lambda *_: None):
        assert read_end(folder) == ""


def test_a_folder_in_which_nothing_came_to_be_stays_empty(tmp_path):
    with pytest.raises(DataError), note_progress(tmp_path, lambda *_: None):
        raise DataError("no")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"message": 1}', "\x00"])
def test_what_cannot_be_read_is_nothing(tmp_path, content):
    (tmp_path / PROGRESS_FILE).write_text(content)
    (tmp_path / ENDED_FILE).write_text(content)
    assert read_progress(tmp_path) is None
    assert read_end(tmp_path) == ""


def test_under_torchrun_the_first_process_notes_for_all(folder, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    with note_progress(folder, lambda *_: None) as note:
        note("pretraining", 1, 2)
        assert read_progress(folder) is None
