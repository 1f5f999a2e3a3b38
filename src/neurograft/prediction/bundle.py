"""Write a predictor into a folder that stands alone, and read it again.

`predictor.json` is the card, `weights.safetensors` holds the numbers, `encoder/` the
encoder with its card. There is no pickle: a bundle from elsewhere runs no code.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from neurograft.errors import DataError
from neurograft.files.writing import write_bytes, write_json
from neurograft.models.saving import SEAL, read_encoder_card, seal_card
from neurograft.prediction.card import BUNDLE_VERSION, PredictorCard
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

CARD_FILE = "predictor.json"
WEIGHTS_FILE = "weights.safetensors"
ENCODER_FOLDER = "encoder"
AGAIN = "copy the bundle again from its source, or run `neurograft fit` again"
# Chosen here: larger than any card of thousands of recordings.
MAX_CARD_BYTES = 512 * 2**20


def write_predictor(folder: Path, predictor: Predictor) -> None:
    """Write card and numbers; the encoder is copied by whoever knows where it lies."""
    arrays = dict(_list_arrays(predictor))
    content = save({name: np.array(a, order="C") for name, a in arrays.items()})
    write_bytes(folder / WEIGHTS_FILE, content)
    parts = [
        {"name": part.name, "kind": part.vectoriser.kind}
        for part in predictor.fitted.parts
    ]
    card = predictor.card.model_dump(mode="json")
    write_json(folder / CARD_FILE, seal_card({"card": card, "parts": parts}))


def read_predictor(folder: Path) -> Predictor:
    """Read a predictor.

    Raises:
        DataError: If it is missing, damaged, edited, or of another version.
    """
    path = folder / CARD_FILE
    if not path.is_file():
        raise DataError(
            f"There is no predictor in {folder}: no {CARD_FILE}; give the folder that "
            "`neurograft fit` wrote."
        )
    card, parts = _read_card(path)
    arrays = _read_arrays(folder / WEIGHTS_FILE)
    try:
        predictor = _parse(card, parts, arrays, folder)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DataError(
            f"{folder / WEIGHTS_FILE} does not fit its card; {AGAIN}."
        ) from error
    if predictor.encoder_folder is not None:
        read_encoder_card(predictor.encoder_folder)
    return predictor


def _read_card(path: Path) -> tuple[PredictorCard, list[dict[str, str]]]:
    """Read and check the card.

    Raises:
        DataError: If it is damaged, edited, or of another version.
    """
    try:
        if path.stat().st_size > MAX_CARD_BYTES:
            raise ValueError
        content = json.loads(path.read_text(encoding="utf-8"))
        is_sealed = isinstance(content, dict) and seal_card(content) == content
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged: it is no card; {AGAIN}.") from error
    if not is_sealed:
        raise DataError(
            f"{path} is not as it was written: its digest ({SEAL}) is missing or "
            f"another. What a predictor must refuse stands there; {AGAIN}."
        )
    told = content.get("card")
    found = told.get("version") if isinstance(told, dict) else None
    if found != BUNDLE_VERSION:
        raise DataError(
            f"{path} is of version {found}, this is version {BUNDLE_VERSION}; run "
            "`neurograft fit` again."
        )
    try:
        return PredictorCard.model_validate(told), list(content["parts"])
    except (ValidationError, KeyError, TypeError) as error:
        raise DataError(f"{path} is damaged: it is no card; {AGAIN}.") from error


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
