"""Spectra are those of a task's own people and views, and of nobody who is sealed."""

import numpy as np
import pytest

from neurograft.config.study import StudyConfig
from neurograft.files.tables import read_table, write_table
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.study import measured_spectra
from neurograft.study.measured_spectra import (
    leave_out_sealed,
    measure_task,
    tabulate_spectra_of_tasks,
)
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import run_harmonise
from neurograft.tasks.protocols import SEAL_FILE

GROUP = {"cohort": "clinic", "column": "group"}
TASKS = {
    "disease": {"kind": "classification", "positive": ["patient"],
                "negative": ["control"], **GROUP},
    "age": {"kind": "regression", "cohort": "clinic", "column": "age"},
    "twice": {"kind": "contrast", "cohort": "clinic", "against_cohort": "again"},
    "matched": {"kind": "classification", "positive": ["patient"],
                "negative": ["control"], "matched": True, **GROUP},
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("measured")
    sites = default_sites(n_source=2, n_patients=6, n_controls=7, n_clinic_channels=19)
    simulate_cohorts(folder / "cohorts", sites=[sites[0], sites[2]], duration_s=30)
    make_twins(folder / "cohorts/clinic/participants.tsv")
    settings = StudyConfig(
        name="measured", data_folder=folder / "cohorts",
        output_folder=folder / "results", tasks=TASKS,
        cohorts={"students": {"folder": "students"}, "clinic": {"folder": "clinic"},
                 "again": {"folder": "clinic", "units": "arbitrary"}},
        evaluation={"n_splits": 2, "windows_per_subject": 2, "n_bootstraps": 100},
    )  # fmt: skip
    for cohort in settings.cohorts:
        run_harmonise(Study(settings), cohort)
    return settings


def make_twins(path):
    """Give patients and controls the same ages and sexes, so that they match."""
    people = read_table(path)
    place = people.groupby("group").cumcount()
    people["age"] = 60 + 2 * place
    people["sex"] = np.where(place % 2, "F", "M")
    write_table(path, people)


def change(study, **evaluation):
    whole = study.evaluation.model_dump() | evaluation
    return StudyConfig.model_validate(study.model_dump() | {"evaluation": whole})


def test_every_task_has_its_tables_of_its_own_people(study):
    opened = Study(study)
    tables = tabulate_spectra_of_tasks(opened)
    tasks = {task.name: task for task in opened.build_tasks()}
    for peaks, spectra in zip(tables["peaks"], tables["spectra"], strict=True):
        task = tasks[peaks["task"].iloc[0]]
        assert len(peaks) == len(task.subjects)
        assert set(peaks["participant_id"]) == set(task.subjects["participant_id"])
        assert spectra.groupby("group")["n"].first().sum() == len(task.subjects)
    groups = {t["task"].iloc[0]: set(t["group"]) for t in tables["spectra"]}
    assert groups["disease"] == {"patient", "control"}
    assert groups["age"] == {"everybody"}
    assert len(groups["twice"]) == 2
    assert [len(t) > 0 for t in tables["topographies"]] == [True] * 4


def test_simulated_alpha_is_at_the_back_and_has_a_frequency(study):
    one = measure_task(Study(study), Study(study).build_tasks()[0])
    assert one is not None
    assert np.nanmedian(one.alpha_hz) == pytest.approx(9.5, abs=1.5)
    names = list(one.channels)
    alpha = one.band_power[:, 2].mean(0)
    assert alpha[names.index("O1")] > alpha[names.index("Fz")]


def test_power_is_relative_where_a_scale_means_nothing(study):
    tasks = {task.name: task for task in Study(study).build_tasks()}
    assert not measure_task(Study(study), tasks["disease"]).is_relative
    twice = measure_task(Study(study), tasks["twice"])
    assert twice.is_relative
    assert twice.is_within
    first, second = (twice.band_power[twice.groups == group] for group in (0, 1))
    np.testing.assert_allclose(first, second, atol=0.02)  # the same recordings


def test_matched_pairs_are_compared_within_pairs(study):
    tasks = {task.name: task for task in Study(study).build_tasks()}
    one = measure_task(Study(study), tasks["matched"])
    assert one.is_within
    assert (np.bincount(one.clusters) == 2).all()


def test_sealed_people_are_in_no_table_before_the_hold_out_is_opened(study):
    sealed = change(study, protocol="hold-out", holdout_share=0.3)
    sealed = sealed.model_copy(update={"tasks": {"disease": study.tasks["disease"]}})
    opened = Study(sealed)
    task = opened.build_tasks()[0]
    task = task.restrict({view: opened.view(view).people for view in task.views})
    left = leave_out_sealed(opened, task)
    assert 0 < len(left.subjects) < len(task.subjects)
    tables = tabulate_spectra_of_tasks(opened)
    assert len(tables["peaks"][0]) == len(left.subjects)
    path = sealed.output_folder / SEAL_FILE
    path.write_text("[]")
    assert len(leave_out_sealed(opened, task).subjects) == len(task.subjects)
    path.unlink()


def test_too_few_common_channels_leave_out_topographies_alone(
    study, monkeypatch, caplog
):
    monkeypatch.setattr(measured_spectra, "MIN_CHANNELS", 99)
    with caplog.at_level("INFO"):
        tables = tabulate_spectra_of_tasks(Study(study))
    assert all(table.empty for table in tables["topographies"])
    assert all(len(table) for table in tables["spectra"])
    assert "share 19 channels" in caplog.text


def test_the_same_study_gives_the_same_tables(study):
    first, second = (tabulate_spectra_of_tasks(Study(study)) for _ in range(2))
    for name in first:
        for one, other in zip(first[name], second[name], strict=True):
            assert one.equals(other)
