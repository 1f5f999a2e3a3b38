"""The simulated study is one that can be run."""

import tomllib

import pytest

from neurograft.config.study import StudyConfig
from neurograft.errors import DataError
from neurograft.files.tables import read_table
from neurograft.simulation.demo_study import simulate_study
from neurograft.simulation.options import SimulationConfig, explain_too_few


def test_the_study_file_is_valid_and_names_the_cohorts_that_were_written(tmp_path):
    sizes = SimulationConfig(
        n_source=2, n_patients=1, n_controls=1, duration_s=20, channels=19, seed=7
    )
    path = simulate_study(tmp_path, sizes)
    study = StudyConfig(**tomllib.loads(path.read_text()))
    assert study.seed == 7
    assert set(study.tasks) == {"disease", "age"}
    for cohort in study.cohorts.values():
        assert (tmp_path / "cohorts" / cohort.folder / "participants.tsv").is_file()


def test_the_people_of_the_clinic_have_the_ages_asked_for(tmp_path):
    sizes = SimulationConfig(
        n_source=2, n_patients=3, n_controls=3, duration_s=20, youngest=7, oldest=12
    )
    simulate_study(tmp_path, sizes)
    ages = read_table(tmp_path / "cohorts" / "clinic" / "participants.tsv")["age"]
    assert len(ages) == 6
    assert ages.astype(float).between(7, 12).all()


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "study.toml").write_text("# mine\n")
    with pytest.raises(DataError, match="is not empty and was not simulated"):
        simulate_study(tmp_path, SimulationConfig())
    assert (tmp_path / "study.toml").read_text() == "# mine\n"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_clinic_that_is_too_small_for_its_study_says_so():
    assert "0 patients and 40" in explain_too_few(SimulationConfig(n_patients=0))
    assert not explain_too_few(SimulationConfig(n_patients=5))
