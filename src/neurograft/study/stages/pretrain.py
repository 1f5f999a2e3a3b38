"""The pretraining stage: stores in, an encoder and its card out."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from neurograft.config.cards import read_card
from neurograft.config.own_class import hash_source
from neurograft.config.pretraining import PretrainingConfig
from neurograft.config.study import StudyConfig
from neurograft.errors import ConfigError
from neurograft.files.stage import Stage
from neurograft.files.tables import read_table, write_table
from neurograft.files.writing import write_arrays, write_json
from neurograft.models.encoder import Encoder
from neurograft.models.saving import (
    CARD_FILE,
    SHIPPED,
    find_shipped,
    load_encoder,
    read_encoder_card,
    save_encoder,
    seal_card,
)
from neurograft.pretraining.build import build_encoder
from neurograft.pretraining.corpus import Corpus, open_corpus
from neurograft.pretraining.metrics_file import METRICS_FILE, MetricsWriter
from neurograft.pretraining.monitoring import judge
from neurograft.pretraining.pretrain import Place, pretrain
from neurograft.pretraining.reconstruction import reconstruct_example
from neurograft.recordings.events import is_harmless
from neurograft.study.opened_study import Study
from neurograft.study.populations import describe_population
from neurograft.tasks.labels import find_sealed
from neurograft.tasks.seen_people import DataSet, RecordedPerson, describe_seen
from neurograft.training.parallel import (
    count_processes,
    count_threads,
    joined_processes,
)
from neurograft.types import Progress, no_progress

logger = logging.getLogger(__name__)
RANDOM_FOLDER = "random"
CHECKPOINT_FILE = "checkpoints/last.safetensors"
EXAMPLE_FILE = "example.npz"
# What the card of an encoder of one's own tells of the people it has seen.
UNKNOWN: dict[str, Any] = {
    "cohorts": [], "licences": {}, "n_subjects": 0, "n_watched": 0, "hours": 0.0,
}  # fmt: skip
# Settings that change no result; `source` stands among the inputs, with its hash.
NOT_RESULTS = {
    "name", "cohorts", "allow_transductive", "checkpoint_every", "tensorboard",
    "source",
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
    save_encoder(stage.folder / RANDOM_FOLDER, untrained, card | {"steps": 0})
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
        save_encoder(stage.folder / RANDOM_FOLDER, untrained, card | {"steps": 0})
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
    learned = {"steps": settings.steps, "warnings": warnings}
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


def _name_licences(settings: StudyConfig) -> dict[str, str]:
    """Return the licences of the cohorts that are known data sets."""
    cards = {name: settings.cohorts[name].card for name in settings.source_cohorts}
    return {name: read_card(card).licence for name, card in cards.items() if card}


def name_objectives(settings: PretrainingConfig) -> str:
    """Write the stages of pretraining in words.

    Example:
        >>> stages = ({"latent": 1.0}, {"mae": 1.0, "lejepa": 0.1})
        >>> name_objectives(PretrainingConfig(objectives=stages))
        'latent, then mae (log-spectrum, random masks) + 0.1 lejepa'
    """

    def say(name: str, weight: float) -> str:
        details = f"{settings.target}, {settings.mask} masks"
        text = f"{name} ({details})" if name == "mae" else name
        return text if weight == 1 else f"{weight:g} {text}"

    stages = [
        " + ".join(say(name, weight) for name, weight in stage.items())
        for stage in settings.objectives
    ]
    return ", then ".join(stages)


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


def describe_encoder(
    settings: StudyConfig,
    corpus: Corpus,
    data_sets: Mapping[str, DataSet],
    *,
    salt: str = "",
) -> dict[str, object]:
    """Return the card of an encoder: input, training, and the people it has seen.

    Args:
        settings: The study file.
        corpus: What is learned from and watched.
        data_sets: What the cohorts are.
        salt: Of the card of the encoder that this one goes on from.
    """
    people = [*corpus.subjects, *corpus.left_out]
    recorded = [
        [
            corpus.stores[store].recordings[recording]
            for store, recording in p.recordings
        ]
        for p in people
    ]
    entries = [entry for own in recorded for entry in own]
    seen = [
        RecordedPerson(
            person.cohort,
            person.participant_id,
            data_sets[person.cohort],
            tuple(entry.fingerprint for entry in own if entry.fingerprint),
        )
        for person, own in zip(people, recorded, strict=True)
    ]
    harmonise, pretraining = settings.harmonise, settings.pretraining
    names = sorted({entry.key.task for entry in entries} - {""})
    hours = sum(entry.n_times for entry in entries) / harmonise.sfreq / 3600
    return {
        "input": {
            "unit": "microvolts, average reference, divided by one scale per recording",
            "sfreq": harmonise.sfreq,
            "l_freq": harmonise.l_freq,
            "h_freq": harmonise.h_freq,
            "window_s": pretraining.window_s,
        },
        "objective": name_objectives(pretraining),
        "settings": pretraining.model_dump(mode="json", exclude=NOT_RESULTS),
        "seed": settings.seed,
        "cohorts": list(settings.source_cohorts),
        "licences": _name_licences(settings),
        "n_subjects": len(people),
        "n_watched": len(corpus.left_out),
        "hours": round(hours, 3),
        "population": describe_population(
            np.array([person.facts.age for person in people]),
            names if all(map(is_harmless, names)) else [],
        ),
        **describe_seen(seen, salt=salt),
    }


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


def continue_card(card: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return the card of an encoder that was trained on; it adds the people seen.

    People on an older card, without a salt, count but cannot be recognised.
    """
    is_known = before.get("fingerprint_version") == card["fingerprint_version"]
    earlier = before if is_known else {}
    seen = {
        key: sorted({*earlier.get(key, ()), *card[key]})
        for key in ("seen_subjects", "seen_recordings", "data_sets")
    }
    unknown = before["n_subjects"] - len(earlier.get("seen_subjects", ()))
    return (
        card
        | seen
        | {
            "objective": f"{before['objective']}, then {card['objective']}",
            "cohorts": list(dict.fromkeys([*before["cohorts"], *card["cohorts"]])),
            "licences": before.get("licences", {}) | card["licences"],
            "hours": round(before["hours"] + card["hours"], 3),
            "n_subjects": len(seen["seen_subjects"]) + unknown,
        }
    )
