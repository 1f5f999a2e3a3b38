"""Tables with a planted effect, and simulated recordings as MNE has them."""

import mne
import numpy as np
import pytest

from neurograft.api.recordings import from_raw, harmonise
from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.person import draw_person
from neurograft.simulation.sites import MONTAGES, default_sites


@pytest.fixture(scope="session")
def make_table():
    """Features and labels of people; patients differ by an effect, in SD."""

    def make(n=40, *, effect=1.5, n_features=4, seed=0):
        rng = np.random.default_rng(seed)
        y = np.repeat(["control", "patient"], n // 2)
        X = rng.normal(size=(n, n_features))
        X[n // 2 :] += effect
        return X, y

    return make


@pytest.fixture(scope="session")
def make_raw():
    """Simulated recordings as `mne.io.Raw`, slower alpha where a patient's."""

    def make(seed=0, *, site=0, duration_s=40, is_patient=False):
        rng, where = np.random.default_rng(seed), default_sites()[site]
        person = draw_person(rng, age=40.0, sex="F", is_patient=is_patient)
        signals = simulate_recording(person, where, duration_s=duration_s, rng=rng)
        info = mne.create_info(
            list(MONTAGES[where.n_channels]), where.sfreq, "eeg", verbose="error"
        )
        return mne.io.RawArray(signals / 1e6, info, verbose="error")

    return make


@pytest.fixture(scope="session")
def harmonised(make_raw):
    """Four harmonised recordings: two of either of two caps."""
    return [
        harmonise(from_raw(make_raw(seed, site=seed % 2), participant_id=f"p{seed}"))
        for seed in range(4)
    ]
