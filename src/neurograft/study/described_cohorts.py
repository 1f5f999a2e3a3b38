"""Describe everybody in a study's cohorts alike: by embeddings and regional spectra."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from neurograft.config.tasks import View
from neurograft.features.regional_spectra import describe_regions
from neurograft.features.window_summary import summarise_windows
from neurograft.shift.described_cohort import Cohort
from neurograft.store.signal_store import SignalStore
from neurograft.store.window_choice import SubjectWindows, choose_windows
from neurograft.store.window_count import count_whole_windows, find_common_count
from neurograft.study.embedders import Embedder, list_embedders
from neurograft.study.opened_study import Study
from neurograft.types import Progress, no_progress


def describe_cohorts(
    study: Study, names: Sequence[str], *, progress: Progress = no_progress
) -> list[Cohort]:
    """Describe cohorts by the study's encoder and by their spectra.

    Raises:
        DataError: If a cohort has nobody with enough windows.
    """
    embed = list_embedders(study)["encoder"]
    n_windows = count_shift_windows(study, names)
    return [_describe(study, name, embed, n_windows, progress) for name in names]


def _describe(
    study: Study, name: str, embed: Embedder, n_windows: int, progress: Progress
) -> Cohort:
    store, chosen = choose_people(study, name, n_windows)
    n_times = study.n_times
    embedded = embed(
        store,
        chosen,
        n_times=n_times,
        progress=partial(progress, f"embedding {name}"),
    )
    spectra, roll_off = [], []
    for one in chosen:
        number = one.windows[0][0]
        recording = store.recordings[number]
        signals = np.stack(
            [store.read(n, start, n_times) for n, start in one.windows if n == number]
        )
        found = describe_regions(
            signals, np.array(recording.positions), sfreq=store.sfreq
        )
        spectra.append(found)
        roll_off.append(found.roll_off)
    whole = np.stack([summarise_windows(one) for one in embedded]).astype(float)
    people = pd.DataFrame({"participant_id": [one.participant_id for one in chosen]})
    people = people.merge(study.everybody(View(name)), on="participant_id", how="left")
    features = {
        "embedding": whole,
        "band power": np.stack([one.power.ravel() for one in spectra]),
        "1/f": np.stack([one.exponent for one in spectra]),
        "rhythms above 1/f": np.stack([one.periodic.ravel() for one in spectra]),
    }
    flat = embedded.reshape(len(chosen), embedded.shape[1], -1).astype(float)
    people["roll_off"] = roll_off
    return Cohort(name, people, features, flat, store, chosen)


def count_shift_windows(study: Study, names: Sequence[str]) -> int:
    """Return how many windows describe a person, in all cohorts the same.

    At most as many as are evaluated, and as most people of every cohort have: what is
    measured from more windows is another measure.
    """
    most = [study.settings.shift.windows_per_subject]
    for name in names:
        counts = count_whole_windows(study.store(name), n_times=study.n_times)
        most.append(find_common_count(counts.values()))
        asked = study.settings.evaluation.count_windows(name)
        most += [] if asked is None else [asked]
    return min(most)


def choose_people(
    study: Study, name: str, n_windows: int
) -> tuple[SignalStore, list[SubjectWindows]]:
    """Open a cohort and choose people and windows; of very many, some at random."""
    settings, store = study.settings.shift, study.store(name)
    chosen, _ = choose_windows(
        store,
        n_windows=n_windows,
        n_times=study.n_times,
        setting="shift.windows_per_subject",
    )
    if len(chosen) > settings.max_people:
        rng = np.random.default_rng(study.settings.seed)
        rows = rng.choice(len(chosen), settings.max_people, replace=False)
        chosen = [chosen[row] for row in np.sort(rows)]
    return store, chosen
