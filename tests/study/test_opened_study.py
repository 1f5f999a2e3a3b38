"""A study opens what it reads once, and knows where everything lies."""

from collections import Counter

import pytest

from neurograft.cohorts import participants
from neurograft.config.study import read_study
from neurograft.config.tasks import View
from neurograft.simulation.demo_study import simulate_study
from neurograft.simulation.options import SimulationConfig
from neurograft.study.opened_study import Study
from neurograft.study.run import plan_study, run_study

SIZES = SimulationConfig(n_source=6, n_patients=6, n_controls=6, duration_s=30)
QUICK = (
    "pretraining.steps=2", "pretraining.size=nano", "pretraining.batch_size=8",
    "pretraining.validation_share=0.2", "evaluation.windows_per_subject=2",
    "evaluation.n_splits=2", "evaluation.n_repeats=1", "evaluation.n_inner=2",
    "evaluation.n_bootstraps=100", "evaluation.n_permutations=19",
    "evaluation.controls=true", "shift.windows_per_subject=2",
    "shift.n_permutations=19", "shift.n_bootstraps=50", 'shift.adapters=["recentre"]',
    'evaluation.methods=["dummy", "band-power", "encoder"]',
)  # fmt: skip


@pytest.mark.slow
def test_each_table_of_people_is_read_once_in_a_run(tmp_path, monkeypatch):
    study = Study(read_study(simulate_study(tmp_path, SIZES), QUICK))
    read: Counter[str] = Counter()
    whole = participants.read_written

    def count(path):
        read[str(path)] += 1
        return whole(path)

    monkeypatch.setattr(participants, "read_written", count)
    run_study(study)
    tables = {path: n for path, n in read.items() if path.endswith("participants.tsv")}
    assert len(tables) == len(study.settings.used_cohorts)
    assert set(tables.values()) == {1}
    assert all(current for _, _, current in plan_study(study))


def test_copies_with_controls_share_what_was_read(tmp_path):
    study = Study(read_study(simulate_study(tmp_path, SIZES), QUICK))
    controls = study.with_controls
    assert controls is not study
    assert controls is study.with_controls
    assert set(controls.settings.tasks) > set(study.settings.tasks)
    assert controls.cohort("clinic") is study.cohort("clinic")
    assert controls.cohort("clinic").cells is study.cohort("clinic").cells


def test_folders_lie_below_the_output_folder(tmp_path):
    study = Study(read_study(simulate_study(tmp_path, SIZES), QUICK))
    output = study.settings.output_folder
    assert study.folder("cohorts", "clinic") == output / "cohorts" / "clinic"
    assert study.folder("summary") == output / "summary"
    assert study.encoder_folder == output / "pretraining" / "tiny"
    assert study.embeddings_folder == output / "embeddings" / "tiny"
    assert study.mark("summary") == "None"
    assert study.views == [View("clinic")]
    assert study.n_times == 1280
