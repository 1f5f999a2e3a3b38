"""A view of a cohort: whom it holds and which of their windows are used."""

from typing import NamedTuple

from neurograft.store.signal_store import SignalStore
from neurograft.store.window_choice import SubjectWindows


class ReadView(NamedTuple):
    """A cohort seen through some BIDS tasks: who has enough signal, and which windows.

    Attributes:
        store: Signals.
        chosen: People and their windows.
        left_out: Why others are not there.
    """

    store: SignalStore
    chosen: list[SubjectWindows]
    left_out: dict[str, str]

    @property
    def people(self) -> list[str]:
        """Labels of the people, in the order of `chosen`."""
        return [subject.participant_id for subject in self.chosen]
