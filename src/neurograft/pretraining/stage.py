"""The pretraining stage: signal stores in, an encoder with its card out."""

from pathlib import Path

import pandas as pd
import torch

from neurograft.config import StudyConfig
from neurograft.models.files import save_encoder
from neurograft.pretraining.corpus import list_subjects, split_subjects
from neurograft.pretraining.pretrain import (
    Corpus,
    build_encoder,
    pretrain,
    reconstruct_example,
)
from neurograft.provenance import Stage, hash_subject, read_fingerprint, write_arrays
from neurograft.tables import write_table
from neurograft.types import Progress, no_progress
from neurograft.windows.store import SignalStore

RANDOM_FOLDER = "random"
CHECKPOINT_FILE = "checkpoints/last.safetensors"


def describe_pretraining(study: StudyConfig) -> Stage:
    """The stage: its settings, and the fingerprints of the cohorts it learns from."""
    cohorts = study.output_folder / "cohorts"
    settings = study.pretraining.model_dump(
        mode="json",
        exclude={"name", "cohorts", "allow_transductive", "checkpoint_every"},
    )
    inputs = {c: str(read_fingerprint(cohorts / c)) for c in study.source_cohorts}
    harmonise = study.harmonise.model_dump(mode="json")
    return Stage(
        study.output_folder / "pretraining" / study.pretraining.name,
        {"pretraining": settings, "harmonise": harmonise, "seed": study.seed},
        inputs,
    )


def run_pretrain(study: StudyConfig, *, progress: Progress = no_progress) -> None:
    """Pretrain the study's encoder, and save its untrained twin beside it.

    Raises:
        DataError: If a cohort is not harmonised, or nobody has a whole window.
    """
    stage = describe_pretraining(study)
    stage.begin()
    settings = study.pretraining
    corpus = open_corpus(study)
    encoder = build_encoder(
        corpus, settings, h_freq=study.harmonise.h_freq, seed=study.seed
    )
    card = _describe(study, corpus)
    save_encoder(stage.folder / RANDOM_FOLDER, encoder, card | {"steps": 0})
    model, history = pretrain(
        encoder,
        corpus,
        settings,
        seed=study.seed,
        checkpoint=stage.folder / CHECKPOINT_FILE,
        fingerprint=stage.fingerprint,
        progress=progress,
    )
    save_encoder(stage.folder, encoder, card | {"steps": settings.steps})
    write_table(stage.folder / "metrics.tsv", pd.DataFrame(history))
    example = reconstruct_example(model, corpus, settings, seed=study.seed)
    write_arrays(stage.folder / "example.npz", example)
    stage.finish(torch_threads=torch.get_num_threads())


def open_corpus(study: StudyConfig) -> Corpus:
    """Open the stores of the source cohorts and set the watched people aside."""
    cohorts: Path = study.output_folder / "cohorts"
    stores = [SignalStore.open(cohorts / name) for name in study.source_cohorts]
    n_times = int(study.pretraining.window_s * study.harmonise.sfreq)
    subjects = list_subjects(stores, n_times=n_times)
    kept, left_out = split_subjects(
        subjects, share=study.pretraining.validation_share, seed=study.seed
    )
    return Corpus(stores, kept, left_out, n_times)


def _describe(study: StudyConfig, corpus: Corpus) -> dict[str, object]:
    """The card: what goes in, how it was trained, and whom it has seen."""
    people = [*corpus.subjects, *corpus.left_out]
    entries = [
        corpus.stores[store].recordings[recording]
        for person in people
        for store, recording in person.recordings
    ]
    hours = sum(entry.n_times for entry in entries) / study.harmonise.sfreq / 3600
    return {
        "input": {
            "unit": "microvolts, average reference, divided by one scale per recording",
            "sfreq": study.harmonise.sfreq,
            "l_freq": study.harmonise.l_freq,
            "h_freq": study.harmonise.h_freq,
            "window_s": study.pretraining.window_s,
        },
        "objective": f"masked autoencoder, target {study.pretraining.target}",
        "seed": study.seed,
        "cohorts": list(study.source_cohorts),
        "n_subjects": len(people),
        "n_watched": len(corpus.left_out),
        "hours": round(hours, 3),
        "seen_subjects": sorted(
            hash_subject(p.cohort, p.participant_id) for p in people
        ),
        "seen_signals": sorted(entry.sha256 for entry in entries),
    }
