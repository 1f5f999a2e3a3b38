"""Events marked in a recording and in `events.tsv`, with known mistakes put right."""

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from neurograft.files.numbers import parse_numbers
from neurograft.files.text import fold
from neurograft.recordings.sidecars import SidecarSet, read_optional

# BrainVision, EEGLAB and MNE each mark a gap in their own words.
GAP = re.compile(r"^(new segment\b.*|boundary|edge boundary|bad boundary)$", re.I)


class Event(NamedTuple):
    """Something marked in a recording: when (seconds), how long, what."""

    onset_s: float
    duration_s: float
    name: str


# Codes and words of the field; all other text may name a person. Codes have at most
# three digits: longer numbers are dates, years and numbers of hospitals. Chosen here.
HARMLESS = re.compile(
    r"(S|R|T|B|E|trigger|stimulus|response|event|marker)?[\s/_:-]*(S|R)?\s*\d{1,3}"
    r"|new segment/?|boundary|edge boundary|bad[ _]?(boundary|acq_skip|segment)?"
    r"|(instructed_?to_?)?(eyes?[ _/-]*)?(open|closed?)([ _-]*(eyes?|start|end))?"
    r"|eyes?[ _/-]*(open|closed?)([ _-]*(start|end))?|(e[oc])([ _-]*(start|end))?"
    r"|rest(ing)?([ _-]*(state|start|end))?|start|end|stop|begin|onset|offset|baseline"
    r"|(rec|recording)[ _-]*(start|end)s?|impedance|calibration|sync status"
    r"|photic([ _-]*(stim|stimulation|flash|driving))?[ _-]*(\d{1,2}([.,]\d)?[ _-]*hz)?"
    r"|(no_target|flicker_\d{1,2}hz)|[+-]?\d{1,3}([.,]\d)?|n/a",
    re.IGNORECASE,
)


def is_harmless(text: str) -> bool:
    """Return whether a text is an event code or a word of the field.

    Example:
        >>> is_harmless("eyes closed"), is_harmless("Mr. Smith coughs")
        (True, False)
        >>> is_harmless("S 12"), is_harmless("4711234567")
        (True, False)
    """
    return HARMLESS.fullmatch(text.strip()) is not None


# Columns that may name an event (BIDS 1.10: `trial_type` and `value`), the best first.
NAME_COLUMNS = ("trial_type", "type", "value")
# Kind that BrainVision writes in front of a name.
KIND = re.compile(r"^(stimulus|response|comment)/", re.IGNORECASE)
# Events of one name are the same if they are so close; where a table holds whole
# seconds only, half of one. Chosen here: times are rounded when they are written.
SAME_S, SAME_ROUNDED_S = 0.1, 0.5


def read_events(
    sidecars: SidecarSet,
    repairs: list[str],
    *,
    sfreq: float,
    in_file: Sequence[Event] = (),
    alike: Sequence[Sequence[str]] = (),
    notes: list[str] | None = None,
) -> list[Event]:
    """Read events of the table and of the file; those in both are those of the table.

    Those of the table are named by `trial_type`, else `type`, else `value`.

    Args:
        sidecars: Of the recording.
        repairs: Faults that were put right are added here, in words.
        sfreq: Sampling rate, Hz.
        in_file: Events that are marked in the file itself.
        alike: Names of events that mean the same.
        notes: What was noticed is added here, in words.

    Raises:
        DataError: If the table is not here or damaged.
    """
    in_table = _read_table(sidecars, repairs, sfreq)
    same = _match_events(in_file, in_table, alike)
    durations = {own: in_file[other].duration_s for other, own in same.items()}
    events = [event for i, event in enumerate(in_file) if i not in same]
    changed = 0
    for number, event in enumerate(in_table):
        said = durations.get(number, 0.0)
        if math.isnan(event.duration_s):
            event = event._replace(duration_s=said)
        changed += number in durations and event.duration_s != said
        events.append(event)
    if changed and notes is not None:
        notes.append(
            "events whose durations differ between the file and events.tsv, taken from "
            f"the table: {changed}"
        )
    return events


def _read_table(sidecars: SidecarSet, repairs: list[str], sfreq: float) -> list[Event]:
    """Read the events of the table; a duration that it does not state is NaN."""
    table = read_optional(sidecars.events, repairs)
    named = [c for c in NAME_COLUMNS if table is not None and c in table]
    if table is None or "onset" not in table or not named:
        if table is not None and len(table):
            repairs.append("events.tsv has no column of onsets or names: not used")
        return []
    names = table[named].bfill(axis=1).iloc[:, 0]
    onsets = parse_numbers(table["onset"])
    if (onsets.isna() & table["onset"].notna()).any():
        repairs.append("events whose onset is no number: left out")
    lengths = pd.Series(math.nan, index=table.index)
    if "duration" in table:
        lengths = parse_numbers(table["duration"])
    if (lengths < 0).any():
        repairs.append("events of negative duration: taken as moments")
    onsets = _place_gaps(table, names, onsets, sfreq, repairs)
    usable = onsets.notna() & names.notna()
    lengths = lengths.clip(lower=0)
    return [
        Event(float(onset), float(length), str(name))
        for onset, length, name in zip(
            onsets[usable], lengths[usable], names[usable], strict=True
        )
    ]


def _match_events(
    in_file: Sequence[Event], in_table: Sequence[Event], alike: Sequence[Sequence[str]]
) -> dict[int, int]:
    """Match events of the file to the same ones of the table, each once, by number."""
    groups = {_plain(name): str(number) for number, g in enumerate(alike) for name in g}
    is_rounded = all(event.onset_s.is_integer() for event in in_table)
    nearest = SAME_ROUNDED_S if is_rounded else SAME_S
    of_name: dict[str, list[tuple[float, int]]] = {}
    for number, event in enumerate(in_table):
        plain = _plain(event.name)
        of_name.setdefault(groups.get(plain, plain), []).append((event.onset_s, number))
    ordered = {name: sorted(places) for name, places in of_name.items()}
    pairs = []
    for number, event in enumerate(in_file):
        plain = _plain(event.name)
        places = ordered.get(groups.get(plain, plain), [])
        first = bisect_left(places, (event.onset_s - nearest, 0))
        last = bisect_left(places, (event.onset_s + nearest, len(in_table)))
        for onset, own in places[first:last]:
            pairs.append((abs(onset - event.onset_s), number, own))
    same: dict[int, int] = {}
    taken = set()
    for _, number, own in sorted(pairs):
        if number not in same and own not in taken:
            same[number] = own
            taken.add(own)
    return same


def _plain(name: str) -> str:
    """Return a name as programs that write it in their own way have in common."""
    return re.sub(r"[\W_]+", "", KIND.sub("", fold(name).lower())) or name


def _place_gaps(
    table: pd.DataFrame,
    names: pd.Series,
    onsets: pd.Series,
    sfreq: float,
    repairs: list[str],
) -> pd.Series:
    """Place segment breaks that all claim 0 and keep their sample in `value`.

    Some exporters write the position of BrainVision's "New Segment" there, from 1.
    """
    gaps = names.astype("string").str.match(GAP).fillna(False).astype(bool)
    if gaps.sum() < 2 or (onsets[gaps] != 0).any() or "value" not in table:
        return onsets
    samples = parse_numbers(table["value"][gaps])
    if samples.isna().any() or samples.duplicated().any():
        return onsets
    repairs.append("segment breaks all at 0 s: placed by their sample")
    return onsets.mask(gaps, (samples - 1) / sfreq)
