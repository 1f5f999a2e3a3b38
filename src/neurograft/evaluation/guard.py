"""Guard a task: pretraining has seen nobody of it, and nobody is in it twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neurograft.config.tasks import View
from neurograft.errors import LeakageError
from neurograft.files.sentences import say
from neurograft.store.views import ReadView
from neurograft.tasks.leak_guard import check_pretraining
from neurograft.tasks.seen_people import (
    DataSet,
    RecordedPerson,
    SeenPeople,
    find_shared_recordings,
)
from neurograft.tasks.task import Task


@dataclass(frozen=True)
class GuardReport:
    """A report on the people of a task: with whom they were compared, who was found.

    Attributes:
        seen: People whom pretraining has seen, where that is allowed.
        compared: What was compared, and what was found, in words.
        caution: What comparing cannot find, in words; empty if nothing is known.
    """

    seen: tuple[str, ...] = ()
    compared: str = ""
    caution: str = ""


UNGUARDED = GuardReport()


def guard_task(
    task: Task,
    read: Callable[[View], ReadView],
    card: Mapping[str, Any],
    *,
    name_data_set: Callable[[str], DataSet],
    allow_transductive: bool = False,
    only_sealed: bool = False,
) -> GuardReport:
    """Check a task for people seen in pretraining and for people who are in it twice.

    Args:
        task: Restricted to people with signals.
        read: Gives the signals of a view.
        card: Of the encoder.
        name_data_set: Names the data set that a cohort is.
        allow_transductive: Whether pretraining may have seen tested people.
        only_sealed: Whether sealed people alone are tested.

    Raises:
        LeakageError: If people are tested whom pretraining has seen, or who are twice
            in the task.
    """
    people = list_recorded(task, read, name_data_set)
    _check_nobody_is_twice(task, people)
    known = SeenPeople.of_card(card)
    sealed = set(task.subjects.loc[task.subjects["is_sealed"], "participant_id"])
    seen: dict[str, dict[str, str]] = {}
    for number, how in known.find_people(people).items():
        one = people[number]
        if not only_sealed or one.participant_id in sealed:
            seen.setdefault(one.cohort, {})[one.participant_id] = how
    for cohort, found in seen.items():
        check_pretraining(found, cohort=cohort, allow_transductive=allow_transductive)
    return GuardReport(
        tuple(who for found in seen.values() for who in sorted(found)),
        _say_compared(people, known, sum(map(len, seen.values()))),
        _say_caution(people, known),
    )


def list_recorded(
    task: Task,
    read: Callable[[View], ReadView],
    name_data_set: Callable[[str], DataSet],
) -> list[RecordedPerson]:
    """List the people of a task with the fingerprints of all their recordings.

    Args:
        task: Restricted to people with signals.
        read: Gives the signals of a view.
        name_data_set: Names the data set that a cohort is.
    """
    found: dict[tuple[str, str], tuple[bytes, ...]] = {}
    for cohort in dict.fromkeys(view.cohort for view in task.views):
        views = [view for view in task.views if view.cohort == cohort]
        own = task.subjects["cohort"] == cohort
        people = set(task.subjects.loc[own, "participant_id"])
        for recording in read(views[0]).store.recordings:
            who = recording.key.participant_id
            if who in people:
                marks = (recording.fingerprint,) if recording.fingerprint else ()
                found[cohort, who] = found.get((cohort, who), ()) + marks
    return [
        RecordedPerson(cohort, who, name_data_set(cohort), marks)
        for (cohort, who), marks in sorted(found.items())
    ]


def _check_nobody_is_twice(task: Task, people: Sequence[RecordedPerson]) -> None:
    """Check that no two people of a task share a recording, or a part of one.

    Raises:
        LeakageError: If two do; the message names both.
    """
    is_contrast = task.kind == "contrast"
    places: dict[tuple[str, str], RecordedPerson] = {}
    for one in people:
        label = (one.data_set.folder, one.participant_id)
        first = places.setdefault(label, one)
        if first is not one and one.data_set.folder and not is_contrast:
            raise LeakageError(
                f"{one.participant_id} is in task {task.name!r} twice: the cohorts "
                f"{first.cohort!r} and {one.cohort!r} are read from one folder. Take "
                "one of them, or make the task a contrast of both."
            )
    who = [one[1] if is_contrast else one[:2] for one in people]
    shared = find_shared_recordings(people, who)
    if shared is None:
        return
    one, other = people[shared[0]], people[shared[1]]
    raise LeakageError(
        f"{one.participant_id} ({one.cohort}) and {other.participant_id} "
        f"({other.cohort}) share {shared[2]:.0f} s of one signal in task "
        f"{task.name!r}; one of them is a copy. Remove it from the data, or give both "
        "the same label if they are one person."
    )


def _say_compared(
    people: Sequence[RecordedPerson], known: SeenPeople, n_seen: int
) -> str:
    """Say what was compared with what, and how many people were found."""
    values = {
        "n_people": len(people),
        "n_own": sum(len(one.fingerprints) for one in people),
        "n_mute": sum(not one.fingerprints for one in people),
        "n_subjects": known.n_people,
        "n_labels": len(known.labels),
        "n_recordings": len(known.fingerprints),
        "n_found": n_seen,
        "data_sets": ", ".join(known.data_sets) or "none",
    }
    if not known.n_people:
        return say("NG601" if known.data_sets else "NG602", values)
    if not known.labels:
        return say("NG601", values)
    parts = [say("NG610", values)]
    if len(known.labels) < known.n_people:
        parts.append(say("NG611", values))
    if values["n_mute"]:
        parts.append(say("NG612", values))
    parts.append(say("NG613" if n_seen else "NG614", values))
    return " ".join(parts)


def _say_caution(people: Sequence[RecordedPerson], known: SeenPeople) -> str:
    """Name the data sets seen that hold the task's people, by their names alone."""
    names = dict.fromkeys(one.data_set.name for one in people)
    return " ".join(
        say("NG620", {"data_set": name, "how": how})
        for name, how in known.name_relatives(names).items()
    )
