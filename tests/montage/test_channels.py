"""Every spelling of an electrode has the same name and the same place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import ChannelError
from neurograft.montage.channels import (
    canonical_name,
    find_positions,
    is_bipolar,
    is_scalp_name,
    split_pair,
    strip_numbers,
    template_positions,
    to_unit_sphere,
)

NAMES = sorted(template_positions())


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("EEG FP1-REF", "Fp1"),
        ("EEG Fp1", "Fp1"),
        ("fz", "Fz"),
        ("T3", "T7"),
        ("EEG T6-LE", "P8"),
        ("Fc5.", "FC5"),
        ("C3-A2", "C3"),
        ("X1", "X1"),
    ],
)
def test_the_same_electrode_has_one_name(written, canonical):
    assert canonical_name(written) == canonical


@given(st.sampled_from(NAMES))
def test_a_canonical_name_is_its_own_canonical_name(name):
    once = canonical_name(name)
    assert canonical_name(once) == once
    assert canonical_name(name.upper()) == once


@pytest.mark.parametrize(
    "name", ["EOG", "EEG EKG1", "A1", "M2", "STATUS", "Photic", "HEOG"]
)
def test_what_is_not_on_the_scalp_is_recognised(name):
    assert not is_scalp_name(name)


@pytest.mark.parametrize("name", ["Fp1", "EEG O2-A1", "CPz", "AF7"])
def test_scalp_electrodes_are_recognised(name):
    assert is_scalp_name(name)


def test_the_template_has_anatomy():
    places = template_positions()
    lengths = [np.linalg.norm(place) for place in places.values()]
    np.testing.assert_allclose(lengths, 1)
    assert places["Fp1"][1] > 0.8  # in front
    assert places["O1"][1] < -0.8  # behind
    assert places["T7"][0] < -0.9  # left
    assert places["Cz"][2] > 0.95  # on top


def test_positions_of_the_file_win_over_the_template():
    in_file = np.array([[0.0, 0.1, 0.04], [0.0, -0.1, 0.04]])
    positions, lost = find_positions(["Cz", "strange"], in_file)
    np.testing.assert_allclose(positions, to_unit_sphere(in_file))
    np.testing.assert_allclose(positions, [[0, 1, 0], [0, -1, 0]], atol=1e-12)
    assert lost == []


def test_channels_without_position_are_listed():
    nothing = np.full((2, 3), np.nan)
    positions, lost = find_positions(["Cz", "strange"], nothing)
    assert lost == ["strange"]
    assert np.isnan(positions[1]).all()
    np.testing.assert_allclose(positions[0], template_positions()["Cz"])


def test_a_channel_set_without_any_position_is_refused():
    with pytest.raises(
        ChannelError, match="None of the 2 channels .X1, X2. has a position"
    ):
        find_positions(["X1", "X2"], np.full((2, 3), np.nan))


@pytest.mark.parametrize(
    ("names", "bipolar"),
    [
        (["Fp1-F7", "F7-T3", "T3-T5", "T5-O1"], True),
        (["EEG Fpz-Cz", "EEG Pz-Oz"], True),
        (["Fp1-Cz", "O1-Cz", "O2-Cz"], False),  # Cz is the reference
        (["Fp1-A1", "Fp2-A2", "O1-A1"], False),
        (["Fp1", "Fp2", "O1-O2"], False),
    ],
)
def test_bipolar_montages_are_recognised(names, bipolar):
    assert is_bipolar(names) == bipolar


def test_a_pair_lies_between_its_electrodes():
    positions, lost = find_positions(["Fp1-F7"], np.full((1, 3), np.nan))
    assert lost == []
    template = template_positions()
    cosines = positions[0] @ template["Fp1"], positions[0] @ template["F7"]
    assert cosines[0] == pytest.approx(cosines[1])
    assert split_pair("Fp1-A2") is None


def test_numbers_that_mne_adds_are_undone():
    assert strip_numbers(["C3-0", "C3-1", "O1-2"]) == ["C3", "C3", "O1-2"]


def test_channels_that_are_numbered_are_not_channels_of_one_name():
    assert strip_numbers(["CH-01", "CH-02"]) == ["CH-01", "CH-02"]
    assert strip_numbers(["EEG-1", "EEG-2"]) == ["EEG-1", "EEG-2"]
    assert strip_numbers(["Cz-0", "Cz-1", "Pz"]) == ["Cz", "Cz", "Pz"]
