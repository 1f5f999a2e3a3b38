"""Simulated windows carry the latents they are named after, whatever the device."""

import numpy as np
import pytest

from neurograft.montage.regions import REGIONS, weigh_regions
from neurograft.simulation.person import draw_person
from neurograft.simulation.windows import (
    ALPHA_HZ,
    AMPLITUDE_SD,
    EXPONENT,
    LATENTS,
    OFFSET_MEAN,
    OFFSET_SD,
    _draw_brains,
    simulate_windows,
)

SFREQ, N_TIMES = 128, 2560


def simulate(n=400, n_channels=19, seed=0):
    return simulate_windows(
        n, n_channels=n_channels, n_times=N_TIMES, sfreq=SFREQ, band=(0.5, 45.0),
        rng=np.random.default_rng(seed),
    )  # fmt: skip


@pytest.fixture(scope="module")
def windows():
    return simulate()


@pytest.fixture(scope="module")
def spectra(windows):
    weights = np.stack([weigh_regions(own) for own in windows.positions])
    regional = weights @ windows.signals
    return np.log(np.abs(np.fft.rfft(regional * np.hanning(N_TIMES))) ** 2)


def correlate(a, b):
    return np.corrcoef(a, b)[0, 1]


def test_windows_look_harmonised(windows):
    assert windows.signals.shape == (400, 19, N_TIMES)
    assert windows.signals.dtype == np.float32
    np.testing.assert_allclose(windows.signals.mean(1), 0, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(windows.positions, axis=2), 1, atol=1e-5)
    power = np.abs(np.fft.rfft(windows.signals)).mean((0, 1))
    frequencies = np.fft.rfftfreq(N_TIMES, 1 / SFREQ)
    assert power[frequencies > 45.5].max() < 1e-3 * power[10]
    assert 2 < np.median(windows.scale) < 60


def test_latents_are_standardised_and_independent(windows):
    assert windows.latents.shape == (400, len(LATENTS))
    np.testing.assert_allclose(windows.latents.mean(0), 0, atol=0.2)
    np.testing.assert_allclose(windows.latents.std(0), 1, atol=0.15)
    off = np.corrcoef(windows.latents.T) - np.eye(len(LATENTS))
    assert np.abs(off).max() < 0.2


def test_the_alpha_peak_is_where_the_latent_says(windows, spectra):
    frequencies = np.fft.rfftfreq(N_TIMES, 1 / SFREQ)
    occipital = spectra[:, list(REGIONS).index("occipital")]
    strong = windows.latents[:, LATENTS.index("alpha")] > 0.5
    band = (frequencies >= 5) & (frequencies <= 14.5)
    width = np.ones(9) / 9
    smooth = np.array([np.convolve(row, width, "same") for row in occipital])
    flat = smooth + windows.latents[:, [1]] * 0 + 1.5 * np.log(frequencies + 0.1)
    peaks = frequencies[band][flat[:, band].argmax(1)]
    assert correlate(peaks[strong], windows.latents[strong, 0]) > 0.8


@pytest.mark.parametrize(
    ("latent", "region", "hz"),
    [("theta", "frontal", 6.0), ("beta", "central", 20.0)],
)
def test_rhythms_are_as_strong_as_their_latents_and_where_they_belong(
    windows, spectra, latent, region, hz
):
    frequencies = np.fft.rfftfreq(N_TIMES, 1 / SFREQ)
    inside = np.abs(frequencies - hz) < 0.8
    beside = (np.abs(frequencies - hz) > 3) & (np.abs(frequencies - hz) < 4)
    bump = spectra[..., inside].mean(-1) - spectra[..., beside].mean(-1)
    truth = windows.latents[:, LATENTS.index(latent)]
    by_region = [correlate(bump[:, i], truth) for i in range(len(REGIONS))]
    assert by_region[list(REGIONS).index(region)] > 0.4


def test_the_slope_falls_with_the_exponent(windows, spectra):
    frequencies = np.fft.rfftfreq(N_TIMES, 1 / SFREQ)
    fit = (frequencies >= 2) & (frequencies <= 5) | (frequencies > 26) & (
        frequencies < 33
    )
    design = np.stack([-np.log(frequencies[fit]), np.ones(fit.sum())], 1)
    slopes = np.linalg.lstsq(design, spectra[:, 2, fit].T, rcond=None)[0][0]
    assert correlate(slopes, windows.latents[:, LATENTS.index("exponent")]) > 0.7


def test_coupled_fronts_are_coherent(windows):
    """Theta of two frontal electrodes is more alike where the coupling is strong."""
    strong = windows.latents[:, LATENTS.index("theta")] > 0.3
    weights = np.stack([weigh_regions(own) for own in windows.positions])
    front = (weights @ windows.signals)[:, :2]  # frontal and left temporal
    spectrum = np.fft.rfft(front * np.hanning(N_TIMES))
    frequencies = np.fft.rfftfreq(N_TIMES, 1 / SFREQ)
    theta = spectrum[..., np.abs(frequencies - 6) < 1.0]
    cross = np.abs((theta[:, 0] * theta[:, 1].conj()).sum(-1))
    power = np.sqrt((np.abs(theta) ** 2).sum(-1).prod(1))
    coupling = windows.latents[:, LATENTS.index("coupling")]
    assert correlate((cross / power)[strong], coupling[strong]) > 0.05


