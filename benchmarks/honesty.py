"""Do the statistics keep what they promise? False positives, and coverage of intervals.

    python benchmarks/honesty.py [--runs 500]

Simulated tables, no signals: labels and scores of people whose truth is known. Nothing
is tuned here; the numbers stand in docs/statistics.md.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from neurograft.config.methods import parse_method
from neurograft.evaluation.cross_validation import evaluate_fold
from neurograft.evaluation.method_result import gather_method
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.results.brain_age import compare_gaps, correct_out_of_fold
from neurograft.statistics.bayes_factors import t_test_bayes_factor
from neurograft.statistics.intervals import (
    bca_interval,
    draw_bootstrap_weights,
    leave_out_weights,
)
from neurograft.statistics.method_tests import (
    corrected_t_test,
    delong_test,
    judge_equivalence,
    mcnemar_test,
)
from neurograft.statistics.metrics.classification import auroc, balanced_accuracy
from neurograft.statistics.metrics.predictions import Metric, Predictions
from neurograft.statistics.metrics.regression import r2
from neurograft.statistics.permutation import (
    permutation_p_value,
    permute_within_blocks,
    sequential_p_value,
)
from neurograft.tasks.splits import make_splits
from neurograft.types import FloatArray

SIZES = (20, 50, 100)
N_BOOTSTRAPS = 1000


class NullRun(NamedTuple):
    """Two methods cross-validated on noise.

    Attributes:
        by_fold: Differences of their areas.
        labels: Of the people.
        scores: Mean over repeats, of both.
        observed: Area of the first.
        permuted: The same under permuted labels.
    """

    by_fold: FloatArray
    labels: FloatArray
    scores: FloatArray
    observed: float
    permuted: FloatArray


def count_false_positives(test: Callable[[int], float], n_runs: int) -> float:
    """Share of runs on null data in which a test says p < .05."""
    return float(np.mean([test(seed) < 0.05 for seed in range(n_runs)]))


def cross_validate_null(
    seed: int, *, n: int = 40, n_features: int = 6, n_permutations: int = 99
) -> NullRun:
    """Two methods on pure noise: fold differences, scores, and permutations."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 2).astype(float)
    people = pd.DataFrame({"label": labels, "cluster": np.arange(n)})
    splits = make_splits(
        people, is_classification=True, n_splits=5, n_repeats=2, seed=seed
    )
    names = ("encoder", "random-encoder")
    methods = [parse_method(name) for name in names]
    features = {name: rng.standard_normal((n, n_features)) for name in names}
    folds = np.empty(n, int)
    for split in splits[:5]:
        folds[split.test] = split.fold
    permuted = permute_within_blocks(
        labels, folds, n_permutations=n_permutations, rng=rng
    )
    question = Question("classification", 2, np.arange(n), 3)
    outputs = [
        evaluate_fold(methods, features, labels, permuted, split, question)
        for split in splits
    ]
    one, other = (
        gather_method(
            labels, permuted, splits, [o.predicted[name] for o in outputs], question
        )
        for name in names
    )
    scores = np.stack([r.predictions.scores.mean(0) for r in (one, other)])
    by_fold = one.fold_scores - other.fold_scores
    return NullRun(by_fold, labels, scores, one.observed, one.permuted)


