"""Folders are walked through once, and those that are not looked into are said."""

from neurograft.cohorts.deidentify.walking import (
    count_files,
    leave_folder,
    walk_folder,
)


def test_files_are_found_below_folders_that_are_entered(tmp_path):
    for name in ("a/b", "c"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.tsv").write_text("")
    (tmp_path / "a/again").symlink_to(tmp_path)
    found = list(walk_folder(tmp_path, lambda path: path.name != "c"))
    assert found == [tmp_path / "a/again", tmp_path / "a/b/x.tsv", tmp_path / "c"]
    assert count_files(tmp_path) == 2


def test_folders_that_are_left_have_a_reason(tmp_path):
    for name in (".git", "code", "scans.tsv"):
        (tmp_path / name).mkdir()
    notes = [leave_folder(p, p.relative_to(tmp_path)) for p in tmp_path.iterdir()]
    assert {one.source: one.note for one in notes} == {
        ".git/": "a hidden folder (0 files)",
        "code/": "no folder of a subject (0 files)",
        "scans.tsv/": "a folder with the name of a table or a sidecar (0 files)",
    }
