"""Weights, choices and known means in a fold: what they mend, what they never see."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config.method_table import CHOOSERS, KNOWN_MEAN, WEIGHTERS
from neurograft.config.methods import parse_method
from neurograft.config.tasks import View
from neurograft.errors import ConfigError
from neurograft.evaluation.cross_validation import list_choices
from neurograft.evaluation.methods.adapter_choice import (
    Fitted,
    choose,
    leave_sites_out,
    score_probabilities,
)
from neurograft.evaluation.methods.fold import FoldOutput, predict_fold
from neurograft.evaluation.methods.linear_fold import LinearFold
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.methods.requirements import explain_remedies
from neurograft.evaluation.methods.site_weights import weigh_people
from neurograft.tasks.splits import Split
from neurograft.tasks.task import Task

N = 240
SITES = np.repeat([1, 2, 3], N // 3)
SPLIT = Split(0, 0, np.flatnonzero(SITES < 3), np.flatnonzero(SITES == 3))
INSIDE = Split(0, 0, np.arange(0, N, 2), np.arange(1, N, 2))


def make_people(seed=0):
    rng = np.random.default_rng(seed)
    age = np.where(SITES == 3, 65, 45) + rng.normal(0, 12, N)
    sex = rng.permutation(["F", "M"] * (N // 2))
    return pd.DataFrame({"domain": SITES, "age": age, "sex": sex})


def make_shifted(seed=0, d=12):
    """Sites whose features are moved against each other along the label's own axis."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(N) % 2
    X = rng.standard_normal((N, d))
    X[:, 0] += 2 * labels
    X += np.where(SITES == 2, 3, np.where(SITES == 3, -3, 0))[:, None] * np.eye(d)[0]
    return X, labels.astype(float)


def ask(people, kind="classification"):
    return Question(kind, 0 if kind == "regression" else 2, np.arange(N), 3, people)


def predict(X, Y, method, split=SPLIT, kind="classification", people=None):
    people = make_people() if people is None else people
    parsed = [parse_method(method)]
    return predict_fold(parsed, {"encoder": X}, Y, split, ask(people, kind)).predicted


@pytest.mark.parametrize("how", [*WEIGHTERS, *CHOOSERS])
def test_labels_of_the_tested_change_nothing(how):
    X, labels = make_shifted()
    flipped = labels.copy()
    flipped[SPLIT.test] = 1 - labels[SPLIT.test]
    before, after = (
        predict(X, y[None], f"encoder@{how}")[f"encoder@{how}"]
        for y in (labels, flipped)
    )
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("how", [*WEIGHTERS, *CHOOSERS])
def test_many_label_vectors_give_what_each_gives_alone(how):
    """Otherwise permuted labels would be weighted, or chosen for, by the real ones."""
    X, labels = make_shifted()
    Y = np.stack([labels, np.random.default_rng(1).permutation(labels)])
    name = f"encoder@{how}"
    together = predict(X, Y, name)[name]
    for row in range(2):
        alone = predict(X, Y[[row]], name)[name][0]
        np.testing.assert_allclose(together[row], alone, atol=5e-4)  # solver's end


@pytest.mark.parametrize("how", WEIGHTERS)
def test_without_a_new_site_weights_are_one(how):
    X, labels = make_shifted()
    name = f"encoder@{how}"
    plain = predict(X, labels[None], "encoder", INSIDE)["encoder"]
    np.testing.assert_array_equal(predict(X, labels[None], name, INSIDE)[name], plain)


@pytest.mark.parametrize("how", WEIGHTERS)
def test_weights_have_mean_one_and_favour_those_like_the_target(how):
    rng = np.random.default_rng(0)
    labels = (rng.random(N) < np.where(SITES == 3, 0.85, 0.3)).astype(float)
    X = rng.standard_normal((N, 4)) * 0.5
    X[:, 0] += 2 * labels
    people = make_people()
    train, test = X[SPLIT.train], X[SPLIT.test]
    weights = weigh_people(how, train, test, labels[None], SPLIT, people)
    weights = np.broadcast_to(weights, (1, len(SPLIT.train)))[0]
    assert weights.mean() == pytest.approx(1)
    assert (weights >= 0).all()
    known = people["age"].to_numpy() if how == "propensity" else labels
    own = known[SPLIT.train]
    target, before = known[SPLIT.test].mean(), own.mean()
    after = np.average(own, weights=weights)
    assert abs(after - target) < 0.6 * abs(before - target)


