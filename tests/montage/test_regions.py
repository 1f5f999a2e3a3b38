"""Regions are where their names say, under every montage."""

import numpy as np

from neurograft.montage.channels import template_positions
from neurograft.montage.regions import REGIONS, weigh_regions
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
