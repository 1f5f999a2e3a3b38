"""A view of a cohort: whom it holds and which of their windows are used."""

from typing import NamedTuple

from neurograft.config.study import StudyConfig
from neurograft.config.tasks import View
from neurograft.store.signal_store import SignalStore
from neurograft.store.window_choice import SubjectWindows, choose_windows


def list_views(study: StudyConfig) -> list[View]:
    """The views that the study's tasks need, each once."""
    views = (view for task in study.all_tasks.values() for view in task.views)
    return list(dict.fromkeys(views))


def choose_view_windows(
    study: StudyConfig, view: View
) -> tuple[SignalStore, list[SubjectWindows], dict[str, str]]:
    """Open the view's store and choose the windows that every method will see."""
    store = SignalStore.open(study.output_folder / "cohorts" / view.cohort)
    chosen, left_out = choose_windows(
        store,
        n_windows=study.evaluation.windows.get(
            view.cohort, study.evaluation.windows_per_subject
        ),
        n_times=int(study.pretraining.window_s * store.sfreq),
        bids_tasks=view.bids_tasks,
    )
    return store, chosen, left_out


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
        return [one.participant_id for one in self.chosen]
