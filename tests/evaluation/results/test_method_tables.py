import numpy as np
import pandas as pd
import pytest
from scipy import stats

from neurograft.config.tasks import View
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.method_tables import (
    judge_over_tasks,
    tabulate_conformal,
)
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.task import Task

N = 100


def make_result(labels, scores, kind):
    folds = np.stack([np.arange(N) % 5] * 2)
    p = Predictions(labels, scores, np.round(scores.reshape(2, N, -1)[..., 0]), folds)
    return MethodResult(kind, p, np.empty(0), 0.25)


def make_task(kind, classes):
    people = pd.DataFrame({"cluster": np.arange(N)})
    return Task("t", kind, classes, (View("c"),), people, {})


def test_answers_for_one_person_are_wide_where_nothing_is_known():
    rng = np.random.default_rng(0)
    labels = (np.arange(N) % 2).astype(float)
    blind = rng.random((2, N))
    knowing = np.clip(labels + rng.normal(0, 0.2, (2, N)), 0, 1)
    task = make_task("classification", ("control", "case"))
    table = tabulate_conformal(
        task,
        {
            "blind": make_result(labels, blind, "classification"),
            "knowing": make_result(labels, knowing, "classification"),
        },
    ).set_index("method")
    assert (table["reached"] > 0.83).all()
    assert (table["reached_low"] < table["reached"]).all()
    assert (table["reached_high"] > table["reached"]).all()
    assert table.loc["knowing", "size"] < 1.3 < 1.6 < table.loc["blind", "size"]


def test_numbers_have_intervals_and_three_groups_sets():
    rng = np.random.default_rng(0)
    ages = rng.normal(50, 10, N)
    predicted = np.stack([ages + rng.normal(0, 5, N)] * 2)
    (row,) = tabulate_conformal(
        make_task("regression", ()),
        {"m": make_result(ages, predicted, "regression")},
    ).to_dict("records")
    assert row["answer"] == "interval"
    assert row["size"] == pytest.approx(2 * 1.645 * 5, rel=0.3)
    labels = (np.arange(N) % 3).astype(float)
    scores = rng.dirichlet(np.ones(3), (2, N))
    table = tabulate_conformal(
        make_task("multiclass", ("a", "b", "c")),
        {"m": make_result(labels, scores, "multiclass")},
    )
    assert 2 < table["size"].iloc[0] <= 3


def test_one_fold_calibrates_nobody():
    labels = (np.arange(N) % 2).astype(float)
    result = make_result(labels, np.full((2, N), 0.5), "classification")
    result.predictions.folds[:] = 0
    task = make_task("classification", ("control", "case"))
    assert tabulate_conformal(task, {"m": result}).empty


def test_tasks_together_are_signed_ranks_and_adjusted_p_values():
    differences = np.array([0.02, 0.05, -0.01, 0.03, 0.04, 0.06])
    table = pd.DataFrame(
        {
            "task": list("abcdef"), "method": "encoder", "question": "pretraining",
            "metric": "AUROC", "difference": differences,
            "p_corrected": [0.01, 0.2, 0.9, 0.3, 0.04, np.nan],
        }
    )  # fmt: skip
    (row,) = judge_over_tasks(table).to_dict("records")
    assert row["n_better"] == 5
    assert row["mean_difference"] == pytest.approx(differences.mean())
    assert row["p_wilcoxon"] == pytest.approx(stats.wilcoxon(differences).pvalue)
    assert row["smallest_p_bh"] == pytest.approx(0.05)
    few = judge_over_tasks(table[:5])
    assert np.isnan(few["p_wilcoxon"].iloc[0])
    assert judge_over_tasks(table.assign(question="best baseline")).empty
