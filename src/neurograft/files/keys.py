"""Keys that name people and recordings in every table."""

from typing import NamedTuple

from neurograft.files.writing import digest


def hash_subject(cohort: str, participant_id: str) -> str:
    """Return the hash of a person's label, so that a guard can recognise it."""
    return digest([cohort, participant_id])


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
