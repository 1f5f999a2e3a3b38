"""The summary stage: predictions in, every statistic, table and sentence out.

What the EEG of the groups shows, and what goes with the answers of methods, is
tabulated beside it, from the windows that the methods saw.
"""

from neurograft.config.study import StudyConfig
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.prediction_tables import TEXT, parse_evaluated
from neurograft.evaluation.results.summary import summarise
from neurograft.files.stage import Stage
from neurograft.files.tables import read_table, write_tables
from neurograft.files.writing import read_arrays
from neurograft.study.measured_spectra import tabulate_spectra_of_tasks
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import (
    OF_SUMMARY,
    PERMUTED_FILE,
    describe_evaluation,
)
from neurograft.types import Progress, no_progress

# Raise when tables of the same predictions and signals become others: 3 has the tables
# of `evaluation.details`.
TABLES_VERSION = 3


def describe_summary(study: Study) -> Stage:
    """Describe the stage: its settings, and the fingerprint of the predictions.

    Of `[report]` it reads the prevalence alone.
    """
    settings = study.settings
    described = settings.evaluation.model_dump(mode="json", include=OF_SUMMARY)
    described["prevalence"] = find_prevalences(settings)
    inputs = {
        "evaluation": study.mark("evaluation"),
        "tables": str(TABLES_VERSION),
    }
    return Stage(study.folder("summary"), {"seed": settings.seed} | described, inputs)


def run_summarise(study: Study, *, progress: Progress = no_progress) -> None:
    """Summarise the predictions; nothing is fitted again.

    Raises:
        DataError: If the predictions are missing or out of date.
    """
    describe_evaluation(study).require("evaluate first")
    stage = describe_summary(study)
    stage.begin()
    settings = study.settings.evaluation
    evaluated = read_evaluated(study)
    tables = summarise(
        evaluated,
        n_bootstraps=settings.n_bootstraps,
        equivalence_margin=settings.equivalence_margin,
        prevalence=find_prevalences(study.settings),
        seed=study.settings.seed,
        progress=progress,
    )
    tables |= tabulate_spectra_of_tasks(study, evaluated, progress=progress)
    write_tables(stage.folder, tables)
    stage.finish()


def find_prevalences(settings: StudyConfig) -> dict[str, float]:
    """Return the prevalence of every task for which the author declares one.

    Conditions of one person, and numbers, have none.
    """
    declared = {
        name: settings.report.find_prevalence(name)
        for name, task in settings.all_tasks.items()
        if task.kind == "classification"
    }
    return {task: share for task, share in declared.items() if share is not None}


def read_evaluated(study: Study) -> list[EvaluatedTask]:
    """Read what the evaluation stage wrote."""
    folder = study.folder("evaluation")
    tables = {
        path.stem: read_table(path, text=TEXT) for path in sorted(folder.glob("*.tsv"))
    }
    return parse_evaluated(tables, read_arrays(folder / PERMUTED_FILE))
