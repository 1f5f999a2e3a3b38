"""The embedding stage: encoders and signal stores in, one vector per subject out."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from neurograft.config import StudyConfig
from neurograft.models.encoder import Encoder
from neurograft.models.files import load_encoder
from neurograft.pretraining.corpus import Window, WindowBatch, read_batch
from neurograft.pretraining.pretrain import tokenise
from neurograft.pretraining.stage import RANDOM_FOLDER, describe_pretraining
from neurograft.provenance import Stage, read_fingerprint, write_arrays
from neurograft.transfer.pooling import summarise_windows, weigh_regions
from neurograft.types import Arrays, FloatArray, Progress, no_progress
from neurograft.windows.selection import SubjectWindows, choose_windows
from neurograft.windows.store import SignalStore

# Windows embedded at once; several recordings share a batch.
BATCH_SIZE = 32


class View(NamedTuple):
    """A cohort seen through some of its BIDS tasks; what one task of a study uses."""

    cohort: str
    bids_tasks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """File name.

        Example:
            >>> View("eegmat", ("rest",)).name
            'eegmat_task-rest'
        """
        return "_task-".join([self.cohort, *("+".join(self.bids_tasks),)]).removesuffix(
            "_task-"
        )


def list_views(study: StudyConfig) -> list[View]:
    """The views that the study's tasks need, each once."""
    tasks = study.tasks.values()
    return list(dict.fromkeys(View(task.cohort, task.bids_tasks) for task in tasks))


def describe_embedding(study: StudyConfig) -> Stage:
    """The stage: windows per subject, and the fingerprints of encoder and cohorts."""
    root = study.output_folder
    name = study.pretraining.name
    inputs = {"encoder": str(read_fingerprint(root / "pretraining" / name))}
    for cohort in study.target_cohorts:
        inputs[cohort] = str(read_fingerprint(root / "cohorts" / cohort))
    settings = {
        "windows_per_subject": study.evaluation.windows_per_subject,
        "window_s": study.pretraining.window_s,
        "views": [view.name for view in list_views(study)],
    }
    return Stage(root / "embeddings" / name, settings, inputs)


def choose_view_windows(
    study: StudyConfig, view: View
) -> tuple[SignalStore, list[SubjectWindows], dict[str, str]]:
    """Open the view's store and choose the windows that every method will see."""
    store = SignalStore.open(study.output_folder / "cohorts" / view.cohort)
    chosen, left_out = choose_windows(
        store,
        n_windows=study.evaluation.windows_per_subject,
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
        embedded: Tensor = encoder(
            batch.signals,
            batch.positions,
            channel_mask=batch.channel_mask,
            scale=batch.scale,
        )
        return embedded.mean(2)

    return pool


def make_token_pool(encoder: Encoder) -> Callable[[WindowBatch], Tensor]:
    """The encoder's spectral tokens without the encoder, averaged over seconds."""

    def pool(batch: WindowBatch) -> Tensor:
        tokens = tokenise(encoder, batch)
        batch_size, n_channels, _ = batch.signals.shape
        spectra = tokens.spectra.reshape(
            batch_size, n_channels, -1, encoder.config.n_bins
        )
        return spectra.mean(2)

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

    Returns:
        Shape `(n_subjects, n_windows, n_regions, n_features)`, float32.
    """
    places = [
        Window(0, number, start) for one in chosen for number, start in one.windows
    ]
    pooled: list[FloatArray] = []
    with torch.inference_mode():
        for first in range(0, len(places), BATCH_SIZE):
            batch = read_batch(
                places[first : first + BATCH_SIZE], [store], n_times=n_times
            )
            channels = pool(batch).numpy()
            for row, features in enumerate(channels):
                real = ~batch.channel_mask[row].numpy()
                weights = weigh_regions(batch.positions[row].numpy()[real])
                pooled.append((weights @ features[real]).astype(np.float32))
            progress(len(pooled), len(places))
    stacked = np.stack(pooled)
    return stacked.reshape(len(chosen), -1, *stacked.shape[1:])
