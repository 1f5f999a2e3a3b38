"""Simulated recordings of patients and controls, for the other examples."""

import mne
import numpy as np

import neurograft as ng
from neurograft.harmonising.windowed import Harmonised
from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.person import draw_person
from neurograft.simulation.sites import MONTAGES, default_sites


def record(
    seed: int, *, is_patient: bool, age: float = 50.0, site: int = 0
) -> Harmonised:
    """Simulate a person's recording at a site, and harmonise it."""
    rng, where = np.random.default_rng(seed), default_sites()[site]
    person = draw_person(
        rng, age=age, sex="FM"[seed // 2 % 2], is_patient=is_patient, disease_effect=2.0
    )
    signals = simulate_recording(person, where, duration_s=30, rng=rng)
    names = list(MONTAGES[where.n_channels])
    info = mne.create_info(names, where.sfreq, "eeg", verbose="error")
    raw = mne.io.RawArray(signals / 1e6, info, verbose="error")
    recording = ng.from_raw(raw, participant_id=f"sub-{seed:02d}")
    return ng.harmonise(recording, line_freq=where.line_freq)
