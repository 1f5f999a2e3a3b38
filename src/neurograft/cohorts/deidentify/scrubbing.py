"""Rules of a copy without names: text that may stay, labels, and shifts of dates.

Free text is replaced unless it is known to be harmless: event codes, numbers, and the
field's own words for conditions and gaps. A list of forbidden names would miss one.
"""

import hashlib
import hmac
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from neurograft.files.text import encode_name
from neurograft.recordings.events import is_harmless

# Said of files that are copied together with another one.
WITH_HEADER = "with its header"
# Stands for a file where something is said of all files.
ALL_FILES = "all files"
# What stands where a text was.
REPLACEMENT = "note"
# Kinds of events that BrainVision writes in front of their text, as MNE reads them
# (BrainVision Core Data Format 1.0).
EVENT_KINDS = (
    "Stimulus", "Response", "Comment", "New Segment", "SyncStatus", "Bad Interval",
    "Event", "Optic",
)  # fmt: skip
# What the recorder itself writes behind the kind of an event.
RECORDER_TEXT = re.compile(r"Sync (On|Off)|O\s*\d{1,3}")
# Weeks by which a person's dates are moved: whole ones, so that the weekday and the
# hour, which are confounds, stay. Chosen here: one to ten years.
MAX_SHIFT_WEEKS = 520
MIN_SHIFT_WEEKS = 52


@dataclass(frozen=True)
class Scrubber:
    """The rules by which the people of one data set are hidden.

    Attributes:
        salt: Secret; the same salt hides the same people in the same way.
        hash_labels: Whether labels are replaced by hashes.
        keep: Texts of annotations that the user says are harmless.
        file: The file whose texts are scrubbed.
        replaced: How often a text became `note`, by text and file; scrubbing counts.
    """

    salt: str
    hash_labels: bool = False
    keep: frozenset[str] = frozenset()
    file: str = ""
    replaced: Counter[tuple[str, str]] = field(
        default_factory=Counter, compare=False, repr=False
    )

    def scrub(self, text: str) -> str:
        """Return the text, or `note` if it could say who somebody is.

        Kinds of events that stand in front of a text stay.

        Example:
            >>> scrubber = Scrubber("secret")
            >>> scrubber.scrub("eyes closed"), scrubber.scrub("Mr. Smith coughs")
            ('eyes closed', 'note')
            >>> scrubber.scrub("Comment/Mr. Smith coughs")
            'Comment/note'
        """
        stripped = text.strip()
        is_code = is_harmless(stripped) or RECORDER_TEXT.fullmatch(stripped)
        known = stripped in self.keep or is_code
        if known or not stripped:
            return text
        kind, _, rest = stripped.partition("/")
        if kind in EVENT_KINDS:
            return f"{kind}/{self.scrub(rest)}"
        self.replaced[stripped, self.file] += 1
        return REPLACEMENT

    def relabel(self, label: str) -> str:
        """Return a person's label, hashed if labels are; `sub-` stays in front."""
        if not self.hash_labels:
            return label
        return ("sub-" if label.startswith("sub-") else "") + self.hash(label)[:10]

    def hash(self, text: str) -> str:
        """Return a keyed hash (HMAC-SHA256): without the salt nobody can try names."""
        bare = encode_name(text.removeprefix("sub-"))
        return hmac.new(self.salt.encode("utf-8"), bare, hashlib.sha256).hexdigest()

    def shift(self, label: str, date: datetime) -> datetime | None:
        """Move a date into the past, by weeks that follow from the person.

        None where there is no date so early: a year 1 stands for a missing one.
        """
        spread = MAX_SHIFT_WEEKS - MIN_SHIFT_WEEKS
        weeks = MIN_SHIFT_WEEKS + int(self.hash(f"date {label}")[:8], 16) % spread
        try:
            return date - timedelta(weeks=weeks)
        except OverflowError:
            return None


@dataclass(frozen=True)
class Copied:
    """A file of the source, where its copy is, and what was left out of it.

    One of the name `all files` says what was left out of several.

    Attributes:
        source: Its path inside the source; may name a person.
        target: Its path inside the target; empty if it was left out.
        note: Why it was left out, or what was left out of it, a line for each thing.
    """

    source: str
    target: str
    note: str = ""


@dataclass(frozen=True)
class Rules:
    """The rules by which a data set is made anonymous.

    Attributes:
        scrubber: Hides people.
        cap_age: Whether ages above 89 become 89.
        table: Name of the table of participants.
        file_column: Its column of file paths, for folders that are not BIDS.
        participant_column: Its column of labels; if empty, `participant_id` or a
            column that is called alike.
        keep_columns: Columns of text that hold codes, as the user says.
    """

    scrubber: Scrubber
    cap_age: bool = False
    table: str = "participants.tsv"
    file_column: str = "file"
    participant_column: str = ""
    keep_columns: frozenset[str] = frozenset()

    def for_file(self, file: str) -> "Rules":
        """Return the same rules, of which a file is known whose texts are scrubbed."""
        return replace(self, scrubber=replace(self.scrubber, file=file))
