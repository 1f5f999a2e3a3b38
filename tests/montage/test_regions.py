"""Regions are where their names say, under every montage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.montage.channels import template_positions
from neurograft.montage.regions import (
    REGION_WIDTH_RAD,
    REGIONS,
    find_members,
    find_uncovered,
    weigh_regions,
)
from neurograft.simulation.sites import CAP_64, TEN_TWENTY


def places(names):
    return np.array([template_positions()[name] for name in names])


def test_every_region_of_every_montage_sums_to_one():
    for names in (TEN_TWENTY, CAP_64, ["O1", "Oz", "O2"], ["Cz"]):
        weights = weigh_regions(places(names))
        assert weights.shape == (6, len(names))
        np.testing.assert_allclose(weights.sum(1), 1)


def test_regions_are_where_their_names_say():
    regions = list(REGIONS)
    names = list(TEN_TWENTY)
    weights = weigh_regions(places(names))
    strongest = {region: names[weights[i].argmax()] for i, region in enumerate(regions)}
    assert strongest["frontal"] == "Fz"
    assert strongest["left temporal"] == "T3"
    assert strongest["right temporal"] == "T4"
    assert strongest["central"] == "Cz"
    assert strongest["occipital"] in ("O1", "O2")


def test_a_smooth_field_pools_alike_under_two_montages():
    def pool(names):
        field = places(names) @ np.array([0.2, 1.0, -0.5])
        return weigh_regions(places(names)) @ field

    np.testing.assert_allclose(pool(TEN_TWENTY), pool(CAP_64), atol=0.2)


@pytest.mark.parametrize("angle", [0.2, 0.4, 0.9])
def test_a_weight_falls_with_the_angle_as_a_gaussian_of_the_stated_width(angle):
    """The centre of the central region is the vertex."""
    tilted = [0.0, np.sin(angle), np.cos(angle)]
    weights = weigh_regions(np.array([[0.0, 0.0, 1.0], tilted]))
    at, beside = weights[list(REGIONS).index("central")]
    expected = np.exp(-0.5 * (angle / REGION_WIDTH_RAD) ** 2)
    assert beside / at == pytest.approx(expected)


@given(n=st.integers(2, 40), seed=st.integers(0, 99))
def test_a_region_has_electrodes_of_any_montage_and_never_all(n, seed):
    montage = np.random.default_rng(seed).standard_normal((n, 3))
    members = find_members(montage / np.linalg.norm(montage, axis=1, keepdims=True))
    assert members.any(1).all()
    assert not members.all(1).any()


def test_the_electrodes_of_a_region_are_those_that_count_most():
    region = list(REGIONS).index("occipital")
    members = find_members(places(TEN_TWENTY))[region]
    assert np.array(TEN_TWENTY)[members].tolist() == ["O1", "O2"]


def test_a_region_is_uncovered_only_where_no_electrode_is_near():
    for names in (TEN_TWENTY, CAP_64):
        assert not find_uncovered(places(names)).any()
    front = [name for name in TEN_TWENTY if name[0] == "F"]
    found = dict(zip(REGIONS, find_uncovered(places(front)), strict=True))
    assert found["occipital"]
    assert found["parietal"]
    assert not found["frontal"]
