"""Fit a predictor: weights, what they come true as, and how far they hold."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neurograft.config.methods import Method
from neurograft.evaluation.methods.problem import Question
from neurograft.prediction.card import PredictorCard, Quantiles
from neurograft.prediction.facts import list_least_widths
from neurograft.prediction.learned.calibration import (
    GroupCalibration,
    NumberCalibration,
    expect_coverage,
    fit_group_calibration,
    fit_number_calibration,
)
from neurograft.prediction.learned.familiarity import fit_familiarity
from neurograft.prediction.learned.fitted_method import fit_method
from neurograft.prediction.learned.held_out import HeldOut, take_logarithms
from neurograft.prediction.predictor import Predictor, join_vectors
from neurograft.prediction.quantiles import find_quantiles, list_levels
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray


@dataclass(frozen=True)
class Material:
    """People of a task, and what models said of them that had not seen them.

    Attributes:
        features: Feature sets by name, all rows.
        labels: Of all rows.
        split: Its training rows are learned from.
        question: What is asked.
        held_out: Answers of cross-validation: probabilities or numbers.
        facts: Numbers about everybody (`describe_facts`), all rows.
    """

    features: Mapping[str, FloatArray]
    labels: Float[np.ndarray, " n"]
    split: Split
    question: Question
    held_out: HeldOut
    facts: Float[np.ndarray, "n n_facts"]


def fit_predictor(
    method: Method, material: Material, card: PredictorCard, *, seed: int = 0
) -> Predictor:
    """Fit a method to all training rows, and its limits to people left out.

    Args:
        method: Linear, without adapters.
        material: What it is fitted to.
        card: Complete but for the distributions of answers, and the coverage.
        seed: Of folds.
    """
    fitted = fit_method(
        method, material.features, material.labels, material.split, material.question
    )
    rows = material.split.train
    own = {name: material.features[name][rows] for name in method.blocks}
    familiarity = fit_familiarity(
        join_vectors(fitted, own),
        material.facts[rows],
        levels=list_levels(len(rows)),
        least=list_least_widths(has_microvolts=card.taken.has_microvolts),
        seed=seed,
    )
    held_out = material.held_out
    calibration: GroupCalibration | NumberCalibration
    if material.question.is_classification:
        held_out = take_logarithms(held_out)
        learned = np.unique(material.labels[rows], return_counts=True)[1]
        calibration = fit_group_calibration(held_out, learned / len(rows))
        answers = _describe_groups(calibration, held_out, card.classes)
    else:
        calibration = fit_number_calibration(held_out)
        answers = _describe_numbers(held_out)
    told = card.model_copy(
        update={"answers": answers, "coverage": _expect(held_out, card.classes)}
    )
    return Predictor(told, fitted, calibration, familiarity)


def _describe_groups(
    calibration: GroupCalibration, held_out: HeldOut, classes: tuple[str, ...]
) -> dict[str, Quantiles]:
    """Describe the probability of the last group, by true group."""
    labels, logs = held_out.average()
    p = calibration.calibrate(np.exp(logs))[:, -1]
    found = {
        name: find_quantiles(p[labels == label]) for label, name in enumerate(classes)
    }
    return {name: one for name, one in found.items() if one is not None}


def _describe_numbers(held_out: HeldOut) -> dict[str, Quantiles]:
    labels, means = held_out.average()
    found = {
        "predicted": find_quantiles(means[:, 0]),
        "true": find_quantiles(labels),
        "error": find_quantiles(means[:, 0] - labels),
    }
    return {name: one for name, one in found.items() if one is not None}


def _expect(held_out: HeldOut, classes: tuple[str, ...]) -> dict[str, float]:
    """Return the coverage to expect, from how many people were left out."""
    if not classes:
        return {"all": expect_coverage(held_out.n_people)}
    counts = held_out.shares * held_out.n_people
    return {
        name: expect_coverage(round(float(n)))
        for name, n in zip(classes, counts, strict=True)
    }
