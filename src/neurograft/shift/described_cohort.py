"""A cohort described for the measures of shift: features, people, covariances."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from neurograft.adaptation.residuals import remove_linear
from neurograft.features.covariances import describe_covariance
from neurograft.features.window_facts import Facts
from neurograft.store.signal_store import SignalStore
from neurograft.store.subject_windows import find_common_channels, read_channels
from neurograft.store.window_choice import SubjectWindows
from neurograft.types import FloatArray

# Chosen here: fewer common electrodes have no topography worth a covariance.
MIN_COMMON = 4


@dataclass(frozen=True)
class Cohort:
    """A cohort described by features, people and covariances.

    Attributes:
        name: Of the study file.
        people: Factors of the people, in the order of the rows below.
        features: Vectors of people, by representation.
        windows: Embeddings of windows, `(n_people, n_windows, n_features)`.
        store: Signals.
        chosen: People and their windows.
    """

    name: str
    people: pd.DataFrame
    features: dict[str, FloatArray]
    windows: FloatArray
    store: SignalStore
    chosen: list[SubjectWindows]


def join_features(cohorts: Sequence[Cohort]) -> dict[str, FloatArray]:
    """Return representations of everybody in some cohorts, one after the other.

    Besides those of each cohort there is the embedding without what the 1/f exponents
    explain of it, taken out of all together. Those that differ in size are left out.
    """
    found = {
        name: np.concatenate([one.features[name] for one in cohorts])
        for name in cohorts[0].features
        if len({one.features[name].shape[1] for one in cohorts}) == 1
    }
    if "embedding" in found:
        found["embedding without 1/f"] = remove_linear(found["embedding"], found["1/f"])
    return found


def describe_covariances(
    one: Cohort, other: Cohort, *, n_times: int
) -> tuple[FloatArray, FloatArray] | None:
    """Return covariances by band of two cohorts, on their shared electrodes.

    Returns:
        Shape `(n_people, n_bands, n_channels, n_channels)` each, at one scale per
        person; None if they share fewer than four electrodes.
    """
    shared = set.intersection(
        *(
            set(c.store.recordings[n].ch_names)
            for c in (one, other)
            for s in c.chosen
            for n, _ in s.windows[:1]
        )
    )
    if len(shared) < MIN_COMMON:
        return None
    channels = find_common_channels([(c.store, c.chosen) for c in (one, other)])
    found = []
    for cohort in (one, other):
        facts = Facts(cohort.store.sfreq, np.zeros((len(channels), 3)), False)
        matrices = [
            describe_covariance(
                read_channels(cohort.store, who, channels, n_times=n_times), facts
            )
            for who in cohort.chosen
        ]
        stacked = np.stack(matrices)
        scale = np.trace(stacked, axis1=2, axis2=3).mean(1)
        found.append(stacked / scale[:, None, None, None])
    return found[0], found[1]
