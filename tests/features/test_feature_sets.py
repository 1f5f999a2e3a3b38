"""Features of a store follow the gain where the unit is known."""

from pathlib import Path

import numpy as np
import pytest

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.features.band_power import POWER_EDGES
from neurograft.features.feature_sets import compute_baseline_features
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.writing import write_recording
from neurograft.store.signal_store import SignalStore, write_index
from neurograft.store.window_choice import choose_windows


@pytest.fixture(scope="module")
def build_store(tmp_path_factory, make_recording):
    def build(has_microvolts=True, gain=1.0) -> SignalStore:
        folder = Path(tmp_path_factory.mktemp("store"))
        recordings = [make_recording(seed=s, participant_id=f"sub-{s}") for s in (1, 2)]
        for one in recordings:
            one.signals[:] *= gain
        entries = [
            write_recording(
                folder,
                harmonise_recording(
                    one, HarmoniseConfig(), has_microvolts=has_microvolts
                ),
            )
            for one in recordings
        ]
        write_index(folder, entries, sfreq=128.0, has_microvolts=has_microvolts)
        return SignalStore.open(folder)

    return build


def compute(store):
    chosen, _ = choose_windows(store, n_windows=2, n_times=1280)
    return compute_baseline_features(store, chosen, n_times=1280)


def test_shapes_and_definiteness(build_store):
    features = compute(build_store())
    n_bands = len(POWER_EDGES) - 1
    assert features["band-power"].shape == (2, 2 * n_bands * 19)
    assert features["riemann"].shape == (2, 6, 18, 18)
    assert np.linalg.eigvalsh(features["riemann"]).min() > 0


def test_absolute_power_follows_the_gain_and_relative_power_does_not(build_store):
    quiet, loud = (compute(build_store(gain=g))["band-power"] for g in (1.0, 2.0))
    half = quiet.shape[1] // 2
    np.testing.assert_allclose(loud[:, :half] - quiet[:, :half], np.log(4), atol=0.02)
    np.testing.assert_allclose(loud[:, half:], quiet[:, half:], atol=0.02)


def test_arbitrary_units_have_no_absolute_power(build_store):
    with_unit = compute(build_store())["band-power"]
    without = compute(build_store(has_microvolts=False))["band-power"]
    assert without.shape[1] == with_unit.shape[1] // 2