def list_null_tests() -> dict[str, Callable[[int], float]]:
    """Every test, as a function of a seed that gives a p-value on null data."""
    cache: dict[int, NullRun] = {}

    def draw(seed: int) -> NullRun:
        if seed not in cache:
            cache[seed] = cross_validate_null(seed)
        return cache[seed]

    def naive(seed: int) -> float:
        return float(stats.ttest_1samp(draw(seed).by_fold, 0).pvalue)

    def independent(seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        rng = np.random.default_rng(seed)
        labels = (np.arange(60) % 2).astype(float)
        shared = labels + rng.standard_normal(60)
        return labels, *(shared + rng.standard_normal((2, 60)))

    def gaps(number: int) -> Callable[[int], float]:
        def test(seed: int) -> float:
            rng = np.random.default_rng(seed)
            is_patient = rng.random(120) < 0.4
            age = rng.normal(np.where(is_patient, 58, 48), 12)
            predicted = 50 + 0.6 * (age - 50) + rng.normal(0, 6, 120)
            sex = rng.choice(["F", "M"], 120)
            corrected = correct_out_of_fold(
                age, predicted, ~is_patient, folds=np.arange(120) % 5
            )
            people = pd.DataFrame(
                {"age": age, "predicted": predicted, "corrected": corrected,
                 "is_patient": is_patient, "sex": sex}
            )  # fmt: skip
            p = compare_gaps(people)[number].p
            return 1.0 if np.isnan(p) else p

        return test

    def right(seed: int) -> float:
        labels, one, other = independent(seed)
        return mcnemar_test((one > 0.5) == labels, (other > 0.5) == labels)

    return {
        "permutation of the whole pipeline": lambda s: permutation_p_value(
            draw(s).observed, draw(s).permuted
        ),
        "the same, stopped early": lambda s: (
            sequential_p_value(draw(s).observed, draw(s).permuted, enough=10).p
        ),
        "corrected resampled t": lambda s: corrected_t_test(
            draw(s).by_fold, test_share=0.25, n_splits=5
        ),
        "uncorrected t over folds (not used)": naive,
        "DeLong, independent people": lambda s: delong_test(*independent(s))[1],
        "DeLong, cross-validated": lambda s: delong_test(
            draw(s).labels, *draw(s).scores
        )[1],
        "McNemar, exact": right,
        "equivalence, true difference at the margin": lambda s: (
            judge_equivalence(
                np.random.default_rng(s).normal(0.05, 0.05, 10),
                test_share=0.0,
                margin=0.05,
            ).p
        ),
        "brain age: raw gap (not used alone)": gaps(0),
        "brain age: bias-corrected gap": gaps(1),
        "brain age: adjusted for age, age2, sex": gaps(2),
        "brain age: matched pairs": gaps(3),
    }


def find_misleading_bayes(n_runs: int) -> float:
    """Share of null runs in which a Bayes factor above 3 speaks for a difference."""
    found = []
    for seed in range(n_runs):
        x = np.random.default_rng(seed).standard_normal(40)
        t = float(stats.ttest_ind(x[:20], x[20:]).statistic)
        found.append(t_test_bayes_factor(t, 20, 20) > 3)
    return float(np.mean(found))


def draw_scores(
    seed: int, n: int, kind: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Labels and the scores of two methods of independent people."""
    rng = np.random.default_rng(seed)
    if kind == "R2":
        shared = rng.standard_normal(2 * n)
        labels = shared + rng.standard_normal(2 * n)
        return labels, shared, shared + 0.8 * rng.standard_normal(2 * n)
    labels = (np.arange(2 * n) % 2).astype(float)
    shared = rng.standard_normal(2 * n)
    one = labels + 0.7 * shared + 0.7 * rng.standard_normal(2 * n)
    other = 0.6 * labels + 0.7 * shared + 0.7 * rng.standard_normal(2 * n)
    return labels, one, other


def measure(
    metric: Metric, labels: FloatArray, scores: FloatArray, weights: FloatArray
) -> FloatArray:
    """A metric of one set of scores, all tested in one fold."""
    decisions = (scores > 0.5).astype(float)
    folds = np.zeros((1, len(labels)), int)
    p = Predictions(labels, scores[None], decisions[None], folds)
    return metric(p, weights)


def measure_coverage(
    name: str, metric: Metric, n: int, n_runs: int, *, is_difference: bool
) -> float:
    """Share of BCa intervals that hold the truth of endless people."""

    def value(
        labels: FloatArray, one: FloatArray, other: FloatArray, w: FloatArray
    ) -> FloatArray:
        values = measure(metric, labels, one, w)
        return values - measure(metric, labels, other, w) if is_difference else values

    many = draw_scores(10**6, 100_000 if name != "AUROC" else 4000, name)
    if name == "AUROC":
        areas = [stats.norm.cdf(gap / np.sqrt(2 * 0.98)) for gap in (1.0, 0.6)]
        truth = areas[0] - areas[1] if is_difference else areas[0]
    else:
        truth = float(value(*many, np.ones((1, len(many[0]))))[0])
    held = 0
    for seed in range(n_runs):
        drawn = draw_scores(seed, n, name)
        strata = drawn[0].astype(int) if name != "R2" else np.zeros(2 * n, int)
        weights = draw_bootstrap_weights(
            strata, n_bootstraps=N_BOOTSTRAPS, rng=np.random.default_rng([seed, 1])
        )
        left_out = leave_out_weights(np.arange(2 * n))
        everybody = value(*drawn, np.ones((1, 2 * n)))[0]
        low, high = bca_interval(
            float(everybody),
            value(*drawn, weights),
            value(*drawn, left_out),
            strata=strata,
        )
        held += low <= truth <= high
    return held / n_runs


METRICS: dict[str, Metric] = {
    "AUROC": auroc,
    "balanced accuracy": balanced_accuracy,
    "R2": r2,
}


def list_coverages(n_runs: int) -> Iterator[tuple[str, int, float]]:
    """Coverage of every metric and size."""
    for is_difference in (False, True):
        for name, metric in METRICS.items():
            for n in SIZES:
                reached = measure_coverage(
                    name, metric, n, n_runs, is_difference=is_difference
                )
                what = f"difference of {name}" if is_difference else name
                yield what, n, reached


def main() -> None:
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=500)
    n_runs = parser.parse_args().runs
    print(f"| test on null data ({n_runs} runs) | p < .05 |\n|---|---|")
    for name, test in list_null_tests().items():
        print(f"| {name} | {count_false_positives(test, n_runs):.1%} |", flush=True)
    print(f"| Bayes factor above 3 | {find_misleading_bayes(n_runs):.1%} |")
    print(f"\n| 95 % interval ({n_runs} runs) | people per class | coverage |")
    print("|---|---|---|")
    for what, n, reached in list_coverages(n_runs):
        print(f"| {what} | {n} | {reached:.1%} |", flush=True)


if __name__ == "__main__":
    main()
