"""Encoders to start from: those of the package, and earlier pretrainings."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import torch

from neurograft.config import StudyConfig
from neurograft.errors import ConfigError
from neurograft.models.encoder import Encoder
from neurograft.models.files import CARD_FILE, load_encoder, read_card

WEIGHTS_FOLDER = "weights"
SHIPPED = ("tiny",)


def find_shipped(name: str) -> Path:
    """Folder of an encoder that comes with the package.

    Example:
        >>> find_shipped("tiny").name
        'tiny'
    """
    return Path(str(files("neurograft") / WEIGHTS_FOLDER / name))


def find_start(study: StudyConfig) -> Path:
    """Folder of the encoder that pretraining goes on from.

    Another pretraining of the study comes before an encoder of the package.

    Raises:
        ConfigError: If there is none of that name.
    """
    name = study.pretraining.continue_from
    folder = study.output_folder / "pretraining" / name
    if name != study.pretraining.name and (folder / CARD_FILE).is_file():
        return folder
    if name in SHIPPED:
        return find_shipped(name)
    raise ConfigError(
        f"pretraining.continue_from={name!r}: there is no encoder in {folder}, and "
        f"neurograft comes with {', '.join(SHIPPED)}. Pretrain that one first, under a "
        "name other than that of the encoder which goes on from it."
    )


def load_start(
    study: StudyConfig, folder: Path
) -> tuple[Encoder, Encoder, dict[str, Any]]:
    """Load an encoder, its untrained twin, and its card.

    Raises:
        ConfigError: If the study harmonises otherwise than the encoder was taught.
    """
    card = read_card(folder)
    own = study.harmonise.model_dump() | {"window_s": study.pretraining.window_s}
    for key in ("sfreq", "l_freq", "h_freq", "window_s"):
        if own[key] != card["input"][key]:
            raise ConfigError(
                f"The encoder {folder.name!r} was taught with "
                f"{key}={card['input'][key]:g}, the study says {own[key]:g}; take that "
                "value, or pretrain an encoder of your own."
            )
    encoder = load_encoder(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(study.seed)
        untrained = Encoder(encoder.config)
    untrained.set_spectrum_statistics(encoder.spectrum_mean, encoder.spectrum_sd)
    facts = ("architecture", "sha256")
    return encoder, untrained.eval(), {k: v for k, v in card.items() if k not in facts}


def continue_card(card: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Card of an encoder that went on: it has seen whom both have seen."""
    seen = {
        key: sorted({*before[key], *card[key]})
        for key in ("seen_subjects", "seen_signals")
    }
    return (
        card
        | seen
        | {
            "objective": f"{before['objective']}, then {card['objective']}",
            "cohorts": list(dict.fromkeys([*before["cohorts"], *card["cohorts"]])),
            "licences": before.get("licences", {}) | card["licences"],
            "hours": round(before["hours"] + card["hours"], 3),
            "n_subjects": len(seen["seen_subjects"]),
        }
    )
