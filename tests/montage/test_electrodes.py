"""Measured positions find their axes, whatever unit and origin they have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.montage.channels import TEN_TWENTY, template_positions
from neurograft.montage.electrodes import AXES, fit_sphere, place_electrodes

PLACES = np.array([template_positions()[name] for name in TEN_TWENTY])


@given(st.floats(0.01, 1000), st.tuples(*[st.floats(-50, 50)] * 3))
def test_the_centre_of_a_sphere_follows_unit_and_origin(radius, centre):
    found = fit_sphere(radius * PLACES + np.array(centre))
    np.testing.assert_allclose(found, centre, atol=1e-6 * radius + 1e-6)


@pytest.mark.parametrize("axes", AXES)
def test_every_known_system_of_axes_leads_to_the_template(axes):
    measured = 85.0 * PLACES @ AXES[axes] + np.array([3.0, -2.0, 40.0])
    placed, note = place_electrodes(TEN_TWENTY, measured)
    np.testing.assert_allclose(placed, PLACES, atol=1e-6)
    assert note == ""


def test_a_missing_position_stays_missing_and_moves_no_other():
    measured = PLACES.copy()
    measured[4] = np.nan
    placed, _ = place_electrodes(TEN_TWENTY, measured)
    assert np.isnan(placed[4]).all()
    np.testing.assert_allclose(np.delete(placed, 4, 0), np.delete(PLACES, 4, 0))


def test_positions_that_contradict_their_names_are_not_used():
    placed, note = place_electrodes(TEN_TWENTY, PLACES[::-1])
    assert placed is None
    assert "degrees from where their names belong" in note


def test_too_few_positions_are_not_used_and_unknown_names_are_taken_as_they_are():
    few = np.where(np.arange(19)[:, None] < 7, PLACES, np.nan)
    assert place_electrodes(TEN_TWENTY, few)[0] is None
    names = [f"E{i}" for i in range(19)]
    placed, note = place_electrodes(names, 90 * PLACES)
    np.testing.assert_allclose(placed, PLACES, atol=1e-6)
    assert "taken for x right" in note
