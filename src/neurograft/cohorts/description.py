"""Describe the tables and sidecars of a cohort's folder in sentences."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from neurograft.cohorts.ages import find_damaged_units, note_ages
from neurograft.cohorts.circumstances import list_damaged
from neurograft.cohorts.demographics import parse_sexes
from neurograft.cohorts.finding.plain_folders import NOBODY
from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.errors import ConfigError, DataError
from neurograft.files.text import count_things, say_text
from neurograft.montage.known_words import show_reference
from neurograft.recordings.events import GAP, read_events
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.sidecars import (
    find_sidecars,
    parse_hz,
    read_mains,
    read_sidecar,
)

SIDECAR_FACTS = {
    "SamplingFrequency": "sampling rate, Hz",
    "PowerLineFrequency": "mains, Hz",
    "EEGReference": "reference",
}
# Chosen here: more values than this do not fit on a line.
MAX_SHOWN = 5
# Values of a sidecar that are counted each.
MAX_FACTS = 4
# Recordings with the same problem that are named.
MAX_NAMED = 3


def describe_cohort(cohort: OpenedCohort) -> list[str]:
    """Describe what tables and sidecars of a cohort hold, in sentences.

    Raises:
        DataError: If the folder or its table is missing, or holds no recording.
    """
    found = cohort.recordings
    people = {one.key.participant_id for one in found} - {NOBODY}
    sentences = [f"{count_things(len(found), 'recording')} of {_count_people(people)}"]
    for entity in ("session", "task", "acquisition", "run"):
        counts = Counter(getattr(one.key, entity) for one in found)
        if set(counts) != {""}:
            shown = ", ".join(f"{label or 'none'} {n}" for label, n in counts.items())
            sentences.append(f"{entity}: {shown}")
    sentences += _describe_people(cohort, people)
    sentences += _describe_sidecars(found)
    sentences += list_damaged(cohort.folder)
    return sentences


def group_problems(problems: Iterable[tuple[str, str]]) -> list[str]:
    """Say every reason once, with the recordings that it holds for, the first by name.

    Args:
        problems: Name and reason of every recording that cannot be used.

    Example:
        >>> group_problems([("sub-01", "damaged"), ("sub-02", "empty")])
        ['sub-01: damaged', 'sub-02: empty']
        >>> group_problems([(f"sub-{n}", "damaged") for n in range(9)])
        ['9 recordings (sub-0, sub-1, sub-2, ...): damaged']
    """
    named: dict[str, list[str]] = {}
    for name, why in problems:
        named.setdefault(why, []).append(name)
    sentences = []
    for why, names in named.items():
        shown = ", ".join(names[:MAX_NAMED])
        more = ", ..." if len(names) > MAX_NAMED else ""
        who = f"{count_things(len(names), 'recording')} ({shown}{more})"
        sentences.append(f"{shown if len(names) == 1 else who}: {why}")
    return sentences


def _describe_people(cohort: OpenedCohort, recorded: set[str]) -> Iterator[str]:
    table, settings = cohort.cells, cohort.settings
    listed = set(table["participant_id"])
    repeated = sorted(table["participant_id"][table["participant_id"].duplicated()])
    if repeated:
        yield f"{settings.table} lists {_name_some(repeated)} more than once"
    for text, missing in (
        (f"recorded but not in {settings.table}", recorded - listed),
        (f"in {settings.table} but not recorded", listed - recorded),
    ):
        if missing:
            yield f"{_count_people(missing)} {text}: {_name_some(sorted(missing))}"
    yield from cohort.table_notes
    yield from find_damaged_units(cohort.folder / settings.table)
    yield from note_ages(table, settings.age_column, cohort.age_unit)
    here = table["participant_id"].isin(recorded)
    table = table[here].drop_duplicates("participant_id")
    if table.empty:
        return
    try:
        counts = parse_sexes(table, settings).value_counts(dropna=False).items()
        yield "sex: " + ", ".join(f"{s if s == s else 'n/a'} {n}" for s, n in counts)
    except ConfigError as error:
        yield str(error)


def _describe_sidecars(found: Sequence[FoundRecording]) -> Iterator[str]:
    said, split = [], []
    notes: list[str] = []
    for one in found:
        if one.bids_root is None:
            continue
        try:
            sidecars = find_sidecars(one.path, one.bids_root)
            facts = read_sidecar(sidecars)
            events = read_events(sidecars, [], sfreq=_read_rate(facts))
        except (DataError, OSError):  # the reason stands in the recording's row
            continue
        facts["PowerLineFrequency"] = read_mains(facts, notes) or "n/a"
        said.append(facts)
        if any(GAP.match(event.name) and event.onset_s > 0 for event in events):
            split.append(one.key.name)
    yield from _count_facts(said)
    counted = Counter(notes).items()
    yield from (f"{count_things(n, 'recording')}: {note}" for note, n in counted)
    if split:
        has = "has" if len(split) == 1 else "have"
        yield (
            f"{count_things(len(split), 'recording')} {has} segment breaks: "
            f"{_name_some(split)}"
        )


def _read_rate(facts: dict[str, Any]) -> float:
    rate = parse_hz(facts.get("SamplingFrequency"))
    return rate if rate and rate > 0 else 1.0


def _count_facts(said: Sequence[dict[str, Any]]) -> Iterator[str]:
    for name, unit in SIDECAR_FACTS.items():
        shown = [_show(facts[name]) for facts in said if name in facts]
        if name == "EEGReference":
            shown = [show_reference(text) for text in shown]
        counts = Counter(shown)
        del counts["n/a"]
        if counts:
            told = [f"{value} x {n}" for value, n in counts.most_common(MAX_FACTS)]
            others = counts.total() - sum(n for _, n in counts.most_common(MAX_FACTS))
            told += [f"others x {others}"] if others else []
            silent = len(said) - counts.total()
            told += [f"not stated x {silent}"] if silent else []
            yield f"{unit}: {', '.join(told)}"
    same = [
        facts
        for facts in said
        if say_text(facts.get("EEGReference"))
        and say_text(facts.get("EEGReference")) == say_text(facts.get("EEGGround"))
    ]
    if same:
        yield f"{len(same)} recordings name the same electrode as reference and ground"


def _show(value: Any) -> str:
    """Write a fact of a sidecar: a number as it is, else text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}"
    return say_text(value) or "n/a"


def _count_people(people: Collection[str]) -> str:
    return "1 person" if len(people) == 1 else f"{len(people)} people"


def _name_some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MAX_SHOWN])
    return f"{shown}, ..." if len(names) > MAX_SHOWN else shown
