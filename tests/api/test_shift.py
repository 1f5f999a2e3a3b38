"""Domains that differ are told apart, others are not, covariates by their size."""

import numpy as np
import pandas as pd
import pytest

import neurograft as ng
from neurograft.api.shift import MIN_PEOPLE, measure_shift
from neurograft.errors import ConfigError, DataError

AB = np.repeat(["a", "b"], 20)


def draw(shift=0.0, seed=0):
    X = np.random.default_rng(seed).normal(size=(40, 3))
    X[20:] += shift
    return X


def measure(X, domain=AB, **more):
    found = ng.measure_shift(X, domain, n_permutations=99, **more)
    return found.set_index("measure")


def test_a_planted_shift_is_found_and_none_is_not():
    apart, alike = measure(draw(3.0)), measure(draw())
    assert apart.loc["domain accuracy", "value"] > 0.9
    assert apart.loc["domain accuracy", "p"] < 0.05
    assert alike.loc["domain accuracy", "p"] > 0.05
    assert list(apart)[:2] == ["source", "target"]


def test_every_pair_is_measured_and_names_may_be_numbers():
    found = ng.measure_shift(draw(), [3, 1, 2, 3] * 10, n_permutations=19)
    pairs = set(found[["source", "target"]].itertuples(index=False, name=None))
    assert pairs == {("1", "2"), ("1", "3"), ("2", "3")}


def test_covariates_are_rows_of_the_same_people_whatever_their_index():
    age = np.r_[np.full(20, 30.0), np.full(20, 70.0)] + np.arange(40) % 5
    table = pd.DataFrame({"age": age, "sex": ["F", "M"] * 20}, index=range(99, 139))
    found = measure(pd.DataFrame(draw()), covariates=table)
    assert found.loc["size of age", "value"] > 0.9
    assert found.loc["size of sex", "value"] < 0.1


@pytest.mark.parametrize(
    ("X", "domain", "message"),
    [
        (draw(), ["a"] * 40, "Two domains .* found 40 of a"),
        (draw(), ["a"] * 37 + ["b"] * 3, "37 of a, 3 of b"),
        (draw(), [None, *AB[1:]], "1 missing values"),
        (draw(), AB[1:], "domain has 39 values"),
        (draw()[:, 0], AB, "1 axes"),
        (np.where(draw() > 1, np.nan, draw()), AB, "not finite"),
        ([["a"]] * 40, AB, "no number"),
    ],
)
def test_what_cannot_be_measured_is_named(X, domain, message):
    with pytest.raises(DataError, match=message):
        ng.measure_shift(X, domain)


def test_covariates_of_others_are_refused():
    with pytest.raises(DataError, match="covariates has 2 rows and X has 40"):
        ng.measure_shift(draw(), AB, covariates=pd.DataFrame({"age": [1, 2]}))


def test_a_domain_that_comes_first_in_the_alphabet_is_the_source():
    """Rows of a pair are in the order of their names, not of the table."""
    X, names = draw(3.0), np.where(AB == "a", "z", "b")
    table = pd.DataFrame({"age": np.where(AB == "a", 20.0, 60.0) + np.arange(40) % 3})
    one = measure_shift(X, names, covariates=table, n_permutations=19)
    order = np.random.default_rng(0).permutation(40)
    other = measure_shift(
        X[order], names[order], covariates=table.iloc[order], n_permutations=19
    )
    assert set(one["source"]) == {"b"}
    assert set(one["target"]) == {"z"}
    measured = ["value", "p"]
    same = one["measure"].str.startswith(("size of", "maximum", "Frechet"))
    assert same.sum() >= 2
    np.testing.assert_allclose(
        one.loc[same, measured[0]], other.loc[same, measured[0]], rtol=1e-6
    )


def test_five_people_are_enough_and_four_are_not():
    X = draw()[: 2 * MIN_PEOPLE]
    names = ["a"] * MIN_PEOPLE + ["b"] * MIN_PEOPLE
    assert len(measure_shift(X, names, n_permutations=19))
    with pytest.raises(DataError, match=f"{MIN_PEOPLE - 1} of b"):
        measure_shift(X[:-1], names[:-1], n_permutations=19)


def test_too_few_shuffles_are_refused_in_a_sentence():
    with pytest.raises(ConfigError, match=r"n_permutations=18 .* at least 19"):
        ng.measure_shift(draw(), AB, n_permutations=18)
