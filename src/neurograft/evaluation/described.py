"""Feature sets that need no learning, of the same windows that the encoder sees."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from neurograft.errors import DataError
from neurograft.evaluation.aperiodic import describe_aperiodic
from neurograft.evaluation.artefacts import describe_amplitude, describe_artefacts
from neurograft.evaluation.baselines import describe_band_power, describe_covariance
from neurograft.evaluation.connectivity import describe_connectivity
from neurograft.evaluation.facts import Facts
from neurograft.evaluation.handcrafted import describe_by_hand
from neurograft.recordings.channels import template_positions
from neurograft.types import FloatArray, Progress, no_progress
from neurograft.windows.selection import SubjectWindows
from neurograft.windows.store import SignalStore
from neurograft.windows.template import map_channels

DESCRIBERS: dict[str, Callable[[FloatArray, Facts], FloatArray]] = {
    "amplitude": describe_amplitude,
    "artefact": describe_artefacts,
    "band-power": describe_band_power,
    "aperiodic": describe_aperiodic,
    "riemann": describe_covariance,
    "connectivity": describe_connectivity,
    "handcrafted": describe_by_hand,
}


def read_subject_windows(
    store: SignalStore, subject: SubjectWindows, *, n_times: int
) -> list[Float[np.ndarray, "n_windows n_channels n_times"]]:
    """Read a subject's windows, one array per recording."""
    by_recording: dict[int, list[FloatArray]] = {}
    for number, start in subject.windows:
        window = store.read(number, start, n_times)
        by_recording.setdefault(number, []).append(window)
    return [np.stack(windows) for windows in by_recording.values()]


def find_common_channels(
    seen: Sequence[tuple[SignalStore, Sequence[SubjectWindows]]],
) -> tuple[str, ...]:
    """Channels that every recording of every cohort has, in the order of the first.

    Raises:
        DataError: If there are fewer than two.
    """
    names = [
        store.recordings[number].ch_names
        for store, chosen in seen
        for number in sorted({n for one in chosen for n, _ in one.windows})
    ]
    shared = set(names[0]).intersection(*names[1:])
    if len(shared) < 2:
        raise DataError(
            f"The recordings share {len(shared)} channels; at least two are needed for "
            "the baselines. Give `channel_aliases`, leave a cohort out, or set "
            "evaluation.montage = 'template'."
        )
    return tuple(name for name in names[0] if name in shared)


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
    """Features without learning of every subject.

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
        By name, rows are subjects.
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
    """Feature sets of one subject; one thread, so that cores change no number."""
    with threadpool_limits(1):
        return {name: DESCRIBERS[name](windows, facts) for name in wanted}


def place_channels(store: SignalStore, channels: Sequence[str]) -> FloatArray:
    """Places of channels on the unit sphere: as recorded first, else the template's."""
    first = store.recordings[0]
    if set(channels) <= set(first.ch_names):
        return np.array([first.positions[first.ch_names.index(c)] for c in channels])
    template = template_positions()
    return np.array([template[name] for name in channels])


def read_channels(
    store: SignalStore,
    subject: SubjectWindows,
    channels: Sequence[str],
    *,
    n_times: int,
) -> Float[np.ndarray, "n_windows n_channels n_times"]:
    """A subject's windows on some channels, on their average reference.

    Where a recording lacks one of them, its field is interpolated to all.
    """
    numbers = dict.fromkeys(number for number, _ in subject.windows)
    parts = [
        map_channels(store.recordings[number].ch_names, tuple(channels)) @ windows
        for number, windows in zip(
            numbers, read_subject_windows(store, subject, n_times=n_times), strict=True
        )
    ]
    windows = np.concatenate(parts).astype(float)
    return np.asarray(windows - windows.mean(1, keepdims=True))
