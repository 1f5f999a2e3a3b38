"""The command line: the commands in their groups, and errors as one sentence."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

# Before anything loads torch: idle threads sleep instead of spinning.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from cyclopts import App, CycloptsError, Group, UnusedCliTokensError
from pydantic import ValidationError

from neurograft.cli.data_commands import (
    copy_without_names,
    fetch_card,
    print_card,
    print_cards,
)
from neurograft.cli.demo_commands import run_demo, write_simulation
from neurograft.cli.init_command import begin_study
from neurograft.cli.prediction_commands import (
    fit_predictor_of_study,
    predict_new_people,
)
from neurograft.cli.reference_commands import print_methods, print_settings
from neurograft.cli.report_command import write_report
from neurograft.cli.serve_command import serve_page
from neurograft.cli.study_commands import (
    STAGE_HELP,
    check_input,
    make_stage_command,
    run_specification_curve,
    run_stages,
    run_variants_of_pretraining,
)
from neurograft.config.study_file.explanations import explain
from neurograft.errors import PackageError
from neurograft.simulation.options import SimulationConfig

# The shell's convention: 2 for wrong usage, 128 + SIGINT or SIGTERM when stopped.
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143
# In the order of the help.
COMMANDS: Mapping[str, Mapping[str, Callable[..., None]]] = {
    "Start here": {
        "demo": run_demo,
        "init": begin_study,
        "check": check_input,
        "run": run_stages,
        "settings": print_settings,
    },
    "Stages of a study, one at a time": {
        stage: make_stage_command(stage, sentence)
        for stage, sentence in STAGE_HELP.items()
    }
    | {"report": write_report},
    "One patient": {
        "fit": fit_predictor_of_study,
        "predict": predict_new_people,
        "serve": serve_page,
    },
    "Comparisons of many studies": {
        "compare-pretraining": run_variants_of_pretraining,
        "specify": run_specification_curve,
    },
    "Data": {
        "cards": print_cards,
        "fetch": fetch_card,
        "simulate": write_simulation,
        "deidentify": copy_without_names,
    },
    "Reference": {"methods": print_methods},
}


def make_app() -> App:
    """Return the application with all commands; those of a beginner come first.

    Example:
        >>> app = make_app()
        >>> "demo" in app, "paint" in app
        (True, False)
    """
    app = App(
        name="neurograft",
        help="Pretrain EEG encoders on public recordings, transfer them to a small "
        "clinical cohort, and measure what pretraining bought.",
        version_flags=["--version"],
        group_commands=Group("Help", sort_key=len(COMMANDS) + 1),
        suppress_keyboard_interrupt=False,
    )
    for place, (title, commands) in enumerate(COMMANDS.items()):
        group = Group(title, sort_key=place)
        for order, (name, command) in enumerate(commands.items()):
            app.command(command, name=name, group=group, sort_key=order)
    app["cards"].command(print_card, name="show")
    return app


class _TerminatedError(KeyboardInterrupt):
    """Another program asked this one to end."""


@contextmanager
def _ending_on_request() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, while it runs in the main thread."""

    def end(*_: Any) -> None:
        raise _TerminatedError

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _replace_what_cannot_be_printed() -> None:
    """Let names that the encoding of the output lacks be printed with a replacement."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _say(error: Exception) -> str:
    """Write one sentence, also for bounds of options that pydantic checks."""
    if isinstance(error, UnusedCliTokensError):
        words = " ".join(map(repr, error.unused_tokens or ()))
        return f"nothing more is expected here, found {words}; see --help."
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{str(error.filename)[:200]}: {error.strerror.lower()}."
    bounds = error.__cause__
    if isinstance(error, CycloptsError) and isinstance(bounds, ValidationError):
        return explain(bounds, SimulationConfig, "options")
    return " ".join(str(error).split())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; print an error as one sentence on stderr and exit with code 2.

    Args:
        arguments: Words of the command line; None takes those of the process.
    """
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in tokens
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("neurograft").setLevel(
        logging.WARNING if "--quiet" in tokens else logging.INFO
    )
    _replace_what_cannot_be_printed()
    try:
        with _ending_on_request():
            make_app()(
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
    except KeyboardInterrupt as stop:
        print("neurograft: stopped; the same command goes on.", file=sys.stderr)
        asked = isinstance(stop, _TerminatedError)
        sys.exit(EXIT_TERMINATED if asked else EXIT_INTERRUPTED)
