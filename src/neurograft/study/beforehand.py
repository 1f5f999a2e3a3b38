"""Find what a study would be refused for, before any signal is read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from neurograft.config.study import StudyConfig
from neurograft.config.study_file.own_class import find_own_class
from neurograft.config.tasks import View
from neurograft.errors import ConfigError, DataError, PackageError
from neurograft.files.text import count_things
from neurograft.models.saving import find_shipped, read_encoder_card
from neurograft.store.window_count import find_common_count, share_counts
from neurograft.study.comparison.variants import check_variants
from neurograft.study.known_recordings import KnownRecording, list_known_recordings
from neurograft.study.leaks import check_sources, check_variant_sources
from neurograft.study.opened_study import Study
from neurograft.study.populations import (
    foresee_population,
    list_differences,
    list_harmful,
    read_population,
)
from neurograft.study.specify import list_specifications
from neurograft.study.stages.pretrain import find_start, list_sealed, load_start
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.splits import Split, draw_few
from neurograft.tasks.task import Task, check_task
from neurograft.transfer.encoder_source import make_source

Known = Mapping[str, Sequence[KnownRecording]]
# A recording whose length nobody says counts as this long, seconds.
LONGEST_S = 1e6
# Chosen here: more names than this are not read.
MAX_NAMED = 3


def check_beforehand(study: Study, known: Known | None = None) -> list[str]:
    """Check all that can be known of a study before a signal is read.

    Args:
        study: The study.
        known: What is known of the recordings of each cohort; by default what tables,
            sidecars and earlier results say.

    Returns:
        Sentences about what will not be as a reader of the study file might expect.

    Raises:
        ConfigError: If settings contradict each other or the tables of people.
        DataError: If a cohort holds nothing that can be used.
        LeakageError: If somebody would be pretrained on and tested.
    """
    study.build_tasks()
    _read_people(study)
    notes = check_sources(study)
    if known is None:
        known = {
            name: list_known_recordings(study, name)
            for name in study.settings.used_cohorts
        }
    for name, recordings in known.items():
        _check_usable(name, recordings)
    _check_names(study)
    _check_encoder(study)
    _check_learned(study, known)
    tasks = study.build_tasks()
    wanted = _foresee_windows(study, tasks, known)
    for task in tasks:
        notes += _check_task(study, task, known, wanted)
    return notes + _list_differences(study, tasks, known)


def _list_differences(study: Study, tasks: Sequence[Task], known: Known) -> list[str]:
    """List objectives that harmed, and how people differ from those pretrained on."""
    settings = study.settings.pretraining
    if settings.source:
        return []
    objectives = [name for stage in settings.objectives for name in stage]
    if settings.shipped:
        card = read_encoder_card(find_shipped(settings.shipped))
        source, objectives = read_population(card), [str(card["objective"])]
    else:
        source = foresee_population(study, known)
    harmful = list(list_harmful(objectives))
    if source is None:
        return harmful
    return harmful + [
        sentence
        for task in tasks
        for sentence in list_differences(source, task, known, objectives)
    ]


def _read_people(study: Study) -> None:
    """Read the people of every cohort that is used, also where no task asks for them.

    Raises:
        ConfigError: If a table lacks a column that the study names.
        DataError: If it is missing, or no table.
    """
    for name in study.settings.used_cohorts:
        _ = study.cohort(name).people


def _check_usable(cohort: str, recordings: Sequence[KnownRecording]) -> None:
    """Check that a recording of a cohort can be used.

    Raises:
        DataError: If none can.
    """
    if all(one.problem for one in recordings):
        said = (one.problem.rstrip(".") for one in recordings)
        reasons = Counter(said).most_common(MAX_NAMED)
        raise DataError(
            f"Cohort {cohort!r}: none of {count_things(len(recordings), 'recording')} "
            "can be used: "
            f"{'; '.join(reason for reason, _ in reasons)}."
        )


def _check_names(study: Study) -> None:
    """Check that cohorts named in [evaluation] exist, with windows to take.

    Raises:
        ConfigError: If not.
    """
    cohorts = list(study.settings.cohorts)
    for name, n_windows in study.settings.evaluation.windows.items():
        if name not in cohorts:
            raise ConfigError(
                f"evaluation.windows names {name!r}, which is no cohort; found "
                f"{cohorts}."
            )
        if n_windows < 1:
            raise ConfigError(
                f"evaluation.windows asks for {n_windows} windows in {name!r}; one is "
                "the least."
            )


def _check_encoder(study: Study) -> None:
    """Check that the encoder that is taken or continued fits, and own classes exist.

    Raises:
        ConfigError: If not.
    """
    settings, pretraining = study.settings, study.settings.pretraining
    for stage in pretraining.objectives:
        for name in stage:
            if ":" in name:
                find_own_class(name)
    if pretraining.shipped:
        load_start(study, find_shipped(pretraining.shipped))
    elif pretraining.source:
        make_source(
            pretraining.source,
            is_trained=True,
            seed=settings.seed,
            sfreq=settings.harmonise.sfreq,
            window_s=pretraining.window_s,
        )
    elif pretraining.continue_from:
        load_start(study, find_start(study))


def _check_learned(study: Study, known: Known) -> None:
    """Check that there is somebody to learn from and somebody to watch.

    Raises:
        DataError: If there are not two people with a whole window.
    """
    settings = study.settings
    if not settings.source_cohorts:
        return
    sealed = list_sealed(study) if settings.pretraining.without_sealed else set()
    window_s = settings.pretraining.window_s
    people = {
        (cohort, one.who)
        for cohort in settings.source_cohorts
        for one in known[cohort]
        if not one.problem and one.duration_s >= window_s
    } - sealed
    if len(people) < 2:
        raise DataError(
            f"{'1 person' if people else 'Nobody'} of "
            f"{', '.join(settings.source_cohorts)} can be pretrained on "
            f"(recorded for {window_s} s or more"
            + (", not sealed" if sealed else "")
            + "); one to learn from and one to watch are the least. Add people, lower "
            'pretraining.window_s, or set pretraining.shipped = "tiny".'
        )


def _foresee_windows(
    study: Study, tasks: Sequence[Task], known: Known
) -> dict[View, int]:
    """Return how many windows everybody of a view will give, as `Study` counts them.

    Raises:
        ConfigError: If nobody was recorded in the BIDS tasks of a view.
    """
    open_counts: list[dict[View, int]] = []
    for task in tasks:
        open_counts.append({})
        for number, view in enumerate(task.views):
            windows = _count_windows(study, view, known[view.cohort])
            if not windows:
                raise ConfigError(_say_nobody(task, view, known[view.cohort]))
            own = task.subjects["participant_id"][task.subjects["view"] == number]
            count = find_common_count(windows.get(who, 0) for who in own)
            open_counts[-1][view] = count
    asked = study.settings.evaluation.count_windows
    return {
        view: asked(view.cohort) or count
        for view, count in share_counts(open_counts).items()
    }


def _check_task(
    study: Study, task: Task, known: Known, wanted: Mapping[View, int]
) -> list[str]:
    """Check a task with the people who have recordings that are long enough.

    Args:
        study: The study.
        task: The task.
        known: What is known of the recordings of each cohort.
        wanted: Windows that everybody of a view gives.

    Raises:
        ConfigError: If it cannot be evaluated as the study asks.
    """
    settings = study.settings
    available, reasons = {}, {}
    for view in task.views:
        windows = _count_windows(study, view, known[view.cohort])
        available[view] = [who for who, n in windows.items() if n >= wanted[view]]
        reasons[view] = {
            who: f"{_say_windows(n)} of {settings.pretraining.window_s} s, "
            f"{wanted[view]} are taken from everybody"
            for who, n in windows.items()
        }
    before, task = task, task.restrict(available, reasons)
    try:
        check_task(task, n_splits=settings.evaluation.n_splits)
        splits = make_protocol_splits(task, settings.evaluation, seed=settings.seed)
    except ConfigError as error:
        lost = "; ".join(_say_lost(before, task))
        raise ConfigError(f"{error} {lost}." if lost else str(error)) from error
    notes = [f"task {task.name}: {sentence}" for sentence in _say_lost(before, task)]
    if notes:
        n, n_before = (len(set(one.clusters)) for one in (task, before))
        unit = "pairs" if task.is_paired else "people"
        notes.append(f"task {task.name}: {n} of {n_before} {unit} remain")
    missing = _list_missing_points(settings, splits, task)
    if missing:
        notes.append(
            f"task {task.name}: the low-label curve has no point at "
            f"{', '.join(missing)}: training folds hold no more people than that"
        )
    return notes


def _list_missing_points(
    settings: StudyConfig, splits: list[Split], task: Task
) -> list[str]:
    """List the points that were asked of the low-label curve of too small a task."""
    return [
        str(budget)
        for budget in settings.evaluation.asked_labels
        if not draw_few(
            splits,
            task.subjects,
            n_per_class=budget,
            n_draws=1,
            is_classification=task.is_classification,
            seed=settings.seed,
        )
    ]


def _count_windows(
    study: Study, view: View, recordings: Sequence[KnownRecording]
) -> dict[str, int]:
    """Count the windows that people of a view can have at most."""
    window_s = study.settings.pretraining.window_s
    counts: dict[str, int] = {}
    for one in recordings:
        if one.problem or (
            view.bids_tasks and one.found.key.task not in view.bids_tasks
        ):
            continue
        whole = min(one.duration_s, LONGEST_S) // window_s
        counts[one.who] = counts.get(one.who, 0) + int(whole)
    return counts


def _say_windows(number: int) -> str:
    return "1 window" if number == 1 else f"{number} windows"


def _say_nobody(task: Task, view: View, recordings: Sequence[KnownRecording]) -> str:
    """Say that nobody was recorded in the BIDS tasks of a view."""
    found = sorted({one.found.key.task for one in recordings if not one.problem})
    return (
        f"Task {task.name!r}: nobody of {view.cohort!r} has a usable recording of "
        f"bids_tasks = {list(view.bids_tasks)}; found {found}."
    )


def _say_lost(before: Task, after: Task) -> Iterator[str]:
    """Say how many people of a task it will lose, and name the first, by reason."""
    lost: dict[str, list[str]] = {}
    for (_, who), reason in after.left_out.items():
        if (_, who) not in before.left_out:
            lost.setdefault(reason, []).append(who)
    for reason, people in lost.items():
        shown = ", ".join(sorted(people)[:MAX_NAMED])
        more = ", ..." if len(people) > MAX_NAMED else ""
        who = "1 person is" if len(people) == 1 else f"{len(people)} people are"
        yield f"{who} left out ({shown}{more}): {reason}"


def list_refused_plans(study: Study) -> Iterator[str]:
    """List why commands other than `run` would refuse what the study asks of them."""
    settings = study.settings
    try:
        if settings.comparison.variants:
            check_variants(settings)
            check_variant_sources(study)
    except PackageError as error:
        yield f"`compare-pretraining` will refuse this study: {error}"
    try:
        if settings.specification.choices:
            check_specifications(settings)
    except PackageError as error:
        yield f"`specify` will refuse this study: {error}"


def check_specifications(settings: StudyConfig) -> None:
    """Check every combination of choices, as `check_beforehand` checks a study.

    Raises:
        ConfigError: See `check_beforehand`, as the other errors.
    """
    for one in list_specifications(settings):
        check_beforehand(Study(one.settings))
