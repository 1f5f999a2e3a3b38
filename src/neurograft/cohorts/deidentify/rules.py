"""Rules of a copy without names, and what is said of every file."""

from dataclasses import dataclass

from neurograft.cohorts.deidentify.scrubbing import Scrubber

# Said of files that are copied together with another one.
WITH_HEADER = "with its header"


@dataclass(frozen=True)
class Copied:
    """A file of the source, where its copy is, and what was left out of it.

    Attributes:
        source: Its path inside the source; may name a person.
        target: Its path inside the target; empty if it was left out.
        note: Why it was left out, or what was left out of it.
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
