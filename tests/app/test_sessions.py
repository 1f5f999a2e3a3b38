"""Files of a visit end with the visit, with the server, and after a crash."""

import time

import pytest

from neurograft.app import sessions as module
from neurograft.app.sessions import Sessions


@pytest.fixture
def sessions(tmp_path):
    return Sessions(tmp_path / "visits")


def test_what_a_crash_left_is_deleted_at_the_next_start(tmp_path):
    left = tmp_path / "visits" / "abc"
    left.mkdir(parents=True)
    (left / "received-000").write_bytes(b"EEG")
    Sessions(tmp_path / "visits")
    assert list((tmp_path / "visits").iterdir()) == []


def test_a_link_in_the_folder_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (tmp_path / "visits").mkdir()
    (tmp_path / "visits" / "link").symlink_to(outside)
    Sessions(tmp_path / "visits")
    assert (outside / "kept").exists()


def test_folders_are_for_the_user_alone(sessions):
    session = sessions.enter(sessions.entry_token)
    assert session.folder.stat().st_mode & 0o077 == 0
    assert sessions.folder.stat().st_mode & 0o077 == 0


def test_an_idle_visit_ends_and_one_in_use_does_not(sessions, monkeypatch):
    old = sessions.enter(sessions.entry_token)
    new = sessions.enter(sessions.entry_token)
    old.last_seen = time.monotonic() - 3600 * module.IDLE_HOURS - 1
    sessions.end_idle()
    assert sessions.find(old.key) is None
    assert not old.folder.exists()
    assert sessions.find(new.key) is new
    assert new.folder.is_dir()
