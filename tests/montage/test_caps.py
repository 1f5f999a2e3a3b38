"""Electrode numbers of caps become the manufacturer's names near their places."""

import numpy as np
import pytest

from neurograft.montage.caps import EGI_PLACES, find_cap
from neurograft.montage.channels import (
    template_positions,
    to_unit_sphere,
)

NAMES = sorted(template_positions())


def angle_deg(places, name):
    cosine = to_unit_sphere(places[None])[0] @ template_positions()[name]
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


@pytest.mark.parametrize("size", [32, 64, 128, 256])
def test_egi_nets_have_the_manufacturers_names_near_their_places(size):
    cap = find_cap([f"E{i}" for i in range(1, size + 2)])
    names = {name for name, _ in cap.values()}
    assert set(EGI_PLACES) <= names
    angles = [angle_deg(p, name) for name, p in cap.values() if name in EGI_PLACES]
    assert max(angles) < 24
    assert np.median(angles) < 12


def test_the_128_net_follows_the_table_and_not_the_nearest_electrode():
    cap = find_cap([f"E{i}" for i in range(1, 130)])
    table = {"E22": "Fp1", "E9": "Fp2", "E45": "T7", "E108": "T8", "E129": "Cz"}
    assert {written: cap[written][0] for written in table} == table


@pytest.mark.parametrize(("size", "letters"), [(32, "A"), (64, "AB"), (128, "ABCD")])
def test_biosemi_caps_are_recognised_by_their_connectors(size, letters):
    names = [f"{letter}{i}" for letter in letters for i in range(1, 33)]
    cap = find_cap(names)
    assert len(cap) == size
    first = {32: "Fp1", 64: "Fp1", 128: "A1"}[size]
    assert cap["A1"][0] == first
    if size <= 64:
        assert max(angle_deg(place, name) for name, place in cap.values()) < 20


@pytest.mark.parametrize(
    "names",
    [
        ["A1", "A2", "Cz", "Pz"],  # ears
        [f"A{i}" for i in range(1, 17)] + [f"B{i}" for i in range(1, 17)],  # depth
        [str(i) for i in range(1, 40)],
        NAMES[:40],
    ],
)
def test_other_names_are_no_cap(names):
    assert find_cap(names) == {}
