"""Events marked in a recording and in `events.tsv`, with known mistakes put right."""

import re
from typing import NamedTuple

import pandas as pd

from neurograft.files.tables import parse_numbers
from neurograft.recordings.sidecars import SidecarSet, read_optional

# BrainVision, EEGLAB and MNE each mark a gap in their own words.
GAP = re.compile(r"^(new segment\b.*|boundary|edge boundary|bad boundary)$", re.I)


class Event(NamedTuple):
    """Something marked in a recording: when (seconds), how long, what."""

    onset_s: float
    duration_s: float
    name: str


# Codes and words of the field; all other text may name a person. Chosen here.
HARMLESS = re.compile(
    r"(S|R|T|B|E|trigger|stimulus|response|event|marker)?[\s/_:-]*(S|R)?\s*\d{1,6}"
    r"|new segment/?|boundary|edge boundary|bad[ _]?(boundary|acq_skip|segment)?"
    r"|(instructed_?to_?)?(eyes?[ _/-]*)?(open|closed?)([ _-]*(eyes?|start|end))?"
    r"|eyes?[ _/-]*(open|closed?)([ _-]*(start|end))?|(e[oc])([ _-]*(start|end))?"
    r"|rest(ing)?([ _-]*(state|start|end))?|start|end|stop|begin|onset|offset|baseline"
    r"|(rec|recording)[ _-]*(start|end)s?|impedance|calibration|sync status|photic.*hz"
    r"|(no_target|flicker_\d+hz)|[+-]?\d+([.,]\d+)?(e[+-]?\d+)?|n/a",
    re.IGNORECASE,
)


def is_harmless(text: str) -> bool:
    """Return whether a text is an event code or a word of the field.

    Example:
        >>> is_harmless("eyes closed"), is_harmless("Mr. Smith coughs")
        (True, False)
    """
    return HARMLESS.fullmatch(text.strip()) is not None


# Columns that may name an event (BIDS 1.10: `trial_type` and `value`), the best first.
NAME_COLUMNS = ("trial_type", "type", "value")


def read_events(
    sidecars: SidecarSet, repairs: list[str], *, sfreq: float
) -> list[Event]:
    """Read events, named by `trial_type`, else `type`, else `value`.

    Args:
        sidecars: Of the recording.
        repairs: Faults that were put right are added here, in words.
        sfreq: Sampling rate, Hz.

    Raises:
        DataError: If the table is damaged.
    """
    table = read_optional(sidecars.events, repairs)
    named = [c for c in NAME_COLUMNS if table is not None and c in table]
    if table is None or "onset" not in table or not named:
        return []
    names = table[named].bfill(axis=1).iloc[:, 0]
    onsets = parse_numbers(table["onset"])
    lengths = pd.Series(0.0, index=table.index)
    if "duration" in table:
        lengths = parse_numbers(table["duration"]).fillna(0)
    if (lengths < 0).any():
        repairs.append("events of negative duration: taken as moments")
    onsets = _place_gaps(table, names, onsets, sfreq, repairs)
    usable = onsets.notna() & names.notna()
    return [
        Event(float(onset), max(float(length), 0.0), str(name))
        for onset, length, name in zip(
            onsets[usable], lengths[usable], names[usable], strict=True
        )
    ]


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
