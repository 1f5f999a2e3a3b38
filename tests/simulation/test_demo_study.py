"""The simulated study is one that can be run."""

import json
import tomllib

import pandas as pd
import pytest

from neurograft.config.evaluation import LABELS_PER_CLASS
from neurograft.config.study import StudyConfig, read_study
from neurograft.errors import DataError
from neurograft.evaluation.results.few_labels import SMALL
from neurograft.files.tables import read_table
from neurograft.simulation.demo_study import simulate_study
from neurograft.simulation.options import (
    N_SPLITS,
    SimulationConfig,
    explain_too_few,
)


def test_the_study_file_is_valid_and_names_the_cohorts_that_were_written(tmp_path):
    sizes = SimulationConfig(
        n_source=2, n_patients=1, n_controls=1, duration_s=20, channels=19, seed=7
    )
    path = simulate_study(tmp_path, sizes)
    study = StudyConfig(**tomllib.loads(path.read_text()))
    assert study.seed == 7
    assert set(study.tasks) == {"disease", "shuffled_labels", "age"}
    for cohort in study.cohorts.values():
        assert (tmp_path / "cohorts" / cohort.folder / "participants.tsv").is_file()
    assert study.used_cohorts == ("students", "community", "clinic")


def test_the_demo_takes_the_encoder_of_the_package_unless_steps_are_asked_for(tmp_path):
    few = {"n_source": 2, "n_patients": 1, "n_controls": 1, "duration_s": 20}
    study = read_study(simulate_study(tmp_path / "taken", SimulationConfig(**few)))
    assert study.pretraining.shipped == "tiny"
    assert study.source_cohorts == ()
    own = SimulationConfig(**few, steps=7, size="nano")
    study = read_study(simulate_study(tmp_path / "own", own))
    assert not study.pretraining.shipped
    assert (study.pretraining.steps, study.pretraining.size) == (7, "nano")
    assert study.pretraining.name == "nano"
    assert study.source_cohorts == ("students", "community")


def test_shuffled_labels_are_the_groups_of_the_clinic_in_another_order(tmp_path):
    few = {"n_source": 2, "n_patients": 6, "n_controls": 4, "duration_s": 20}
    tables = {}
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        sizes = SimulationConfig(**few, seed=seed, channels=19, new_device=True)
        path = simulate_study(tmp_path / name, sizes).parent / "cohorts"
        tables[name] = pd.read_csv(path / "clinic" / "participants.tsv", sep="\t")
    people = tables["one"]
    assert sorted(people["shuffled_group"]) == sorted(people["group"])
    assert (people["shuffled_group"] != people["group"]).any()
    pd.testing.assert_frame_equal(people, tables["again"])
    assert not people["shuffled_group"].equals(tables["other"]["shuffled_group"])
    cohorts = tmp_path / "one" / "cohorts"
    new = pd.read_csv(cohorts / "clinic_new_device" / "participants.tsv", sep="\t")
    pd.testing.assert_frame_equal(people, new)
    public = pd.read_csv(cohorts / "students" / "participants.tsv", sep="\t")
    assert "shuffled_group" not in public
    written = json.loads((cohorts / "clinic" / "participants.json").read_text())
    assert set(written) == set(people.columns) - {"participant_id"}


def test_the_curve_of_the_demo_has_points_at_five_and_ten():
    sizes = SimulationConfig()
    learned = min(sizes.n_patients, sizes.n_controls) * (N_SPLITS - 1) // N_SPLITS
    assert {5, 10} <= {n for n in LABELS_PER_CLASS if n < learned}
    # Below 40 people of a group, few labels are answered first.
    assert max(sizes.n_patients, sizes.n_controls) < SMALL


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
    assert "0 patients and 36" in explain_too_few(SimulationConfig(n_patients=0))
    assert not explain_too_few(SimulationConfig(n_patients=5))
