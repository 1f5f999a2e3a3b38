"""Read from the table of recordings who was recorded, and with which device."""

import math
import re
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from neurograft.files.tables import KEY_COLUMNS, read_table
from neurograft.store.signal_store import RECORDINGS_FILE, SignalStore

# Words of a reference, in the order in which they are looked for. Chosen here.
REFERENCE_WORDS = {
    "average": ("average", "car"),
    "ears": ("ear", "mastoid", "a1", "a2", "m1", "m2", "tp9", "tp10"),
    "electrode": ("cz", "fcz", "fz", "pz", "afz", "nose", "cms"),
}
# The logarithm of a rate is 0 at this one, which is chosen here; mains have either of
# two frequencies.
TYPICAL_SFREQ_HZ = 256.0
MAINS_HZ = (50.0, 60.0)


class RecordingFacts(NamedTuple):
    """Facts about a recording besides its signal; NaN or empty where unknown.

    Attributes:
        age: Years.
        sex: F, M or empty.
        sfreq_hz: Rate of the original recording.
        line_freq_hz: Mains frequency.
        reference: As the table says it.
    """

    age: float = math.nan
    sex: str = ""
    sfreq_hz: float = math.nan
    line_freq_hz: float = math.nan
    reference: str = ""

    @property
    def acquisition(self) -> tuple[float, ...]:
        """Return rate, mains (2) and kind of reference (4) as numbers; 0 is unknown.

        Example:
            >>> RecordingFacts(sfreq_hz=512.0, reference="linked ears").acquisition
            (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0)
        """
        is_known = self.sfreq_hz > 0
        rate = math.log2(self.sfreq_hz / TYPICAL_SFREQ_HZ) if is_known else 0.0
        mains = (float(self.line_freq_hz == hz) for hz in MAINS_HZ)
        kind = classify_reference(self.reference)
        kinds = (float(kind == known) for known in (*REFERENCE_WORDS, "other"))
        return (rate, *mains, *kinds)


@cache
def classify_reference(text: str) -> str:
    """Return the kind of a reference; empty for an empty text."""
    words = re.split(r"[^a-z0-9]+", text.lower())
    for kind, known in REFERENCE_WORDS.items():
        if any(word in known or word.removesuffix("s") in known for word in words):
            return kind
    return "other" if any(words) else ""


def read_facts(store: SignalStore) -> list[RecordingFacts]:
    """Read the facts of the store's recordings, in order; unknown without a table."""
    path = store.folder / RECORDINGS_FILE
    if not path.is_file():
        return [RecordingFacts()] * len(store.recordings)
    table = read_table(path)
    keys = table[list(KEY_COLUMNS)].fillna("").itertuples(index=False, name=None)
    rows = dict(zip(keys, table.to_dict("records"), strict=True))
    return [_parse(rows[tuple(recording.key)]) for recording in store.recordings]


def _parse(row: Mapping[Hashable, Any]) -> RecordingFacts:
    def text(name: str) -> str:
        return "" if pd.isna(row[name]) else str(row[name])

    return RecordingFacts(
        float(str(row["age"])),
        text("sex"),
        float(str(row["sfreq_hz"])),
        float(str(row["line_freq_hz"])),
        text("reference"),
    )
