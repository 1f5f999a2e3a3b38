"""Run a study file from Python."""

from pathlib import Path

from neurograft.api.results import Results, read_results
from neurograft.config.study import StudyConfig, read_study
from neurograft.study.opened_study import Study
from neurograft.study.run import run_study
from neurograft.types import Progress, no_progress


def run(
    study: StudyConfig | Path | str,
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> Results:
    """Do every stage of a study that is missing or out of date, and read its tables.

    Args:
        study: Path of a study file, or its settings (see `read_study`).
        n_jobs: Processes.
        progress: Called along the way.

    Raises:
        ConfigError: If a setting is unknown, or a task cannot be evaluated.
        DataError: If recordings or tables are missing.
        LeakageError: If pretraining has seen people it is tested on.

    Example:
        >>> print(run("study.toml"))  # doctest: +SKIP
        disease: `encoder` tells patients from controls ...
    """
    settings = study if isinstance(study, StudyConfig) else read_study(Path(study))
    run_study(Study(settings), n_jobs=n_jobs, progress=progress)
    return read_results(settings.output_folder)
