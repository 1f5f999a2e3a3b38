"""With few labels, sentences follow from intervals, and stand first in small groups."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.evaluation.results.few_labels import count_smallest, judge_few_labels
from neurograft.evaluation.results.verdicts import draw_verdicts

N = 60
LABELS = np.tile([0.0, 1.0], N // 2)
COLUMNS = ["labels_per_class", "method", "value", "ci_low", "ci_high"]


@pytest.fixture
def make_small(evaluate_by_hand):
    """A task of a number of people, half of them cases."""

    def make(n=N, **columns):
        labels = np.tile([0.0, 1.0], n // 2)
        return evaluate_by_hand(
            "classification", labels, {"encoder": labels}, **columns
        )

    return make


def make_curves(*gains, metric="AUROC", method="pretraining gain"):
    rows = [(n, method, *gain) for n, gain in zip((5, 10, 20), gains, strict=False)]
    return pd.DataFrame(rows, columns=COLUMNS).assign(metric=metric)


def say(evaluated, curves):
    return [row["sentence"] for row in judge_few_labels(evaluated, curves)]


GAIN, NOTHING, LOSS = (0.05, 0.01, 0.09), (0.01, -0.03, 0.05), (-0.06, -0.1, -0.02)


def test_sentences_follow_from_intervals_at_the_two_smallest_numbers(make_small):
    curves = make_curves(GAIN, NOTHING, LOSS).iloc[::-1]
    assert say(make_small(), curves) == [
        "With 5 labelled people of each group, pretraining gained 0.050 [0.010, 0.090] "
        "in AUROC over the same encoder untrained (n = 60).",
        "With 10 labelled people of each group, no gain or loss by pretraining could "
        "be shown: +0.010 [-0.030, +0.050] in AUROC over the same encoder untrained "
        "(n = 60).",
    ]
    rows = judge_few_labels(make_small(), make_curves(GAIN, LOSS))
    assert [row["answer"] for row in rows] == ["helped", "harmed"]
    assert rows[1]["sentence"] == (
        "With 10 labelled people of each group, pretraining lost 0.060 [0.020, 0.100] "
        "in AUROC against the same encoder untrained (n = 60)."
    )


def test_an_interval_that_touches_zero_shows_nothing(make_small):
    (row,) = judge_few_labels(make_small(), make_curves((0.04, 0.0, 0.08)))
    assert row["answer"] == "no evidence"


def test_of_a_number_it_is_said_what_became_of_the_error(evaluate_by_hand):
    ages = np.linspace(20, 80, N)
    evaluated = evaluate_by_hand("regression", ages, {"encoder": ages})
    evaluated = replace(evaluated, task=replace(evaluated.task, target="age"))
    curves = make_curves(GAIN, LOSS, metric="mean absolute error")
    assert say(evaluated, curves) == [
        "With 10 labelled people, pretraining lowered the mean absolute error by 0.05 "
        "years [0.01, 0.09] against the same encoder untrained (n = 60).",
        "With 20 labelled people, pretraining raised the mean absolute error by 0.06 "
        "years [0.02, 0.10] against the same encoder untrained (n = 60).",
    ]
    nothing = make_curves(NOTHING, metric="mean absolute error")
    assert "no gain or loss" in say(evaluated, nothing)[0]


def test_a_tuned_encoder_is_named_beside_its_own_twin(make_small):
    curves = make_curves(GAIN, method="pretraining gain of fine-tuned")
    (sentence,) = say(make_small(), curves)
    assert "pretraining of fine-tuned gained" in sentence
    assert "the same network from scratch" in sentence


@pytest.mark.parametrize(("n", "is_small"), [(78, True), (80, False)])
def test_only_groups_below_forty_are_small(make_small, n, is_small):
    assert bool(say(make_small(n), make_curves(GAIN))) == is_small


def test_the_smallest_group_is_counted_in_the_units_of_the_curve(
    make_small, evaluate_by_hand
):
    assert count_smallest(make_small().task) == 30
    patients = np.where(LABELS > 0, np.arange(N) % 4 < 2, True)
    assert count_smallest(make_small(is_reference=patients).task) == 15
    pairs = [f"pair-{row // 2}" for row in range(N)]
    within = make_small(cluster=pairs)
    assert count_smallest(within.task) == 30
    assert "With 5 labelled pairs of people," in say(within, make_curves(GAIN))[0]
    contrast = replace(within, task=replace(within.task, kind="contrast"))
    assert "5 people whose recordings" in say(contrast, make_curves(GAIN))[0]
    ages = np.linspace(20, 80, N)
    numbers = evaluate_by_hand("regression", ages, {"encoder": ages})
    assert count_smallest(numbers.task) == 30


def test_without_a_curve_or_a_twin_nothing_is_said(make_small):
    assert say(make_small(), pd.DataFrame()) == []
    assert say(make_small(), make_curves(GAIN, method="encoder")) == []
    assert say(make_small(), make_curves((np.nan, np.nan, np.nan))) == []


def test_few_labels_are_answered_before_all_of_them(make_small):
    evaluated = make_small()
    results = pd.DataFrame(
        {"method": ["encoder"], "metric": "AUROC", "value": 0.7, "p_holm": np.nan,
         "p_permutation": np.nan, "ci_low": 0.6, "ci_high": 0.8}
    )  # fmt: skip
    gains = pd.DataFrame(
        {"method": ["encoder"], "reference": "random-encoder", "metric": "AUROC",
         "question": "pretraining", "difference": 0.01, "ci_low": -0.01,
         "ci_high": 0.03, "p_corrected": 0.5, "p_equivalence": 0.4}
    )  # fmt: skip
    verdicts = draw_verdicts(evaluated, results, gains, make_curves(GAIN, GAIN))
    asked = verdicts["question"].tolist()
    assert asked == ["evidence", "few labels", "few labels", "pretraining"]
