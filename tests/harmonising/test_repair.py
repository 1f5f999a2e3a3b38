"""The repair is one matrix: blind to the reference and to bad channels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.harmonising.repair import interpolate, make_info, make_repair
from neurograft.montage.channels import template_positions

TEN_TWENTY = (
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7",
    "P3", "Pz", "P4", "P8", "O1", "O2",
)  # fmt: skip
PLACES = np.array([template_positions()[name] for name in TEN_TWENTY])


@given(bad=st.sets(st.integers(0, 18), max_size=4))
def test_neither_reference_nor_bad_channels_change_the_result(bad):
    kept, matrix = make_repair(PLACES, sorted(bad))
    good = [i for i in range(19) if i not in bad]
    assert kept == list(range(19))
    np.testing.assert_allclose(matrix.sum(1), 0, atol=1e-6)
    np.testing.assert_allclose(matrix[:, sorted(bad)], 0, atol=1e-9)
    np.testing.assert_allclose(matrix[good].mean(0), 0, atol=1e-9)


@given(bad=st.sets(st.integers(0, 18), max_size=4))
def test_repairing_twice_is_repairing_once(bad):
    _, matrix = make_repair(PLACES, sorted(bad))
    np.testing.assert_allclose(matrix @ matrix, matrix, atol=1e-6)


def test_without_bad_channels_it_is_the_average_reference():
    _, matrix = make_repair(PLACES, [])
    np.testing.assert_allclose(matrix, np.eye(19) - 1 / 19, atol=1e-12)


@given(bad=st.sets(st.integers(0, 18), max_size=6))
def test_a_bipolar_montage_only_loses_its_bad_channels(bad):
    kept, matrix = make_repair(PLACES, sorted(bad), is_bipolar=True)
    assert set(kept) == set(range(19)) - bad
    np.testing.assert_array_equal(matrix, np.eye(19)[kept])


@pytest.mark.parametrize("bad", [4, 9, 14])
def test_a_smooth_field_is_interpolated_as_it_is(bad):
    field = PLACES @ np.array([[10.0], [5.0], [2.0]]) + 3
    broken = field.copy()
    broken[bad] = 1e4
    filled = interpolate(broken, PLACES, [bad])
    assert filled[bad, 0] == pytest.approx(field[bad, 0], abs=1)
    others = np.arange(19) != bad
    np.testing.assert_allclose(filled[others], field[others])


def test_mne_gets_the_positions_on_a_head():
    info = make_info(PLACES, 128.0)
    places = np.array([channel["loc"][:3] for channel in info["chs"]])
    centred = places - places.mean(0) - 0.09 * (PLACES - PLACES.mean(0))
    np.testing.assert_allclose(centred, 0, atol=1e-6)
