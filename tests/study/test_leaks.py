"""Before hours of work: one folder under two names, links, copies, other people's."""

import shutil

import numpy as np
import pytest

from neurograft.cli.application import main
from neurograft.config.study import StudyConfig
from neurograft.errors import LeakageError
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.study.check import check_study
from neurograft.study.leaks import check_seen, check_sources, check_variant_sources
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import run_harmonise

LITTLE = {"size": "nano", "steps": 2, "validation_share": 0.3}


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaks")
    sites = default_sites(
        n_source=4, n_patients=6, n_controls=6, n_clinic_channels=19
    )  # fmt: skip
    simulate_cohorts(folder, sites=sites[1:], duration_s=40)
    return folder


@pytest.fixture
def make(cohorts, tmp_path):
    """Make a study whose cohort `clinic` is tested, and all others pretrained on."""

    def make_study(folders, pretraining=None, **others):
        shutil.copytree(cohorts, tmp_path / "data", dirs_exist_ok=True)
        named = {"clinic": {"folder": "clinic"}} | {
            name: {"folder": folder} for name, folder in folders.items()
        }
        settings = {
            "name": "leaks",
            "data_folder": tmp_path / "data",
            "output_folder": tmp_path / "results",
            "cohorts": named,
            "pretraining": LITTLE | (pretraining or {}),
            "tasks": {
                "disease": {
                    "kind": "classification", "cohort": "clinic", "column": "group",
                    "positive": ["patient"], "negative": ["control"],
                }
            },
            "evaluation": {
                "windows_per_subject": 2, "n_splits": 3, "methods": ["dummy"],
                "controls": False,
            },
        }  # fmt: skip
        return Study(StudyConfig(**settings | others))

    return make_study


def test_a_folder_that_is_named_twice_is_found_before_any_work(make, tmp_path):
    study = make({"again": "clinic"})
    for look in (check_sources, lambda study: list(check_study(study))):
        with pytest.raises(LeakageError, match="'again' .* 'clinic' .* 12 labels") as e:
            look(study)
        assert "pretraining.cohorts without 'again'" in str(e.value)
    assert not (tmp_path / "results").exists()


def test_links_and_folders_inside_are_resolved(make, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(tmp_path / "data" / "clinic")
    with pytest.raises(LeakageError, match="one folder is read twice"):
        check_sources(make({"link": "link"}))
    inside = tmp_path / "data" / "clinic" / "derivatives" / "clean"
    shutil.copytree(tmp_path / "data" / "clinic" / "sub-001", inside / "sub-001")
    table = tmp_path / "data" / "clinic" / "participants.tsv"
    shutil.copy(table, inside / "participants.tsv")
    with pytest.raises(LeakageError, match="and 1 labels are in both"):
        check_sources(make({"clean": "clinic/derivatives/clean"}))
    files = tmp_path / "data" / "linked"
    shutil.copytree(tmp_path / "data" / "community", files)
    for path in (files / "sub-001" / "eeg").iterdir():
        same = str(path.name)
        path.unlink()
        path.symlink_to(tmp_path / "data" / "clinic" / "sub-002" / "eeg"
                        / same.replace("sub-001", "sub-002"))  # fmt: skip
    with pytest.raises(LeakageError, match="1 files are in both"):
        check_sources(make({"linked": "linked"}))


def test_equal_labels_of_unrelated_folders_are_other_people(make):
    assert check_sources(make({"community": "community"})) == []


def test_what_the_study_allows_is_said(make):
    study = make({"again": "clinic"}, {"allow_transductive": True})
    (said,) = check_sources(study)
    assert said.startswith("again (pretrained on) and clinic (tested on) hold the same")
    assert said in list(check_study(study))
    study = make({}, {"allow_transductive": True, "cohorts": ("clinic",)})
    assert check_sources(study) == [
        "clinic is pretrained on and tested on; the study allows it"
    ]
    sealing = {"protocol": "hold-out", "holdout": {"sex": ["F"]}, "methods": ["dummy"]}
    study = make(
        {}, {"without_sealed": True, "cohorts": ("clinic",)}, evaluation=sealing
    )
    assert check_sources(study) == [
        "clinic is pretrained on and tested on; people whom the hold-out seals are "
        "left out of pretraining"
    ]
    named = {"cohorts": ("community",)}
    assert (
        check_sources(make({"again": "clinic", "community": "community"}, named)) == []
    )


def test_a_comparison_leaves_out_a_cohort_with_all_its_names(make):
    comparison = {"variants": {"mae": {"objectives": [{"mae": 1.0}]}}}
    study = make({"again": "clinic", "community": "community"}, comparison=comparison)
    with pytest.raises(LeakageError, match="'again'"):
        check_variant_sources(study)
    check_variant_sources(make({"community": "community"}, comparison=comparison))


def hide(path, seconds):
    """Turn a recording of the clinic into a cropped, inverted, louder copy."""
    signals = np.fromfile(path, "<i2").reshape(-1, 19)[int(seconds * 500) :]
    (-1.7 * signals[:, ::-1]).round().clip(-32767, 32767).astype("<i2").tofile(path)


def test_copies_are_found_once_harmonised_and_before_pretraining(make, tmp_path):
    study = make({"community": "community"})
    source = tmp_path / "data" / "clinic" / "sub-003"
    copy = tmp_path / "data" / "community" / "sub-900" / "eeg"
    copy.mkdir(parents=True)
    for path in (source / "eeg").iterdir():
        other = copy / path.name.replace("sub-003", "sub-900")
        if path.suffix in (".vhdr", ".vmrk"):
            other.write_text(path.read_text().replace("sub-003", "sub-900"))
        else:
            shutil.copy(path, other)
    hide(next(copy.glob("*.eeg")), 3.3)
    assert check_sources(study) == []
    for cohort in study.settings.used_cohorts:
        run_harmonise(study, cohort)
    with pytest.raises(LeakageError, match="1 of the people of 'clinic'.*by signal"):
        check_seen(study)


def test_check_ends_with_one_sentence(cohorts, tmp_path, capsys):
    path = tmp_path / "study.toml"
    path.write_text(
        f"""name = "Twice"
data_folder = "{cohorts}"
[cohorts.clinic]
folder = "clinic"
[cohorts.again]
folder = "../{cohorts.name}/clinic"
[tasks.age]
kind = "regression"
cohort = "clinic"
column = "age"
"""
    )
    with pytest.raises(SystemExit) as stopped:
        main(["check", str(path)])
    assert stopped.value.code == 2
    assert "hold the same people" in capsys.readouterr().err