def test_propensity_without_a_covariate_says_so():
    X, labels = make_shifted()
    people = make_people().assign(age=np.nan, sex=None)
    with pytest.raises(ConfigError, match="need age or sex of everybody"):
        predict(X, labels[None], "encoder@propensity", people=people)


def test_weighting_mends_a_model_that_fits_only_part_of_the_people():
    """A straight line through a bend: right where the weights are."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, N)
    x[SPLIT.test] = rng.uniform(1.5, 3, len(SPLIT.test))
    y = np.abs(x) * 5 + rng.normal(0, 0.3, N)
    errors = {}
    for name in ("encoder", "encoder@discriminator", "encoder@kernel-mean"):
        found = predict(x[:, None], y[None], name, kind="regression")[name][0, :, 0]
        errors[name] = np.abs(found - y[SPLIT.test]).mean()
    assert errors["encoder@discriminator"] < 0.6 * errors["encoder"]
    assert errors["encoder@kernel-mean"] < 0.6 * errors["encoder"]


@pytest.mark.parametrize("how", ["auto-site", "auto-neighbourhood"])
def test_a_choice_takes_what_undoes_the_shift(how):
    X, labels = make_shifted()
    parsed = [parse_method(f"encoder@{how}")]
    found, choices, *_ = predict_fold(
        parsed, {"encoder": X}, labels[None], SPLIT, ask(make_people())
    )
    chosen = choices[f"encoder@{how}"]
    own = predict(X, labels[None], f"encoder@{chosen}" if chosen else "encoder")
    (plain,) = own.values()
    np.testing.assert_allclose(found[f"encoder@{how}"], plain)
    if how == "auto-site":
        assert chosen in ("recentre", "rescale", "coral", "linear-ot")
        right = (found[f"encoder@{how}"][0, :, 0] > 0.5) == labels[SPLIT.test]
        assert right.mean() > 0.75


def test_the_choice_by_site_leaves_every_training_site_out():
    X, labels = make_shifted()
    fold = LinearFold({"encoder": X}, labels[None], SPLIT, ask(make_people()))
    scores = fold._try_sites(["encoder", "encoder@recentre"])
    expected = np.zeros(2)
    for site in (1, 2):
        kept, tried = (np.flatnonzero(one == SITES) for one in (3 - site, site))
        inner = Split(0, 0, kept, tried)
        for number, name in enumerate(("encoder", "encoder@recentre")):
            p = predict(X, labels[None], name, inner)[name][0, :, 0]
            y = labels[inner.test]
            expected[number] += (y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    np.testing.assert_allclose(scores[:, 0], expected)
    domain = np.array([1, 1, 1, 2, 2, 3])
    groups = np.array([0, 1, 0, 1, 1, 0.0])
    tried = leave_sites_out(domain, groups, is_classification=True)
    assert [held.tolist() for _, held in tried] == [[0, 1, 2], [3, 4]]
    groups = np.array([0, 0, 0, 1, 1, 0.0])  # without site 2 a group is missing
    tried = leave_sites_out(domain, groups, is_classification=True)
    assert [held.tolist() for _, held in tried] == [[0, 1, 2]]


def test_each_label_vector_takes_its_own_best_and_the_first_of_equals():
    scores = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 2.0]])
    one, other = (
        Fitted(np.full((6, 4), value), np.full((6, 2), value)) for value in (0.0, 1.0)
    )
    taken, chosen = choose(scores, [one, other])
    assert chosen.tolist() == [0, 1, 0]
    assert taken.outputs[:, 0].tolist() == [0, 1, 0] * 2
    assert taken.out_of_fold.shape == (6, 4)


def test_decided_predictions_score_higher_by_entropy():
    p = np.stack([np.full((20, 1), 0.5), np.tile([[0.02], [0.98]], (10, 1))])
    for how in ("auto-entropy", "auto-neighbourhood"):
        scores = score_probabilities(how, p)
        assert scores.shape == (2,)
    unsure, decided = score_probabilities("auto-entropy", p)
    assert unsure == pytest.approx(-np.log(2))
    assert decided > -0.1


def test_a_known_mean_moves_each_new_site_and_nothing_else():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N, 3))
    y = 50 + 10 * X[:, 0] + rng.normal(0, 1, N)
    y[SITES == 3] += 30
    Y = np.stack([y, rng.permutation(y)])
    name = f"encoder@{KNOWN_MEAN}"
    plain = predict(X, Y, "encoder", kind="regression")["encoder"][..., 0]
    moved = predict(X, Y, name, kind="regression")[name][..., 0]
    np.testing.assert_allclose(moved.mean(1), Y[:, SPLIT.test].mean(1))
    shift = moved - plain
    np.testing.assert_allclose(shift, shift[:, :1] * np.ones(shift.shape))
    inside = predict(X, Y, name, INSIDE, kind="regression")[name]
    same = predict(X, Y, "encoder", INSIDE, kind="regression")["encoder"]
    np.testing.assert_array_equal(inside, same)


def test_the_geodesic_learner_predicts_new_sites_only():
    rng = np.random.default_rng(0)
    y = rng.normal(50, 10, N)
    noise = rng.standard_normal((N, 1, 3, 80))
    noise[:, 0, 0] *= np.exp((y - 50) / 20)[:, None]
    mixing = {site: np.eye(3) + 0.3 * rng.standard_normal((3, 3)) for site in (1, 2, 3)}
    mixed = np.stack(
        [mixing[s] @ one for s, one in zip(SITES, noise[:, 0], strict=True)]
    )
    C = (mixed @ mixed.swapaxes(1, 2) / 80)[:, None]
    question = ask(make_people(), "regression")
    method = parse_method("riemann:geodesic")
    found = predict_fold([method], {"riemann": C}, y[None], SPLIT, question).predicted
    predicted = found["riemann:geodesic"][0, :, 0]
    assert np.corrcoef(predicted, y[SPLIT.test])[0, 1] > 0.8
    swapped = y.copy()
    swapped[SPLIT.test] = y[SPLIT.test][::-1]  # only the mean of the tested is known
    again = predict_fold([method], {"riemann": C}, swapped[None], SPLIT, question)
    name = "riemann:geodesic"
    np.testing.assert_allclose(again.predicted[name], found[name], rtol=1e-12)
    with pytest.raises(ConfigError, match="sites from which nobody is learned"):
        predict_fold([method], {"riemann": C}, y[None], INSIDE, question)


def make_task(kind):
    people = pd.DataFrame({"label": np.arange(N) % 2, "cluster": np.arange(N)})
    classes = ("control", "case") if kind == "classification" else ()
    return Task("t", kind, classes, (View("c"),), people, {})


@pytest.mark.parametrize(
    ("kind", "split", "method", "reason"),
    [
        ("classification", SPLIT, "encoder@known-mean", "only a number has a mean"),
        ("classification", SPLIT, "riemann:geodesic", "only a number has a mean"),
        ("regression", INSIDE, "riemann:geodesic", "tests sites not learned from"),
        ("regression", SPLIT, "encoder@auto-entropy", "looks at probabilities"),
        ("regression", SPLIT, "encoder@auto-neighbourhood", "looks at probabilities"),
        ("regression", SPLIT, "encoder@auto-site", ""),
        ("regression", SPLIT, "encoder@known-mean", ""),
        ("classification", SPLIT, "encoder@propensity", ""),
    ],
)
def test_a_remedy_without_use_is_named_with_its_reason(kind, split, method, reason):
    def explain(domain, people):
        parsed = [parse_method(method), parse_method("encoder")]
        return explain_remedies(parsed, make_task(kind), [split], domain, people)

    people = make_people()
    found = explain(SITES, people)
    assert set(found) == ({method} if reason else set())
    assert reason in found.get(method, "")
    if method.endswith("auto-site"):
        one_site = np.where(SITES == 3, 3, 1)
        assert "two sites to learn from" in explain(one_site, people)[method]
    if method.endswith("propensity"):
        unknown = people.assign(age=np.nan, sex=None)
        assert "age and sex are unknown" in explain(SITES, unknown)[method]


def test_what_was_chosen_is_a_table():
    name = "encoder@auto-site"
    outputs = [
        FoldOutput(
            {name: np.zeros((1, 2, 1))}, {name: chosen}, {}, {"blend": {"riemann": 0.5}}
        )
        for chosen in ("", "recentre")
    ]
    splits = [Split(0, fold, np.arange(2), np.arange(2)) for fold in (0, 1)]
    table = list_choices(splits, outputs)
    assert table["chosen"].tolist() == ["as it is", "riemann", "recentre", "riemann"]
    assert table["features"].tolist() == [name, "blend"] * 2
    assert table["share"].tolist() == [1.0, 0.5] * 2
