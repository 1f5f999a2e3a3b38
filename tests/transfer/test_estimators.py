"""Networks are scikit-learn estimators."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score

from neurograft.errors import ConfigError, DataError
from neurograft.transfer.estimators import EncoderClassifier, EncoderRegressor


def make_windows(n=20, seed=0):
    """Cases have more of a rhythm of 10 Hz."""
    rng = np.random.default_rng(seed)
    labels = np.array(["ill", "well"])[np.arange(n) % 2]
    X = 10 * rng.standard_normal((n, 2, 4, 512))
    wave = np.sin(2 * np.pi * 10 * np.arange(512) / 128)
    X += 25 * (labels == "ill")[:, None, None, None] * wave
    return X, labels


def make_positions():
    positions = np.random.default_rng(1).standard_normal((4, 3))
    return positions / np.linalg.norm(positions, axis=1, keepdims=True)


@pytest.fixture
def classifier():
    return EncoderClassifier("lora", positions=make_positions(), epochs=6)


def test_it_is_cloned_scored_and_searched_like_any_other(classifier):
    X, y = make_windows()
    copy = clone(classifier)
    assert copy.get_params()["network"] == "lora"
    quick = clone(classifier).set_params(network="eegnet", epochs=1)
    search = GridSearchCV(quick, {"learning_rate": [1e-4, 1e-3]}, cv=2)
    search.fit(X, y)
    assert search.best_params_["learning_rate"] in (1e-4, 1e-3)
    scores = cross_val_score(quick, X, y, groups=np.arange(20) // 2, cv=GroupKFold(2))
    assert np.isfinite(scores).all()


def test_it_learns_and_its_probabilities_are_probabilities(classifier):
    X, y = make_windows()
    p = classifier.fit(X, y).predict_proba(X)
    assert p.shape == (20, 2)
    np.testing.assert_allclose(p.sum(1), 1)
    new, truth = make_windows(seed=5)
    assert classifier.score(new, truth) > 0.7
    assert set(classifier.predict(new)) <= {"ill", "well"}


def test_three_classes_have_three_probabilities(classifier):
    X, _ = make_windows(12)
    y = np.arange(12) % 3
    p = classifier.set_params(network="scratch", epochs=1).fit(X, y).predict_proba(X)
    assert p.shape == (12, 3)


def test_numbers_are_predicted_in_their_unit():
    X, y = make_windows()
    ages = np.where(y == "ill", 70.0, 40.0)
    regressor = EncoderRegressor("shallownet", positions=make_positions(), epochs=3)
    predicted = regressor.fit(X, ages).predict(X)
    assert predicted.shape == (20,)
    assert 30 < predicted.mean() < 80


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"positions": None}, ConfigError, "4 channels and `positions` none"),
        ({"positions": np.ones((3, 3))}, ConfigError, "`positions` 3"),
        ({"sfreq": 100.0}, ConfigError, "takes 128 samples per second"),
    ],
)
def test_settings_that_do_not_fit_are_named(classifier, settings, error, message):
    X, y = make_windows(8)
    with pytest.raises(error, match=message):
        classifier.set_params(**settings).fit(X, y)


def test_data_that_do_not_fit_are_named(classifier):
    X, y = make_windows(8)
    with pytest.raises(DataError, match="3 axes"):
        classifier.fit(X[0], y)
    with pytest.raises(DataError, match="one class"):
        classifier.fit(X, ["a"] * 8)
    fitted = classifier.set_params(network="eegnet", epochs=1).fit(X, y)
    with pytest.raises(DataError, match="learned from 4"):
        fitted.predict(X[:, :, :3])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"network": "lorra"}, r"network='lorra' is unknown; choose .*lora"),
        ({"epochs": 0}, "epochs=0: one epoch is the least"),
    ],
)
def test_settings_out_of_range_are_one_sentence(classifier, settings, message):
    X, y = make_windows()
    with pytest.raises(ConfigError, match=message):
        classifier.set_params(**settings).fit(X, y)


def test_labels_that_are_missing_or_no_numbers_are_one_sentence(classifier):
    X, y = make_windows()
    regressor = EncoderRegressor("eegnet", positions=make_positions(), epochs=1)
    with pytest.raises(DataError, match="y has missing labels"):
        classifier.fit(X, [None, *y[1:]])
    with pytest.raises(DataError, match=r"1 of 20 labels in y are no finite numbers"):
        regressor.fit(X, [np.nan, *range(19)])
    with pytest.raises(DataError, match="or use EncoderClassifier"):
        regressor.fit(X, ["a", *range(19)])
    with pytest.raises(NotFittedError):
        classifier.predict(X)