def test_the_same_seed_gives_the_same_windows_and_any_cap_will_do():
    a, b = simulate(n=3, seed=4), simulate(n=3, seed=4)
    np.testing.assert_array_equal(a.signals, b.signals)
    for n_channels in (2, 8, 128):
        own = simulate(n=2, n_channels=n_channels)
        assert own.signals.shape[1] == n_channels
        assert np.isfinite(own.signals).all()
        distance = np.linalg.norm(
            own.positions[0][:, None] - own.positions[0][None], axis=2
        )
        assert (distance + np.eye(n_channels) > 1e-3).all()  # no electrode twice


def test_no_window_repeats_the_noise_of_another(windows):
    """Every bin is a normal number of its own, though all come from one table."""
    spectrum = np.fft.rfft(windows.signals[:, 0])
    frequencies = np.fft.rfftfreq(N_TIMES, 1 / SFREQ)
    bins = spectrum[:, (frequencies > 25) & (frequencies < 44)]
    bins = bins / np.sqrt((np.abs(bins) ** 2).mean(1, keepdims=True))
    alike = np.abs(bins @ bins.conj().T) / bins.shape[1]
    off = alike[~np.eye(len(bins), dtype=bool)]
    assert off.max() < 0.3  # 380 bins: chance is .05
    neighbours = (bins[:, 1:] * bins[:, :-1].conj()).mean()
    assert abs(neighbours) < 0.02
    # Amplitudes of normal numbers: mean over root mean square is the root of pi / 4.
    assert np.abs(bins).mean() == pytest.approx(np.sqrt(np.pi / 4), abs=0.02)


def test_the_coupling_of_sources_changes_nothing_about_their_power():
    n_times, frequencies = 1280, np.array([6.0])
    rng = np.random.default_rng(0)
    spectra, latents = _draw_brains(8000, frequencies, n_times, SFREQ, rng)
    strong = latents[:, LATENTS.index("theta")] > 1  # hardly anything but theta
    power = np.log((np.abs(spectra[strong, :, 0]) ** 2).max(1))
    power -= 2 * AMPLITUDE_SD * latents[strong, LATENTS.index("theta")]
    coupling = latents[strong, LATENTS.index("coupling")]
    slope = np.polyfit(coupling, power, 1)[0]
    assert abs(slope) < 0.12


AGES = (5, 6, 7, 8, 10, 13, 16, 18, 20, 30, 40, 50, 60, 70, 80, 90)


def standardise(person):
    """Return a person's latents where windows have mean 0 and SD 1."""
    uniform = [
        (value - sum(ends) / 2) / (ends[1] - ends[0]) * np.sqrt(12)
        for value, ends in ((person.alpha_hz, ALPHA_HZ), (person.exponent, EXPONENT))
    ]
    offset = (person.offset - OFFSET_MEAN) / OFFSET_SD
    amplitudes = np.array([person.alpha, person.theta, person.beta]) / AMPLITUDE_SD
    return np.array([*uniform, offset, *amplitudes])


@pytest.fixture(scope="module")
def many_latents():
    """Return the latents of 20 000 windows."""
    rng = np.random.default_rng(1)
    return _draw_brains(20_000, np.array([6.0]), N_TIMES, SFREQ, rng)[1]


@pytest.mark.parametrize("age", AGES)
def test_windows_cover_people_of_every_age_healthy_and_ill(many_latents, age):
    """Of each latent, at most 1 % of people lie outside 98 % of the windows."""
    rng = np.random.default_rng(age)
    people = np.array([
        standardise(
            draw_person(rng, age=float(age), sex="FM"[i % 2], is_patient=i % 4 < 2)
        )
        for i in range(2000)
    ])  # fmt: skip
    low, high = np.percentile(many_latents, [1, 99], axis=0)[:, :6]
    outside = ((people < low) | (people > high)).mean(0)
    assert dict(zip(LATENTS, outside, strict=False)) == pytest.approx(
        dict.fromkeys(LATENTS[:6], 0.0), abs=0.01
    )


def test_children_are_not_rare_among_the_windows():
    """A window like a child of five is at most four times as rare as one of twenty."""

    def weigh(age):
        rng = np.random.default_rng(0)
        people = [standardise(draw_person(rng, age=age, sex="F")) for _ in range(500)]
        gaussian = np.array(people)[:, 2:]
        return -0.5 * (gaussian**2).sum(1).mean()

    assert weigh(20.0) - weigh(5.0) < np.log(4)
