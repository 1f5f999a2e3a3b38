"""Compute feature sets that need no learning, of the windows that the encoder sees."""

from collections.abc import Callable, Sequence

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from neurograft.features.aperiodic import describe_aperiodic
from neurograft.features.artefacts import describe_amplitude, describe_artefacts
from neurograft.features.band_power import describe_band_power
from neurograft.features.connectivity import describe_connectivity
from neurograft.features.covariances import describe_covariance
from neurograft.features.handcrafted import describe_by_hand
from neurograft.features.window_facts import Facts
from neurograft.store.signal_store import SignalStore
from neurograft.store.subject_windows import (
    find_common_channels,
    place_channels,
    read_channels,
)
from neurograft.store.window_choice import SubjectWindows
from neurograft.types import FloatArray, Progress, no_progress

# Feature sets by the name that a method gives them.
DESCRIBERS: dict[str, Callable[[FloatArray, Facts], FloatArray]] = {
    "amplitude": describe_amplitude,
    "artefact": describe_artefacts,
    "band-power": describe_band_power,
    "aperiodic": describe_aperiodic,
    "riemann": describe_covariance,
    "connectivity": describe_connectivity,
    "handcrafted": describe_by_hand,
}


def compute_baseline_features(
    store: SignalStore,
    chosen: Sequence[SubjectWindows],
    *,
    n_times: int,
    wanted: Sequence[str] = ("band-power", "riemann"),
    channels: Sequence[str] = (),
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> dict[str, FloatArray]:
    """Compute features without learning, of every subject.

    Only channels that every recording has are used.

    Args:
        store: The cohort's signals.
        chosen: Subjects and their windows.
        n_times: Window length, samples.
        wanted: Names of feature sets in `DESCRIBERS`.
        channels: Channels to use; none means those that all recordings have.
        n_jobs: Processes; they change no number.
        progress: Called after every subject.

    Returns:
        Arrays `(n_subjects, ...)` by the name of the feature set.
    """
    if not wanted:
        return {}
    common = tuple(channels) or find_common_channels([(store, chosen)])
    facts = Facts(store.sfreq, place_channels(store, common), store.has_microvolts)
    calls = (
        delayed(_describe)(
            read_channels(store, subject, common, n_times=n_times), facts, wanted
        )
        for subject in chosen
    )
    rows = []
    for row in Parallel(n_jobs=n_jobs, return_as="generator")(calls):
        rows.append(row)
        progress(f"describing {store.folder.name}", len(rows), len(chosen))
    return {name: np.stack([row[name] for row in rows]) for name in wanted}


def _describe(
    windows: FloatArray, facts: Facts, wanted: Sequence[str]
) -> dict[str, FloatArray]:
    """Describe a subject, on a single thread, so that cores change no number."""
    with threadpool_limits(1):
        return {name: DESCRIBERS[name](windows, facts) for name in wanted}
