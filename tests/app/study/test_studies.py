"""Study files and predictors are found in the folder, and not outside it."""

from neurograft.app.study.studies import list_models, list_studies

STUDY = "name = 'A'\n[cohorts.x]\nfolder = 'x'\n"


def test_study_files_are_found_two_folders_down(tmp_path):
    for depth in ("a.toml", "one/b.toml", "one/two/c.toml", "one/two/three/d.toml"):
        path = tmp_path / depth
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STUDY)
    assert [one.path.name for one in list_studies(tmp_path)] == [
        "a.toml",
        "b.toml",
        "c.toml",
    ]


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "study.toml").write_text(STUDY)
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(outside)
    assert list_studies(root) == []


def test_a_study_keeps_its_key_and_two_have_two(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(STUDY)
    keys = [one.key for one in list_studies(tmp_path)]
    assert len(set(keys)) == 2
    assert keys == [one.key for one in list_studies(tmp_path)]
    assert "a" not in keys


def test_a_card_that_was_edited_is_shown_with_its_problem(root):
    path = root / "model" / "predictor.json"
    path.write_text(path.read_text().replace("Pain", "Rain"))
    (model,) = list_models(root, [])
    assert model.card is None
    assert "not as it was written" in model.problem
