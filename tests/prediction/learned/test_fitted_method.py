"""A method that was fitted once says what it says in a fold."""

import numpy as np
import pytest

from neurograft.config.methods import parse_method
from neurograft.errors import ConfigError
from neurograft.evaluation.methods.fold import predict_fold
from neurograft.evaluation.methods.mixture import OutputMixture, find_scale
from neurograft.evaluation.methods.preparation import list_feature_steps
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.methods.reduction import fit_steps
from neurograft.prediction.learned.fitted_method import check_method, fit_method
from neurograft.prediction.learned.vectors import Vectoriser, take_vectoriser
from neurograft.tasks.splits import Split

N = 60


def make_features(seed=0):
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(N, 3, 5, 80)) * rng.uniform(0.5, 2, (N, 1, 5, 1))
    demographics = rng.normal(size=(N, 2))
    demographics[::7, 0] = np.nan
    return {
        "encoder": rng.normal(size=(N, 200)),
        "random-encoder": rng.normal(size=(N, 200)),
        "band-power": rng.normal(size=(N, 30)) * rng.uniform(0.1, 9, 30) + 5,
        "riemann": noise @ noise.swapaxes(-1, -2) / 80,
        "encoder-covariance": rng.normal(size=(N, 40, 20))
        + rng.normal(size=(N, 1, 20)),
        "demographics": demographics,
    }


LABELS = {
    "classification": (np.arange(N) % 2).astype(float),
    "regression": np.random.default_rng(9).normal(50, 12, N),
    "multiclass": (np.arange(N) % 3).astype(float),
    "ordinal": (np.arange(N) % 3).astype(float),
}
METHODS = (
    "encoder", "riemann", "encoder-covariance", "band-power:reduced", "stack", "blend",
    "encoder+demographics",
)  # fmt: skip


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("name", METHODS)
def test_a_saved_method_gives_the_values_of_the_fold_it_was_fitted_in(name, kind):
    features, labels = make_features(), LABELS[kind]
    features["encoder"][:, 0] += labels / labels.std()
    n_classes = 0 if kind == "regression" else len(np.unique(labels))
    question = Question(kind, n_classes, np.arange(N), 3)
    split = Split(0, 0, np.arange(15, N), np.arange(15))
    method = parse_method(name)
    expected = predict_fold([method], features, labels[None], split, question)
    fitted = fit_method(method, features, labels, split, question)
    found = fitted.predict({key: rows[split.test] for key, rows in features.items()})
    np.testing.assert_allclose(found, expected.predicted[name][0], rtol=1e-7, atol=1e-9)


def test_contributions_add_up_to_the_difference_to_the_mean_person():
    features, labels = make_features(), LABELS["classification"]
    question = Question("classification", 2, np.arange(N), 3)
    split = Split(0, 0, np.arange(15, N), np.arange(15))
    fitted = fit_method(parse_method("blend"), features, labels, split, question)
    score = fitted.score(features)[0]
    parts = fitted.find_contributions(features)
    middle = score[split.train].mean()
    total = sum(part.sum(1) for part in parts)
    np.testing.assert_allclose(total, score - middle, atol=1e-9)


def test_a_mixture_weighs_standardised_outputs():
    outputs = np.array([[[1.0, 10.0], [3.0, 30.0]]])
    mixture = OutputMixture(
        *find_scale(outputs), np.array([[0.5, 2.0]]), np.array([1.0])
    )
    np.testing.assert_allclose(mixture.mix(outputs), [[-1.5, 3.5]])


def test_what_is_saved_and_read_gives_the_same_vectors():
    features = make_features()
    for name in ("riemann", "encoder-covariance", "demographics", "encoder"):
        steps = list_feature_steps(name, "linear")
        fit_steps(steps, features[name])
        kept = take_vectoriser(steps)
        again = Vectoriser(kept.kind, {k: v.copy() for k, v in kept.arrays.items()})
        first = steps[0][1]
        expected = (
            features[name] if name == "encoder" else first.transform(features[name])
        )
        np.testing.assert_allclose(again.transform(features[name]), expected)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dummy", "no weights"),
        ("fine-tuned", "networks"),
        ("encoder:forest", "forest"),
        ("encoder@recentre", "more people of that site"),
        ("riemann:geodesic", "geodesic"),
        ("acquisition", "not the brain"),
        ("demographics", "nothing of the brain"),
        ("surrogate", "control"),
    ],
)
def test_what_cannot_be_saved_is_refused_with_the_reason(name, reason):
    with pytest.raises(ConfigError, match=reason):
        check_method(parse_method(name))
