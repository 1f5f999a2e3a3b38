"""Encoders that come with the package: usable at once, without a network."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import torch

from neurograft.config import StudyConfig
from neurograft.errors import ConfigError
from neurograft.models.encoder import Encoder
from neurograft.models.files import load_encoder, read_card

WEIGHTS_FOLDER = "weights"


def find_shipped(name: str) -> Path:
    """Folder of an encoder that comes with the package.

    Example:
        >>> find_shipped("tiny").name
        'tiny'
    """
    return Path(str(files("neurograft") / WEIGHTS_FOLDER / name))


def load_shipped(study: StudyConfig) -> tuple[Encoder, Encoder, dict[str, Any]]:
    """Load the encoder a study asks for, its untrained twin, and its card.

    Raises:
        ConfigError: If the study harmonises otherwise than the encoder was taught.
    """
    folder = find_shipped(study.pretraining.shipped)
    card = read_card(folder)
    own = study.harmonise.model_dump() | {"window_s": study.pretraining.window_s}
    for key in ("sfreq", "l_freq", "h_freq", "window_s"):
        if own[key] != card["input"][key]:
            raise ConfigError(
                f"The shipped encoder {study.pretraining.shipped!r} was taught with "
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
