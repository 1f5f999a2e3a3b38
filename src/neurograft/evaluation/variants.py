"""Pretrain every variant of a comparison and embed the people left out, once each."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from neurograft.config import StudyConfig
from neurograft.config_errors import explain
from neurograft.config_pretraining import PretrainingConfig
from neurograft.config_tasks import View
from neurograft.errors import ConfigError
from neurograft.evaluation.features import ReadView
from neurograft.models.encoder import Encoder
from neurograft.pretraining.build import build_encoder
from neurograft.pretraining.corpus import Corpus, open_corpus
from neurograft.pretraining.metrics import METRICS_FILE
from neurograft.pretraining.pretrain import Place, pretrain
from neurograft.provenance import (
    PROVENANCE_FILE,
    Stage,
    read_arrays,
    read_fingerprint,
    write_arrays,
)
from neurograft.tables import read_table, write_table
from neurograft.transfer.embeddings import embed_windows, make_encoder_pool
from neurograft.transfer.pooling import summarise_windows
from neurograft.types import Arrays, FloatArray, Progress
from neurograft.windows.store import SignalStore

EMBEDDINGS_FILE = "embeddings.npz"
UNTRAINED = "untrained"


@dataclass(frozen=True)
class Variant:
    """One way to pretrain, from one seed, with some cohorts left out.

    Attributes:
        name: From the study file, or `untrained-<tokens>`.
        settings: What `[pretraining]` would say.
        is_trained: False for the control that learns nothing.
        left_out: Cohorts it does not see.
        seed: Seed of weights, batches and masks.
    """

    name: str
    settings: PretrainingConfig
    is_trained: bool
    left_out: tuple[str, ...]
    seed: int

    def describe(self, study: StudyConfig) -> Stage:
        """Folder and fingerprint of its results."""
        folder = study.output_folder / "comparison" / "runs" / self.name
        inputs = {
            cohort: str(read_fingerprint(study.output_folder / "cohorts" / cohort))
            for cohort in study.cohorts
        }
        settings = {
            "settings": self.settings.model_dump(
                mode="json", exclude={"name", "tensorboard"}
            ),
            "is_trained": self.is_trained,
            "left_out": list(self.left_out),
            "seed": self.seed,
            "windows": dict(study.evaluation.windows),
            "windows_per_subject": study.evaluation.windows_per_subject,
        }
        name = f"without-{'+'.join(self.left_out)}_seed-{self.seed}"
        return Stage(folder / name, settings, inputs)


def name_control(settings: PretrainingConfig) -> str:
    """Name of the untrained encoder with the same tokens.

    Example:
        >>> name_control(PretrainingConfig(tokens="spectrum"))
        'untrained-spectrum'
    """
    return f"{UNTRAINED}-{settings.tokens}"


def list_variants(study: StudyConfig) -> list[Variant]:
    """Every variant and control, for every set of cohorts left out and every seed.

    Raises:
        ConfigError: If there is no variant, or the settings of one are not valid.
    """
    if not study.comparison.variants:
        raise ConfigError(
            "There is nothing to compare; name variants in [comparison.variants]."
        )
    base = study.pretraining.model_dump()
    ways: dict[str, tuple[PretrainingConfig, bool]] = {}
    for name, overrides in study.comparison.variants.items():
        try:
            settings = PretrainingConfig.model_validate(base | overrides)
        except ValidationError as error:
            where = f"comparison.variants.{name}"
            raise ConfigError(explain(error, PretrainingConfig, where)) from error
        ways.setdefault(name_control(settings), (settings, False))
        ways[name] = settings, True
    return [
        Variant(name, settings, is_trained, left_out, study.seed + seed)
        for seed in range(study.comparison.n_seeds)
        for left_out in list_left_out(study)
        for name, (settings, is_trained) in ways.items()
    ]


def list_left_out(study: StudyConfig) -> list[tuple[str, ...]]:
    """Sets of cohorts that are left out of pretraining together."""
    named = study.comparison.left_out
    targets = [cohort for task in study.all_tasks.values() for cohort in task.cohorts]
    return list(named) if named else [(cohort,) for cohort in dict.fromkeys(targets)]


def run_variants(
    study: StudyConfig,
    variants: Sequence[Variant],
    views: dict[View, ReadView],
    *,
    progress: Progress,
) -> None:
    """Pretrain and embed what is missing; every variant is finished whole or redone."""
    for done, variant in enumerate(variants):
        stage = variant.describe(study)
        if not stage.is_current():
            name = f"comparing pretraining: {variant.name}"
            progress(name, done, len(variants))
            stage.begin()
            _run_variant(study, variant, stage, views)
        progress("comparing pretraining", done + 1, len(variants))


def _run_variant(
    study: StudyConfig, variant: Variant, stage: Stage, views: dict[View, ReadView]
) -> None:
    settings = variant.settings
    corpus = open_corpus_without(study, variant.left_out, settings, seed=variant.seed)
    encoder = build_encoder(
        corpus, settings, h_freq=study.harmonise.h_freq, seed=variant.seed
    )
    started = time.monotonic()
    history: list[dict[str, float]] = []
    if variant.is_trained:
        checkpoint = stage.folder / "last.safetensors"
        _, history = pretrain(
            encoder,
            corpus,
            settings,
            seed=variant.seed,
            l_freq=study.harmonise.l_freq,
            place=Place(checkpoint, stage.fingerprint),
        )
        checkpoint.unlink()
    seconds = time.monotonic() - started
    write_table(stage.folder / METRICS_FILE, pd.DataFrame(history))
    n_times = corpus.n_times
    arrays: Arrays = {}
    for view, read in views.items():
        if view.cohort in variant.left_out:
            arrays[view.name] = embed_people(encoder, read, n_times=n_times)
    write_arrays(stage.folder / EMBEDDINGS_FILE, arrays)
    stage.finish(seconds=round(seconds, 1))


def open_corpus_without(
    study: StudyConfig,
    left_out: tuple[str, ...],
    settings: PretrainingConfig,
    *,
    seed: int,
) -> Corpus:
    """Open the stores of all cohorts but those left out."""
    root = study.output_folder / "cohorts"
    names = [name for name in study.cohorts if name not in left_out]
    return open_corpus(
        [SignalStore.open(root / name) for name in names],
        n_times=int(settings.window_s * study.harmonise.sfreq),
        validation_share=settings.validation_share,
        temperature=settings.temperature,
        seed=seed,
    )


def embed_people(encoder: Encoder, read: ReadView, *, n_times: int) -> FloatArray:
    """Summary vector of everybody in a view, in the order of `read.chosen`."""
    pool: Callable[..., Any] = make_encoder_pool(encoder)
    windows = embed_windows(read.store, read.chosen, pool, n_times=n_times)
    return np.stack([summarise_windows(one) for one in windows])


def read_embeddings(
    study: StudyConfig, variant: Variant, views: dict[View, ReadView]
) -> dict[View, dict[str, FloatArray]]:
    """Embeddings of a finished variant, by view and person."""
    arrays = read_arrays(variant.describe(study).folder / EMBEDDINGS_FILE)
    return {
        view: dict(
            zip(
                [one.participant_id for one in read.chosen],
                arrays[view.name],
                strict=True,
            )
        )
        for view, read in views.items()
        if view.name in arrays
    }


def read_cost(study: StudyConfig, variant: Variant) -> float:
    """Seconds that pretraining took."""
    path = variant.describe(study).folder / PROVENANCE_FILE
    record = json.loads(path.read_text(encoding="utf-8"))
    return float(record["seconds"])


def read_last_metrics(study: StudyConfig, variant: Variant) -> dict[str, float]:
    """Last row of what was watched; empty for controls."""
    if not variant.is_trained:
        return {}
    table = read_table(variant.describe(study).folder / METRICS_FILE)
    return {str(name): float(value) for name, value in table.iloc[-1].items()}
