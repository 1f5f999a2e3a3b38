"""The embedding stage: people's windows in, one vector per person out."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from neurograft.config.study import StudyConfig
from neurograft.features.window_summary import summarise_windows
from neurograft.files.stage import Stage, read_fingerprint
from neurograft.files.writing import write_arrays
from neurograft.models.saving import load_encoder
from neurograft.store.signal_store import SignalStore
from neurograft.store.views import choose_view_windows, list_views
from neurograft.store.window_choice import SubjectWindows
from neurograft.study.stages.pretrain import RANDOM_FOLDER, describe_pretraining
from neurograft.transfer.embedding import (
    embed_windows,
    make_encoder_pool,
    make_surrogate_pool,
    make_token_pool,
)
from neurograft.types import Arrays, Progress, no_progress


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
