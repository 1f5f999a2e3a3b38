"""A predictor of features that are known keeps what it promises to new people."""

import numpy as np
import pandas as pd
import pytest

from neurograft.api.prediction import LoadedPredictor
from neurograft.config.methods import parse_method
from neurograft.errors import DataError
from neurograft.evaluation.methods.fold import predict_fold
from neurograft.evaluation.methods.problem import Question
from neurograft.prediction.facts import name_facts
from neurograft.prediction.fitting import Material, fit_predictor
from neurograft.prediction.learned.held_out import HeldOut
from neurograft.prediction.predictor import find_embedding, join_vectors
from neurograft.tasks.splits import Split

METHOD = parse_method("band-power")
N_FOLDS = 5


def draw(n, rng, kind, effect=0.5):
    """Draw people whose features follow their group, or their number."""
    labels = (np.arange(n) % 2).astype(float)
    if kind == "regression":
        labels = rng.normal(50, 12, n)
    signal = (labels - labels.mean()) / labels.std()
    X = rng.normal(size=(n, 20))
    X[:, :4] += effect * signal[:, None]
    n_facts = len(name_facts(has_microvolts=True))
    return {"band-power": X}, labels, rng.normal(size=(n, n_facts))


def fit(made, n, rng, kind, effect=0.5):
    """Fit a predictor to people, each of whom was left out once."""
    features, labels, facts = draw(n, rng, kind, effect)
    n_classes = 0 if kind == "regression" else 2
    people = pd.DataFrame({"domain": np.ones(n, dtype=int)})
    question = Question(kind, n_classes, np.arange(n), 3, people)
    order = rng.permutation(n)
    said = np.empty((n, 1))
    for fold in range(N_FOLDS):
        test = np.sort(order[fold::N_FOLDS])
        split = Split(0, fold, np.setdiff1d(np.arange(n), test), test)
        found = predict_fold([METHOD], features, labels[None], split, question)
        said[test] = found.predicted["band-power"][0]
    rows = np.arange(n)
    material = Material(
        features, labels, Split(0, 0, rows, rows[:1]), question,
        HeldOut(labels, said, rows), facts,
    )  # fmt: skip
    card = made.card() if kind == "classification" else made.number().card
    return fit_predictor(METHOD, material, card)


@pytest.mark.slow
def test_sets_hold_nine_of_ten_new_people_of_both_groups(made):
    rng = np.random.default_rng(0)
    held = {0: [], 1: []}
    for _ in range(12):
        predictor = fit(made, 80, rng, "classification")
        features, labels, _ = draw(400, rng, "classification")
        sets = predictor.answer(features).sets
        for label in held:
            held[label].append(sets[labels == label, label].mean())
    for label in held:
        assert np.mean(held[label]) == pytest.approx(0.9, abs=0.04)


@pytest.mark.slow
def test_intervals_hold_nine_of_ten_new_people(made):
    rng = np.random.default_rng(1)
    held = []
    for _ in range(12):
        predictor = fit(made, 80, rng, "regression")
        features, labels, _ = draw(400, rng, "regression")
        found = predictor.answer(features)
        held.append(((found.low <= labels) & (labels <= found.high)).mean())
    assert np.mean(held) == pytest.approx(0.9, abs=0.04)


def test_without_an_effect_sets_hold_both_groups_and_probabilities_are_shares(made):
    rng = np.random.default_rng(2)
    predictor = fit(made, 80, rng, "classification", effect=0.0)
    found = predictor.answer(draw(400, rng, "classification", 0.0)[0])
    assert found.sets.all(axis=1).mean() > 0.6
    assert np.abs(found.values[:, 1] - 0.5).mean() < 0.12


def test_the_card_gains_distributions_and_the_coverage_to_expect(made):
    predictor = fit(made, 80, np.random.default_rng(3), "classification")
    answers = predictor.card.answers
    assert set(answers) == {"control", "patient"}
    assert np.median(answers["patient"].values) > np.median(answers["control"].values)
    assert predictor.card.coverage == {"control": pytest.approx(37 / 41),
                                       "patient": pytest.approx(37 / 41)}  # fmt: skip


def test_strangers_are_far_and_vectors_of_all_parts_are_joined(made):
    rng = np.random.default_rng(4)
    predictor = fit(made, 60, rng, "classification")
    features, _, facts = draw(50, rng, "classification")
    near = predictor.measure_distances(features, facts).distance
    far = predictor.measure_distances(
        {"band-power": features["band-power"] + 6}, facts
    ).distance
    limit = predictor.familiarity.limit
    assert (near <= limit).mean() > 0.85
    assert (far > limit).mean() > 0.95
    assert join_vectors(predictor.fitted, features).shape == (50, 20)


def test_features_name_the_embedding_they_need(made):
    names = ("encoder", "random-encoder", "tokens", "encoder-covariance", "riemann")
    assert [find_embedding(name) for name in names] == [
        "encoder", "random-encoder", "tokens", "encoder", "",
    ]  # fmt: skip


def test_a_folder_without_a_predictor_is_refused(tmp_path):
    with pytest.raises(DataError, match="no predictor"):
        LoadedPredictor(tmp_path)
