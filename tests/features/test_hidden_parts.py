"""Parts that are hidden: bands that were recorded, and all regions."""

from neurograft.features.hidden_parts import HiddenPart, list_parts
from neurograft.features.person_spectra import ALL_BANDS
from neurograft.montage.regions import REGIONS


def test_every_band_and_region_is_a_part():
    parts = list_parts((0.5, 45.0))
    assert [p.part for p in parts if p.kind == "band"] == list(ALL_BANDS)
    assert [p.part for p in parts if p.kind == "region"] == list(REGIONS)


def test_a_band_of_which_nothing_was_recorded_is_no_part():
    for recorded, missing in (((0.5, 30.0), "gamma"), ((4.0, 45.0), "delta")):
        parts = list_parts(recorded)
        assert HiddenPart("band", missing) not in parts
        assert len(parts) == len(ALL_BANDS) + len(REGIONS) - 1
