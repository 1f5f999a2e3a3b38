"""The embedding stage: encoders and signal stores in, one vector per subject out."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from neurograft.config import StudyConfig
from neurograft.config_tasks import View
from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.models.files import load_encoder
from neurograft.pretraining.augmentations import shift_phases
from neurograft.pretraining.corpus import Window, read_batch
from neurograft.pretraining.stage import RANDOM_FOLDER, describe_pretraining
from neurograft.provenance import Stage, read_fingerprint, write_arrays
from neurograft.training.parallel import count_threads, map_threads
from neurograft.training.precision import autocast
from neurograft.transfer.pooling import summarise_windows
from neurograft.types import Arrays, FloatArray, Progress, no_progress
from neurograft.windows.facts import read_facts
from neurograft.windows.regions import weigh_regions
from neurograft.windows.selection import SubjectWindows, choose_windows
from neurograft.windows.store import SignalStore

# Windows embedded at once by a thread: few enough to stay in the processor's cache.
BATCH_SIZE = 16
CPU = torch.device("cpu")


def list_views(study: StudyConfig) -> list[View]:
    """The views that the study's tasks need, each once."""
    views = (view for task in study.all_tasks.values() for view in task.views)
    return list(dict.fromkeys(views))


def describe_embedding(study: StudyConfig) -> Stage:
    """The stage: windows per subject, and the fingerprints of encoder and cohorts."""
    root = study.output_folder
    name = study.pretraining.name
    inputs = {"encoder": str(read_fingerprint(root / "pretraining" / name))}
    for cohort in study.target_cohorts:
        inputs[cohort] = str(read_fingerprint(root / "cohorts" / cohort))
    settings = {
        "windows_per_subject": study.evaluation.windows_per_subject,
        "windows": study.evaluation.windows,
        "window_s": study.pretraining.window_s,
        "views": [view.name for view in list_views(study)],
        "surrogate": "surrogate" in study.evaluation.all_features,
    }
    return Stage(root / "embeddings" / name, settings, inputs)


def choose_view_windows(
    study: StudyConfig, view: View
) -> tuple[SignalStore, list[SubjectWindows], dict[str, str]]:
    """Open the view's store and choose the windows that every method will see."""
    store = SignalStore.open(study.output_folder / "cohorts" / view.cohort)
    chosen, left_out = choose_windows(
        store,
        n_windows=study.evaluation.windows.get(
            view.cohort, study.evaluation.windows_per_subject
        ),
        n_times=int(study.pretraining.window_s * store.sfreq),
        bids_tasks=view.bids_tasks,
    )
    return store, chosen, left_out


def run_embed(study: StudyConfig, *, progress: Progress = no_progress) -> None:
    """Embed the target cohorts with the encoder, its untrained twin, and no encoder.

    Raises:
        DataError: If the encoder or a store is missing or out of date.
    """
    describe_pretraining(study).require("pretrain one first")
    stage = describe_embedding(study)
    stage.begin()
    folder = study.output_folder / "pretraining" / study.pretraining.name
    trained = load_encoder(folder)
    pools = {
        "encoder": make_encoder_pool(trained),
        "random-encoder": make_encoder_pool(load_encoder(folder / RANDOM_FOLDER)),
        "tokens": make_token_pool(trained),
    }
    if "surrogate" in study.evaluation.all_features:
        pools["surrogate"] = make_surrogate_pool(trained)
    n_times = int(study.pretraining.window_s * study.harmonise.sfreq)
    for view in list_views(study):
        store, chosen, _ = choose_view_windows(study, view)
        arrays = _name_rows(store, chosen)
        for name, pool in pools.items():
            windows = embed_windows(
                store,
                chosen,
                pool,
                n_times=n_times,
                progress=partial(progress, f"embedding {view.name} with {name}"),
            )
            arrays[f"{name}_windows"] = windows
            arrays[name] = np.stack([summarise_windows(one) for one in windows])
        write_arrays(stage.folder / f"{view.name}.npz", arrays)
    stage.finish()


def _name_rows(store: SignalStore, chosen: Sequence[SubjectWindows]) -> Arrays:
    """Subject of every row; recording and start (seconds) of every window."""
    numbers = [[number for number, _ in one.windows] for one in chosen]
    starts = [[start / store.sfreq for _, start in one.windows] for one in chosen]
    names = [[store.recordings[n].key.name for n in row] for row in numbers]
    return {
        "participant_id": np.array([one.participant_id for one in chosen]),
        "window_recording": np.array(names),
        "window_start_s": np.array(starts),
    }


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
    1994); the same window gets the same phases in every run.
    """
    embed = make_encoder_pool(encoder)

    def pool(batch: WindowBatch) -> Tensor:
        seed = int(batch.signals.abs().sum().item() * 1000) % 2**31
        generator = torch.Generator().manual_seed(seed)
        return embed(shift_phases(batch, share=1.0, generator=generator))

    return pool


def _ignore(done: int, total: int) -> None:
    """Default for callers that do not watch."""


def embed_windows(
    store: SignalStore,
    chosen: Sequence[SubjectWindows],
    pool: Callable[[WindowBatch], Tensor],
    *,
    n_times: int,
    progress: Callable[[int, int], None] = _ignore,
) -> FloatArray:
    """Embed every subject's windows, pooled over channels into scalp regions.

    Small batches of one montage size each, shared out among threads.

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
        with torch.inference_mode():
            channels = pool(batch).numpy()
        weights = np.stack([weigh_regions(own) for own in batch.positions.numpy()])
        return np.asarray(weights.astype(np.float32) @ channels)

    pooled: dict[int, FloatArray] = {}
    n_threads = count_threads()
    for first in range(0, len(groups), n_threads):
        part = groups[first : first + n_threads]
        for rows, features in zip(part, map_threads(embed, part), strict=True):
            pooled |= dict(zip(rows, features, strict=True))
        progress(len(pooled), len(places))
    stacked = np.stack([pooled[row] for row in range(len(places))])
    return stacked.reshape(len(chosen), -1, *stacked.shape[1:])


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
