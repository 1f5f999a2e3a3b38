"""Of a new site nothing is used but the mean of its labels, and each has its own."""

import numpy as np
import pandas as pd
import pytest

from neurograft.adaptation.geodesic_regression import GeodesicRegression
from neurograft.errors import ConfigError
from neurograft.evaluation.methods.known_mean import predict_geodesically
from neurograft.evaluation.methods.problem import Question
from neurograft.tasks.splits import Split

N_SITE = 12
DOMAIN = np.repeat([1, 2, 3, 4], N_SITE)
TRAIN = np.flatnonzero(DOMAIN <= 2)
# Rows of two new sites, one after the other by turns.
TEST = np.flatnonzero(DOMAIN > 2).reshape(2, -1).T.ravel()


@pytest.fixture(scope="module")
def data():
    """Covariances whose first power follows the label; sites differ in age."""
    rng = np.random.default_rng(0)
    y = rng.normal(np.array([30, 66, 42, 54])[DOMAIN - 1], 6)
    power = np.exp(0.2 * rng.normal(size=(len(y), 3)))
    power[:, 0] = np.exp((y - 50) / 20)
    mixing = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    X = np.einsum("ck,nk,dk->ncd", mixing, power, mixing)[:, None]
    people = pd.DataFrame({"domain": DOMAIN})
    return X, y, Question("regression", 0, np.arange(len(y)), 3, people)


def predict(data, labels, test=TEST):
    X, _, question = data
    return predict_geodesically(X, labels, Split(0, 0, TRAIN, test), question)[:, 0]


def test_every_site_is_predicted_with_its_own_mean(data):
    X, y, _ = data
    model = GeodesicRegression().fit(
        X[TRAIN], y[TRAIN], sample_domain=np.array(DOMAIN[TRAIN])
    )
    found = predict(data, y)
    for site in (3, 4):
        rows = np.flatnonzero(site == DOMAIN)
        alone = model.predict(X[rows], target_mean=float(y[rows].mean()))
        np.testing.assert_allclose(found[DOMAIN[TEST] == site], alone)


def test_labels_of_tested_people_are_not_used_beyond_their_mean(data):
    _, y, _ = data
    shuffled = y.copy()
    for site in (3, 4):
        shuffled[site == DOMAIN] = y[site == DOMAIN].mean()
    np.testing.assert_allclose(predict(data, shuffled), predict(data, y))
    moved = y - 4.0 * (DOMAIN == 4)
    change = predict(data, moved) - predict(data, y)
    assert (change[DOMAIN[TEST] == 3] == 0).all()
    assert (np.abs(change[DOMAIN[TEST] == 4]) > 1).all()


def test_a_site_that_is_learned_from_is_no_new_site(data):
    _, y, question = data
    with pytest.raises(ConfigError, match="sites from which nobody is learned"):
        predict_geodesically(
            data[0], y, Split(0, 0, TRAIN[1:], np.append(TEST, TRAIN[0])), question
        )
