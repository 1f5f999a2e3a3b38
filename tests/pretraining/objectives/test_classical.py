"""Targets of the classical objectives are what their names say."""

import numpy as np
import pytest
import torch
from scipy.linalg import logm
from tests.pretraining.conftest import SETTINGS

from neurograft.pretraining.build import build_encoder, build_mixture
from neurograft.pretraining.objectives.classical import (
    SHRINKAGE,
    _log_matrix,
    describe_signals,
)

N_BANDS, N_REGIONS = 6, 6
N_TRIANGLE = N_REGIONS * (N_REGIONS + 1) // 2


def pink(exponent, n_windows=20, n_times=1280, seed=0):
    rng = np.random.default_rng(seed)
    frequencies = np.fft.rfftfreq(n_times, 1 / 128)
    shape = np.maximum(frequencies, 0.5) ** (-exponent / 2)
    noise = rng.standard_normal((2, n_windows, N_REGIONS, frequencies.size))
    return np.fft.irfft((noise[0] + 1j * noise[1]) * shape, n=n_times)


@pytest.mark.parametrize("exponent", [0.8, 1.5, 2.2])
def test_the_aperiodic_fit_finds_the_exponent_and_not_the_alpha_peak(exponent):
    signals = pink(exponent)
    times = np.arange(1280) / 128
    for alpha in (0.0, 3.0):
        wave = alpha * signals.std() * np.sin(2 * np.pi * 10 * times)
        found = describe_signals(signals + wave, sfreq=128.0)
        fitted = found[N_BANDS * N_TRIANGLE :][:N_REGIONS]
        np.testing.assert_allclose(fitted, exponent, atol=0.15)


def test_gain_moves_the_diagonal_and_nothing_else():
    signals = pink(1.0)
    once = describe_signals(signals, sfreq=128.0)
    twice = describe_signals(2 * signals, sfreq=128.0)
    change = (twice - once)[: N_BANDS * N_TRIANGLE].reshape(N_BANDS, N_TRIANGLE)
    rows, columns = np.triu_indices(N_REGIONS)
    np.testing.assert_allclose(change[:, rows == columns], np.log(4), atol=1e-6)
    np.testing.assert_allclose(change[:, rows != columns], 0, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_distances_do_not_change_when_regions_are_rotated(seed):
    """The log-Euclidean metric is invariant to it; a plain upper triangle is not."""
    rotation = np.linalg.qr(np.random.default_rng(seed).standard_normal((6, 6)))[0]
    a, b = pink(1.0), pink(1.0, seed=seed + 1) * np.arange(1, 7)[:, None]

    def measure(first, second):
        apart = describe_signals(first, sfreq=128.0) - describe_signals(
            second, sfreq=128.0
        )
        return np.linalg.norm(apart[: N_BANDS * N_TRIANGLE])

    assert measure(rotation @ a, rotation @ b) == pytest.approx(measure(a, b))


def test_the_logarithm_is_that_of_a_matrix_shrunk_to_its_mean_eigenvalue():
    scale = np.diag([1.0, 1.0, 1.0, 1.0, 1.0, 7.0])
    logarithm = _log_matrix(scale)
    rows, columns = np.triu_indices(6)
    expected = np.log(np.diag(scale) + SHRINKAGE * 2.0)
    np.testing.assert_allclose(logarithm[rows == columns], expected)
    np.testing.assert_allclose(logarithm[rows != columns], 0, atol=1e-9)
    matrix = np.cov(pink(1.0)[0])
    full = logm(matrix + SHRINKAGE * np.trace(matrix) / 6 * np.eye(6))
    shared = np.linalg.norm(full)
    assert np.linalg.norm(_log_matrix(matrix)) == pytest.approx(shared)


def test_targets_are_of_the_recording_and_standardised_by_those_learned_from(corpus):
    encoder = build_encoder(corpus, SETTINGS, h_freq=45.0, seed=0)
    mixture = build_mixture(
        encoder, corpus, SETTINGS, weights={"classical": 1.0}, n_steps=5, l_freq=0.5,
        seed=0,
    )  # fmt: skip
    found = {}
    for seed in range(12):
        drawn = corpus.draw(6, (seed,))
        (part,) = mixture.prepare(drawn, torch.Generator().manual_seed(0)).parts
        for window, target in zip(drawn.windows, part.targets, strict=True):
            same = found.setdefault(window[:2], target)
            assert same.equal(target)
    targets = torch.stack(list(found.values()))
    assert len(found) == len(corpus.subjects)
    torch.testing.assert_close(targets.mean(0), torch.zeros(138), atol=0.35, rtol=0)


def test_a_window_spectrum_shows_a_peak_at_a_quarter_of_a_hertz(corpus):
    encoder = build_encoder(corpus, SETTINGS, h_freq=45.0, seed=0)
    mixture = build_mixture(
        encoder, corpus, SETTINGS, weights={"window-spectrum": 1.0}, n_steps=5,
        l_freq=0.5, seed=0,
    )  # fmt: skip
    drawn = corpus.draw(4, (0,))
    times = torch.arange(corpus.n_times) / 128
    wave = 60 * torch.sin(2 * torch.pi * 17.25 * times)
    drawn.batch.signals[:] += wave * drawn.batch.positions[..., 2:]
    (part,) = mixture.prepare(drawn, torch.Generator().manual_seed(0)).parts
    spectra = part.targets.reshape(4, N_REGIONS, -1)
    bins = 1 + np.arange(spectra.shape[2]) / 4
    assert bins[-1] == 45
    peak = bins[spectra.mean((0, 1)).argmax()]
    assert peak == pytest.approx(17.25, abs=0.25)
