"""The feature matrix of every method for the rows of a task."""

from collections.abc import Callable, Sequence

import numpy as np

from neurograft.config.tasks import View
from neurograft.errors import DataError
from neurograft.features.feature_sets import DESCRIBERS, compute_baseline_features
from neurograft.montage.channels import TEN_TWENTY
from neurograft.store.subject_windows import find_common_channels
from neurograft.store.views import ReadView
from neurograft.tasks.task import Task
from neurograft.types import Arrays, FloatArray, Progress, no_progress

# Feature sets that the embedding stage writes.
EMBEDDED = ("encoder", "random-encoder", "tokens", "surrogate")


class FeatureReader:
    """A reader that reads each view once, and describes it once per channel set.

    Args:
        read_view: Gives people and windows of a view.
        read_embedded: Gives what the embedding stage wrote of a view.
        wanted: Feature sets.
        n_times: Length of a window, samples.
        montage: `common` electrodes of a task's recordings, or the `template`.
        n_jobs: Processes that describe.
        progress: Called along the way.
    """

    def __init__(
        self,
        read_view: Callable[[View], ReadView],
        read_embedded: Callable[[View], Arrays],
        wanted: Sequence[str],
        *,
        n_times: int,
        montage: str = "common",
        n_jobs: int = 1,
        progress: Progress = no_progress,
    ) -> None:
        self.read, self._read_embedded, self.wanted = read_view, read_embedded, wanted
        self.n_times, self.montage = n_times, montage
        self.n_jobs, self.progress = n_jobs, progress
        self._described: dict[tuple[View, tuple[str, ...]], dict[str, FloatArray]] = {}

    def find_channels(self, task: Task) -> tuple[str, ...]:
        """Find the channels that all recordings of a task have, or the template's."""
        if self.montage == "template":
            return TEN_TWENTY
        reads = [self.read(view) for view in task.views]
        return find_common_channels([(one.store, one.chosen) for one in reads])

    def has_scale(self, task: Task) -> bool:
        """Return whether amplitudes of all cohorts of a task are in microvolts."""
        return all(self.read(view).store.has_microvolts for view in task.views)

    def collect(self, task: Task) -> dict[str, FloatArray]:
        """Collect the feature sets of a task's rows, each `(n_rows, ...)`.

        Raises:
            DataError: If the embeddings are of other people, or cohorts share no
                channels.
        """
        channels = self.find_channels(task)
        has_scale = self.has_scale(task)
        parts = [
            self._describe(view, channels) | self._embed(view, has_scale=has_scale)
            for view in task.views
        ]
        rows = self.find_rows(task)
        found = {}
        for name in parts[0]:
            if len({part[name].shape[1:] for part in parts}) > 1:
                raise DataError(
                    f"Task {task.name!r}: {name} of {task.cohort} has different sizes, "
                    "for only some of the cohorts have an amplitude scale; set `units` "
                    "of all of them to 'arbitrary'."
                )
            found[name] = np.stack([parts[v][name][row] for v, row in rows])
        return found

    def find_rows(self, task: Task) -> list[tuple[int, int]]:
        """Find the view, and the row among its people, of every row of a task."""
        number = [
            {who: row for row, who in enumerate(self.read(view).people)}
            for view in task.views
        ]
        return [
            (int(view), number[view][who])
            for view, who in task.subjects[["view", "participant_id"]].values
        ]

    def _describe(self, view: View, channels: tuple[str, ...]) -> dict[str, FloatArray]:
        key = (view, channels)
        if key not in self._described:
            self._described[key] = self.describe(self.read(view), channels)
        return self._described[key]

    def describe(
        self, read: ReadView, channels: tuple[str, ...]
    ) -> dict[str, FloatArray]:
        """Compute the feature sets that need no learning, from the chosen windows."""
        return compute_baseline_features(
            read.store,
            read.chosen,
            n_times=self.n_times,
            wanted=[name for name in self.wanted if name in DESCRIBERS],
            channels=channels,
            n_jobs=self.n_jobs,
            progress=self.progress,
        )

    def read_embedded(self, view: View) -> Arrays:
        """Read what the embedding stage wrote of a view.

        Raises:
            DataError: If it is of other people.
        """
        embedded = self._read_embedded(view)
        if embedded["participant_id"].tolist() != self.read(view).people:
            raise DataError(
                f"The embeddings of {view.name} are of other people; run the embed "
                "stage again."
            )
        return embedded

    def _embed(self, view: View, *, has_scale: bool) -> dict[str, FloatArray]:
        embedded, read = self.read_embedded(view), self.read(view)
        return select_embedded(embedded, read, self.wanted, has_scale=has_scale)


def select_embedded(
    embedded: Arrays,
    read: ReadView,
    wanted: Sequence[str],
    *,
    has_scale: bool,
) -> dict[str, FloatArray]:
    """Select embeddings, with the log of the amplitude scale and the duration.

    Args:
        embedded: Arrays of the embedding stage, `(n_people, n_features)` each.
        read: People and windows of the view.
        wanted: Names of the feature sets.
        has_scale: True if amplitudes are in microvolts; only then is their scale a
            feature.
    """
    scale = _log_scales(read)
    found = {
        name: np.concatenate(
            (embedded[name], scale) if has_scale else (embedded[name],), axis=1
        ).astype(float)
        for name in EMBEDDED
        if name in wanted and name in embedded
    }
    if "encoder-covariance" in wanted:
        windows = np.asarray(embedded["encoder_windows"], dtype=np.float32)
        n_people, n_windows, n_regions, n_features = windows.shape
        found["encoder-covariance"] = windows.reshape(
            n_people, n_windows * n_regions, n_features
        )
    if "duration" in wanted:
        found["duration"] = np.array([[np.log(one.duration_s)] for one in read.chosen])
    return found


def _log_scales(read: ReadView) -> FloatArray:
    """Return the log amplitude scale of each person, which the tokens lack."""
    recordings = read.store.recordings
    return np.array(
        [
            [np.mean([np.log(recordings[n].scale_uv) for n, _ in one.windows])]
            for one in read.chosen
        ]
    )


def collect_demographics(task: Task) -> FloatArray | None:
    """Return age and sex of the task's rows as numbers, without what is the label.

    Returns:
        Shape `(n_rows, 1 or 2)`, NaN where missing; None if nothing is known.
    """
    people = task.covariates
    columns = [
        people["age"].to_numpy(dtype=float),
        people["sex"].map({"F": 1.0, "M": 0.0}).to_numpy(dtype=float),
    ]
    known = [
        values for values in columns if np.unique(values[~np.isnan(values)]).size > 1
    ]
    return np.stack(known, axis=1) if known else None
