"""Pretrain every variant of a comparison and embed the people left out, once each."""

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from neurograft.config.pretraining import PretrainingConfig
from neurograft.config.study import StudyConfig
from neurograft.config.study_file.explanations import explain
from neurograft.config.tasks import View
from neurograft.errors import ConfigError
from neurograft.features.window_summary import summarise_windows
from neurograft.files.stage import PROVENANCE_FILE, Stage
from neurograft.files.tables import read_table, write_table
from neurograft.files.writing import read_arrays, write_arrays
from neurograft.models.encoder import Encoder
from neurograft.models.saving import save_encoder
from neurograft.pretraining.build import build_encoder
from neurograft.pretraining.corpus import Corpus, open_corpus
from neurograft.pretraining.metrics_file import METRICS_FILE
from neurograft.pretraining.pretrain import Place, pretrain
from neurograft.store.views import ReadView
from neurograft.study.comparison.gains import UNTRAINED
from neurograft.study.opened_study import Study
from neurograft.transfer.embedding import embed_windows, make_encoder_pool
from neurograft.types import Arrays, FloatArray, Progress

EMBEDDINGS_FILE = "embeddings.npz"
# Every variant is pretrained from random weights and sees the same windows.
SAME_FOR_ALL = {
    "name", "shipped", "continue_from", "without_sealed", "allow_transductive",
    "window_s",
}  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """One way to pretrain, from one seed, with some cohorts left out.

    Attributes:
        name: From the study file, or that of `find_control`.
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

    def describe(self, study: Study) -> Stage:
        """Describe folder and fingerprint of its results."""
        inputs = {name: study.mark("cohorts", name) for name in study.settings.cohorts}
        settings = {
            "settings": self.settings.model_dump(
                mode="json", exclude={"name", "tensorboard"}
            ),
            "is_trained": self.is_trained,
            "left_out": list(self.left_out),
            "seed": self.seed,
            "windows": {
                view.name: study.count_windows(view)
                for view in study.views
                if view.cohort in self.left_out
            },
        }
        name = f"without-{'+'.join(self.left_out)}_seed-{self.seed}"
        folder = study.folder("comparison", "runs") / self.name
        return Stage(folder / name, settings, inputs)


def find_control(
    settings: PretrainingConfig, base: PretrainingConfig
) -> tuple[str, PretrainingConfig]:
    """Return name and settings of the untrained encoder of equal tokens and size.

    Example:
        >>> find_control(PretrainingConfig(tokens="spectrum"), PretrainingConfig())[0]
        'untrained-spectrum'
        >>> find_control(PretrainingConfig(size="small"), PretrainingConfig())[0]
        'untrained-both-small'
    """
    own = {"tokens": settings.tokens, "size": settings.size}
    name = f"{UNTRAINED}-{settings.tokens}"
    if settings.size != base.size:
        name += f"-{settings.size}"
    return name, base.model_copy(update=own)


def check_variants(settings: StudyConfig) -> None:
    """Check that there is something to compare, and that it can be.

    Raises:
        ConfigError: See `list_variants`.
    """
    list_variants(settings)


def list_variants(study: StudyConfig) -> list[Variant]:
    """List every variant and control, for every set of cohorts left out and every seed.

    Raises:
        ConfigError: If there is no variant, its settings are not valid, or it
            would have nobody to pretrain on.
    """
    if not study.comparison.variants:
        raise ConfigError(
            "There is nothing to compare; name variants in [comparison.variants]."
        )
    base = study.pretraining
    if base.shipped or base.continue_from:
        raise ConfigError(
            "Variants are pretrained from random weights; take `shipped` and "
            "`continue_from` out of [pretraining] to compare them."
        )
    ways: dict[str, tuple[PretrainingConfig, bool]] = {}
    for name, overrides in study.comparison.variants.items():
        if name.startswith(UNTRAINED):
            raise ConfigError(
                f"comparison.variants.{name} has a name of the encoders that learn "
                f"nothing; call it something that does not begin with {UNTRAINED!r}."
            )
        settings = _read_variant(base, name, overrides)
        control, untrained = find_control(settings, base)
        ways.setdefault(control, (untrained, False))
        ways[name] = settings, True
    n_trained = study.comparison.n_seeds
    n_untrained = study.comparison.n_untrained_seeds or n_trained
    variants = [
        Variant(name, settings, is_trained, left_out, study.seed + seed)
        for seed in range(max(n_trained, n_untrained))
        for left_out in list_left_out(study)
        for name, (settings, is_trained) in ways.items()
        if seed < (n_trained if is_trained else n_untrained)
    ]
    for one in variants:
        list_source_cohorts(study, one.left_out, one.settings)
    return variants


def _read_variant(
    base: PretrainingConfig, name: str, overrides: Mapping[str, Any]
) -> PretrainingConfig:
    where = f"comparison.variants.{name}"
    same = sorted(SAME_FOR_ALL & overrides.keys())
    if same:
        raise ConfigError(
            f"{where} sets {same[0]!r}, in which variants cannot differ: all start "
            "from random weights and see the same windows; leave it out."
        )
    try:
        return PretrainingConfig.model_validate({**base.model_dump(), **overrides})
    except ValidationError as error:
        raise ConfigError(explain(error, PretrainingConfig, where)) from error


def list_left_out(study: StudyConfig) -> list[tuple[str, ...]]:
    """List the sets of cohorts that are left out of pretraining together.

    Raises:
        ConfigError: If a set names no cohort of the study, or the cohorts of a task do
            not stand together in one set and in no other.
    """
    targets = [cohort for task in study.all_tasks.values() for cohort in task.cohorts]
    sets = list(study.comparison.left_out) or [(one,) for one in dict.fromkeys(targets)]
    unknown = sorted({cohort for one in sets for cohort in one} - set(study.cohorts))
    if unknown:
        raise ConfigError(
            f"comparison.left_out names {unknown[0]!r}, which is no cohort; found "
            f"{list(study.cohorts)}."
        )
    for name, task in study.all_tasks.items():
        own = set(task.cohorts)
        touched = [set(one) for one in sets if own & set(one)]
        if len(touched) != 1 or not own <= touched[0]:
            raise ConfigError(
                f"comparison.left_out must hold {' and '.join(sorted(own))}, which "
                f"task {name!r} tests on, together in one set and in no other."
            )
    return sets


def run_variants(
    study: Study,
    variants: Sequence[Variant],
    views: dict[View, ReadView],
    *,
    progress: Progress,
) -> None:
    """Pretrain and embed the variants that are missing.

    Args:
        study: The study.
        variants: Variants; each is finished whole or redone.
        views: People and windows to embed, by view.
        progress: Called along the way.
    """
    for done, variant in enumerate(variants):
        stage = variant.describe(study)
        if not stage.is_current():
            name = f"comparing pretraining: {variant.name}"
            progress(name, done, len(variants))
            stage.begin()
            _run_variant(study, variant, stage, views)
        progress("comparing pretraining", done + 1, len(variants))


def _run_variant(
    study: Study, variant: Variant, stage: Stage, views: dict[View, ReadView]
) -> None:
    settings = variant.settings
    corpus = open_corpus_without(study, variant.left_out, settings, seed=variant.seed)
    encoder = build_encoder(
        corpus, settings, h_freq=study.settings.harmonise.h_freq, seed=variant.seed
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
            l_freq=study.settings.harmonise.l_freq,
            place=Place(checkpoint, stage.fingerprint),
        )
        checkpoint.unlink()
    save_encoder(stage.folder, encoder, {"variant": variant.name})
    seconds = time.monotonic() - started
    write_table(stage.folder / METRICS_FILE, pd.DataFrame(history))
    n_times = corpus.n_times
    arrays: Arrays = {}
    for view, read in views.items():
        if view.cohort in variant.left_out:
            arrays[view.name] = embed_people(encoder, read, n_times=n_times)
    write_arrays(stage.folder / EMBEDDINGS_FILE, arrays)
    stage.finish(seconds=round(seconds, 1))


def list_source_cohorts(
    study: StudyConfig, left_out: Collection[str], settings: PretrainingConfig
) -> list[str]:
    """List the cohorts to pretrain on, without those left out.

    Raises:
        ConfigError: If no cohort is left, or a cohort is not in the study.
    """
    unknown = sorted(set(settings.cohorts) - set(study.cohorts))
    if unknown:
        raise ConfigError(
            f"pretraining.cohorts names {unknown[0]!r}, which is no cohort; found "
            f"{list(study.cohorts)}."
        )
    named = settings.cohorts or tuple(study.cohorts)
    found = [name for name in named if name not in left_out]
    if not found:
        raise ConfigError(
            f"Without {', '.join(left_out)}, which is tested on, no cohort is left to "
            "pretrain on; add one."
        )
    return found


def open_corpus_without(
    study: Study,
    left_out: tuple[str, ...],
    settings: PretrainingConfig,
    *,
    seed: int,
) -> Corpus:
    """Open the stores of the cohorts to pretrain on.

    Args:
        study: The study.
        left_out: Cohorts that are left out of pretraining.
        settings: Of the variant.
        seed: Seed of the choice of people to watch.
    """
    sources = list_source_cohorts(study.settings, left_out, settings)
    return open_corpus(
        [study.store(name) for name in sources],
        n_times=int(settings.window_s * study.settings.harmonise.sfreq),
        validation_share=settings.validation_share,
        temperature=settings.temperature,
        n_people=settings.n_people,
        seed=seed,
    )


def embed_people(encoder: Encoder, read: ReadView, *, n_times: int) -> FloatArray:
    """Return a summary vector for everybody in a view, in the order of its people."""
    pool: Callable[..., Any] = make_encoder_pool(encoder)
    windows = embed_windows(read.store, read.chosen, pool, n_times=n_times)
    return np.stack([summarise_windows(one) for one in windows])


def read_embeddings(
    study: Study, variant: Variant, views: dict[View, ReadView]
) -> dict[View, dict[str, FloatArray]]:
    """Read the embeddings of a finished variant, by view and person."""
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


def read_cost(study: Study, variant: Variant) -> float:
    """Read how many seconds pretraining took."""
    path = variant.describe(study).folder / PROVENANCE_FILE
    record = json.loads(path.read_text(encoding="utf-8"))
    return float(record["seconds"])


def read_last_metrics(study: Study, variant: Variant) -> dict[str, float]:
    """Read the last metrics of pretraining; controls have none."""
    if not variant.is_trained:
        return {}
    table = read_table(variant.describe(study).folder / METRICS_FILE)
    return {str(name): float(value) for name, value in table.iloc[-1].items()}
