"""Measure the spectra of the people of a study's tasks, in the windows methods see."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from neurograft.config.tasks import View
from neurograft.errors import DataError
from neurograft.evaluation.details.patterns import tabulate_patterns
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.spectra.group_spectra import (
    tabulate_group_spectra,
    tabulate_peak_groups,
    tabulate_peaks,
)
from neurograft.evaluation.spectra.measured_task import EVERYBODY, MeasuredTask
from neurograft.evaluation.spectra.topographies import tabulate_topographies
from neurograft.features.person_spectra import (
    CLINICAL_BANDS,
    PersonSpectrum,
    describe_person,
    find_density,
    sum_clinical_bands,
)
from neurograft.store.signal_store import SignalStore
from neurograft.store.subject_windows import (
    find_common_channels,
    read_channels,
    read_subject_windows,
)
from neurograft.store.window_choice import SubjectWindows, split_by_recording
from neurograft.study.opened_study import Study
from neurograft.tasks.label_shuffles import find_blocks
from neurograft.tasks.protocols import SEAL_FILE, make_protocol_splits
from neurograft.tasks.task import Task
from neurograft.types import FloatArray, Progress, no_progress

logger = logging.getLogger(__name__)

# Fewer common electrodes have no topography. Chosen here.
MIN_CHANNELS = 8


def tabulate_spectra_of_tasks(
    study: Study,
    evaluated: Sequence[EvaluatedTask] = (),
    *,
    progress: Progress = no_progress,
) -> dict[str, list[pd.DataFrame]]:
    """Tabulate spectra, topographies and peaks of the people of each task.

    Sealed people are left out until the hold-out is opened.

    Args:
        study: The study.
        evaluated: What methods answered; of these tasks patterns are tabulated, too.
        progress: Called after every task.
    """
    tables: dict[str, list[pd.DataFrame]] = {
        "spectra": [],
        "topographies": [],
        "peaks": [],
        "peak_groups": [],
        "patterns": [],
    }
    answered = {one.task.name: one for one in evaluated}
    settings, seed = study.settings.evaluation, study.settings.seed
    reader = _Reader(study)
    tasks = study.build_tasks()
    for done, task in enumerate(tasks, start=1):
        one = measure_task(study, task, reader)
        if one is not None:
            draws = {"n_bootstraps": settings.n_bootstraps, "seed": seed}
            tables["spectra"].append(tabulate_group_spectra(one, **draws))
            tables["peak_groups"].append(tabulate_peak_groups(one, **draws))
            tables["topographies"].append(tabulate_topographies(one, seed=seed))
            tables["peaks"].append(tabulate_peaks(one))
            if task.name in answered:
                patterns = tabulate_patterns(answered[task.name], one, **draws)
                tables["patterns"].append(patterns)
        progress("spectra of groups", done, len(tasks))
    return tables


def measure_task(
    study: Study, task: Task, reader: "_Reader | None" = None
) -> MeasuredTask | None:
    """Measure the people of a task in its own views; None if nobody is left."""
    reader = reader or _Reader(study)
    reads = {view: study.view(view) for view in task.views}
    task = task.restrict({view: read.people for view, read in reads.items()})
    task = leave_out_sealed(study, task)
    subjects = task.subjects
    if not len(subjects):
        return None
    is_relative = not all(read.store.has_microvolts for read in reads.values())
    rows = [
        (task.views[number], who)
        for number, who in zip(
            subjects["view"], subjects["participant_id"], strict=True
        )
    ]
    spectra = [reader.describe(view, who, is_relative) for view, who in rows]
    channels = _find_channels(task, reader)
    bands = [reader.sum_bands(*row, channels, is_relative) for row in rows]
    groups = task.labels.astype(int) if task.is_classification else 0 * task.clusters
    return MeasuredTask(
        name=task.name,
        classes=task.classes if task.is_classification else (EVERYBODY,),
        people=subjects[["cohort", "participant_id", "view"]],
        groups=groups,
        clusters=task.clusters,
        blocks=find_blocks(task, np.zeros(len(subjects), dtype=int)),
        is_within=task.is_classification and task.is_within,
        is_relative=is_relative,
        frequencies_hz=spectra[0].frequencies_hz,
        log_power=np.stack([one.log_power for one in spectra]),
        alpha_hz=np.array([one.alpha_hz for one in spectra]),
        alpha_height=np.array([one.alpha_height for one in spectra]),
        exponent=np.array([one.exponent for one in spectra]),
        channels=channels,
        positions=reader.place(*rows[0], channels),
        band_power=np.stack(bands),
    )


def leave_out_sealed(study: Study, task: Task) -> Task:
    """Leave out whom a hold-out seals, as long as nobody has opened it."""
    settings = study.settings
    is_open = (settings.output_folder / SEAL_FILE).is_file()
    if settings.evaluation.protocol != "hold-out" or is_open:
        return task
    (split,) = make_protocol_splits(task, settings.evaluation, seed=settings.seed)
    sealed = set(split.test.tolist())
    kept = {
        view: [
            who
            for row, (who, own) in enumerate(
                zip(task.subjects["participant_id"], task.subjects["view"], strict=True)
            )
            if own == number and row not in sealed
        ]
        for number, view in enumerate(task.views)
    }
    return task.restrict(kept)


def _find_channels(task: Task, reader: "_Reader") -> tuple[str, ...]:
    """Find channels that all recordings of a task have; none if they are few."""
    seen = [
        (
            reader.study.view(view).store,
            [
                reader.find(view, who)
                for who in task.subjects.loc[
                    task.subjects["view"] == number, "participant_id"
                ]
            ],
        )
        for number, view in enumerate(task.views)
    ]
    try:
        channels = find_common_channels([one for one in seen if one[1]])
    except DataError:
        channels = ()
    if len(channels) >= MIN_CHANNELS:
        return channels
    told = "%s: no topographies, for its recordings share %d channels"
    logger.info(told, task.name, len(channels))
    return ()


class _Reader:
    """Reads and describes each person of a view once, however many tasks ask."""

    def __init__(self, study: Study) -> None:
        self.study = study
        harmonise = study.settings.harmonise
        self.band_hz = (harmonise.l_freq, harmonise.h_freq)
        self.spectra: dict[tuple[View, str, bool], PersonSpectrum] = {}
        self.bands: dict[tuple[View, str, tuple[str, ...], bool], FloatArray] = {}

    def find(self, view: View, who: str) -> SubjectWindows:
        """Find the windows of a person."""
        read = self.study.view(view)
        return read.chosen[read.people.index(who)]

    def place(self, view: View, who: str, channels: tuple[str, ...]) -> FloatArray:
        """Return where channels are in the first recording of a person."""
        number = self.find(view, who).windows[0][0]
        recording = self.study.view(view).store.recordings[number]
        rows = [recording.ch_names.index(name) for name in channels]
        return np.array(recording.positions)[rows].reshape(-1, 3)

    def describe(self, view: View, who: str, is_relative: bool) -> PersonSpectrum:
        """Describe a person by region."""
        key = (view, who, is_relative)
        if key not in self.spectra:
            store, subject = self.study.view(view).store, self.find(view, who)
            self.spectra[key] = describe_person(
                read_subject_windows(store, subject, n_times=self.study.n_times),
                _list_places(store, subject),
                sfreq=store.sfreq,
                band_hz=self.band_hz,
                is_relative=is_relative,
            )
        return self.spectra[key]

    def sum_bands(
        self, view: View, who: str, channels: tuple[str, ...], is_relative: bool
    ) -> FloatArray:
        """Return log band power of a person, `(n_bands, n_channels)`.

        Args:
            view: The recordings that are looked at.
            who: Label of the person.
            channels: Wanted ones.
            is_relative: Whether power is divided by that of the whole band.
        """
        if not channels:
            return np.zeros((len(CLINICAL_BANDS), 0))
        key = (view, who, channels, is_relative)
        if key not in self.bands:
            store, subject = self.study.view(view).store, self.find(view, who)
            n_times = self.study.n_times
            windows = read_channels(store, subject, channels, n_times=n_times)
            frequencies, power = find_density(
                windows, sfreq=store.sfreq, band_hz=self.band_hz
            )
            self.bands[key] = sum_clinical_bands(
                frequencies, power, is_relative=is_relative
            )
        return self.bands[key]


def _list_places(store: SignalStore, subject: SubjectWindows) -> Sequence[FloatArray]:
    return [
        np.array(store.recordings[n].positions) for n in split_by_recording(subject)
    ]
