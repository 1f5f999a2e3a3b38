"""Tables of channels, electrodes and events without names: known columns and words."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from io import StringIO
from typing import Any

import pandas as pd

from neurograft.cohorts.deidentify.known_texts import (
    MISSING,
    name_channels,
    round_number,
    scrub_code,
    scrub_unit,
)
from neurograft.cohorts.deidentify.plain_values import (
    has_few_digits,
    is_plain_number,
)
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.montage.known_words import show_reference

# Columns of channels.tsv and electrodes.tsv without free text (BIDS 1.10).
CHANNEL_COLUMNS = {
    "name", "type", "units", "sampling_frequency", "low_cutoff", "high_cutoff", "notch",
    "reference", "status", "x", "y", "z", "material", "impedance",
}  # fmt: skip

# Columns of events.tsv with numbers: digits in front of and behind the point, at most.
# A recording of a week is 604 800 s; samples of one may be 1e9. Chosen here.
EVENT_NUMBERS = {
    "onset": (7, 20), "duration": (7, 20), "response_time": (7, 20), "sample": (9, 6),
}  # fmt: skip
# Words of which names of columns of events are made: those of BIDS 1.10, and others
# that experiments write. Chosen here.
_EVENT = """
onset duration trial type value sample response time hed stim stimulus stimuli file
channel event events code category condition block trial index number nr no accuracy
correct error key button reaction rt latency offset amplitude frequency freq hz level
cue target distractor probe phase epoch run task label class marker trigger port
intensity feedback score begin end start stop eyes eye side hand left right id item
load difficulty modality kind set size position x y answer rating confidence choice
reward sound tone image picture word color colour volume session s ms sec seconds
sampling rate status flag is bad segment artifact artefact confidence of and
"""
EVENT_WORDS = frozenset(_EVENT.split())
MAX_COLUMN_NAME = 30


def scrub_channels(table: pd.DataFrame, scrubber: Scrubber) -> pd.DataFrame:
    """Keep the columns of channels or electrodes that BIDS knows, and known words."""
    by_column: dict[str, Callable[[str], str]] = {
        "units": lambda unit: scrub_unit(unit) or MISSING,
        "reference": show_reference,
    }
    kept = {}
    for column in table:
        known = str(column).lower()
        if known == "name":
            kept[column] = _name_rows(table[column], scrubber)
        elif known in CHANNEL_COLUMNS:
            scrub = by_column.get(known, scrub_code)
            kept[column] = table[column].map(partial(_scrub_cell, scrub))
    return pd.DataFrame(kept, index=table.index)


def _name_rows(names: pd.Series, scrubber: Scrubber) -> pd.Series:
    """Name the channels of a table as those of their file are named."""
    texts = [name for name in names if isinstance(name, str)]
    scrubbed = iter(name_channels(texts, scrubber))
    made = [next(scrubbed) if isinstance(name, str) else name for name in names]
    return pd.Series(made, index=names.index, dtype=object)


def _scrub_cell(scrub: Callable[[str], str], cell: Any) -> Any:
    """Scrub the text of a cell; numbers and `n/a` are none."""
    return scrub(cell) if isinstance(cell, str) and cell != MISSING else cell


def scrub_events(table: pd.DataFrame, scrubber: Scrubber) -> pd.DataFrame:
    """Keep times and codes of events, and scrub every text.

    Columns whose names are not words of the field are called `column1`, ...
    """
    names = name_event_columns(list(map(str, table)))
    kept = {
        name: [
            _scrub_event(str(known).lower(), cell, scrubber) for cell in table[known]
        ]
        for name, known in zip(names, table, strict=True)
    }
    return pd.DataFrame(kept, index=table.index, dtype=object)


def _scrub_event(column: str, cell: Any, scrubber: Scrubber) -> Any:
    """Scrub a cell of a column, named in lower case; missing cells stay missing."""
    if not isinstance(cell, str):
        return cell
    if column in EVENT_NUMBERS:
        whole, decimals = EVENT_NUMBERS[column]
        is_number = has_few_digits(cell, whole=whole, decimals=decimals)
        return cell if is_number else None
    if is_plain_number(cell):
        return cell
    return round_number(cell) or scrubber.scrub(cell)


def name_event_columns(columns: Sequence[str]) -> list[str]:
    """Return names of columns of events; those of unknown words are numbered.

    Example:
        >>> name_event_columns(["onset", "Huber", "reactionTime", "cue_2"])
        ['onset', 'column1', 'reactionTime', 'cue_2']
    """
    names, number = [], 0
    for column in columns:
        if not _is_event_column(column):
            number += 1
        names.append(column if _is_event_column(column) else f"column{number}")
    return names


def _is_event_column(name: str) -> bool:
    words = re.findall(r"[A-Z]*[a-z]+|[A-Z]+|[^\W\d_]+", name)
    has_form = re.fullmatch(r"[A-Za-z_ ]*\d{0,3}", name) is not None
    is_known = EVENT_WORDS.issuperset(word.lower() for word in words)
    return has_form and is_known and len(name) <= MAX_COLUMN_NAME and bool(words)


def to_tsv(table: pd.DataFrame) -> str:
    """Return a table as text, missing cells as `n/a`."""
    buffer = StringIO()
    table.to_csv(buffer, sep="\t", index=False, na_rep="n/a")
    return buffer.getvalue()
