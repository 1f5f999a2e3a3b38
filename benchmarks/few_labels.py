"""Do intervals of a gain with few labels hold what other cohorts would have given?

    python benchmarks/few_labels.py [--cohorts 100]

Two encoders see simulated people through different mixtures of twenty hidden traits. In
every cohort of 36 + 36 people few are labelled, 40 times in every fold, as a study does
it. The truth is the mean gain over all cohorts. One interval resamples the people who
are tested; the other, which the program gives, those who are learned from as well.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse

import numpy as np
import pandas as pd

from neurograft.config.methods import parse_method
from neurograft.evaluation.cross_validation import list_learned
from neurograft.evaluation.methods.fold import predict_fold
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.results.estimates import Estimate, Resampling
from neurograft.evaluation.results.scores import estimate
from neurograft.statistics.intervals import bca_interval, draw_bootstrap_weights
from neurograft.statistics.metrics.classification import auroc
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.splits import draw_few, make_splits
from neurograft.types import FloatArray

N_EACH, N_TRAITS, N_FEATURES = 36, 20, 80
LABELS = np.repeat([0.0, 1.0], N_EACH)
NAMES = ("encoder", "random-encoder")
METHODS = tuple(parse_method(name) for name in NAMES)
N_DRAWS, N_BOOTSTRAPS = 40, 1000
# The size of the disease in standard deviations, and labelled people of each group.
SETTINGS = ((0.0, 5), (0.0, 10), (2.0, 5), (2.0, 10))


def draw_features(rng: np.random.Generator, disease: float) -> dict[str, FloatArray]:
    """Draw a cohort: what each encoder makes of the traits of its people."""
    fixed = np.random.default_rng(7)
    traits = rng.normal(size=(len(LABELS), N_TRAITS)) * 3 / np.arange(1, 21) ** 0.7
    traits[:, :3] += disease * LABELS[:, None] / np.sqrt(3)
    mixtures = [fixed.normal(size=(N_TRAITS, N_FEATURES)) for _ in NAMES]
    mixtures[1][:3] *= 0.5  # the second encoder sees less of the disease
    noise = rng.normal(size=(len(NAMES), len(LABELS), N_FEATURES))
    pairs = zip(NAMES, mixtures, noise, strict=True)
    return {name: traits @ mixture + 2 * own for name, mixture, own in pairs}


def find_gain(rng: np.random.Generator, disease: float, each: int) -> Estimate:
    """Return the gain of the first encoder in one cohort."""
    features = draw_features(rng, disease)
    people = pd.DataFrame({"label": LABELS, "cluster": np.arange(len(LABELS))})
    seed = int(rng.integers(2**31))
    folds = make_splits(
        people, is_classification=True, n_splits=5, n_repeats=10, seed=seed
    )
    few = draw_few(
        folds,
        people,
        n_per_class=each,
        n_draws=N_DRAWS,
        is_classification=True,
        seed=seed,
    )
    question = Question("classification", 2, np.arange(len(LABELS)), 5)
    scores = {name: np.zeros((N_DRAWS, len(LABELS))) for name in NAMES}
    tested = np.full((N_DRAWS, len(LABELS)), -1)
    for split in few:
        found = predict_fold(METHODS, features, LABELS[None], split, question)
        for name, own in found.predicted.items():
            scores[name][split.repeat, split.test] = own[0, :, 0]
        tested[split.repeat, split.test] = split.fold
    strata = LABELS.astype(int)
    weights = draw_bootstrap_weights(strata, n_bootstraps=N_BOOTSTRAPS, rng=rng)
    rows = np.arange(len(LABELS))
    resampling = Resampling(weights, 1 - np.eye(len(LABELS)), strata, rows)
    learned = list_learned(few, len(LABELS))
    one, other = (
        estimate(Predictions(LABELS, s, s, tested), auroc, resampling, learned)
        for s in scores.values()
    )
    return one.subtract(other)


def main() -> None:
    """Print how often each interval holds the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohorts", type=int, default=100)
    n_cohorts = parser.parse_args().cohorts
    print(
        "| disease | labels | mean gain | SD of cohorts | holds, tested only | holds |"
    )
    print("|---|---|---|---|---|---|")
    for disease, each in SETTINGS:
        rng = np.random.default_rng([1, round(10 * disease), each])
        gains = [find_gain(rng, disease, each) for _ in range(n_cohorts)]
        values = np.array([gain.value for gain in gains])
        truth = float(values.mean())
        strata = gains[0].resampling.strata
        narrow = [
            bca_interval(g.value, g.resampled, g.left_out, strata=strata) for g in gains
        ]
        held = [
            np.mean([low <= truth <= high for low, high in intervals])
            for intervals in (narrow, [gain.limit() for gain in gains])
        ]
        print(
            f"| {disease:g} | {each} | {truth:+.3f} | {values.std(ddof=1):.3f} "
            f"| {held[0]:.2f} | {held[1]:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
