"""Everybody of a study's cohorts, described alike: embeddings and regional spectra."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from neurograft.adaptation.residuals import remove_linear
from neurograft.config import StudyConfig
from neurograft.evaluation.baselines import describe_covariance
from neurograft.evaluation.described import find_common_channels, read_channels
from neurograft.evaluation.facts import Facts
from neurograft.evaluation.regional import describe_regions
from neurograft.evaluation.roster import list_people
from neurograft.models.encoder import Encoder
from neurograft.models.files import load_encoder
from neurograft.transfer.embeddings import embed_windows, make_encoder_pool
from neurograft.transfer.pooling import summarise_windows
from neurograft.types import FloatArray, Progress, no_progress
from neurograft.windows.selection import SubjectWindows, choose_windows
from neurograft.windows.store import SignalStore

# Fewer common electrodes than this have no topography worth a covariance.
MIN_COMMON = 4


@dataclass(frozen=True)
class Cohort:
    """One cohort, described.

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


def describe_cohorts(
    study: StudyConfig, names: Sequence[str], *, progress: Progress = no_progress
) -> list[Cohort]:
    """Describe cohorts by the study's encoder and by their spectra.

    Raises:
        DataError: If a cohort has nobody with enough windows.
    """
    encoder = load_encoder(study.output_folder / "pretraining" / study.pretraining.name)
    return [_describe(study, name, encoder, progress) for name in names]


def _describe(
    study: StudyConfig, name: str, encoder: Encoder, progress: Progress
) -> Cohort:
    store, chosen = choose_people(study, name)
    n_times = int(study.pretraining.window_s * store.sfreq)
    embedded = embed_windows(
        store,
        chosen,
        make_encoder_pool(encoder),
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
    people = people.merge(list_people(study, [name]), on="participant_id", how="left")
    features = {
        "embedding": whole,
        "band power": np.stack([one.power.ravel() for one in spectra]),
        "1/f": np.stack([one.exponent for one in spectra]),
        "rhythms above 1/f": np.stack([one.periodic.ravel() for one in spectra]),
    }
    flat = embedded.reshape(len(chosen), embedded.shape[1], -1).astype(float)
    people["roll_off"] = roll_off
    return Cohort(name, people, features, flat, store, chosen)


def join_features(cohorts: Sequence[Cohort]) -> dict[str, FloatArray]:
    """Representations of everybody in some cohorts, one cohort after the other.

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


def choose_people(
    study: StudyConfig, name: str
) -> tuple[SignalStore, list[SubjectWindows]]:
    """Open a cohort and choose people and windows; of very many, some at random."""
    settings, evaluation = study.shift, study.evaluation
    most = evaluation.windows.get(name, evaluation.windows_per_subject)
    store = SignalStore.open(study.output_folder / "cohorts" / name)
    chosen, _ = choose_windows(
        store,
        n_windows=min(settings.windows_per_subject, most),
        n_times=int(study.pretraining.window_s * store.sfreq),
        setting="shift.windows_per_subject",
    )
    if len(chosen) > settings.max_people:
        rng = np.random.default_rng(study.seed)
        rows = rng.choice(len(chosen), settings.max_people, replace=False)
        chosen = [chosen[row] for row in np.sort(rows)]
    return store, chosen


def describe_covariances(
    one: Cohort, other: Cohort, *, n_times: int
) -> tuple[FloatArray, FloatArray] | None:
    """Covariances by band of two cohorts on the electrodes that both have.

    Returns:
        Shape `(n_people, n_bands, n_channels, n_channels)` each, at one scale per
        person; None if they share fewer than four electrodes.
    """
    shared = set.intersection(
        *(set(c.store.recordings[n].ch_names)
          for c in (one, other) for s in c.chosen for n, _ in s.windows[:1])
    )  # fmt: skip
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
