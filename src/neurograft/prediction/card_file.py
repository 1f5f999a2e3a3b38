"""Read the card of a predictor alone, which needs none of its numbers."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from neurograft.errors import DataError
from neurograft.files.cards import read_sealed_card
from neurograft.prediction.card import BUNDLE_VERSION, PredictorCard

CARD_FILE = "predictor.json"
# Below the results of a study; in it a folder of each task, with one of each method.
MODELS_FOLDER = "models"
AGAIN = "copy the bundle again from its source, or run `neurograft fit` again"


def read_predictor_card(folder: Path) -> tuple[PredictorCard, dict[str, Any]]:
    """Read the card of a predictor, and all that its file holds.

    Raises:
        DataError: If it is missing, damaged, edited, or of another version.
    """
    path = folder / CARD_FILE
    if not path.is_file():
        raise DataError(
            f"There is no predictor in {folder}: no {CARD_FILE}; give the folder that "
            "`neurograft fit` wrote."
        )
    content = read_sealed_card(
        path, purpose="What a predictor must refuse stands there", again=AGAIN
    )
    told = content.get("card")
    found = told.get("version") if isinstance(told, dict) else None
    if found != BUNDLE_VERSION:
        raise DataError(
            f"{path} is of version {found}, this is version {BUNDLE_VERSION}; run "
            "`neurograft fit` again."
        )
    try:
        return PredictorCard.model_validate(told), content
    except ValidationError as error:
        raise DataError(f"{path} is damaged: it is no card; {AGAIN}.") from error
