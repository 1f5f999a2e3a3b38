"""Commands that fit a predictor, and ask it about new people."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from neurograft.cli.options import DEFAULTS, Options
from neurograft.errors import ConfigError

Flag = Parameter(negative="", show_default=False)
PREDICTIONS_FILE = "predictions.tsv"
NOT_A_DEVICE = "Research use. This is not a medical device."
# Why a method was taken.
REASONS = {
    "asked_for": "asked for by name",
    "best": "the best of the study",
    "best_saved": "the best of the study that can be saved",
}


def fit_predictor_of_study(
    study: Path,
    /,
    *,
    task: Annotated[str, Parameter(show_default=False)] = "",
    method: Annotated[str, Parameter(show_default=False)] = "",
    anyway: Annotated[bool, Flag] = False,
    options: Options = DEFAULTS,
) -> None:
    """Fit one method to everybody of a task, and save it for new people.

    For example: `neurograft fit study.toml --task disease`. The study must have been
    run, and must show evidence for the task.

    Args:
        study: The study file.
        task: Name of the task; without it, the only one with evidence.
        method: As in the study file; without it, the best that can be saved.
        anyway: Also fit what the study found no evidence for; every output says so.
        options: Options of every command that takes a study.
    """
    fit_and_say(study, task, method, anyway=anyway, options=options)


def fit_and_say(
    study: Path,
    task: str = "",
    method: str = "",
    *,
    anyway: bool = False,
    options: Options = DEFAULTS,
) -> Path:
    """Fit a predictor as `fit_predictor_of_study` does, and return its folder.

    Args:
        study: The study file.
        task: Name of the task; empty takes the only one with evidence.
        method: As in the study file; empty takes the best that can be saved.
        anyway: Also fit what the study found no evidence for.
        options: Options of every command that takes a study.
    """
    from neurograft.cli.study_commands import open_study

    opened = open_study(study, options)
    from neurograft.cli.progress import watch
    from neurograft.prediction.bundle import read_predictor
    from neurograft.study.stages.fit import run_fit

    with watch(quiet=options.quiet) as progress:
        folder = run_fit(
            opened,
            task,
            method,
            anyway=anyway,
            n_jobs=options.n_jobs,
            progress=progress,
        )
    card = read_predictor(folder).card
    told = card.method
    print(
        f"{card.task}: {told.name} ({REASONS[told.why]}), fitted to "
        f"{card.people.n} people; "
        f"of people left out, {told.metric} {told.value:.2f} "
        f"[{told.ci_low:.2f}, {told.ci_high:.2f}]."
    )
    if not told.is_shown:
        print(f"Caution: {told.say_evidence()}")
    for caution in told.say_cautions():
        print(caution)
    print(NOT_A_DEVICE)
    print(f"Predictor: {folder}")
    return folder


@Parameter(name="*")
@dataclass(frozen=True)
class Asking:
    """Options of `predict`.

    Attributes:
        out: Folder for the tables and pages.
        age: Age of the one person, years.
        sex: Sex of the one person.
        label: Label of the one person that all files are of.
        condition: In which the recordings were made, for example rest; needed where the
            names of files do not say it.
        table: Table of people inside the folder, with their ages and sexes.
        prevalence: How common the second group (for example the patients) is where the
            predictor is used, between 0 and 1.
        explain: Hide bands and regions from the encoder, and show what the answer owes
            to each; takes some seconds per person.
        language: Language of the pages.
        overwrite: Replace the predictions that the folder holds.
        jobs: Number of processes; 0 takes one per core.
        quiet: Show no progress.
    """

    out: Path = Path("predictions")
    age: Annotated[float | None, Parameter(show_default=False)] = None
    sex: Annotated[Literal["F", "M"] | None, Parameter(show_default=False)] = None
    label: Annotated[str, Parameter(show_default=False)] = ""
    condition: Annotated[str, Parameter(show_default=False)] = ""
    table: Annotated[str, Parameter(show_default=False)] = ""
    prevalence: Annotated[float | None, Parameter(show_default=False)] = None
    explain: Annotated[bool, Flag] = False
    language: Literal["en", "de"] = "en"
    overwrite: Annotated[bool, Flag] = False
    jobs: Annotated[int, Parameter(name=["--jobs", "-j"])] = 0
    quiet: Annotated[bool, Flag] = False


NOTHING_ASKED = Asking()


def predict_new_people(
    model: Path, recordings: tuple[Path, ...], /, *, asking: Asking = NOTHING_ASKED
) -> None:
    """Ask a predictor about new people: a table, and a page for each person.

    For example: `neurograft predict results/models/disease/encoder new.vhdr --age 52
    --sex F`. A file outside BIDS gets a number for a label, because its name may be
    that of a person.

    Args:
        model: Folder of the predictor that `neurograft fit` wrote, or a copy of it.
        recordings: Recordings, or one folder of them.
        asking: Options.
    """
    from neurograft.cli.progress import watch
    from neurograft.harmonising.processes import warm_up

    out = asking.out
    if (out / PREDICTIONS_FILE).exists() and not asking.overwrite:
        raise ConfigError(
            f"{out} holds predictions already; name another folder with --out, or "
            "replace them with --overwrite."
        )
    # The readers of recordings load in a process of their own while torch loads here.
    warm_up()
    from neurograft.prediction.asked import Stated, find_asked
    from neurograft.prediction.asking import ask, check_prevalence, write_predictions
    from neurograft.prediction.bundle import read_predictor
    from neurograft.prediction.person.new_people import Describer

    predictor = read_predictor(model)
    check_prevalence(predictor.card, asking.prevalence)
    stated = Stated(asking.label, asking.age, asking.sex or "", asking.condition)
    taken = predictor.card.taken
    asked = find_asked(
        recordings, table=asking.table, stated=stated, reading=taken.table
    )
    _make_folder(out)
    with watch(quiet=asking.quiet) as progress:
        found = ask(
            Describer(predictor),
            asked,
            scratch=out,
            prevalence=asking.prevalence,
            is_explained=asking.explain,
            n_jobs=Options(jobs=asking.jobs).n_jobs,
            progress=progress,
        )
    pages = write_predictions(out, found, language=asking.language)
    for one, page in zip(found, pages, strict=True):
        name = asked.names.get(one.participant_id)
        if name:
            print(f"{one.participant_id} is {name}")
        print(one)
        print(f"  Page: {page}")
    print(NOT_A_DEVICE)


def _make_folder(out: Path) -> None:
    """Make the folder of predictions.

    Raises:
        ConfigError: If it cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "it is a file" if out.is_file() else str(error.strerror).lower()
        raise ConfigError(
            f"The folder {out} cannot be made ({why}); name another one with --out."
        ) from error
