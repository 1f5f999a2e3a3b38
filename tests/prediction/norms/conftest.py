"""Healthy people made by hand, whose power falls with frequency and age."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurograft.montage.channels import template_positions
from neurograft.prediction.norms.measures import Measures
from neurograft.prediction.norms.norms import DeviceKind, fit_norms

CHANNELS = ("Fp1", "Fp2", "C3", "Cz", "C4", "T7", "T8", "Pz", "O1", "O2")
FREQUENCIES = np.arange(0.5, 45.5, 0.5)
KIND = DeviceKind(19, 500, "electrode")


def draw_person(age, rng, *, sd=0.1):
    """Draw the measures of a person."""
    slope = 2 - np.log10(FREQUENCIES) - 0.002 * (age - 50)
    bands = np.full((3, len(CHANNELS)), 1.0) - 0.002 * (age - 50)
    return Measures(
        FREQUENCIES,
        slope + rng.normal(0, sd, (6, len(FREQUENCIES))),
        bands + rng.normal(0, sd, bands.shape),
    )


def make_norms(n=60, *, seed=0, gaps=None):
    """Make norms of people of 20 to 80 years."""
    rng = np.random.default_rng(seed)
    ages = rng.uniform(20, 80, n)
    measured = [draw_person(age, rng) for age in ages]
    gaps = rng.normal(0, 5, n) if gaps is None else gaps
    return fit_norms(measured, ages, gaps, KIND, is_relative=False, seed=seed)


@pytest.fixture
def healthy():
    """Norms, people like them, and where electrodes are."""
    places = template_positions()
    return SimpleNamespace(
        make=make_norms,
        draw=draw_person,
        kind=KIND,
        positions=np.array([places[name] for name in CHANNELS]),
    )
