"""Contributions are summed by band and region without losing anything."""

import numpy as np
import pytest

from neurograft.features.band_power import POWER_EDGES
from neurograft.features.covariances import RIEMANN_EDGES
from neurograft.montage.regions import REGIONS
from neurograft.prediction.person.contributions import SUMS


@pytest.fixture
def taken(made):
    return made.card().taken


def sum_part(name, added, taken):
    return list(SUMS[name](added, taken))


def test_power_at_the_back_of_the_head_is_a_contribution_of_the_back(taken):
    channels = taken.channels
    added = np.zeros((2, len(POWER_EDGES) - 1, len(channels)))
    added[0, 6, channels.index("O1")] = 2.0  # 9 to 10 Hz
    added[1, 3, channels.index("Fp1")] = -1.0  # 4 to 6 Hz
    found = {(band, region): v for band, region, v in
             sum_part("band-power", added.ravel(), taken)}  # fmt: skip
    assert sum(found.values()) == pytest.approx(1.0)
    largest = max(found, key=found.get)
    assert largest == ("alpha", "occipital")
    assert min(found, key=found.get) == ("theta", "frontal")


def test_embeddings_are_summed_by_region_and_amplitude_stands_alone(taken):
    n_features = 5
    added = np.zeros(2 * len(REGIONS) * n_features + 1)
    added[-1] = 0.5
    added[2 * n_features] = 3.0  # mean of the third region
    added[(len(REGIONS) + 2) * n_features + 1] = 1.0  # spread of the same
    found = {region: v for _, region, v in sum_part("encoder", added, taken)}
    assert found["amplitude"] == 0.5
    assert found["central"] == 4.0
    assert sum(found.values()) == pytest.approx(added.sum())


def test_covariances_are_summed_by_their_bands(taken):
    n_bands = len(RIEMANN_EDGES) - 1
    added = np.arange(n_bands * 6, dtype=float)
    found = sum_part("riemann", added, taken)
    assert [band for band, _, _ in found][2] == "8-15 Hz"
    assert sum(v for _, _, v in found) == added.sum()


def test_age_and_sex_are_named(taken):
    taken = taken.model_copy(update={"demographics": ("age", "sex")})
    found = sum_part("demographics", np.array([0.2, -0.1]), taken)
    assert found == [("", "age", 0.2), ("", "sex", -0.1)]
