"""Commands that run a study, or a part of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from neurograft.cli.options import DEFAULTS, Options
from neurograft.config.study import read_study
from neurograft.errors import ConfigError
from neurograft.types import Progress

if TYPE_CHECKING:
    from neurograft.study.opened_study import Study

STAGE_HELP = {
    "harmonise": "Bring recordings to the same frequency band, rate and reference.",
    "pretrain": "Pretrain the encoder; the same command goes on after a stop.",
    "embed": "Compute the encoder's embeddings of the people in the study's tasks.",
    "evaluate": "Fit every method to every task by cross-validation.",
    "summarise": "Compute statistics and tables from the stored predictions.",
    "shift": "Measure how the cohorts differ, in what, and what helps.",
}


def open_study(path: Path, options: Options) -> "Study":
    """Open a study before anything large is imported: a mistake in it is told at once.

    Args:
        path: The study file.
        options: Options of every command that takes a study.
    """
    settings = read_study(path, options.set)
    from neurograft.study.opened_study import Study

    return Study(settings)


def run_stages(
    study: Path,
    /,
    *,
    options: Options = DEFAULTS,
    force: Annotated[str, Parameter(show_default=False)] = "",
    dry_run: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Run the stages of a study that are missing or out of date, and write the report.

    For example: `neurograft run study.toml`. A run that was stopped goes on when the
    same command is given again.

    Args:
        study: The study file.
        options: Options of every command that takes a study.
        force: Redo this stage and all after it, although they are up to date.
        dry_run: Print which stages would run, and run none.
    """
    opened = open_study(study, options)
    from neurograft.study.run import STAGES, plan_study, run_study

    if force and force not in STAGES:
        raise ConfigError(
            f"There is no stage {force!r}; stages are {', '.join(STAGES)}."
        )
    if dry_run:
        for name, place, current in plan_study(opened):
            print(f"{'up to date' if current else 'would run':<12}{name:<12}{place}")
        return
    with _working(opened, "neurograft run", options) as progress:
        report = run_study(
            opened,
            n_jobs=options.n_jobs,
            dask=options.dask,
            force=force,
            progress=progress,
        )
    _print_verdicts(opened.folder("summary"))
    print(f"Report: {report}")


def _print_verdicts(folder: Path) -> None:
    from neurograft.files.tables import read_table

    for row in read_table(folder / "verdicts.tsv").to_dict("records"):
        print(f"{row['task']}: {row['sentence']}")


def check_input(path: Path, /, *, options: Options = DEFAULTS) -> None:
    """Check a study file, a folder of recordings or a single file; change nothing.

    For example: `neurograft check study.toml`.

    Args:
        path: A study file, a folder of recordings, or one recording.
        options: Options of every command that takes a study.
    """
    is_study = path.suffix == ".toml" or not path.exists()
    study = open_study(path, options) if is_study else None
    from neurograft.cli.progress import watch
    from neurograft.study import check as checks

    with watch(quiet=options.quiet) as progress:
        if study is not None:
            lines = checks.check_study(study, n_jobs=options.n_jobs, progress=progress)
        else:
            lines = checks.check_path(path, n_jobs=options.n_jobs, progress=progress)
        for line in lines:
            print(line)


def run_variants_of_pretraining(study: Path, /, *, options: Options = DEFAULTS) -> None:
    """Compare several ways to pretrain, as `[comparison]` of the study lists them.

    Args:
        study: The study file.
        options: Options of every command that takes a study.
    """
    opened = open_study(study, options)
    from neurograft.study.run import compare_study

    _run_many(compare_study, "compare-pretraining", "Comparison", opened, options)


def run_specification_curve(study: Path, /, *, options: Options = DEFAULTS) -> None:
    """Run a study under every combination of the choices in its `[specification]`.

    Args:
        study: The study file.
        options: Options of every command that takes a study.
    """
    opened = open_study(study, options)
    from neurograft.study.run import specify_study

    _run_many(specify_study, "specify", "Specification curve", opened, options)


def _run_many(
    run: Callable[..., Path], name: str, title: str, opened: "Study", options: Options
) -> None:
    with _working(opened, f"neurograft {name}", options) as progress:
        folder = run(
            opened, n_jobs=options.n_jobs, dask=options.dask, progress=progress
        )
    print(f"{title}: {folder}")


@contextmanager
def _working(study: "Study", doing: str, options: Options) -> Iterator[Progress]:
    """Show and note progress, and hold the study's folder of results meanwhile.

    Raises:
        ConfigError: If another run holds it.
    """
    from neurograft.cli.progress import watch
    from neurograft.files.lock import hold_folder
    from neurograft.files.progress_note import note_progress

    folder = study.settings.output_folder
    with (
        hold_folder(folder, doing),
        watch(quiet=options.quiet) as shown,
        note_progress(folder, shown) as progress,
    ):
        yield progress


def make_stage_command(name: str, sentence: str) -> Callable[..., None]:
    """Return the command that runs one stage of a study, up to date or not.

    Args:
        name: Name of the stage, for example `embed`.
        sentence: First sentence of the command's help.
    """

    def run_one_stage(study: Path, /, *, options: Options = DEFAULTS) -> None:
        run_stage(name, study, options)

    run_one_stage.__doc__ = f"""{sentence}

    Args:
        study: The study file.
    """
    return run_one_stage


def run_stage(name: str, study: Path, options: Options) -> None:
    """Run one stage of a study, up to date or not.

    Args:
        name: Name of the stage.
        study: The study file.
        options: Options of every command that takes a study.
    """
    opened = open_study(study, options)
    from neurograft.study.run import list_steps

    with _working(opened, f"neurograft {name}", options) as progress:
        for step in list_steps(
            opened, n_jobs=options.n_jobs, dask=options.dask, progress=progress
        ):
            if step.name == name:
                step.run()
                print(f"{name}: {step.describe().folder}")
