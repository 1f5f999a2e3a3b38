"""Dipoles in the sphere are seen where they point."""

import mne
import numpy as np
import pytest

from neurograft.montage.channels import template_positions
from neurograft.montage.head_model import compute_leadfield, place_sources
from neurograft.simulation.sites import MONTAGES


def test_sources_cover_the_upper_head_evenly():
    places = place_sources(200)
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), 1)
    assert places[:, 2].min() > -0.26
    np.testing.assert_allclose(places[:, :2].mean(0), 0, atol=0.02)


@pytest.mark.parametrize("n", [64, 200])
def test_neighbouring_sources_are_equally_far_apart(n):
    places = place_sources(n)
    apart = np.arccos(np.clip(places @ places.T - 2 * np.eye(n), -1, 1)).min(1)
    assert apart.min() > 0.75 * apart.max()


def test_a_radial_source_is_strongest_above_itself():
    names = MONTAGES[64]
    gains = compute_leadfield(names, 64)
    sources = place_sources(64)
    radial = np.einsum("csk,sk->cs", gains, sources)
    places = np.array([template_positions()[name] for name in names])
    high = sources[:, 2] > 0.3
    nearest = (places @ sources.T).argmax(0)
    peaks = radial.argmax(0)
    distance = np.arccos(np.clip((places[nearest] * places[peaks]).sum(1), -1, 1))
    assert np.median(distance[high]) < 0.3  # radians; electrodes are 0.35 apart


def test_the_sphere_model_needs_no_download(monkeypatch):
    monkeypatch.setattr(
        mne.datasets, "fetch_fsaverage", lambda *_: pytest.fail("downloads")
    )
    compute_leadfield.cache_clear()
    assert compute_leadfield(("Cz", "Pz"), 4).shape == (2, 4, 3)
