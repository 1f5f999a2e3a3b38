"""Write a predictor into a folder that stands alone, and read it again.

`predictor.json` is the card, `weights.safetensors` holds the numbers, `encoder/` the
encoder with its card. The card is written last and seals the digests of all others, so
that an edit, or an encoder of another bundle, is noticed. There is no pickle: a bundle
from elsewhere runs no code.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from neurograft.errors import DataError
from neurograft.files.cards import seal_card
from neurograft.files.writing import write_bytes, write_json
from neurograft.models import saving as encoders
from neurograft.prediction.card import PredictorCard
from neurograft.prediction.card_file import AGAIN, CARD_FILE, read_predictor_card
from neurograft.prediction.learned.calibration import (
    GroupCalibration,
    NumberCalibration,
)
from neurograft.prediction.learned.familiarity import Familiarity, Space
from neurograft.prediction.learned.fitted_method import FittedMethod, Part
from neurograft.prediction.learned.vectors import Vectoriser
from neurograft.prediction.norms.age_curve import AgeCurve
from neurograft.prediction.norms.norms import Norms
from neurograft.prediction.predictor import Predictor
from neurograft.types import Arrays

WEIGHTS_FILE = "weights.safetensors"
ENCODER_FOLDER = "encoder"


def write_predictor(folder: Path, predictor: Predictor, encoder: Path) -> None:
    """Write a predictor, with a copy of the encoders that its features need.

    Args:
        folder: To write to.
        predictor: What to write.
        encoder: Folder of the encoder, with that of its untrained twin.
    """
    arrays = dict(_list_arrays(predictor))
    content = save({name: np.array(a, order="C") for name, a in arrays.items()})
    write_bytes(folder / WEIGHTS_FILE, content)
    for name in _list_encoder_files(predictor.embedded):
        write_bytes(folder / ENCODER_FOLDER / name, (encoder / name).read_bytes())
    parts = [
        {"name": part.name, "kind": part.vectoriser.kind}
        for part in predictor.fitted.parts
    ]
    described = {
        "card": predictor.card.model_dump(mode="json"),
        "parts": parts,
        "sha256": _hash_files(folder, predictor.embedded),
    }
    write_json(folder / CARD_FILE, seal_card(described))


def read_predictor(folder: Path) -> Predictor:
    """Read a predictor.

    Raises:
        DataError: If it is missing, damaged, edited, or of another version.
    """
    card, content = read_predictor_card(folder)
    arrays = _read_arrays(folder / WEIGHTS_FILE)
    try:
        predictor = _parse(card, list(content["parts"]), arrays, folder)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DataError(
            f"{folder / WEIGHTS_FILE} does not fit its card; {AGAIN}."
        ) from error
    _check_files(folder, predictor.embedded, content.get("sha256"))
    return predictor


def _list_encoder_files(embedded: Sequence[str]) -> list[Path]:
    """List the files of encoders that features need, inside the encoder's folder."""
    names = [Path(encoders.CARD_FILE), Path(encoders.WEIGHTS_FILE)]
    twin = [encoders.UNTRAINED_FOLDER / name for name in names]
    has_twin = "random-encoder" in embedded
    return (names if embedded else []) + (twin if has_twin else [])


def _hash_files(folder: Path, embedded: Sequence[str]) -> dict[str, str]:
    """Return the digest of every file beside the card, by its name in the folder."""
    names = [ENCODER_FOLDER / name for name in _list_encoder_files(embedded)]
    return {
        name.as_posix(): hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in [Path(WEIGHTS_FILE), *names]
    }


def _check_files(folder: Path, embedded: Sequence[str], told: object) -> None:
    """Check that all files are those that the card was written for.

    Raises:
        DataError: If one is missing or another.
    """
    try:
        found = _hash_files(folder, embedded)
    except OSError as error:
        raise DataError(f"{error.filename} cannot be read; {AGAIN}.") from error
    known = told if isinstance(told, dict) else {}
    for name, sha256 in found.items():
        if known.get(name) != sha256:
            raise DataError(
                f"{folder / name} is not the file that {CARD_FILE} was written for; "
                f"{AGAIN}."
            )


