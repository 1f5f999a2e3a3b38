"""Features are scaled and reduced to fewer numbers than people, without labels."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from neurograft.errors import DataError
from neurograft.evaluation.methods.reduction import (
    RowSpace,
    Standardise,
    SubjectPCA,
    apply_steps,
    fit_steps,
)


def draw(n, d, seed=0):
    """Features of very different means and scales, a third of which go together."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    X[:, : d // 3] += 3 * rng.standard_normal((n, 1))
    return X * rng.uniform(0.1, 50, d) + rng.normal(0, 90, d)


def make_steps(reduction=SubjectPCA):
    return [("scale", Standardise()), ("reduce", reduction())]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_scaling_is_that_of_scikit_learn(dtype):
    X, new = draw(30, 12).astype(dtype), draw(5, 12, seed=1).astype(dtype)
    ours, theirs = Standardise(), StandardScaler()
    tolerance = 1e-9 if dtype == np.float64 else 1e-4
    np.testing.assert_allclose(
        ours.fit_transform(X), theirs.fit_transform(X), atol=tolerance
    )
    np.testing.assert_allclose(
        ours.transform(new), theirs.transform(new), rtol=tolerance, atol=tolerance
    )


@pytest.mark.parametrize("value", [0.0, 0.1, -1e9, 1e-12])
def test_a_feature_that_does_not_vary_is_centred_only(value):
    X = np.column_stack([np.full(31, value), draw(31, 1)])
    scaled = Standardise()
    assert np.abs(scaled.fit_transform(X)[:, 0]).max() < 1e-6
    assert scaled.scale_[0] == 1.0
    np.testing.assert_allclose(scaled.transform(X[:1] + 2)[:, 0], 2, atol=1e-6)


def test_a_feature_of_tiny_numbers_is_scaled_like_any_other():
    X = draw(30, 3)
    tiny = Standardise().fit_transform(X * 1e-18)
    np.testing.assert_allclose(tiny, Standardise().fit_transform(X))


@pytest.mark.parametrize(("n", "d"), [(30, 90), (30, 12), (12, 12), (60, 59)])
def test_components_are_the_principal_components_of_scikit_learn(n, d):
    X, new = Standardise().fit_transform(draw(n, d)), draw(5, d, seed=1) / 50
    ours = SubjectPCA()
    train = ours.fit_transform(X)
    theirs = PCA(train.shape[1], svd_solver="full").fit(X)
    signs = np.sign((ours.components_ * theirs.components_).sum(1))
    np.testing.assert_allclose(train * signs, theirs.transform(X), atol=1e-9)
    np.testing.assert_allclose(
        ours.transform(new) * signs, theirs.transform(new), atol=1e-9
    )


@pytest.mark.parametrize(
    ("n", "d", "components"), [(30, 90, 10), (300, 90, 64), (30, 4, 4), (2, 5, 1)]
)
def test_components_are_fewer_than_a_third_of_the_people(n, d, components):
    X = np.random.default_rng(0).standard_normal((n, d))
    assert SubjectPCA().fit_transform(X).shape == (n, components)


def test_the_scale_of_a_feature_does_not_matter():
    X = draw(30, 12)
    scaled = X * np.geomspace(0.01, 50, 12) + np.arange(12)
    one, other = (fit_steps(make_steps(), x) for x in (X, scaled))
    np.testing.assert_allclose(np.abs(one), np.abs(other), atol=1e-9)


@pytest.mark.parametrize("reduction", [RowSpace, SubjectPCA])
def test_training_rows_are_transformed_like_any_others(reduction):
    X = draw(30, 90)
    steps = make_steps(reduction)
    train = fit_steps(steps, X[:20])
    everybody = apply_steps(steps, X)
    np.testing.assert_allclose(everybody[:20], train, atol=1e-9)
    np.testing.assert_allclose(everybody[20:], apply_steps(steps, X[20:]), atol=1e-9)


@pytest.mark.parametrize(("n", "d"), [(10, 300), (40, 12), (12, 12)])
def test_a_rotation_to_the_space_of_training_rows_loses_no_prediction(n, d):
    rng = np.random.default_rng(0)
    X, new, y = rng.normal(size=(n, d)), rng.normal(size=(5, d)), rng.normal(size=n)
    space = RowSpace()
    rows = space.fit_transform(X)
    plain = Ridge(3.0).fit(X, y).predict(new)
    rotated = Ridge(3.0).fit(rows, y).predict(space.transform(new))
    np.testing.assert_allclose(rotated, plain, atol=1e-9)
    assert rows.shape[1] <= min(n - 1, d)


@pytest.mark.parametrize("reduction", [RowSpace, SubjectPCA])
@pytest.mark.parametrize("copies", [1, 20])
def test_people_who_are_all_alike_leave_a_number_and_no_nan(reduction, copies):
    """Labelled people can be few, and recordings can be copies of each other."""
    X = np.tile(np.arange(8.0), (copies, 1))
    steps = make_steps(reduction)
    for rows in (fit_steps(steps, X), apply_steps(steps, X + 1)):
        assert rows.shape == (copies, 1)
        assert np.isfinite(rows).all()


@pytest.mark.parametrize("shape", [(12, 40), (40, 12)])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_none_stops_the_fold(shape, value):
    X = draw(*shape)
    X[3, 5] = value
    with np.errstate(invalid="ignore"), pytest.raises(DataError, match="not a finite"):
        fit_steps(make_steps(RowSpace), X)
