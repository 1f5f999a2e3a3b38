"""Pooling gives every montage the same numbers."""

import numpy as np

from neurograft.config.tasks import View
from neurograft.features.window_summary import summarise_windows
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


def test_windows_are_summarised_by_mean_and_sd():
    windows = np.random.default_rng(0).normal(3, 2, (500, 2, 4))
    summary = summarise_windows(windows)
    np.testing.assert_allclose(summary[:8], windows.reshape(500, 8).mean(0))
    np.testing.assert_allclose(summary[8:], windows.reshape(500, 8).std(0))
    shuffled = windows[np.random.default_rng(1).permutation(500)]
    np.testing.assert_allclose(summarise_windows(shuffled), summary)


def test_views_are_named_by_cohort_and_tasks():
    assert View("clinic").name == "clinic"
    assert View("c", ("rest", "sleep")).name == "c_task-rest+sleep"
