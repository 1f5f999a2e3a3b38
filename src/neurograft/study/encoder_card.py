"""The card of an encoder: what it takes, how it was made, and whom it has seen."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neurograft.config.cards import read_card
from neurograft.config.pretraining import PretrainingConfig
from neurograft.config.study import StudyConfig
from neurograft.pretraining.corpus import Corpus
from neurograft.recordings.events import is_harmless
from neurograft.study.populations import describe_population
from neurograft.tasks.seen_people import DataSet, RecordedPerson, describe_seen

# Settings that change no result; `source` stands among the inputs, with its hash.
NOT_RESULTS = {
    "name", "cohorts", "allow_transductive", "checkpoint_every", "tensorboard",
    "source",
}  # fmt: skip
# What no encoder is for, as every card says.
NOT_FOR = (
    "the diagnosis of a person: what was measured are differences between groups",
    "people or recordings unlike those it has seen, before that was measured on them",
)


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
    pretraining = settings.pretraining
    names = sorted({entry.key.task for entry in entries} - {""})
    hours = sum(entry.n_times for entry in entries) / settings.harmonise.sfreq / 3600
    return {
        "input": _describe_input(settings),
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
        "not_for": list(NOT_FOR),
        **describe_seen(seen, salt=salt),
    }


def _describe_input(settings: StudyConfig) -> dict[str, object]:
    """Describe what recordings must be made like before the encoder sees them."""
    harmonise = settings.harmonise
    return {
        "unit": "microvolts, average reference, divided by one scale per recording",
        "sfreq": harmonise.sfreq,
        "l_freq": harmonise.l_freq,
        "h_freq": harmonise.h_freq,
        "window_s": settings.pretraining.window_s,
    }


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


def _name_licences(settings: StudyConfig) -> dict[str, str]:
    """Return the licences of the cohorts that are known data sets."""
    cards = {name: settings.cohorts[name].card for name in settings.source_cohorts}
    return {name: read_card(card).licence for name, card in cards.items() if card}


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
