"""Commands that simulate people: a whole study, or cohorts alone."""

from pathlib import Path

from neurograft.cli.options import DEFAULT_SIZES, DEFAULTS, Options, Sizes
from neurograft.cli.prediction_commands import (
    Asking,
    fit_and_say,
    predict_new_people,
)
from neurograft.cli.study_commands import run_stages
from neurograft.errors import ConfigError
from neurograft.simulation.options import SimulationConfig, explain_too_few

# The task that the demo ends with, and where the answer to a new person lies.
TASK = "disease"
PREDICTIONS_FOLDER = "predictions"


def run_demo(
    folder: Path = Path("neurograft-demo"),
    /,
    *,
    sizes: Sizes = DEFAULT_SIZES,
    options: Options = DEFAULTS,
) -> None:
    """Simulate two public cohorts and a clinic, and run a whole study on them.

    For example: `neurograft demo my-demo --n-patients 20`. No data are needed. Where
    the disease is found, a predictor is fitted and asked about a new patient.

    Args:
        folder: Folder for the recordings, the study file and the results.
        sizes: Sizes of the simulation.
        options: Options of every command that takes a study.
    """
    problem = explain_too_few(sizes)
    if problem:
        raise ConfigError(problem)
    study = _simulate(folder, sizes, options)
    run_stages(study, options=options)
    _show_a_patient(study, sizes, options)


def _show_a_patient(study: Path, sizes: SimulationConfig, options: Options) -> None:
    """Fit a predictor of the disease, and ask it about a patient who is new.

    Without evidence there is no predictor, and the sentence of `fit` says why.
    """
    from neurograft.simulation.demo_study import simulate_new_person

    try:
        model = fit_and_say(study, TASK, options=options)
    except ConfigError as error:
        print(error)
        return
    person = simulate_new_person(study.parent, sizes)
    out = study.parent / PREDICTIONS_FOLDER
    asking = Asking(out=out, overwrite=True, jobs=options.jobs, quiet=options.quiet)
    predict_new_people(model, (person,), asking=asking)


def write_simulation(
    folder: Path,
    /,
    *,
    sizes: Sizes = DEFAULT_SIZES,
    options: Options = DEFAULTS,
) -> None:
    """Simulate two public cohorts and a clinic as BIDS folders with known truth.

    For example: `neurograft simulate my-data --effect 0`, where no disease is planted.

    Args:
        folder: Folder for the cohorts, their truth and a study file.
        sizes: Sizes of the simulation.
        options: Options of every command that takes a study.
    """
    print(f"Study file: {_simulate(folder, sizes, options)}")
    problem = explain_too_few(sizes)
    if problem:
        print(f"Note: {problem}")


def _simulate(folder: Path, sizes: SimulationConfig, options: Options) -> Path:
    from neurograft.cli.progress import watch
    from neurograft.simulation.demo_study import simulate_study

    with watch(quiet=options.quiet) as progress:
        return simulate_study(folder, sizes, n_jobs=options.n_jobs, progress=progress)
