"""The pretraining stage: stores in, an encoder and its card out."""

import logging
from pathlib import Path
from typing import Any

import torch

from neurograft.config.study_file.own_class import hash_source
from neurograft.errors import ConfigError
from neurograft.files.cards import seal_card
from neurograft.files.stage import Stage
from neurograft.files.tables import read_table, write_table
from neurograft.files.writing import write_arrays, write_json
from neurograft.models.encoder import Encoder
from neurograft.models.saving import (
    CARD_FILE,
    SHIPPED,
    UNTRAINED_FOLDER,
    find_shipped,
    load_encoder,
    read_encoder_card,
    save_encoder,
)
from neurograft.pretraining.build import build_encoder
from neurograft.pretraining.corpus import Corpus, open_corpus
from neurograft.pretraining.metrics_file import METRICS_FILE, MetricsWriter
from neurograft.pretraining.monitoring import judge
from neurograft.pretraining.pretrain import Place, pretrain
from neurograft.pretraining.reconstruction import reconstruct_example
from neurograft.study.encoder_card import (
    NOT_RESULTS,
    continue_card,
    describe_encoder,
)
from neurograft.study.opened_study import Study
from neurograft.tasks.labels import find_sealed
from neurograft.training.parallel import (
    count_processes,
    count_threads,
    joined_processes,
)
from neurograft.types import Progress, no_progress

logger = logging.getLogger(__name__)
CHECKPOINT_FILE = "checkpoints/last.safetensors"
EXAMPLE_FILE = "example.npz"
# What the card of an encoder of one's own tells of the people it has seen.
UNKNOWN: dict[str, Any] = {
    "cohorts": [], "licences": {}, "n_subjects": 0, "n_watched": 0, "hours": 0.0,
}  # fmt: skip


def describe_pretraining(study: Study) -> Stage:
    """Describe the stage: its settings, fingerprints of the cohorts it learns from."""
    settings = study.settings
    inputs = {name: study.mark("cohorts", name) for name in settings.source_cohorts}
    described = {
        "pretraining": settings.pretraining.model_dump(
            mode="json", exclude=NOT_RESULTS
        ),
        "harmonise": settings.harmonise.model_dump(mode="json"),
        "seed": settings.seed,
    }
    if settings.pretraining.continue_from:
        inputs["start"] = str(read_encoder_card(find_start(study))["sha256"])
    if settings.pretraining.without_sealed:
        described["holdout"] = settings.evaluation.model_dump(mode="json")["holdout"]
    own = [name for stage in settings.pretraining.objectives for name in stage]
    inputs |= {
        path: hash_source(path)
        for path in (*own, settings.pretraining.source)
        if ":" in path
    }
    return Stage(study.encoder_folder, described, inputs)


def run_pretrain(study: Study, *, progress: Progress = no_progress) -> None:
    """Pretrain the study's encoder, and save its untrained twin beside it.

    Under `torchrun`, every process takes its share of each batch and the first writes.

    Raises:
        DataError: If a cohort is not harmonised, or nobody has a whole window.
    """
    if study.settings.pretraining.shipped:
        _take_shipped(study)
        return
    if study.settings.pretraining.source:
        _take_source(study)
        return
    with joined_processes() as device:
        is_writer = count_processes()[0] == 0
        _run(study, device, progress if is_writer else no_progress, is_writer=is_writer)


def foresee_card(study: Study) -> dict[str, Any]:
    """Return the card that the study's encoder will have, before it is trained."""
    settings = study.settings.pretraining
    if settings.source:
        return UNKNOWN
    if settings.shipped:
        return read_encoder_card(find_shipped(settings.shipped))
    return make_card(study, open_study_corpus(study))


def _take_shipped(study: Study) -> None:
    """Copy the encoder that comes with the package, and an untrained twin of it."""
    folder = find_shipped(study.settings.pretraining.shipped)
    encoder, untrained, card = load_start(study, folder)
    stage = describe_pretraining(study)
    stage.begin()
    save_encoder(stage.folder / UNTRAINED_FOLDER, untrained, card | {"steps": 0})
    save_encoder(stage.folder, encoder, card)
    history = read_table(folder / METRICS_FILE)
    write_table(stage.folder / METRICS_FILE, history)
    stage.finish()


def _take_source(study: Study) -> None:
    """Write the card of an encoder of the user's own; it is not known whom it saw."""
    settings = study.settings
    stage = describe_pretraining(study)
    stage.begin()
    card = {
        "objective": f"an encoder of your own ({settings.pretraining.source})",
        "settings": {"size": "its own"},
        "steps": 0,
        **UNKNOWN,
        "warnings": ["Nobody can check whom this encoder has seen in its pretraining."],
    }
    write_json(stage.folder / CARD_FILE, seal_card(card))
    stage.finish()


