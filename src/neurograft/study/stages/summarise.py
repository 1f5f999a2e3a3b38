"""The summary stage: predictions in, every statistic, table and sentence out.

What the EEG of the groups shows is tabulated beside it, from the windows that the
methods saw.
"""

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

# Raise when spectra, topographies or peaks of the same signals become others.
SPECTRA_VERSION = 2


def describe_summary(study: Study) -> Stage:
    """Describe the stage: its settings, and the fingerprint of the predictions."""
    settings = study.settings
    described = settings.evaluation.model_dump(mode="json", include=OF_SUMMARY)
    inputs = {
        "evaluation": study.mark("evaluation"),
        "spectra": str(SPECTRA_VERSION),
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
    tables = summarise(
        read_evaluated(study),
        n_bootstraps=settings.n_bootstraps,
        equivalence_margin=settings.equivalence_margin,
        seed=study.settings.seed,
        progress=progress,
    )
    tables |= tabulate_spectra_of_tasks(study, progress=progress)
    write_tables(stage.folder, tables)
    stage.finish()


def read_evaluated(study: Study) -> list[EvaluatedTask]:
    """Read what the evaluation stage wrote."""
    folder = study.folder("evaluation")
    tables = {
        path.stem: read_table(path, text=TEXT) for path in sorted(folder.glob("*.tsv"))
    }
    return parse_evaluated(tables, read_arrays(folder / PERMUTED_FILE))
