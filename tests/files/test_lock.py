"""A folder is held by one run, and by nobody once its process has ended."""

import json
import os
import signal
import subprocess
import sys

import pytest

from neurograft.errors import ConfigError, WriteError
from neurograft.files.lock import (
    HOLDER_FILE,
    LOCK_FILE,
    check_writable,
    find_holder,
    hold_folder,
)

HOLD = """
import sys, time
from pathlib import Path
from neurograft.files.lock import hold_folder
with hold_folder(Path(sys.argv[1]), "neurograft run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def start_holder():
    """Another process that holds a folder, until the test ends."""
    started = []

    def start(folder):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_second_is_told_who_holds_the_folder_and_since_when(tmp_path, start_holder):
    process = start_holder(tmp_path / "results")
    said = rf"process {process.pid} on .* does `neurograft run` there since 20\d\d-"
    with (
        pytest.raises(ConfigError, match=said),
        hold_folder(tmp_path / "results", "neurograft embed"),
    ):
        pass
    told = json.loads((tmp_path / "results" / HOLDER_FILE).read_text())
    assert told["process"] == process.pid  # the holder's own words are kept


def test_a_killed_run_holds_nothing(tmp_path, start_holder):
    process = start_holder(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert (tmp_path / HOLDER_FILE).is_file()  # what it left is overwritten
    with hold_folder(tmp_path, "neurograft run"):
        told = json.loads((tmp_path / HOLDER_FILE).read_text())
        assert told["process"] == os.getpid()
    assert not (tmp_path / HOLDER_FILE).exists()


def test_a_holder_that_left_no_word_is_still_respected(tmp_path, start_holder):
    start_holder(tmp_path)
    (tmp_path / HOLDER_FILE).write_text("{")
    with (
        pytest.raises(ConfigError, match="another run holds it"),
        hold_folder(tmp_path, "x"),
    ):
        pass


def test_only_the_first_process_of_many_holds_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    with hold_folder(tmp_path / "results", "neurograft pretrain"):
        assert not (tmp_path / "results" / LOCK_FILE).exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_said(tmp_path):
    tmp_path.chmod(0o500)
    with (
        pytest.raises(WriteError, match="cannot be written to"),
        hold_folder(tmp_path / "results", "x"),
    ):
        pass


def test_what_can_be_no_folder_of_results_is_said_beforehand(tmp_path, monkeypatch):
    check_writable(tmp_path / "results" / "later")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "study.toml").write_text("")
    for folder in ("study.toml", "study.toml/results"):
        with pytest.raises(WriteError, match=r"study.toml is a file; name another"):
            check_writable(tmp_path / folder)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(WriteError, match="cannot be written to; ask for permission"):
        check_writable(tmp_path / "results")


def test_a_folder_in_which_nothing_was_written_goes_as_it_came(tmp_path):
    with hold_folder(tmp_path / "results", "x"):
        pass
    assert not (tmp_path / "results").exists()
    with hold_folder(tmp_path / "results", "x"):
        (tmp_path / "results" / "table.tsv").write_text("a")
    assert (tmp_path / "results" / LOCK_FILE).exists()


def test_who_holds_a_folder_is_found_while_it_is_held(tmp_path, start_holder):
    assert find_holder(tmp_path) is None
    process = start_holder(tmp_path)
    holder = find_holder(tmp_path)
    assert (holder.process, holder.doing) == (process.pid, "neurograft run")
    assert holder.is_here
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert (tmp_path / HOLDER_FILE).is_file()
    assert find_holder(tmp_path) is None
