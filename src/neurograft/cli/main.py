"""The command line: one function per command, heavy imports inside."""

import logging
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

# Before anything loads torch: idle threads sleep instead of spinning.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from cyclopts import App, CycloptsError, Parameter
from pydantic import ValidationError

from neurograft.config.section import explain, list_settings
from neurograft.config.study import StudyConfig, read_study
from neurograft.errors import ConfigError, PackageError
from neurograft.simulation.options import SimulationConfig

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130
app = App(
    name="neurograft",
    help="Pretrain EEG encoders on public recordings, transfer them to a small "
    "clinical cohort, and say honestly what that bought.",
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,
)


@Parameter(name="*")
@dataclass(frozen=True)
class Options:
    """Options of every command that takes a study.

    Attributes:
        set: Replace a setting of the study file, for example
            `--set pretraining.steps=3000`; may be repeated.
        jobs: Processes; 0 means one per core.
        quiet: Show no progress.
        dask: Address of a Dask scheduler to harmonise and evaluate on,
            `tcp://host:8786`.
    """

    set: Annotated[
        tuple[str, ...],
        Parameter(name="--set", help="section.key=value that replaces a setting.",
                  negative="", consume_multiple=False),
    ] = ()  # fmt: skip
    jobs: Annotated[
        int, Parameter(name=["--jobs", "-j"], help="Processes; 0: one per core.")
    ] = 0
    quiet: Annotated[bool, Parameter(help="Show no progress.", negative="")] = False
    dask: Annotated[
        str, Parameter(help="Address of a Dask scheduler to use instead.")
    ] = ""

    @property
    def n_jobs(self) -> int:
        """Processes; one per core if not said."""
        return self.jobs if self.jobs > 0 else os.cpu_count() or 1


DEFAULTS = Options()
Sizes = Annotated[SimulationConfig, Parameter(name="*")]
DEFAULT_SIZES = SimulationConfig()


