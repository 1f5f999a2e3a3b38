"""The embedding stage: encoders and signal stores in, one vector per subject out."""

import zlib
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from neurograft.models.batches import WindowBatch, interleave
from neurograft.models.encoder import Encoder
from neurograft.montage.regions import weigh_regions
from neurograft.pretraining.augmentations import shift_phases
from neurograft.pretraining.corpus import Window, read_batch
from neurograft.store.acquisition import read_facts
from neurograft.store.signal_store import SignalStore
from neurograft.store.window_choice import SubjectWindows
from neurograft.training.parallel import count_threads, map_threads
from neurograft.training.precision import autocast
from neurograft.types import FloatArray

# Windows embedded at once by a thread: few enough to stay in the processor's cache.
BATCH_SIZE = 16
CPU = torch.device("cpu")


def make_encoder_pool(encoder: Encoder) -> Callable[[WindowBatch], Tensor]:
    """Embed windows: `(batch, n_channels, 2 * embed_dim)`, averaged over seconds."""

    def pool(batch: WindowBatch) -> Tensor:
        with autocast(CPU):
            embedded: Tensor = encoder(batch)
        return embedded.float().mean(2)

    return pool


def make_token_pool(encoder: Encoder) -> Callable[[WindowBatch], Tensor]:
    """The encoder's spectral tokens without the encoder, averaged over seconds."""

    def pool(batch: WindowBatch) -> Tensor:
        spectra = encoder.find_spectra(encoder.tokenise(batch).waveforms)
        batch_size, n_channels, _ = batch.signals.shape
        shape = (batch_size, n_channels, -1, encoder.config.n_bins)
        return spectra.reshape(shape).mean(2)

    return pool


def make_surrogate_pool(encoder: Encoder) -> Callable[[WindowBatch], Tensor]:
    """Embed phase-randomised windows: spectra and coherence stay, waveforms do not.

    Fourier surrogates with the same phases at every channel (Prichard and Theiler
    1994).
    """
    embed = make_encoder_pool(encoder)

    def pool(batch: WindowBatch) -> Tensor:
        return embed(randomise_phases(batch))

    return pool


def randomise_phases(batch: WindowBatch) -> WindowBatch:
    """Give every window the phases that its own signal decides, whatever is beside it.

    The same window has the same surrogate in every run, study and batch.
    """
    surrogates = []
    for row in range(len(batch)):
        window = batch.select(slice(row, row + 1))
        seed = zlib.crc32(window.signals.contiguous().numpy().tobytes())
        generator = torch.Generator().manual_seed(seed)
        surrogates.append(shift_phases(window, share=1.0, generator=generator))
    return interleave(surrogates)


# Called with how many are done and how many there are.
Watcher = Callable[[int, int], None]
# Gives windows in their order, changed; in several batches if their sizes differ.
Change = Callable[[WindowBatch], Iterable[WindowBatch]]


def ignore(done: int, total: int) -> None:
    """Do nothing: the default for callers that do not watch."""


def keep(batch: WindowBatch) -> Iterable[WindowBatch]:
    """Return windows as they are: the default for callers that change nothing."""
    return (batch,)


def embed_windows(
    store: SignalStore,
    chosen: Sequence[SubjectWindows],
    pool: Callable[[WindowBatch], Tensor],
    *,
    n_times: int,
    change: Change = keep,
    progress: Watcher = ignore,
) -> FloatArray:
    """Embed every subject's windows, pooled over channels into scalp regions.

    Small batches of one montage size each, shared out among threads.

    Args:
        store: Harmonised signals of a cohort, microvolts.
        chosen: Windows of every subject, as many of each.
        pool: Embeds a batch: `(batch, n_channels, n_features)`.
        n_times: Length of a window, samples.
        change: What is done to windows before.
        progress: Called with the windows embedded so far, and all of them.

    Returns:
        Shape `(n_subjects, n_windows, n_regions, n_features)`, float32.
    """
    facts = [read_facts(store)]
    places = [
        Window(0, number, start) for one in chosen for number, start in one.windows
    ]
    groups = _group_by_montage(store, places)

    def embed(rows: list[int]) -> FloatArray:
        batch = read_batch(
            [places[row] for row in rows], [store], facts, n_times=n_times
        )
        return np.concatenate([embed_batch(part, pool) for part in change(batch)])

    pooled: dict[int, FloatArray] = {}
    n_threads = count_threads()
    for first in range(0, len(groups), n_threads):
        part = groups[first : first + n_threads]
        for rows, features in zip(part, map_threads(embed, part), strict=True):
            pooled |= dict(zip(rows, features, strict=True))
        progress(len(pooled), len(places))
    stacked = np.stack([pooled[row] for row in range(len(places))])
    return stacked.reshape(len(chosen), -1, *stacked.shape[1:])


def embed_batch(
    batch: WindowBatch, pool: Callable[[WindowBatch], Tensor]
) -> FloatArray:
    """Embed windows of one montage, pooled over channels into scalp regions.

    Returns:
        Shape `(n_windows, n_regions, n_features)`, float32.
    """
    with torch.inference_mode():
        channels = pool(batch).numpy()
    weights = np.stack([weigh_regions(own) for own in batch.positions.numpy()])
    return np.asarray(weights.astype(np.float32) @ channels)


def _group_by_montage(store: SignalStore, places: Sequence[Window]) -> list[list[int]]:
    """Rows of windows that can share a batch: with as many channels each."""
    of_size: dict[int, list[int]] = {}
    for row, place in enumerate(places):
        n_channels = len(store.recordings[place.recording].ch_names)
        of_size.setdefault(n_channels, []).append(row)
    return [
        rows[first : first + BATCH_SIZE]
        for rows in of_size.values()
        for first in range(0, len(rows), BATCH_SIZE)
    ]
