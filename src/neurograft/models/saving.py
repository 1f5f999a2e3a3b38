"""Save an encoder with its card, load it again, and find the one that is shipped."""

import hashlib
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from neurograft.errors import DataError
from neurograft.files.cards import read_sealed_card, seal_card
from neurograft.files.writing import write_bytes, write_json
from neurograft.models.encoder import Encoder, EncoderConfig, TokenKind

# Names inside an encoder's folder.
WEIGHTS_FILE = "encoder.safetensors"
CARD_FILE = "encoder.json"
# Of the same encoder before training, inside the folder of the trained one.
UNTRAINED_FOLDER = "random"
# What to do where a card is wrong.
AGAIN = "copy the encoder again from its source, or pretrain again"
# Chosen here: larger than any encoder that is trained on EEG.
MAX_SIZE, MAX_DEPTH = 16_384, 512
# Encoders that come with the package, and their folder in it.
WEIGHTS_FOLDER = "weights"
SHIPPED = ("tiny",)


def save_encoder(folder: Path, encoder: Encoder, card: dict[str, Any]) -> None:
    """Write weights and card; the card gains the architecture and the weights' hash."""
    weights = save({k: v.contiguous() for k, v in encoder.state_dict().items()})
    write_bytes(folder / WEIGHTS_FILE, weights)
    facts = {
        "architecture": asdict(encoder.config),
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    write_json(folder / CARD_FILE, seal_card(card | facts))


def read_encoder_card(folder: Path) -> dict[str, Any]:
    """Read an encoder's card, which decides what the leak guard looks for.

    Raises:
        DataError: If there is none, it is damaged, or it was edited.
    """
    path = folder / CARD_FILE
    if not path.is_file():
        raise DataError(f"There is no encoder in {folder}; pretrain one first.")
    return read_sealed_card(path, purpose="The leak guard relies on it", again=AGAIN)


def find_encoder(name: Path | str) -> Path:
    """Find the folder of an encoder: a folder, or the name of one that is shipped.

    Raises:
        DataError: If it is neither.
    """
    if Path(name).is_dir():
        return Path(name)
    if str(name) in SHIPPED:
        return find_shipped(str(name))
    raise DataError(
        f"There is no encoder {str(name)!r}; give the folder of one, or "
        f"{', '.join(SHIPPED)}, which comes with the package."
    )


def load_encoder(folder: Path | str) -> Encoder:
    """Load an encoder, in evaluation mode.

    Args:
        folder: Folder of the encoder, or the name of one that comes with the package.

    Raises:
        DataError: If it is missing, damaged, or not what its card says.

    Example:
        >>> load_encoder("tiny").config.patch_size
        128
    """
    folder = find_encoder(folder)
    card = read_encoder_card(folder)
    for name, kind in (("architecture", dict), ("sha256", str)):
        if not isinstance(card.get(name), kind):
            raise DataError(f"The card in {folder} holds no {name}; {AGAIN}.")
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise DataError(f"{folder} has a card but no {WEIGHTS_FILE}; pretrain again.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != card["sha256"]:
        raise DataError(f"{path} is not the file its card describes; pretrain again.")
    encoder = Encoder(_parse_architecture(card["architecture"], folder))
    try:
        weights = load(content)
        encoder.load_state_dict(weights)
    except (KeyError, RuntimeError, SafetensorError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} does not fit its card: names or shapes of its weights are others; "
            f"{AGAIN}."
        ) from error
    odd = [k for k, v in weights.items() if not _is_usable(v)]
    if odd:
        raise DataError(
            f"{path} holds weights that are no finite decimal numbers ({odd[0]}); "
            f"{AGAIN}."
        )
    return encoder.eval()


def _is_usable(weights: Tensor) -> bool:
    return weights.is_floating_point() and bool(torch.isfinite(weights).all())


def _parse_architecture(facts: dict[str, Any], folder: Path) -> EncoderConfig:
    """Parse the architecture of a card.

    Raises:
        DataError: If it is none.
    """
    sizes = {key: value for key, value in facts.items() if key != "tokens"}
    is_whole = all(
        isinstance(value, int)
        and not isinstance(value, bool)
        and 0 <= value <= MAX_SIZE
        for value in sizes.values()
    )
    try:
        config = EncoderConfig(**facts)
        heads, dim = config.num_heads, config.embed_dim
        fits = is_whole and config.tokens in get_args(TokenKind)
        fits = fits and min(heads, dim, config.patch_size, config.n_bins) > 0
        fits = fits and config.depth <= MAX_DEPTH and dim % heads == 0
    except TypeError:
        fits = False
    if not fits:
        raise DataError(
            f"{folder / CARD_FILE} is damaged: its architecture is none of an encoder; "
            f"{AGAIN}."
        )
    return config


def find_shipped(name: str) -> Path:
    """Return the folder of an encoder that comes with the package.

    Example:
        >>> find_shipped("tiny").name
        'tiny'
    """
    return Path(str(files("neurograft") / WEIGHTS_FOLDER / name))
