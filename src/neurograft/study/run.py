"""The stages of a study in order, and which of them are already done."""

import logging
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from neurograft.files.stage import Stage
from neurograft.harmonising.processes import close_workers
from neurograft.study.beforehand import check_beforehand, check_specifications
from neurograft.study.check import check_signals
from neurograft.study.cluster import spread_over
from neurograft.study.comparison.compare import run_comparison
from neurograft.study.comparison.variants import check_variants
from neurograft.study.leaks import check_seen, check_variant_sources
from neurograft.study.opened_study import Study
from neurograft.study.specify import (
    list_specifications,
    read_specification,
    say_choices,
    write_specifications,
)
from neurograft.study.stages.embed import describe_embedding, run_embed
from neurograft.study.stages.evaluate import describe_evaluation, run_evaluate
from neurograft.study.stages.harmonise import describe_harmonising, run_harmonise
from neurograft.study.stages.pretrain import describe_pretraining, run_pretrain
from neurograft.study.stages.report import REPORT_FILE, describe_report, run_report
from neurograft.study.stages.shift import describe_shift, run_shift
from neurograft.study.stages.summarise import describe_summary, run_summarise
from neurograft.types import Progress, no_progress

logger = logging.getLogger(__name__)

STAGES = (
    "harmonise", "pretrain", "embed", "evaluate", "summarise", "shift", "report",
)  # fmt: skip


class Step(NamedTuple):
    """One stage of a study: its name, how to describe it, and how to run it."""

    name: str
    describe: Callable[[], Stage]
    run: Callable[[], None]


def list_steps(
    study: Study,
    *,
    n_jobs: int = 1,
    dask: str = "",
    progress: Progress = no_progress,
) -> list[Step]:
    """List the steps of a study, in the order in which they depend on each other.

    Args:
        study: The study.
        n_jobs: Processes.
        dask: Address of a Dask scheduler to harmonise and evaluate on.
        progress: Called along the way.
    """
    spread = partial(run_harmonise, study, n_jobs=n_jobs, dask=dask, progress=progress)
    harmonising = [
        Step(
            "harmonise",
            partial(describe_harmonising, study, cohort),
            partial(spread, cohort),
        )
        for cohort in study.settings.used_cohorts
    ]
    evaluate = partial(_evaluate, study, n_jobs, dask, progress)
    rest = (
        ("pretrain", describe_pretraining, partial(run_pretrain, study)),
        # Which controls there are is known once cohorts are harmonised.
        (
            "embed",
            lambda s: describe_embedding(s.with_controls),
            lambda **how: run_embed(study.with_controls, **how),
        ),
        ("evaluate", describe_evaluation, lambda **_: evaluate()),
        ("summarise", describe_summary, partial(run_summarise, study)),
        ("shift", describe_shift, partial(run_shift, study)),
        ("report", describe_report, lambda **_: run_report(study)),
    )
    return harmonising + [
        Step(name, partial(describe, study), partial(run, progress=progress))
        for name, describe, run in rest
    ]


def _evaluate(study: Study, n_jobs: int, dask: str, progress: Progress) -> None:
    with spread_over(dask):
        run_evaluate(study, n_jobs=n_jobs, progress=progress)


def run_study(
    study: Study,
    *,
    n_jobs: int = 1,
    dask: str = "",
    force: str = "",
    progress: Progress = no_progress,
) -> Path:
    """Do what is missing or out of date, and return the path of the report.

    All that `check` refuses is refused first, and once harmonised the signals, so that
    a wrong column, a leak or recordings too short are found before hours of work.

    Args:
        study: The study.
        n_jobs: Processes.
        dask: Address of a Dask scheduler to harmonise and evaluate on.
        force: Stage to redo, with all after it, even if they are up to date.
        progress: Called along the way.
    """
    for note in check_beforehand(study):
        logger.info("%s", note)
    is_forced = False
    for step in list_steps(study, n_jobs=n_jobs, dask=dask, progress=progress):
        if step.name != "harmonise":
            close_workers()
        if step.name == "pretrain":
            check_signals(study)
            check_seen(study)
        is_forced = is_forced or step.name == force
        if is_forced:
            shutil.rmtree(step.describe().folder, ignore_errors=True)
        if not step.describe().is_current():
            step.run()
    return study.settings.output_folder / REPORT_FILE


def compare_study(
    study: Study,
    *,
    n_jobs: int = 1,
    dask: str = "",
    progress: Progress = no_progress,
) -> Path:
    """Harmonise what is missing, compare the study's ways to pretrain, draw the gains.

    Args:
        study: The study.
        n_jobs: Number of processes.
        dask: Address of a Dask scheduler; empty computes here.
        progress: Called along the way.

    Returns:
        The folder of tables and figures.
    """
    check_variants(study.settings)  # a wrong setting is found before hours of work
    check_variant_sources(study)
    for cohort in study.settings.cohorts:
        if not describe_harmonising(study, cohort).is_current():
            run_harmonise(study, cohort, n_jobs=n_jobs, dask=dask, progress=progress)
    close_workers()
    with spread_over(dask):
        run_comparison(study, n_jobs=n_jobs, progress=progress)
    # Only figures of comparisons need matplotlib, which takes half a second to load.
    from neurograft.report.pretraining_comparison import write_comparison

    return write_comparison(study.folder("comparison"))


def specify_study(
    study: Study,
    *,
    n_jobs: int = 1,
    dask: str = "",
    progress: Progress = no_progress,
) -> Path:
    """Run every combination of the study's choices, judge them together, draw them.

    What is harmonised and pretrained is kept between combinations and runs.

    Args:
        study: The study.
        n_jobs: Number of processes.
        dask: Address of a Dask scheduler; empty computes here.
        progress: Called along the way.

    Returns:
        The folder of tables and figures.
    """
    check_specifications(study.settings)
    specifications = list_specifications(study.settings)
    found = []
    for number, one in enumerate(specifications, start=1):
        progress(
            f"specification: {say_choices(one.choices)}", number, len(specifications)
        )
        for step in list_steps(Study(one.settings), n_jobs=n_jobs, dask=dask):
            if step.name in ("shift", "report"):
                continue
            if step.name != "harmonise":
                close_workers()
            if not step.describe().is_current():
                step.run()
        found.append(read_specification(one))
    folder = study.folder("specification")
    write_specifications(folder, specifications, found)
    # Here, too, for matplotlib.
    from neurograft.report.specification_figures import draw_specifications

    return draw_specifications(folder, list(study.settings.specification.choices))


def plan_study(study: Study) -> Iterator[tuple[str, Path, bool]]:
    """Yield each stage's name, what it writes, and whether it is up to date.

    A stage whose inputs will be redone is not up to date either.
    """
    stale = False
    for step in list_steps(study):
        stage = step.describe()
        current = stage.is_current()
        if step.name != "harmonise":
            current = current and not stale
        stale = stale or not current
        is_page = step.name == "report"
        page = study.settings.output_folder / REPORT_FILE
        yield step.name, page if is_page else stage.folder, current
