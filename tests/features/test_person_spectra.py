"""A person's spectrum has the exponent, the peak and the places that were planted."""

import numpy as np
import pytest

from neurograft.features.person_spectra import (
    CLINICAL_BANDS,
    describe_person,
    divide_by_whole,
    find_density,
    sum_clinical_bands,
)
from neurograft.montage.channels import template_positions
from neurograft.montage.regions import REGIONS

CHANNELS = ("Fp1", "Fp2", "Fz", "C3", "Cz", "C4", "Pz", "O1", "O2")
PLACES = np.array([template_positions()[name] for name in CHANNELS])
FACTS = {"sfreq": 128.0, "band_hz": (0.5, 45.0)}


def add_alpha(noise, hz=10.0, size=30.0):
    """Alpha that grows towards the back of the head."""
    t = np.arange(noise.shape[-1]) / 128
    back = np.clip(-PLACES[:, 1], 0, None)
    return noise + size * back[:, None] * np.sin(2 * np.pi * hz * t)


@pytest.mark.parametrize("hz", [8.5, 10.0, 11.5])
def test_planted_alpha_is_found_at_its_frequency_and_place(make_noise, hz):
    windows = add_alpha(make_noise(exponent=1.5, n_channels=9), hz)
    one = describe_person([windows], [PLACES], is_relative=False, **FACTS)
    assert one.alpha_hz == pytest.approx(hz, abs=0.3)
    rows = dict(zip(REGIONS, one.log_power, strict=True))
    peak = one.frequencies_hz[4:][rows["occipital"][4:].argmax()]
    assert peak == pytest.approx(hz, abs=0.5)
    at = np.abs(one.frequencies_hz - hz).argmin()
    assert rows["occipital"][at] - rows["frontal"][at] > 0.5


@pytest.mark.parametrize("exponent", [1.0, 2.0])
def test_the_exponent_is_that_of_the_noise_and_without_alpha_there_is_no_peak(
    make_noise, exponent
):
    windows = make_noise(exponent=exponent, n_windows=60, n_channels=9)
    one = describe_person([windows], [PLACES], is_relative=False, **FACTS)
    assert one.exponent == pytest.approx(exponent, abs=0.15)
    assert one.alpha_height < 0.2


def test_recordings_count_by_their_windows_and_may_have_other_caps(make_noise):
    windows = make_noise(n_windows=40, n_channels=9)
    few = [windows[:30, :8], windows[30:]]
    one = describe_person(few, [PLACES[:8], PLACES], is_relative=False, **FACTS)
    whole = describe_person([windows], [PLACES], is_relative=False, **FACTS)
    assert np.abs(one.log_power - whole.log_power).mean() < 0.1


def test_relative_power_knows_no_gain(make_noise):
    windows = make_noise(n_channels=9)
    first, second = (
        describe_person([gain * windows], [PLACES], is_relative=True, **FACTS)
        for gain in (1.0, 1e4)
    )
    np.testing.assert_allclose(first.log_power, second.log_power, atol=1e-6)
    assert first.alpha_height == pytest.approx(second.alpha_height)
    absolute = describe_person([10 * windows], [PLACES], is_relative=False, **FACTS)
    plain = describe_person([windows], [PLACES], is_relative=False, **FACTS)
    np.testing.assert_allclose(absolute.log_power - plain.log_power, 2, atol=1e-6)


def test_shares_of_the_bands_add_up_to_the_whole(make_noise):
    frequencies, power = find_density(make_noise(), **FACTS)
    shares = divide_by_whole(frequencies, power)
    assert shares[:, frequencies >= 1].sum(1) * 0.5 == pytest.approx(1)
    bands = 10 ** sum_clinical_bands(frequencies, power, is_relative=True)
    assert bands.shape == (len(CLINICAL_BANDS), 6)
    within = (frequencies >= 1) & (frequencies < 30)
    np.testing.assert_allclose(bands.sum(0), shares[:, within].sum(1) * 0.5)


def test_white_noise_has_its_share_of_variance_in_every_band():
    wave = 6 * np.random.default_rng(0).standard_normal((40, 9, 1280))
    frequencies, power = find_density(wave, **FACTS)
    bands = 10 ** sum_clinical_bands(frequencies, power, is_relative=False)
    for row, (low, high) in zip(bands, CLINICAL_BANDS.values(), strict=True):
        assert row.mean() == pytest.approx(36 * (high - low) / 64, rel=0.03)


def test_windows_of_a_second_work():
    windows = np.random.default_rng(0).standard_normal((9, 9, 128))
    one = describe_person([windows], [PLACES], is_relative=False, **FACTS)
    assert np.diff(one.frequencies_hz) == pytest.approx(1)
    assert np.isfinite(one.log_power).all()
