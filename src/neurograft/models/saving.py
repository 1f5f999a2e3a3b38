"""Save an encoder with its card, load it again, and find the one that is shipped."""

import hashlib
import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save

from neurograft.errors import DataError
from neurograft.files.writing import write_bytes, write_json
from neurograft.models.encoder import Encoder, EncoderConfig

# Names inside an encoder's folder.
WEIGHTS_FILE = "encoder.safetensors"
CARD_FILE = "encoder.json"
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
    write_json(folder / CARD_FILE, card | facts)


def read_encoder_card(folder: Path) -> dict[str, Any]:
    """Read an encoder's card.

    Raises:
        DataError: If there is none.
    """
    path = folder / CARD_FILE
    if not path.is_file():
        raise DataError(f"There is no encoder in {folder}; pretrain one first.")
    card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return card


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
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise DataError(f"{folder} has a card but no {WEIGHTS_FILE}; pretrain again.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != card["sha256"]:
        raise DataError(f"{path} is not the file its card describes; pretrain again.")
    encoder = Encoder(EncoderConfig(**card["architecture"]))
    try:
        encoder.load_state_dict(load(content))
    except (RuntimeError, SafetensorError) as error:
        what = str(error).split("\n")[0]
        raise DataError(f"{path} does not fit its card: {what}") from error
    return encoder.eval()


def find_shipped(name: str) -> Path:
    """Return the folder of an encoder that comes with the package.

    Example:
        >>> find_shipped("tiny").name
        'tiny'
    """
    return Path(str(files("neurograft") / WEIGHTS_FOLDER / name))
