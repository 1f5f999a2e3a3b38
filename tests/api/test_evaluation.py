"""A planted effect is found, a shuffled one is not, and nothing leaks."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    RepeatedStratifiedKFold,
    StratifiedKFold,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

import neurograft as ng
from neurograft.api.evaluation import Effort, Folds, evaluate_samples
from neurograft.api.samples import gather_samples
from neurograft.errors import ConfigError, DataError, LeakageError

QUICK = {"n_repeats": 1, "n_permutations": 0, "n_bootstraps": 100}
SHUFFLED = QUICK | {"n_permutations": 19}
LOGISTIC = {"logistic": LogisticRegression()}
RIDGE = {"ridge": Ridge()}


def primary(found, method):
    """The primary metric of a method."""
    rows = found.results
    return rows[rows["method"] == method].iloc[0]


def scores(found, method):
    rows = found.predictions
    return rows[rows["method"] == method].set_index("participant_id")["score"]


@pytest.mark.slow
def test_a_planted_effect_is_found_and_a_shuffled_one_is_not(make_table):
    X, y = make_table()
    found = ng.evaluate(LOGISTIC, X, y, **SHUFFLED)
    assert primary(found, "logistic")["value"] > 0.9
    assert primary(found, "logistic")["p_permutation"] <= 0.05
    shuffled = np.random.default_rng(1).permutation(y)
    nothing = ng.evaluate(LOGISTIC, X, shuffled, **SHUFFLED)
    assert primary(nothing, "logistic")["p_permutation"] > 0.05
    assert "No evidence that" in str(nothing)


def test_who_memorises_rows_gains_nothing_from_rows_of_the_same_person():
    rng = np.random.default_rng(0)
    people = np.repeat(np.arange(40), 3)
    X = rng.normal(size=(40, 5))[people]
    y = rng.permutation(["a", "b"] * 20)[people]
    found = ng.evaluate({"knn": KNeighborsClassifier(1)}, X, y, people, **QUICK)
    assert primary(found, "knn")["value"] < 0.75
    with pytest.raises(LeakageError, match=r"have the same features; one of them"):
        ng.evaluate({"knn": KNeighborsClassifier(1)}, X, y, None, **QUICK)
    X = X + 1e-6 * rng.normal(size=X.shape)
    blind = ng.evaluate({"knn": KNeighborsClassifier(1)}, X, y, None, **QUICK)
    assert primary(blind, "knn")["value"] > 0.9  # what the rows would have claimed


class Spy(ClassifierMixin, BaseEstimator):
    """Remembers what it was given, and refuses to be given it again."""

    def fit(self, X, y, groups):
        self.classes_, self.seen_ = np.unique(y), set(groups)
        assert set(self.classes_) == {"control", "patient"}
        self.rows_ = set(X[:, 0])
        return self

    def predict_proba(self, X):
        assert not self.rows_ & set(X[:, 0])
        return np.full((len(X), 2), 0.5)


def test_an_estimator_sees_names_of_groups_and_people_and_no_tested_row(make_table):
    X, y = make_table(20)
    X = np.repeat(X, 2, axis=0)
    X[:, 0] = np.repeat(np.arange(20), 2)  # the person
    ng.evaluate(
        {"spy": Spy()}, X, np.repeat(y, 2), np.repeat(np.arange(20), 2), **QUICK
    )
    search = GridSearchCV(LogisticRegression(), {"C": [1]}, cv=GroupKFold(2))
    ng.evaluate(
        {"search": make_pipeline(SimpleImputer(), search)},
        X, np.repeat(y, 2), np.repeat(np.arange(20), 2), **QUICK,
    )  # fmt: skip


def test_predictions_depend_on_the_labels_of_other_folds_only():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 3)), rng.normal(50, 10, 30)
    folds = [(np.arange(10, 30), np.arange(10)), (np.arange(10), np.arange(10, 30))]
    moved = y.copy()
    moved[:10] += 100
    before, after = (
        scores(ng.evaluate(RIDGE, X, labels, cv=folds, **QUICK), "ridge").to_numpy()
        for labels in (y, moved)
    )
    np.testing.assert_allclose(before[:10], after[:10])
    assert (np.abs(before[10:] - after[10:]) > 50).all()


def test_rows_of_a_person_are_averaged():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), np.repeat(rng.normal(size=30), 2)
    folds = [(np.arange(20, 60), np.arange(20))]
    found = ng.evaluate(RIDGE, X, y, np.repeat(np.arange(30), 2), cv=folds, **QUICK)
    alone = Ridge().fit(X[20:], y[20:]).predict(X[:20]).reshape(10, 2).mean(1)
    got = scores(found, "ridge").to_numpy()
    np.testing.assert_allclose(got[np.isfinite(got)], alone)
    assert primary(found, "ridge")["n_subjects"] == 10


def test_a_reference_split_gives_what_scikit_learn_gives(make_table):
    X, y = make_table()
    cv = StratifiedKFold(4)
    found = ng.evaluate({"lda": LinearDiscriminantAnalysis()}, X, y, cv=cv, **QUICK)
    expected = np.empty(40)
    for train, test in cv.split(X, y):
        model = LinearDiscriminantAnalysis().fit(X[train], y[train])
        expected[test] = model.predict_proba(X[test])[:, 1]
    np.testing.assert_allclose(scores(found, "lda").to_numpy(), expected)


class LabelReader(TransformerMixin, BaseEstimator):
    """An adapter that fails if it is shown as many labels as there are people."""

    def fit(self, X, y, *, sample_domain):
        assert len(X) == len(y) == len(sample_domain) == 20
        assert (sample_domain > 0).all()
        return self

    def transform(self, X, *, sample_domain):
        assert len({*np.sign(sample_domain)}) == 1
        return X - X.mean(0)


def test_an_adapter_sees_the_tested_without_their_labels():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = X[:, 0] * 5 + 50 + rng.normal(0, 1, 40)
    site = np.repeat(["here", "there"], 20)
    X[site == "there"] += 4  # a device
    found = ng.evaluate(
        {"plain": Ridge(), "aligned": (ng.AlignDomains(), Ridge()),
         "own": (LabelReader(), Ridge())},
        X, y, site=site, train_on="here", known_mean=50, **QUICK,
    )  # fmt: skip
    error = {
        name: primary(found, name)["value"] for name in ("plain", "aligned", "own")
    }
    assert error["aligned"] < error["plain"] / 2
    assert error["own"] == pytest.approx(error["aligned"], rel=0.3)
    told = scores(found, "plain@known-mean").dropna()
    assert told.mean() == pytest.approx(50)
    facts = found["tasks"].iloc[0]
    assert bool(facts["adapts_to_tested"])
    assert "known-mean" not in str(found)


@pytest.mark.parametrize("how", ["site", "sample_domain"])
@pytest.mark.parametrize("years_apart", [0, 15])
def test_aligning_sites_whose_people_differ_in_age_is_warned_of(how, years_apart):
    rng = np.random.default_rng(0)
    is_there = np.repeat([False, True], 20)
    y = rng.normal(50, 10, 40) + years_apart * is_there
    X = y[:, None] + rng.normal(0, 3, (40, 2))
    where = (
        {"site": np.where(is_there, "there", "here"), "train_on": "here"}
        if how == "site"
        else {"sample_domain": np.where(is_there, -2, 1)}
    )
    aligned = {"aligned": (ng.AlignDomains(), Ridge())}
    found = ng.evaluate(aligned, X, y, **where, **QUICK)
    assert ("re-centring would remove part of the label" in str(found)) == bool(
        years_apart
    )
    plain = ng.evaluate({"plain": Ridge()}, X, y, **where, **QUICK)
    assert "re-centring" not in str(plain)


def test_domains_by_sign_are_the_same_as_sites_by_name():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.normal(size=40)
    both = {"aligned": (ng.AlignDomains(), Ridge())}
    by_name = ng.evaluate(both, X, y, site=["a", "b"] * 20, train_on=["a"], **QUICK)
    by_sign = ng.evaluate(both, X, y, sample_domain=[1, -2] * 20, **QUICK)
    a, b = (scores(one, "aligned").dropna() for one in (by_name, by_sign))
    np.testing.assert_allclose(a, b)


def test_a_site_that_gives_the_group_away_refuses_a_claim(make_table):
    X, y = make_table()
    found = ng.evaluate(LOGISTIC, X, y, site=np.repeat(["a", "b"], 20), **QUICK)
    assert (found["design"]["severity"] == "refused").all()
    assert "No claim about the groups" in str(found)


@pytest.mark.parametrize("given", ["itself", "rounded", "partly"])
def test_age_given_beside_age_that_is_predicted_gives_nothing_away(given):
    rng = np.random.default_rng(0)
    y = rng.uniform(20, 80, 40)
    age = {"itself": y, "rounded": np.floor(y / 2) * 2,
           "partly": np.where(y > 30, y, np.nan)}[given]  # fmt: skip
    found = ng.evaluate(RIDGE, rng.normal(size=(40, 2)), y, age=age, **QUICK)
    assert "demographics" not in set(found.results["method"])


def test_sex_given_beside_sex_that_is_predicted_gives_nothing_away(make_table):
    X, _ = make_table()
    sex = ["F", "M"] * 20
    found = ng.evaluate(LOGISTIC, X, ["female", "male"] * 20, sex=sex, **QUICK)
    assert "demographics" not in set(found.results["method"])


@pytest.mark.parametrize(
    "estimator",
    [
        LinearSVC(),
        RidgeClassifier(),
        make_pipeline(SimpleImputer(), LogisticRegression()),
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2),
    ],
)
@pytest.mark.parametrize("n_groups", [2, 3])
def test_any_classifier_of_any_number_of_groups_is_scored(estimator, n_groups):
    rng = np.random.default_rng(0)
    y = np.arange(30) % n_groups + 1
    X = rng.normal(size=(30, n_groups)) + 4 * np.eye(n_groups)[y - 1]
    found = ng.evaluate({"own": estimator}, X, y, cv=3, **QUICK)
    assert primary(found, "own")["value"] > 0.9


def test_everybody_with_both_labels_is_compared_with_themselves(make_table):
    X, y = make_table()
    found = ng.evaluate(LOGISTIC, X, y, list(range(20)) * 2, **QUICK)
    assert found["tasks"]["kind"].iloc[0] == "contrast"
    assert primary(found, "logistic")["value"] > 0.9
    assert primary(found, "logistic")["n_subjects"] == 20


def test_containers_of_every_kind_give_the_same(make_table):
    X, y = make_table(20)
    names = [f"s{row}" for row in range(20)]
    site, sex = ["a", "b"] * 10, ["F", "M", None, "F"] * 5
    plain = ng.evaluate(LOGISTIC, X, y, names, site=site, sex=sex, **QUICK)
    table = pd.DataFrame(X, index=names)
    other = ng.evaluate(
        LOGISTIC, {"logistic": table}, pd.Categorical(y), pd.Series(names, index=names),
        site=pd.Series(site, dtype="category"), sex=np.array(sex, dtype=object),
        **QUICK,
    )  # fmt: skip
    pd.testing.assert_frame_equal(plain.results, other.results)


@pytest.mark.slow
def test_splitters_count_people_and_repeats(make_table):
    X, y = make_table()
    cv = RepeatedStratifiedKFold(n_splits=4, n_repeats=3, random_state=0)
    found = ng.evaluate(LOGISTIC, X, y, cv=cv, **QUICK)
    assert found.predictions.groupby("method")["repeat"].nunique().eq(3).all()
    site = np.tile(["a", "b", "c", "d"], 10)
    left = ng.evaluate(LOGISTIC, X, y, site=site, cv="leave-one-site-out", **QUICK)
    rows = left.predictions.query("method == 'logistic'")
    assert (
        rows.merge(left["subjects"], on="participant_id")
        .groupby("split")["site"]
        .nunique()
        .eq(1)
        .all()
    )
    contrast = ng.evaluate(
        LOGISTIC, X, y, list(range(20)) * 2, cv=LeaveOneGroupOut(), **QUICK
    )
    assert contrast.predictions["split"].nunique() == 20


def test_missing_numbers_are_for_estimators_that_take_them(make_table):
    X, y = make_table()
    X[3, 1] = np.nan
    able = {
        "filled": make_pipeline(SimpleImputer(), LogisticRegression()),
        "trees": HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=3),
    }
    found = ng.evaluate(able, X, y, **QUICK)
    assert primary(found, "filled")["value"] > 0.9
    with pytest.raises(DataError, match="logistic: LogisticRegression fails.*NaN"):
        ng.evaluate(LOGISTIC, X, y, **QUICK)
    X[3, 1] = np.inf
    with pytest.raises(DataError, match="1 of 40 rows hold infinite"):
        ng.evaluate(able, X, y, **QUICK)


def test_eight_people_are_enough_for_four_folds(make_table):
    X, y = make_table(8)
    found = ng.evaluate(LOGISTIC, X, y, cv=4, age=range(8), **QUICK)
    assert np.isfinite(primary(found, "logistic")["value"])
    with pytest.raises(ConfigError, match="too few for cv=5.*lower cv to 4"):
        ng.evaluate(LOGISTIC, X, y, **QUICK)


def test_the_same_seed_gives_the_same_tables(make_table):
    X, y = make_table(20, effect=0.5)
    one, other = (ng.evaluate(LOGISTIC, X, y, **QUICK) for _ in range(2))
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, other[name])


def test_harmonised_recordings_are_evaluated_like_features(harmonised):
    network = ng.EncoderClassifier("shallownet", epochs=1)
    found = ng.evaluate(
        {"shallownet": network}, harmonised * 3, ["a", "a", "b", "b"] * 3,
        [f"p{row}" for row in range(12)], cv=2, n_repeats=1, n_permutations=0,
        n_bootstraps=100,
    )  # fmt: skip
    assert np.isfinite(scores(found, "shallownet")).all()


def test_twins_with_a_known_mean_stand_behind_everybody_else():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(24, 2)), rng.normal(50, 5, 24)
    columns = dict.fromkeys(("age", "sex", "domain")) | {"site": ["a", "b", "c"] * 8}
    estimators = {"one": Ridge(), "two": Ridge(100.0)}
    samples = gather_samples(estimators, X, y, None, columns)
    calls = []
    found = evaluate_samples(
        "t",
        estimators,
        samples,
        Folds("leave-one-site-out", 1, None, 70.0),
        Effort(0, 100, 0, 1, lambda what, done, total: calls.append((done, total))),
    )
    names = found.results["method"].unique().tolist()
    assert names[-4:] == ["one", "two", "one@known-mean", "two@known-mean"]
    plain, moved = scores(found, "one"), scores(found, "one@known-mean")
    site = pd.Series(["a", "b", "c"] * 8, index=plain.index)
    np.testing.assert_allclose(moved.groupby(site).mean(), 70)
    spread = moved - moved.groupby(site).transform("mean")
    np.testing.assert_allclose(spread, plain - plain.groupby(site).transform("mean"))
    assert all(1 <= done <= total for done, total in calls)


def test_without_shuffles_the_verdict_says_so():
    y = np.repeat(["control", "patient"], 10)
    X = np.random.default_rng(0).normal(size=(20, 2))
    found = ng.evaluate({"l": LogisticRegression()}, X, y, **QUICK)
    assert found.verdicts["code"].tolist()[0] == "NG104"
    assert "no labels were shuffled" in str(found)