@app.command
def run(
    study: Path,
    /,
    *,
    options: Options = DEFAULTS,
    force: str = "",
    dry_run: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Do every stage of a study that is missing or out of date, and report.

    Args:
        study: The study file.
        options: How to run.
        force: Stage to redo, with all after it, although they are up to date.
        dry_run: Only say what would be done.
    """
    from neurograft.study.opened_study import Study
    from neurograft.study.run import STAGES, plan_study, run_study

    if force and force not in STAGES:
        raise ConfigError(
            f"There is no stage {force!r}; stages are {', '.join(STAGES)}."
        )
    opened = Study(read_study(study, options.set))
    if dry_run:
        for name, folder, current in plan_study(opened):
            print(f"{'up to date' if current else 'would run':<12}{name:<12}{folder}")
        return
    from neurograft.cli.progress import watch

    with watch(quiet=options.quiet) as progress:
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


@app.command
def demo(
    folder: Path = Path("neurograft-demo"),
    /,
    *,
    sizes: Sizes = DEFAULT_SIZES,
    options: Options = DEFAULTS,
) -> None:
    """Simulate two public cohorts and a clinic, then run the study on them.

    Args:
        folder: Where everything goes.
        sizes: What to simulate.
        options: How to run.
    """
    run(_simulate(folder, sizes, options), options=options)


@app.command
def simulate(
    folder: Path,
    /,
    *,
    sizes: Sizes = DEFAULT_SIZES,
    options: Options = DEFAULTS,
) -> None:
    """Simulate two public cohorts and a clinic as BIDS folders, with their truth.

    Args:
        folder: Where the cohorts, their truth and a study file go.
        sizes: What to simulate.
        options: How to run.
    """
    print(f"Study file: {_simulate(folder, sizes, options)}")


def _simulate(folder: Path, sizes: SimulationConfig, options: Options) -> Path:
    from neurograft.cli.progress import watch
    from neurograft.simulation.demo_study import simulate_study

    with watch(quiet=options.quiet) as progress:
        return simulate_study(folder, sizes, n_jobs=options.n_jobs, progress=progress)


@app.command
def check(path: Path, /, *, options: Options = DEFAULTS) -> None:
    """Check a study, a folder or a single file; change nothing.

    Args:
        path: A study file, a folder of recordings, or one recording.
        options: How to run.
    """
    from neurograft.study import check as checks
    from neurograft.study.opened_study import Study

    if path.suffix == ".toml" or not path.exists():
        for line in checks.check_study(Study(read_study(path, options.set))):
            print(line)
        return
    from neurograft.cli.progress import watch

    with watch(quiet=options.quiet) as progress:
        lines = checks.check_path(path, n_jobs=options.n_jobs, progress=progress)
    for line in lines:
        print(line)


@app.command
def compare_pretraining(study: Path, /, *, options: Options = DEFAULTS) -> None:
    """Compare the ways to pretrain that the study's [comparison] names."""
    from neurograft.study.run import compare_study

    _run_many(compare_study, "Comparison", study, options)


@app.command
def specify(study: Path, /, *, options: Options = DEFAULTS) -> None:
    """Run every combination of the choices that the study's [specification] names."""
    from neurograft.study.run import specify_study

    _run_many(specify_study, "Specification curve", study, options)


def _run_many(
    run: Callable[..., Path], what: str, study: Path, options: Options
) -> None:
    from neurograft.cli.progress import watch
    from neurograft.study.opened_study import Study

    opened = Study(read_study(study, options.set))
    with watch(quiet=options.quiet) as progress:
        folder = run(
            opened, n_jobs=options.n_jobs, dask=options.dask, progress=progress
        )
    print(f"{what}: {folder}")


def _run_stage(name: str, study: Path, options: Options) -> None:
    from neurograft.cli.progress import watch
    from neurograft.study.opened_study import Study
    from neurograft.study.run import list_steps

    opened = Study(read_study(study, options.set))
    with watch(quiet=options.quiet) as progress:
        for step in list_steps(
            opened, n_jobs=options.n_jobs, dask=options.dask, progress=progress
        ):
            if step.name == name:
                step.run()
                print(f"{name}: {step.describe().folder}")


def _make_command(name: str) -> Callable[..., None]:
    def run(study: Path, /, *, options: Options = DEFAULTS) -> None:
        _run_stage(name, study, options)

    return run


for _stage, _help in {
    "harmonise": "Harmonise the study's cohorts into signal stores.",
    "pretrain": "Pretrain the study's encoder; goes on where it was stopped.",
    "embed": "Embed the cohorts that the study's tasks are about.",
    "evaluate": "Fit every method to every task and write what it predicts.",
    "summarise": "Make every statistic and table from the predictions; fits nothing.",
    "shift": "Measure how far the study's cohorts are apart, in what, and what helps.",
    "report": "Write the report from the result tables.",
}.items():
    app.command(_make_command(_stage), name=_stage, help=_help)


@app.command
def deidentify(
    source: Path,
    target: Path,
    /,
    *,
    hash_ids: Annotated[bool, Parameter(negative="")] = False,
    salt: str = "",
    cap_age: Annotated[bool, Parameter(negative="")] = False,
    keep: Annotated[
        tuple[str, ...], Parameter(negative="", consume_multiple=False)
    ] = (),
    table: str = "participants.tsv",
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Copy a folder of recordings without names, dates or free text.

    Args:
        source: BIDS folder, or any folder of recordings.
        target: New folder.
        hash_ids: Replace the labels of people by keyed hashes.
        salt: Secret of the hashes and date shifts: the same salt gives the same labels
            and shifts. Without one, a secret is drawn and forgotten.
        cap_age: Write ages above 89 as 89.
        keep: Text of an annotation that is harmless; may be repeated.
        table: Table of a folder that is not BIDS.
        quiet: Show no progress.
    """
    import secrets

    from neurograft.cli.progress import watch
    from neurograft.cohorts.deidentify.copying import Rules
    from neurograft.cohorts.deidentify.copying import deidentify as copy
    from neurograft.cohorts.deidentify.scrubbing import Scrubber

    scrubber = Scrubber(salt or secrets.token_hex(16), hash_ids, frozenset(keep))
    with watch(quiet=quiet) as progress:
        copied = copy(
            source, target, Rules(scrubber, cap_age, table), progress=progress
        )
    for one in copied:
        if not one.target:
            print(f"left out {one.source}: {one.note}")
        elif one.note.startswith("columns"):
            print(f"{one.source}: {one.note}")
    print(f"{sum(bool(one.target) for one in copied)} files in {target}")


cards = App(name="cards", help="The public data sets that neurograft knows by name.")
app.command(cards)


@cards.default
def list_cards() -> None:
    """List the data sets: people, electrodes, licence, title."""
    from neurograft.config.cards import list_cards, read_card

    for name in list_cards():
        card = read_card(name)
        how = "fetch" if card.source.kind != "manual" else "by hand"
        print(f"{name:<23}{card.n_subjects:>6} {how:<9}{card.title}")


@cards.command(name="show")
def show_card(name: str, /) -> None:
    """Print what is known of a data set.

    Args:
        name: Name of its card.
    """
    from neurograft.config.cards import say_card

    for line in say_card(name):
        print(line)


@app.command
def fetch(
    name: str,
    folder: Path,
    /,
    *,
    include: str = "*",
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Download an open data set; goes on where it was stopped.

    Args:
        name: Name of its card.
        folder: Where it goes.
        include: Pattern of the files to download, for example "sub-01/*".
        quiet: Show no progress.
    """
    from neurograft.cli.progress import watch
    from neurograft.cohorts.download import fetch_dataset
    from neurograft.config.cards import read_card

    card = read_card(name)
    with watch(quiet=quiet) as progress:
        paths = fetch_dataset(card, folder, include=include, progress=progress)
    print(f"{len(paths)} files of {name} in {folder}. Licence: {card.licence}")
    print(f"{card.use} {card.citation}")


@app.command(name="settings")
def show_settings() -> None:
    """List every setting of a study file: type, bounds, default, meaning."""
    width = min(shutil.get_terminal_size().columns, 100)
    for name, kind, default, text in list_settings(StudyConfig):
        print(f"{name}  ({kind}; default: {default})")
        print(
            textwrap.fill(text, width, initial_indent="    ", subsequent_indent="    ")
        )


def _say(error: Exception) -> str:
    """One sentence, also for bounds of options that pydantic checks."""
    bounds = error.__cause__
    if isinstance(error, CycloptsError) and isinstance(bounds, ValidationError):
        return explain(bounds, SimulationConfig, "options")
    return " ".join(str(error).split())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; errors are one sentence on stderr and exit code 2."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in tokens
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("neurograft").setLevel(
        logging.WARNING if "--quiet" in tokens else logging.INFO
    )
    try:
        app(
            [token for token in tokens if token != "--debug"],
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except BrokenPipeError:  # the reader of our output has had enough
        sys.stdout = None
    except (PackageError, CycloptsError, OSError) as error:
        if debug:
            raise
        print(f"neurograft: {_say(error)}", file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    except KeyboardInterrupt:
        print("neurograft: stopped; the same command goes on.", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
