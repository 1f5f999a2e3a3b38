"""A study of two small simulated cohorts, ready to be evaluated."""

import shutil

import pytest

from neurograft.config.study import StudyConfig
from neurograft.files.tables import read_table
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.study.opened_study import Study
from neurograft.study.stages.embed import run_embed
from neurograft.study.stages.evaluate import run_evaluate
from neurograft.study.stages.harmonise import describe_harmonising, run_harmonise
from neurograft.study.stages.pretrain import describe_pretraining, run_pretrain
from neurograft.study.stages.summarise import run_summarise

GROUP = {"cohort": "clinic", "column": "group"}
TASKS = {
    "disease": {"kind": "classification", "positive": ["patient"],
                "negative": ["control"], **GROUP},
    "brain_age": {"kind": "regression", "cohort": "clinic", "column": "age",
                  "reference_column": "group", "reference": ["control"]},
    "twice": {"kind": "contrast", "cohort": "clinic", "against_cohort": "again"},
}  # fmt: skip
FOLDERS = ("summary", "evaluation")
QUICK = {
    "n_splits": 3, "n_repeats": 2, "n_inner": 2, "n_bootstraps": 100,
    "n_permutations": 19, "windows_per_subject": 2, "labels_per_class": [2, 4],
    "n_draws": 2, "controls": True,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _short_studies(keep_readers, watching_little):
    """Keep readers and watch little in all tests of this folder."""
    with watching_little():
        yield


@pytest.fixture(scope="session")
def make_small_clinic():
    """Simulate four patients and four controls, and describe one task on them."""

    def make(folder) -> StudyConfig:
        sites = default_sites(
            n_source=2, n_patients=4, n_controls=4, n_clinic_channels=19
        )
        simulate_cohorts(folder / "cohorts", sites=[sites[2]], duration_s=20)
        return StudyConfig(
            name="small",
            data_folder=folder / "cohorts",
            output_folder=folder / "results",
            cohorts={"clinic": {"folder": "clinic"}},
            pretraining={"shipped": "tiny"},
            tasks={"disease": TASKS["disease"]},
            evaluation={"n_splits": 2},
        )

    return make


def describe_study(folder, tasks, **evaluation):
    """Describe a study of a clinic and of the students it pretrains on."""
    cohorts = {"students": {"folder": "students"}, "clinic": {"folder": "clinic"}}
    if "twice" in tasks:
        cohorts["again"] = {"folder": "clinic"}
    return StudyConfig(
        name="evaluated",
        data_folder=folder / "cohorts",
        output_folder=folder / "results",
        cohorts=cohorts,
        pretraining={
            "size": "nano", "steps": 2, "batch_size": 8, "validation_share": 0.2,
        },
        tasks={name: TASKS[name] for name in tasks},
        evaluation=QUICK | evaluation,
    )  # fmt: skip


def prepare(study):
    """Harmonise and pretrain what is not yet done."""
    for cohort in study.cohorts:
        if not describe_harmonising(Study(study), cohort).is_current():
            run_harmonise(Study(study), cohort)
    if not describe_pretraining(Study(study)).is_current():
        run_pretrain(Study(study))


@pytest.fixture(scope="session")
def make_study(build_once):
    """Simulate, harmonise, pretrain and embed: 12 patients and 16 controls."""

    def make(folder, tasks=tuple(TASKS), n_visits=1, **evaluation) -> StudyConfig:
        def simulate(folder):
            sites = default_sites(
                n_source=6, n_patients=12, n_controls=16, n_clinic_channels=19,
                n_visits=n_visits,
            )  # fmt: skip
            simulate_cohorts(
                folder / "cohorts",
                sites=[sites[0], sites[2]],
                duration_s=30,
                with_truth=True,
            )
            prepare(describe_study(folder, ["disease"]))

        built = build_once(f"clinic of {n_visits} visits", simulate)
        shutil.copytree(built, folder, copy_function=shutil.copy2, dirs_exist_ok=True)
        study = describe_study(folder, tasks, **evaluation)
        prepare(study)
        run_embed(Study(study))
        return study

    return make


@pytest.fixture(scope="session")
def evaluate():
    """Evaluate and summarise a study; the result reads its tables by name."""

    def run(settings: StudyConfig, n_jobs=1):
        study = Study(settings)
        run_evaluate(study, n_jobs=n_jobs)
        run_summarise(study)

        def read(name):
            paths = (study.folder(kind) / f"{name}.tsv" for kind in FOLDERS)
            return read_table(next(path for path in paths if path.is_file()))

        return read

    return run


@pytest.fixture(scope="session")
def change_evaluation():
    """The same study with other settings of its evaluation."""

    def change(study: StudyConfig, **settings) -> StudyConfig:
        evaluation = study.evaluation.model_dump() | settings
        return StudyConfig.model_validate(
            study.model_dump() | {"evaluation": evaluation}
        )

    return change
