"""Losses without a part: of separation, on equal resamples of people."""

from dataclasses import replace

import numpy as np
import pytest

from neurograft.evaluation.details.losses import tabulate_losses, take_off_shift
from neurograft.evaluation.details.tables import make_detail_tables
from neurograft.features.hidden_parts import HiddenPart

ALPHA, BETA, BACK = (
    HiddenPart("band", "alpha"), HiddenPart("band", "beta"),
    HiddenPart("region", "occipital"),
)  # fmt: skip
QUICK = {"n_bootstraps": 400, "seed": 0}
N = 80


def hide(one, hidden):
    """Give a task what its methods say without parts."""
    occluded = {}
    for part, scores in hidden.items():
        occluded[part] = {}
        for name, given in scores.items():
            p = one.full[name].predictions
            given = np.broadcast_to(given, p.scores.shape).astype(float)
            decided = given if one.task.kind == "regression" else (given > 0.5) * 1.0
            occluded[part][name] = replace(
                one.full[name],
                predictions=replace(p, scores=given, decisions=decided),
            )
    return replace(one, occluded=occluded)


def find(table, method, part):
    return table[(table["method"] == method) & (table["part"] == part.part)].iloc[0]


@pytest.fixture(scope="module")
def groups():
    rng = np.random.default_rng(0)
    labels = np.arange(N) % 2
    good = labels + 0.5 * rng.standard_normal((2, N))
    noise = rng.standard_normal((2, N))
    scores = {"encoder": 1 / (1 + np.exp(-good)), "random-encoder": np.full(N, 0.5)}
    return labels, good, noise, scores


@pytest.fixture(scope="module")
def table(evaluate_by_hand, groups):
    """Alpha holds everything, beta nothing, the back of the head moves everybody."""
    labels, good, noise, scores = groups
    scores = {name: np.broadcast_to(own, (2, N)) for name, own in scores.items()}
    one = evaluate_by_hand("classification", labels, scores)
    both = {name: scores[name] for name in scores}
    return tabulate_losses(
        hide(
            one,
            {
                ALPHA: both | {"encoder": 1 / (1 + np.exp(-noise))},
                BETA: both,
                BACK: both | {"encoder": 1 / (1 + np.exp(-good - 2.8))},
            },
        ),
        **QUICK,
    )


def test_what_holds_everything_loses_what_is_above_chance(table):
    row = find(table, "encoder", ALPHA)
    assert row["intact"] > 0.85
    assert row["loss"] == pytest.approx(row["intact"] - row["occluded"])
    assert row["occluded"] == pytest.approx(0.5, abs=0.15)
    assert 0.15 < row["ci_low"] < row["loss"] < row["ci_high"]
    assert row["family_low"] < row["ci_low"]
    assert row["family_low"] > 0
    assert row["ci_high"] < row["family_high"]


def test_an_answer_that_stays_and_one_that_moves_for_everybody_lose_nothing(table):
    for part in (BETA, BACK):
        row = find(table, "encoder", part)
        assert row[["loss", "ci_low", "ci_high"]].tolist() == [0, 0, 0]


def test_every_part_stands_beside_the_twin_with_metric_and_people(table):
    assert table.groupby("method")["part"].apply(list).to_dict() == {
        name: ["alpha", "beta", "occipital"] for name in ("encoder", "random-encoder")
    }
    assert list(table)[:6] == ["task", "method", "kind", "part", "metric", "n"]
    assert (table["metric"] == "AUROC").all()
    assert (table["n"] == N).all()
    assert (table.loc[table["method"] == "random-encoder", "loss"] == 0).all()


def test_of_conditions_people_are_counted_once(evaluate_by_hand, groups):
    labels, _, _, scores = groups
    people = [f"p{row // 2:03d}" for row in range(N)]
    one = evaluate_by_hand(
        "contrast", labels, scores, participant_id=people, cluster=people, view=labels
    )
    found = tabulate_losses(hide(one, {ALPHA: {"encoder": 0.5}}), **QUICK)
    assert found["n"].tolist() == [N // 2]
    assert found["occluded"].tolist() == [0.5]


def test_numbers_lose_accuracy_and_not_what_shifts_everybody(evaluate_by_hand):
    rng = np.random.default_rng(1)
    ages = rng.uniform(20, 80, N)
    said = ages + rng.normal(0, 3, N)
    one = evaluate_by_hand("regression", ages, {"encoder": said})
    found = tabulate_losses(
        hide(
            one,
            {
                ALPHA: {"encoder": np.full(N, 20.0)},
                BETA: {"encoder": said + 9.0},
            },
        ),
        **QUICK,
    )
    assert (found["metric"] == "mean absolute error").all()
    alpha, beta = find(found, "encoder", ALPHA), find(found, "encoder", BETA)
    assert beta["loss"] == pytest.approx(0, abs=1e-9)
    spread = np.abs(ages - ages.mean()).mean()
    assert alpha["occluded"] == pytest.approx(spread, rel=0.1)
    assert alpha["family_low"] > 5


def test_the_shift_of_each_fold_is_taken_off(evaluate_by_hand):
    said = np.arange(N, dtype=float)
    p = evaluate_by_hand("regression", said, {"a": said}).full["a"].predictions
    moved = replace(p, scores=p.scores + 10.0 * p.folds + np.arange(N) % 4)
    back = take_off_shift(moved, p)
    difference = (back.scores - p.scores)[0]
    for fold in range(4):
        assert difference[p.folds[0] == fold].mean() == pytest.approx(0, abs=1e-9)
    assert difference.std() > 0.4


def test_where_no_part_was_hidden_there_is_no_table(evaluate_by_hand, groups):
    labels, _, _, scores = groups
    one = evaluate_by_hand("classification", labels, scores)
    assert tabulate_losses(one, **QUICK).empty
    assert "occlusion" not in make_detail_tables(one, prevalence=None, **QUICK)
    both = hide(one, {ALPHA: {"encoder": 0.5}})
    assert "occlusion" in make_detail_tables(both, prevalence=None, **QUICK)
