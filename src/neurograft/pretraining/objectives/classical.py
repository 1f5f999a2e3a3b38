"""Predict classical features of the recording or the window.

Covariance and band power carry diagnoses in small cohorts (Sabbagh 2020; Engemann
2022). An encoder that must foretell those of the whole recording from a few visible
seconds has to find them.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.montage.regions import weigh_regions
from neurograft.pretraining.corpus import Corpus, Drawn, Window
from neurograft.pretraining.objectives.mae import Hiding
from neurograft.pretraining.objectives.whole_window import PooledPrediction
from neurograft.types import FloatArray

# Edges in Hz of the bands of covariances (Engemann 2022, within our band).
EDGES_HZ = (1, 4, 8, 15, 26, 35, 45)
# Windows of a recording that its features are averaged over. Chosen here.
N_WINDOWS = 12
# Share of the mean eigenvalue added to regional covariances. Chosen here:
# enough for the logarithm where channels are few.
SHRINKAGE = 0.05
# The aperiodic part is fitted here, without the alpha peak (Donoghue 2020).
APERIODIC_HZ = ((2.0, 6.0), (15.0, 40.0))
# Length of the segments of the window's spectrum, seconds (Welch 1967).
SEGMENT_S = 4


def make_classical_objective(
    encoder: Encoder, corpus: Corpus, *, hiding: Hiding
) -> PooledPrediction:
    """Make the objective of cross-spectra and aperiodic fit of the recording."""
    everybody = (*corpus.subjects, *corpus.left_out)
    places = sorted({place for person in everybody for place in person.recordings})
    raw = np.stack([_describe_recording(corpus, *place) for place in places])
    learned = {place for person in corpus.subjects for place in person.recordings}
    rows = [place in learned for place in places]
    mean, sd = raw[rows].mean(0), raw[rows].std(0) + 1e-6
    table = dict(zip(places, ((raw - mean) / sd).astype(np.float32), strict=True))

    def ask(
        drawn: Drawn, _generator: torch.Generator
    ) -> tuple[WindowBatch, Float[Tensor, "batch n_targets"]]:
        rows = [table[window.store, window.recording] for window in drawn.windows]
        return drawn.batch, torch.from_numpy(np.stack(rows))

    return PooledPrediction(encoder, hiding=hiding, ask=ask, n_targets=raw.shape[1])


def make_window_spectrum_objective(
    encoder: Encoder, corpus: Corpus, *, hiding: Hiding, seed: int
) -> PooledPrediction:
    """Make the objective of regional log spectra of the whole window.

    One-second patches resolve 1 Hz; the alpha peak moves by less than that in a decade.

    Args:
        encoder: The encoder that learns.
        corpus: Windows that targets are standardised by.
        hiding: Masks.
        seed: Of the windows drawn.
    """
    drawn = corpus.draw_mixed(256, (seed, 11))
    raw = np.concatenate([_find_spectra(encoder, part.batch) for part in drawn])
    mean, sd = raw.mean(0), raw.std(0) + 1e-6

    def ask(
        drawn: Drawn, _generator: torch.Generator
    ) -> tuple[WindowBatch, Float[Tensor, "batch n_targets"]]:
        spectra = (_find_spectra(encoder, drawn.batch) - mean) / sd
        return drawn.batch, torch.from_numpy(spectra.astype(np.float32))

    return PooledPrediction(encoder, hiding=hiding, ask=ask, n_targets=raw.shape[1])


def _find_spectra(encoder: Encoder, batch: WindowBatch) -> FloatArray:
    """Find log Welch spectra of the regions, shape `(n, n_regions * n_bins)`."""
    regional = _pool_signals(batch.signals.numpy(), batch.positions.numpy())
    regional /= batch.scale.numpy()[:, None, None]
    size = min(SEGMENT_S * encoder.config.patch_size, regional.shape[2])
    starts = range(0, regional.shape[2] - size + 1, size // 2)
    taper = np.hanning(size).astype(np.float32)
    power = np.mean(
        [
            np.abs(np.fft.rfft(regional[..., start : start + size] * taper)) ** 2
            for start in starts
        ],
        axis=0,
    )
    last = encoder.config.n_bins * size // encoder.config.patch_size
    spectra = np.log(power[..., size // encoder.config.patch_size : last + 1] + 1e-6)
    return np.asarray(spectra.reshape(len(spectra), -1))


def _pool_signals(signals: FloatArray, positions: FloatArray) -> FloatArray:
    """Average signals by scalp region."""
    weights = np.stack([weigh_regions(places) for places in positions])
    return np.asarray(weights.astype(np.float32) @ signals)


def _describe_recording(corpus: Corpus, store: int, recording: int) -> FloatArray:
    """Describe a recording's regional covariances in bands and aperiodic fit."""
    entry = corpus.stores[store].recordings[recording]
    ranges = entry.list_starts(corpus.n_times)
    starts = np.concatenate([np.arange(*bounds, corpus.n_times) for bounds in ranges])
    chosen = starts[
        np.linspace(0, len(starts) - 1, min(N_WINDOWS, len(starts))).astype(int)
    ]
    batch = corpus.read([Window(store, recording, int(start)) for start in chosen])
    regional = _pool_signals(batch.signals.numpy(), batch.positions.numpy())
    sfreq = corpus.stores[store].sfreq
    return describe_signals(regional / entry.scale_uv, sfreq=sfreq)


def describe_signals(
    signals: Float[np.ndarray, "n_windows n_regions n_times"], *, sfreq: float
) -> Float[np.ndarray, " n_features"]:
    """Describe signals by log cross-spectra in bands and their aperiodic fit.

    Source: log-Euclidean tangent space (Arsigny 2007, eq. 3.6), off-diagonal entries
    times the root of two so that distances stay; least squares of log power on log
    frequency outside the alpha band.
    """
    taper = np.hanning(signals.shape[2])
    spectra = np.fft.rfft(signals * taper)
    frequencies = np.fft.rfftfreq(signals.shape[2], 1 / sfreq)
    parts = []
    for low, high in pairwise(EDGES_HZ):
        inside = spectra[..., (frequencies >= low) & (frequencies < high)]
        flat = np.moveaxis(inside, 1, 0).reshape(signals.shape[1], -1)
        parts.append(_log_matrix((flat @ flat.conj().T).real / flat.shape[1]))
    power = np.log((np.abs(spectra) ** 2).mean(0) + 1e-12)
    parts.append(_fit_aperiodic(power, frequencies, APERIODIC_HZ))
    return np.concatenate(parts)


def _log_matrix(matrix: FloatArray) -> FloatArray:
    """Return the upper triangle of the matrix logarithm after shrinkage."""
    n = len(matrix)
    shrunk = matrix + (SHRINKAGE * np.trace(matrix) / n + 1e-12) * np.eye(n)
    values, vectors = np.linalg.eigh(shrunk)
    logarithm = (vectors * np.log(values)) @ vectors.T
    scale = np.where(np.eye(n, dtype=bool), 1.0, np.sqrt(2))
    return np.asarray((logarithm * scale)[np.triu_indices(n)])


def _fit_aperiodic(
    power: FloatArray, frequencies: FloatArray, spans: Sequence[tuple[float, float]]
) -> FloatArray:
    """Fit exponent and offset of every region."""
    used = np.any([(frequencies >= a) & (frequencies <= b) for a, b in spans], axis=0)
    design = np.stack([-np.log(frequencies[used]), np.ones(used.sum())], axis=1)
    fitted, *_ = np.linalg.lstsq(design, power[:, used].T, rcond=None)
    return np.asarray(fitted.ravel())
