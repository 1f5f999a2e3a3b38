"""Tests of two methods agree with published values and second sources."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar

from neurograft.statistics.method_tests import (
    corrected_t_test,
    delong_test,
    judge_equivalence,
    mcnemar_test,
)
from neurograft.statistics.metrics.classification import auroc
from neurograft.statistics.metrics.predictions import Predictions


def read_folds(folder, model, dataset):
    path = folder / "reference" / "engemann2022"
    return pd.read_csv(path / f"benchmark-{model}_dataset-{dataset}.csv")["MAE"]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("one", "other", "dataset", "naive", "corrected"),
    [
        ("shallow", "filterbank-riemann", "tuab", 0.004, 0.026),
        ("deep", "filterbank-riemann", "tuab", 0.078, 0.204),
        ("shallow", "handcrafted", "lemon", 0.010, 0.053),
        ("shallow", "filterbank-riemann", "camcan", 0.027, 0.10),
    ],
)
def test_correction_reproduces_published_folds(
    real_data, one, other, dataset, naive, corrected
):
    first, second = (read_folds(real_data, m, dataset) for m in (one, other))
    differences = (first - second).to_numpy()
    assert stats.ttest_1samp(differences, 0).pvalue == pytest.approx(naive, abs=6e-4)
    p = corrected_t_test(differences, test_share=1 / 9)
    assert p == pytest.approx(corrected, abs=5e-3 if corrected > 0.09 else 6e-4)


def test_without_shared_subjects_the_correction_is_a_t_test():
    d = np.random.default_rng(0).normal(0.3, 1, 12)
    assert corrected_t_test(d, test_share=0.0) == pytest.approx(
        stats.ttest_1samp(d, 0).pvalue
    )


def test_repeats_bring_no_degrees_of_freedom():
    d = np.random.default_rng(0).normal(0.5, 1, 20)
    once = corrected_t_test(d, test_share=0.25)
    repeated = corrected_t_test(d, test_share=0.25, n_splits=5)
    t = d.mean() / np.sqrt((1 / 20 + 0.25) * d.var(ddof=1))
    assert repeated == pytest.approx(2 * stats.t.sf(abs(t), 4))
    assert repeated > once


# Two folds of few people often give the same difference, and it is no certain one.
# That of 0.1 + 0.2 and 0.3 is rounding.
ALIKE = [
    ([0.0] * 5, None, 1.0),
    ([0.25] * 5, None, 2 / 2**5),
    ([0.25] * 20, 5, 2 / 2**5),
    ([-0.5, -0.5], None, 0.5),
    ([0.1 + 0.2, 0.3], None, 0.5),
]


@pytest.mark.parametrize(("differences", "n_splits", "p"), ALIKE)
def test_the_spread_of_folds_that_all_differ_alike_is_unknown(differences, n_splits, p):
    differences = np.array(differences)
    settings = {"test_share": 0.25, "n_splits": n_splits}
    assert corrected_t_test(differences, **settings) == p
    found = judge_equivalence(differences, margin=0.05, **settings)
    assert found.p == 1.0
    assert np.isnan([found.p_equal, found.p_better, found.p_worse]).all()


def test_equivalence_without_shared_subjects_is_two_t_tests():
    d = np.random.default_rng(1).normal(0.01, 0.03, 20)
    found = judge_equivalence(d, test_share=0.0, margin=0.05)
    above = stats.ttest_1samp(d, -0.05, alternative="greater").pvalue
    below = stats.ttest_1samp(d, 0.05, alternative="less").pvalue
    assert found.p == pytest.approx(max(above, below))
    assert found.p_equal + found.p_better + found.p_worse == pytest.approx(1)


def test_sharing_subjects_makes_equivalence_harder_to_show():
    d = np.random.default_rng(2).normal(0.0, 0.05, 10)
    alone = judge_equivalence(d, test_share=0.0, margin=0.05)
    shared = judge_equivalence(d, test_share=0.25, margin=0.05)
    assert shared.p > alone.p
    assert shared.p_equal < alone.p_equal


def test_a_clear_gain_is_better_not_equal():
    found = judge_equivalence(
        np.array([0.2, 0.21, 0.19, 0.2]), test_share=0.1, margin=0.05
    )
    assert found.p_better > 0.99
    assert found.p > 0.99


def make_scores(n=60, seed=0):
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.4).astype(float)
    one = labels + rng.normal(size=n)
    return labels, one, 0.5 * one + rng.normal(size=n)


def test_delong_difference_is_that_of_the_areas():
    labels, one, other = make_scores()
    difference, _ = delong_test(labels, np.round(one, 1), other)
    expected = roc_auc_score(labels, np.round(one, 1)) - roc_auc_score(labels, other)
    assert difference == pytest.approx(expected)


def test_delong_is_the_definition_of_its_paper():
    labels, one, other = make_scores(seed=3)
    cases, controls = labels == 1, labels == 0

    def psi(scores):
        d = scores[cases][:, None] - scores[controls]
        return (d > 0) + 0.5 * (d == 0)

    d = psi(one) - psi(other)
    variance = (
        d.mean(1).var(ddof=1) / cases.sum() + d.mean(0).var(ddof=1) / controls.sum()
    )
    expected = 2 * stats.norm.sf(abs(d.mean()) / np.sqrt(variance))
    assert delong_test(labels, one, other)[1] == pytest.approx(expected)


def test_delong_agrees_with_a_bootstrap():
    labels, one, other = make_scores(n=300, seed=5)
    counts = np.random.default_rng(0).multinomial(300, np.full(300, 1 / 300), 2000)
    areas = [
        auroc(
            Predictions(labels, scores[None], scores[None], np.zeros((1, 300), int)),
            counts.astype(float),
        )
        for scores in (one, other)
    ]
    difference, p = delong_test(labels, one, other)
    z = difference / np.std(areas[0] - areas[1])
    assert stats.norm.isf(p / 2) == pytest.approx(abs(z), rel=0.1)


def test_the_same_scores_do_not_differ():
    labels, one, _ = make_scores()
    assert delong_test(labels, one, one) == (0.0, 1.0)
    perfect, useless = labels.astype(float), np.zeros(len(labels))
    assert delong_test(labels, perfect, useless) == (0.5, 1.0)


def test_mcnemar_is_that_of_statsmodels():
    rng = np.random.default_rng(0)
    one, other = rng.random(80) < 0.7, rng.random(80) < 0.5
    table = [
        [(one & other).sum(), (one & ~other).sum()],
        [(~one & other).sum(), (~one & ~other).sum()],
    ]
    assert mcnemar_test(one, other) == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert mcnemar_test(one, one) == 1.0
