"""People with planted spectra."""

import numpy as np
import pandas as pd
import pytest

from neurograft.evaluation.spectra.measured_task import MeasuredTask
from neurograft.features.person_spectra import CLINICAL_BANDS
from neurograft.montage.channels import template_positions
from neurograft.montage.regions import REGIONS

CHANNELS = (
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7",
    "P3", "Pz", "P4", "P8", "O1", "O2",
)  # fmt: skip


@pytest.fixture(scope="session")
def make_measured():
    """Groups that differ by `effect` in alpha at the back of the head."""

    def make(sizes=(14, 16), effect=0.0, seed=0, is_within=False, **changes):
        rng = np.random.default_rng(seed)
        n, n_channels = sum(sizes), len(CHANNELS)
        groups = np.repeat(np.arange(len(sizes)), sizes)
        person = np.arange(n) % sizes[0] if is_within else np.arange(n)
        bands = 0.1 * rng.standard_normal((n, len(CLINICAL_BANDS), n_channels))
        bands += 0.6 * rng.standard_normal(person.max() + 1)[person, None, None]
        places = np.array([template_positions()[name] for name in CHANNELS])
        posterior = places[:, 1] < -0.5
        alpha = list(CLINICAL_BANDS).index("alpha")
        bands[np.ix_(groups == len(sizes) - 1, [alpha], posterior)] += effect
        frequencies = np.arange(1, 91) / 2
        facts = {
            "name": "t",
            "classes": tuple("ABCDEF"[: len(sizes)]),
            "people": pd.DataFrame(
                {"cohort": "c", "participant_id": [f"sub-{i}" for i in person]}
            ),
            "groups": groups,
            "clusters": person,
            "blocks": person if is_within else np.zeros(n, dtype=int),
            "is_within": is_within,
            "is_relative": False,
            "frequencies_hz": frequencies,
            "log_power": rng.standard_normal((n, len(REGIONS), 90)),
            "alpha_hz": np.full(n, 10.0),
            "alpha_height": np.full(n, 0.5),
            "exponent": np.full(n, 1.0),
            "channels": CHANNELS,
            "positions": places,
            "band_power": bands,
        }
        return MeasuredTask(**(facts | changes))

    return make