def _read_arrays(path: Path) -> Arrays:
    """Read the numbers.

    Raises:
        DataError: If they are missing, damaged, or not finite where they must be.
    """
    if not path.is_file():
        raise DataError(f"{path.parent} has a card but no {path.name}; {AGAIN}.")
    try:
        arrays = load(path.read_bytes())
    except (SafetensorError, ValueError) as error:
        raise DataError(f"{path} is damaged; {AGAIN}.") from error
    for name, values in arrays.items():
        may_be_infinite = name.startswith(("calibration/", "familiarity/limit")) or (
            name == "space/spread"
        )
        is_sound = ~np.isnan(values) if may_be_infinite else np.isfinite(values)
        if not is_sound.all():
            raise DataError(f"{path} holds numbers that are not finite; {AGAIN}.")
    return dict(arrays)


def _list_arrays(predictor: Predictor) -> Mapping[str, Any]:
    found: dict[str, Any] = {"intercept": predictor.fitted.intercept}
    for number, part in enumerate(predictor.fitted.parts):
        found[f"part{number}/weights"] = part.weights
        found[f"part{number}/mean"] = part.mean
        for name, values in part.vectoriser.arrays.items():
            found[f"part{number}/vectors/{name}"] = values
    for title, thing in (
        ("calibration", predictor.calibration),
        ("familiarity", predictor.familiarity),
        ("space", predictor.familiarity.space),
    ):
        for one in fields(thing):
            if one.name != "space":
                values = np.asarray(getattr(thing, one.name))
                found[f"{title}/{one.name}"] = values
    if predictor.norms is not None:
        found["norms/frequencies_hz"] = predictor.norms.frequencies_hz
        for one in fields(predictor.norms.curve):
            values = np.asarray(getattr(predictor.norms.curve, one.name))
            found[f"norms/{one.name}"] = values
    # Half the bytes; a distance needs no more digits.
    found["space/components"] = found["space/components"].astype(np.float32)
    return found


def _parse(
    card: PredictorCard, parts: list[dict[str, str]], arrays: Arrays, folder: Path
) -> Predictor:
    read = [_parse_part(number, part, arrays) for number, part in enumerate(parts)]
    space = _select(arrays, "space")
    space["components"] = space["components"].astype(float)
    familiarity = _select(arrays, "familiarity")
    encoder = folder / ENCODER_FOLDER
    predictor = Predictor(
        card,
        FittedMethod(card.kind, tuple(read), arrays["intercept"]),
        _parse_calibration(card, _select(arrays, "calibration")),
        Familiarity(
            Space(**space),
            float(familiarity["rest_centre"]),
            float(familiarity["rest_width"]),
            float(familiarity["limit"]),
            familiarity["quantiles"],
        ),
        encoder,
        _parse_norms(_select(arrays, "norms")),
    )
    if predictor.embedded:
        return predictor
    return replace(predictor, encoder_folder=None)


def _parse_part(number: int, part: Mapping[str, str], arrays: Arrays) -> Part:
    start = f"part{number}/"
    vectors = _select(arrays, f"{start}vectors")
    vectoriser = Vectoriser(part["kind"], vectors)
    weights, mean = arrays[f"{start}weights"], arrays[f"{start}mean"]
    if weights.shape[1:] != mean.shape:
        raise ValueError
    return Part(part["name"], vectoriser, weights, mean)


def _parse_calibration(
    card: PredictorCard, own: Arrays
) -> GroupCalibration | NumberCalibration:
    if card.kind == "regression":
        return NumberCalibration(**{key: float(value) for key, value in own.items()})
    slope = float(own.pop("slope"))
    return GroupCalibration(slope, **own)


def _parse_norms(own: Arrays) -> Norms | None:
    if not own:
        return None
    frequencies = own.pop("frequencies_hz")
    n = int(own.pop("n"))
    return Norms(frequencies, AgeCurve(n=n, **own))


def _select(arrays: Arrays, title: str) -> Arrays:
    start = f"{title}/"
    return {
        name.removeprefix(start): values
        for name, values in arrays.items()
        if name.startswith(start)
    }
