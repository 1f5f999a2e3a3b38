"""Writes are whole or not at all, and a stage knows when it is out of date."""

import errno
import json
import os

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import DataError, WriteError
from neurograft.files.stage import PROVENANCE_FILE, Stage, read_fingerprint
from neurograft.files.tables import read_table, write_table
from neurograft.files.writing import digest, read_arrays, write_json, write_text


def test_what_is_no_text_is_written_and_digested_all_the_same(tmp_path):
    write_text(tmp_path / "a.txt", "M\udcfcller \ud800")
    assert (tmp_path / "a.txt").read_text() == "M?ller ?"
    assert digest("M\udcfcller") != digest("M\udce4ller")


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "table.tsv"
    write_text(path, "old")

    def fail(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyboardInterrupt):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["table.tsv"]


@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=1, max_size=4))
def test_a_digest_does_not_depend_on_key_order(content):
    backwards = dict(reversed(list(content.items())))
    assert digest(content) == digest(backwards)
    assert digest(content) != digest(content | {"another key": 1})


def test_a_stage_is_current_only_for_the_same_settings_and_inputs(tmp_path):
    stage = Stage(tmp_path / "stage", {"steps": 1}, {"cohort": "abc"})
    assert not stage.is_current()
    stage.begin()
    stage.finish(note="done")
    assert stage.is_current()
    assert not Stage(stage.folder, {"steps": 2}, {"cohort": "abc"}).is_current()
    assert not Stage(stage.folder, {"steps": 1}, {"cohort": "xyz"}).is_current()
    assert (stage.folder / "settings.toml").read_text() == "steps = 1\n"


@pytest.mark.parametrize("change", ["edit", "delete", "same size"])
def test_a_table_that_was_changed_by_hand_is_out_of_date(tmp_path, change):
    stage, page = Stage(tmp_path / "stage", {}, {}), tmp_path / "page.html"
    for path in (stage.folder / "table.tsv", page):
        stage.begin()
        write_text(stage.folder / "table.tsv", "value\n0.51\n")
        write_text(page, "0.51")
        stage.finish(page)
        assert stage.is_current()
        if change == "delete":
            path.unlink()
        else:
            old = path.read_text()
            path.write_text(
                old.replace("0.51", "0.91" if change == "same size" else "")
            )
        assert not stage.is_current()


@pytest.mark.parametrize("damage", ["", "{", "[1]", "[" * 100_000, '{"a": 1}', "\0"])
def test_a_damaged_mark_is_no_mark(tmp_path, damage):
    stage = Stage(tmp_path / "stage", {}, {})
    stage.begin()
    stage.finish()
    (stage.folder / PROVENANCE_FILE).write_text(damage)
    assert read_fingerprint(stage.folder) is None
    assert not stage.is_current()


def test_a_stage_that_began_again_is_not_finished(tmp_path):
    stage = Stage(tmp_path / "stage", {"limit": None}, {})
    stage.begin()
    stage.finish()
    stage.begin()
    assert read_fingerprint(stage.folder) is None


def test_labels_with_leading_zeros_and_missing_cells_survive_a_table(tmp_path):
    table = pd.DataFrame(
        {"participant_id": ["01", "02"], "run": ["01", None], "age": [5.5, None]}
    )
    write_table(tmp_path / "t.tsv", table)
    assert "02\tn/a\tn/a" in (tmp_path / "t.tsv").read_text()
    back = read_table(tmp_path / "t.tsv")
    assert back["participant_id"].tolist() == ["01", "02"]
    assert back["run"].isna().tolist() == [False, True]
    assert back["age"].isna().tolist() == [False, True]


def test_a_missing_table_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match="run the stage that writes it"):
        read_table(tmp_path / "nowhere.tsv")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\x93NUMPY", b"text"])
def test_damaged_arrays_are_one_sentence(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="is damaged; delete it and run again"):
        read_arrays(path)


def test_a_full_disk_is_one_sentence_and_keeps_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_json(path, {"old": 1})

    def refuse(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(WriteError, match="No space left on device; free some space"):
        write_json(path, {"new": 2})
    assert json.loads(path.read_text()) == {"old": 1}
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
