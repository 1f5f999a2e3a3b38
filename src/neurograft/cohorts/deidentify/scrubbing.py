"""Text that may stay in a file that leaves the clinic, and dates that are shifted.

Free text is replaced unless it is known to be harmless: event codes, numbers, and the
field's own words for conditions and gaps. A list of forbidden names would miss one.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from neurograft.recordings.events import is_harmless

# What stands where a text was.
REPLACEMENT = "note"
# Kinds of events that BrainVision writes in front of their text, as MNE reads them
# (BrainVision Core Data Format 1.0).
EVENT_KINDS = (
    "Stimulus", "Response", "Comment", "New Segment", "SyncStatus", "Bad Interval",
    "Event",
)  # fmt: skip
# What the recorder itself writes behind the kind of an event.
RECORDER_TEXTS = ("Sync On", "Sync Off")
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
    """

    salt: str
    hash_labels: bool = False
    keep: frozenset[str] = frozenset()

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
        known = stripped in self.keep or stripped in RECORDER_TEXTS
        known = known or is_harmless(stripped)
        if known or not stripped:
            return text
        kind, _, rest = stripped.partition("/")
        return f"{kind}/{self.scrub(rest)}" if kind in EVENT_KINDS else REPLACEMENT

    def relabel(self, label: str) -> str:
        """Return a person's label, hashed if labels are; `sub-` stays in front."""
        if not self.hash_labels:
            return label
        return ("sub-" if label.startswith("sub-") else "") + self.hash(label)[:10]

    def hash(self, text: str) -> str:
        """Return a keyed hash (HMAC-SHA256): without the salt nobody can try names."""
        bare = text.removeprefix("sub-").encode("utf-8")
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
