"""The simulated study is one that can be run."""

import tomllib

from neurograft.config.study import StudyConfig
from neurograft.simulation.demo_study import simulate_study
from neurograft.simulation.options import SimulationConfig


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
