"""Seal cards with the digest of their content, so that an edit is noticed."""

import json
from pathlib import Path
from typing import Any

from neurograft.errors import DataError
from neurograft.files.writing import digest

# Key of a card that holds the digest of all others.
SEAL = "card_sha256"
# Chosen here: larger than any card of a hundred thousand recordings.
MAX_BYTES = 512 * 2**20


def seal_card(card: dict[str, Any]) -> dict[str, Any]:
    """Return a card with the digest of its content.

    Example:
        >>> sorted(seal_card({"seed": 3}))
        ['card_sha256', 'seed']
    """
    content = {key: value for key, value in card.items() if key != SEAL}
    return content | {SEAL: digest(content)}


def read_sealed_card(path: Path, *, purpose: str, again: str) -> dict[str, Any]:
    """Read a sealed card.

    Args:
        path: Of its file.
        purpose: What relies on the card, as a sentence.
        again: What to do where the card is damaged or was edited.

    Raises:
        DataError: If it is damaged, or not as it was written.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError
        card = json.loads(path.read_text(encoding="utf-8"))
        is_sealed = isinstance(card, dict) and seal_card(card) == card
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged: it is no card; {again}.") from error
    if not is_sealed:
        raise DataError(
            f"{path} is not as it was written: its digest is missing or another. "
            f"{purpose}; {again}."
        )
    return dict(card)
