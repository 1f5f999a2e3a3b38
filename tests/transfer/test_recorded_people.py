"""Harmonised recordings become people of one shape, fixed when a network learns."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.errors import ConfigError, DataError
from neurograft.files.keys import RecordingKey
from neurograft.harmonising.windowed import Harmonised
from neurograft.montage.channels import template_positions
from neurograft.transfer.estimators import EncoderClassifier, EncoderRegressor
from neurograft.transfer.recorded_people import (
    are_recordings,
    find_shape,
    gather_people,
)

NAMES = ("Fp1", "Cz", "O1", "O2")


def make(who="p", names=NAMES, n_windows=3, sfreq=128.0, scale=10.0, seed=0):
    rng = np.random.default_rng(seed)
    windows = scale * rng.normal(size=(n_windows, len(names), int(4 * sfreq)))
    windows[:, :, 0] = np.arange(n_windows)[:, None]  # the number of the window
    return Harmonised(
        key=RecordingKey("", who),
        windows=windows,
        starts_s=4.0 * np.arange(n_windows),
        ch_names=names,
        positions=np.array([template_positions()[name] for name in names]),
        sfreq=sfreq,
        scale_uv=scale,
        recorded_hz=512.0,
        line_freq=50.0,
        reference="Cz",
        quality=pd.DataFrame(),
        bads={},
        notes=(),
    )


@pytest.fixture
def people():
    return [
        make("a", n_windows=6),
        make("b", names=("O2", "Cz", "Fp1"), scale=20.0, seed=1),
        make("c", n_windows=4, seed=2),
        make("d", n_windows=3, seed=3),
    ]


def test_channels_are_those_of_all_in_the_order_of_the_first(people):
    shape = find_shape(people)
    assert shape.ch_names == ("Fp1", "Cz", "O2")
    assert shape.n_windows == 3
    gathered = gather_people(people, shape)
    assert gathered.signals.shape == (4, 3, 3, 512)
    np.testing.assert_array_equal(
        gathered.signals[1], people[1].windows[:, ::-1].astype(np.float32)
    )


def test_windows_are_evenly_spaced_and_all_of_who_has_the_fewest(people):
    gathered = gather_people(people, find_shape(people))
    chosen = gathered.signals[:, :, 0, 0].astype(int).tolist()
    assert chosen == [[1, 3, 5], [0, 1, 2], [0, 2, 3], [0, 1, 2]]


def test_scale_and_device_come_from_the_recording(people):
    gathered = gather_people(people, find_shape(people))
    np.testing.assert_array_equal(gathered.scale[:, 0], [10, 20, 10, 10])
    np.testing.assert_array_equal(gathered.acquisition[0, 0], [1, 1, 0, 0, 0, 1, 0])


def test_the_shape_is_fixed_when_a_network_learns(people):
    classifier = EncoderClassifier("shallownet", epochs=1)
    classifier.fit(people, ["ill", "well"] * 2)
    p = classifier.predict_proba(people)
    assert p.shape == (4, 2)
    # More windows and channels in another order change nothing but the choice.
    again = replace(
        people[3],
        windows=people[3].windows[:, ::-1],
        ch_names=NAMES[::-1],
        positions=people[3].positions[::-1],
    )
    np.testing.assert_allclose(classifier.predict_proba([again]), p[3:])
    with pytest.raises(DataError, match="e has 2 windows and lacks Cz"):
        classifier.predict([make("e", ("Fp1", "O2"), 2)])
    with pytest.raises(DataError, match="X holds windows; .* learned from recordings"):
        classifier.predict(np.zeros((1, 3, 3, 512)))


def test_an_encoder_learns_from_recordings_without_positions(people):
    lora = EncoderClassifier("lora", epochs=1).fit(people, [0, 1, 0, 1])
    assert np.isfinite(lora.predict_proba(people)).all()
    ages = EncoderRegressor("shallownet", epochs=1).fit(people, [20, 30, 40, 50])
    assert ages.predict(people).shape == (4,)


def test_an_encoder_of_arrays_does_not_take_recordings(people):
    X = np.random.default_rng(0).normal(size=(4, 2, 4, 512))
    positions = people[0].positions
    fitted = EncoderRegressor("shallownet", positions=positions, epochs=1)
    fitted.fit(X, np.arange(4.0))
    with pytest.raises(DataError, match="X holds recordings; .* learned from windows"):
        fitted.predict(people)


def test_what_does_not_go_together_is_named(people):
    with pytest.raises(DataError, match=r"in common \(1\)"):
        find_shape([people[0], make("e", ("Cz", "Fz"))])
    with pytest.raises(DataError, match="e has windows of 400 samples at 100 Hz"):
        find_shape([people[0], make("e", sfreq=100.0)])
    with pytest.raises(DataError, match="3 of 4 people are harmonised"):
        are_recordings([*people[:3], "file.edf"])
    with pytest.raises(DataError, match="4 people and y has 3"):
        EncoderClassifier("shallownet").fit(people, [0, 1, 0])
    with pytest.raises(ConfigError, match="takes 128 samples per second"):
        EncoderClassifier("lora").fit([make(sfreq=100.0)] * 4, [0, 1, 0, 1])
    assert not are_recordings(np.zeros((2, 3, 4, 5)))
    assert not are_recordings([])