def _run(
    study: Study, device: torch.device, progress: Progress, *, is_writer: bool
) -> None:
    stage = describe_pretraining(study)
    settings, seed = study.settings.pretraining, study.settings.seed
    report = MetricsWriter(stage.folder, has_events=settings.tensorboard)
    corpus = open_study_corpus(study)
    card = make_card(study, corpus)
    if settings.continue_from:
        encoder, untrained, _ = load_start(study, find_start(study))
    else:
        encoder = untrained = build_encoder(
            corpus, settings, h_freq=study.settings.harmonise.h_freq, seed=seed
        )
    if is_writer:
        stage.begin()
        save_encoder(stage.folder / UNTRAINED_FOLDER, untrained, card | {"steps": 0})
    mixture, history = pretrain(
        encoder,
        corpus,
        settings,
        seed=seed,
        l_freq=study.settings.harmonise.l_freq,
        place=Place(stage.folder / CHECKPOINT_FILE, stage.fingerprint, report),
        device=device,
        progress=progress,
    )
    if not is_writer:
        return
    warnings = judge(history)
    for warning in warnings:
        logger.warning(warning)
    learned = {
        "steps": settings.steps,
        "n_windows": settings.steps * settings.batch_size,
        "warnings": warnings,
    }
    save_encoder(stage.folder, encoder.cpu(), card | learned)
    example = reconstruct_example(mixture, corpus, seed=seed)
    if example:
        write_arrays(stage.folder / EXAMPLE_FILE, example)
    stage.finish(threads=count_threads(), device=device.type)


def open_study_corpus(study: Study) -> Corpus:
    """Open the stores of the source cohorts and set the watched people aside."""
    settings = study.settings.pretraining
    return open_corpus(
        [study.store(name) for name in study.settings.source_cohorts],
        n_times=study.n_times,
        validation_share=settings.validation_share,
        temperature=settings.temperature,
        n_people=settings.n_people,
        seed=study.settings.seed,
        without=list_sealed(study) if settings.without_sealed else (),
    )


def list_sealed(study: Study) -> set[tuple[str, str]]:
    """List cohort and label of the people that `evaluation.holdout` seals.

    Raises:
        ConfigError: If the table of a cohort that is tested lacks a column of it.
    """
    settings = study.settings
    tested = [c for c in settings.source_cohorts if c in settings.target_cohorts]
    return {
        (cohort, str(who))
        for cohort in tested
        for cells in [study.cohort(cohort).written]
        for who in cells["participant_id"][
            find_sealed(cells, settings.evaluation.holdout, cohort)
        ]
    }


def make_card(study: Study, corpus: Corpus) -> dict[str, Any]:
    """Return the card that the study's encoder will have, also before it is trained."""
    data_sets = {
        name: study.name_data_set(name) for name in study.settings.source_cohorts
    }
    if not study.settings.pretraining.continue_from:
        return describe_encoder(study.settings, corpus, data_sets)
    before = read_encoder_card(find_start(study))
    salt = str(before.get("salt", ""))
    card = describe_encoder(study.settings, corpus, data_sets, salt=salt)
    return continue_card(card, before)


def find_start(study: Study) -> Path:
    """Find the folder of the encoder that pretraining goes on from.

    Another pretraining of the study comes before an encoder of the package.

    Raises:
        ConfigError: If there is none of that name, or it is one of the user's own.
    """
    name = study.settings.pretraining.continue_from
    folder = study.folder("pretraining", name)
    if name != study.settings.pretraining.name and (folder / CARD_FILE).is_file():
        if "input" not in read_encoder_card(folder):
            raise ConfigError(
                f"pretraining.continue_from={name!r}: that encoder came from "
                "pretraining.source, and only encoders of neurograft can be trained "
                "on; name another one."
            )
        return folder
    if name in SHIPPED:
        return find_shipped(name)
    raise ConfigError(
        f"pretraining.continue_from={name!r}: there is no encoder in {folder}, and "
        f"neurograft comes with {', '.join(SHIPPED)}. Pretrain that one first, under a "
        "name other than that of the encoder which goes on from it."
    )


def load_start(study: Study, folder: Path) -> tuple[Encoder, Encoder, dict[str, Any]]:
    """Load an encoder, its untrained twin, and its card.

    Raises:
        ConfigError: If the study harmonises otherwise than the encoder was taught.
    """
    card = read_encoder_card(folder)
    settings = study.settings
    own = settings.harmonise.model_dump() | {"window_s": settings.pretraining.window_s}
    for key in ("sfreq", "l_freq", "h_freq", "window_s"):
        if own[key] != card["input"][key]:
            raise ConfigError(
                f"The encoder {folder.name!r} was taught with "
                f"{key}={card['input'][key]:g}, the study says {own[key]:g}; take that "
                "value, or pretrain an encoder of your own."
            )
    encoder = load_encoder(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        untrained = Encoder(encoder.config)
    untrained.set_spectrum_statistics(encoder.spectrum_mean, encoder.spectrum_sd)
    facts = ("architecture", "sha256", "card_sha256")
    return encoder, untrained.eval(), {k: v for k, v in card.items() if k not in facts}
