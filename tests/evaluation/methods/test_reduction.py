"""Features are reduced to fewer numbers than people, without a look at labels."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from neurograft.evaluation.methods.reduction import RowSpace, SubjectPCA


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api_input")
@pytest.mark.parametrize("estimator", [SubjectPCA(), RowSpace()])
def test_scikit_learn_finds_no_fault(estimator):
    check_estimator(estimator)


@pytest.mark.parametrize(
    ("n", "d", "components"), [(30, 90, 10), (300, 90, 64), (30, 4, 4), (2, 5, 1)]
)
def test_components_are_fewer_than_a_third_of_the_people(n, d, components):
    X = np.random.default_rng(0).standard_normal((n, d))
    assert SubjectPCA().fit(X).transform(X).shape == (n, components)


def test_the_scale_of_a_feature_does_not_matter():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 12))
    scaled = X * rng.uniform(0.1, 50, 12) + rng.normal(0, 9, 12)
    one, other = (
        make_pipeline(StandardScaler(), SubjectPCA()).fit(x).transform(x)
        for x in (X, scaled)
    )
    np.testing.assert_allclose(np.abs(one), np.abs(other), atol=1e-9)


def test_rows_that_are_only_transformed_change_nothing():
    X = np.random.default_rng(0).standard_normal((30, 12))
    fitted = clone(make_pipeline(StandardScaler(), SubjectPCA())).fit(X[:20])
    np.testing.assert_allclose(fitted.transform(X)[20:], fitted.transform(X[20:]))


@pytest.mark.parametrize(("n", "d"), [(10, 300), (40, 12)])
def test_a_rotation_to_the_space_of_training_rows_loses_no_prediction(n, d):
    rng = np.random.default_rng(0)
    X, new, y = rng.normal(size=(n, d)), rng.normal(size=(5, d)), rng.normal(size=n)
    space = RowSpace().fit(X)
    plain = Ridge(3.0).fit(X, y).predict(new)
    rotated = Ridge(3.0).fit(space.transform(X), y).predict(space.transform(new))
    np.testing.assert_allclose(rotated, plain, atol=1e-9)
    assert space.transform(X).shape[1] <= min(n, d)
