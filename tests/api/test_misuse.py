"""Every misuse of evaluate gives one sentence that says what to do."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, KFold, LeaveOneGroupOut

import neurograft as ng
from neurograft.errors import LeakageError, PackageError

L, R = {"l": LogisticRegression()}, {"r": Ridge()}
N = 20
X = np.random.default_rng(0).normal(size=(N, 3))
Y = np.repeat(["control", "patient"], N // 2)
AGES = np.arange(20.0, 40.0)
AB = ["a", "b"] * 10
MIXED = np.array([1, "a"] * 10, dtype=object)


class Voiceless(BaseEstimator):
    """Says groups only."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self


CASES = {
    "no estimator": (({}, X, Y), {}, "one entry at least"),
    "a class": (({"l": Ridge}, X, AGES), {}, "Ridge\\(\\), not Ridge"),
    "a text": (({"l": "ridge"}, X, AGES), {}, "must be an estimator"),
    "reserved": (({"dummy": Ridge()}, X, AGES), {}, "cannot be called 'dummy'"),
    "a name with an @": (({"a@b": Ridge()}, X, AGES), {}, "without @"),
    "a pair the wrong way": (
        ({"r": (Ridge(), ng.AlignDomains())}, X, AGES), {}, "Ridge has no transform"),
    "both kinds": ((L | R, X, AGES), {}, "evaluate them apart"),
    "a regressor of text": ((R, X, Y), {}, "'r' predicts a number, and y holds"),
    "a classifier of ages": ((L, X, AGES), {}, "y holds 20 groups"),
    "no scores": (({"v": Voiceless()}, X, Y), {}, "neither predict_proba nor"),
    "other lengths": ((L, X[:9], Y), {}, "has 9 rows and y has 20"),
    "no features": ((L, {"m": X}, Y), {}, "no features of 'l'; found m"),
    "text in X": ((L, [["a"]] * N, Y), {}, "no number"),
    "one number as X": ((L, 3, Y), {}, "has no rows"),
    "no labels": ((L, X, []), {}, "y has no rows"),
    "two columns of labels": ((L, X, np.stack([Y, Y], 1)), {}, "y has 20x2 values"),
    "a missing label": ((R, X, [np.nan, *AGES[1:]]), {}, "1 missing labels of 20"),
    "an infinite label": ((R, X, [np.inf, *AGES[1:]]), {}, "infinite"),
    "one group": ((L, X, ["a"] * N), {}, "one value, 'a'"),
    "mixed labels": ((L, X, MIXED), {}, "mixes numbers and text"),
    "a missing person": ((L, X, Y, [None, *range(1, N)]), {}, "1 missing values"),
    "two labels": ((L, X, Y, [0, *range(18), 0]), {}, "0 has two values of 'y'"),
    "a missing domain": (
        (L, X, Y),
        {"sample_domain": [np.nan, *[1, -1] * 9, 1]},
        "sample_domain has 1 missing values of 20",
    ),
    "an adapter without sites": (
        ({"a": (ng.AlignDomains(), Ridge())}, X, AGES),
        {},
        "'a' adapts sites, and none are given",
    ),
    "no number as known mean": (
        (R, X, AGES),
        {"site": np.tile(["a", "b"], N // 2), "train_on": "a", "known_mean": np.nan},
        "known_mean=nan is no number",
    ),
    "too few shuffles": ((L, X, Y), {"n_permutations": 5}, "at least 19, or 0"),
    "two domains": (
        (L, X, Y, np.arange(N) // 2),
        {"sample_domain": np.tile([1, -1], N // 2)},
        "two values of 'sample_domain'",
    ),
    "two ages": ((L, X, Y, np.arange(N) // 2), {"age": AGES}, "two values of 'age'"),
    "age in words": ((L, X, Y), {"age": ["old"] * N}, "age holds something"),
    "sex by number": ((L, X, Y), {"sex": [0, 1] * 10}, "write F or M"),
    "few sites": ((L, X, Y), {"site": ["a"]}, "site has 1 values and y has 20"),
    "cv in words": ((L, X, Y), {"cv": "five"}, "cv='five' is unknown"),
    "cv beyond the rows": ((L, X, Y), {"cv": [([0], [99])]}, "is unknown"),
    "one fold": ((L, X, Y), {"cv": 1}, "two folds"),
    "no repeat": ((L, X, Y), {"n_repeats": 0}, "one repeat"),
    "no resample": ((L, X, Y), {"n_bootstraps": 0}, "n_bootstraps=0 .* at least 100"),
    "more folds than people": ((L, X, Y), {"cv": GroupKFold(30)}, "cannot split 20"),
    "one person a fold": ((L, X, Y), {"cv": LeaveOneGroupOut()}, "larger folds"),
    "a fold of one group": ((L, X, Y), {"cv": KFold(2)}, "nobody who is 'control'"),
    "nobody tested": ((L, X, Y), {"cv": [(range(N), [])]}, "both need somebody"),
    "an unknown site": ((L, X, Y), {"site": AB, "train_on": "z"}, "sites are a, b"),
    "no sites": ((L, X, Y), {"train_on": "z"}, "sites are not given"),
    "one site to leave out": ((L, X, Y), {"cv": "leave-one-site-out"}, "two"),
    "domains in words": ((L, X, Y), {"sample_domain": AB}, "sample_domain holds"),
    "domains of zero": ((L, X, Y), {"sample_domain": [0] * N}, "0 positive"),
    "a mean of groups": ((L, X, Y), {"known_mean": 1}, "y holds groups"),
    "a mean of no new site": ((R, X, AGES), {"known_mean": 1}, "there are none"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_misuse_is_one_sentence(case):
    given, settings, message = CASES[case]
    with pytest.raises(PackageError, match=message) as caught:
        ng.evaluate(*given, **{"n_permutations": 0, **settings})
    text = str(caught.value)
    assert "\n" not in text
    assert text.rstrip()[-1] in ".!"


def test_folds_that_part_a_person_are_a_leak():
    with pytest.raises(LeakageError, match="both learned from and tested"):
        ng.evaluate(L, X, Y, list(range(10)) * 2, cv=KFold(4, shuffle=True))
    half = [(np.arange(0, N, 2), np.arange(1, N, 2))]
    with pytest.raises(LeakageError, match="both learned from and tested"):
        ng.evaluate(L, X, Y, np.arange(N) // 2, cv=half)
