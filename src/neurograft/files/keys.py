"""Keys that name people and recordings in every table."""

import hashlib
from functools import cache
from typing import NamedTuple

from neurograft.files.text import encode_name

# Cost of hashing a label (scrypt): 4 MiB and a hundredth of a second each. Chosen here:
# hundreds of people take seconds, ten million guesses at a label more than a day.
SCRYPT = {"n": 2**12, "r": 8, "p": 1, "dklen": 16}


@cache
def hash_subject(data_set: str, participant_id: str, salt: str) -> str:
    """Return the hash of a person's label, by which only a guard recognises it.

    Args:
        data_set: Name of the data set that labels the person; another one may give the
            same label to somebody else.
        participant_id: The label, with or without `sub-`.
        salt: Of the encoder's card.

    Example:
        >>> hash_subject("clinic", "sub-01", "s") == hash_subject("clinic", "01", "s")
        True
    """
    label = f"{data_set}\n{participant_id.removeprefix('sub-')}"
    return hashlib.scrypt(encode_name(label), salt=salt.encode(), **SCRYPT).hex()


# First sample and the sample after the last one of a stretch without a gap.
Segment = tuple[int, int]


class RecordingKey(NamedTuple):
    """The BIDS name of a recording; entities that it lacks are empty."""

    cohort: str
    participant_id: str
    session: str = ""
    task: str = ""
    run: str = ""
    acquisition: str = ""

    @property
    def name(self) -> str:
        """Return a BIDS-like name, unique within the cohort.

        Example:
            >>> RecordingKey("clinic", "sub-01", task="rest").name
            'sub-01_task-rest'
        """
        labels = {
            "ses": self.session,
            "task": self.task,
            "acq": self.acquisition,
            "run": self.run,
        }
        named = [f"{entity}-{label}" for entity, label in labels.items() if label]
        return "_".join([self.participant_id, *named])


# How people were recorded: separation by one of these leaves no claim about groups.
ACQUISITION = (
    "site", "day", "device", "reference", "sfreq_hz", "line_freq_hz", "n_channels",
    "condition",
)  # fmt: skip
# What differs between recordings without being chosen.
CIRCUMSTANCES = ("hour", "duration_s", "log_scale", "rejected_share", "n_bads")
# Facts about people, rather than about recordings.
PEOPLE = ("age", "sex")
FACTORS = (*PEOPLE, *ACQUISITION, *CIRCUMSTANCES)
