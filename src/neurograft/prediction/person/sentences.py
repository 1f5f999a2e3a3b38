"""The answer to a person in one plain sentence, by its code."""

from typing import Any

from neurograft.prediction.person.prediction import Prediction
from neurograft.prediction.person.told import Told

YEARS = "years"


def say_answer(prediction: Prediction) -> Told:
    """Say the answer to a person, or why there is none.

    Returns:
        A code with its values; `say` writes it in a language.
    """
    if prediction.is_refused:
        reasons = [{**one.values, "code": one.code} for one in prediction.refusals]
        return Told("NG730", {"reasons": reasons})
    if prediction.interval is not None:
        return _say_number(prediction)
    return _say_groups(prediction)


def _say_number(prediction: Prediction) -> Told:
    card = prediction.card
    assert prediction.interval is not None
    low, high = prediction.interval
    values: dict[str, Any] = {
        "what": card.target or card.column,
        "value": prediction.value,
        "unit": f" {YEARS}" if card.target == "age" else "",
        "coverage": card.coverage["all"],
        "n": card.people.n,
    }
    if high == float("inf"):
        return Told("NG736", values)
    return Told("NG735", values | {"low": low, "high": high})


def _say_groups(prediction: Prediction) -> Told:
    kept = prediction.set or ()
    values: dict[str, Any] = {
        "groups": list(kept),
        "basis": _say_basis(prediction),
        "p": [
            {"code": "NG796", "group": name, "share": share}
            for name, share in prediction.probabilities.items()
        ],
        "n": prediction.card.people.n,
    }
    if len(kept) == 1:
        coverage = prediction.card.coverage[kept[0]]
        return Told("NG731", values | {"coverage": coverage})
    if not kept:
        return Told("NG733", values)
    return Told("NG732", values)


def _say_basis(prediction: Prediction) -> str | dict[str, Any]:
    """Say that a prevalence changes probabilities, and not the set of groups."""
    if prediction.prevalence is None:
        return ""
    return {"code": "NG797", "prevalence": prediction.prevalence}
