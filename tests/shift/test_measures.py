"""Measures of shift: known answers, exact nulls, and the factor that was planted."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.linalg import sqrtm
from scipy.stats.contingency import association
from sklearn.decomposition import PCA

from neurograft.errors import DataError
from neurograft.shift.distances import (
    measure_covariance_distance,
    measure_discrepancy,
    measure_frechet,
    overlap,
    standardise_difference,
)
from neurograft.shift.factor_differences import compare_factors
from neurograft.shift.probing import probe_groups, probe_number, reduce_features
from neurograft.shift.transferability import measure_evidence
from neurograft.shift.variance_shares import measure_identity, partition_variance
from neurograft.statistics.association import (
    code_factor,
    find_auroc,
    measure_association,
)


def test_cramers_v_is_scipys_but_for_its_bias():
    rng = np.random.default_rng(0)
    one = rng.integers(0, 3, 4000)
    other = np.where(rng.random(4000) < 0.5, one, rng.integers(0, 3, 4000))
    table = pd.crosstab(one, other).to_numpy()
    found = measure_association(one, other)
    assert found.v == pytest.approx(association(table, method="cramer"), abs=5e-3)
    assert found.smallest_cell == table.min()
    assert found.p < 1e-10
    small = [
        measure_association(rng.integers(0, 2, 30), rng.integers(0, 4, 30)).v
        for _ in range(200)
    ]
    assert np.mean(small) < 0.1  # uncorrected it is about .3


def test_a_two_by_two_table_is_tested_exactly():
    one, other = np.repeat([0, 1], (10, 12)), np.repeat([0, 1, 0, 1], (8, 2, 3, 9))
    expected = stats.fisher_exact([[8, 2], [3, 9]]).pvalue
    assert measure_association(one, other).p == pytest.approx(expected)
    assert measure_association(np.zeros(5), np.arange(5)).p == 1.0


@pytest.mark.parametrize("n_features", [6, 90])
def test_components_are_those_of_a_principal_component_analysis(n_features):
    X = np.random.default_rng(16).normal(size=(60, n_features))
    train = np.arange(45)
    scaled = (X - X[train].mean(0)) / X[train].std(0)
    pca = PCA(5, svd_solver="full").fit(scaled[train])
    found = reduce_features(X, train, n_components=5)
    np.testing.assert_allclose(np.abs(found), np.abs(pca.transform(scaled)), atol=1e-8)
    X[50] = 1e9  # a row that was not learned from changes no other
    again = np.delete(reduce_features(X, train, n_components=5), 50, axis=0)
    np.testing.assert_allclose(again, np.delete(found, 50, axis=0))


def test_domains_that_are_alike_are_told_apart_at_chance():
    rng = np.random.default_rng(1)
    p = [
        probe_groups(rng.normal(size=(60, 30)), np.tile([0, 1], 30),
                     n_permutations=99, seed=seed).p
        for seed in range(100)
    ]  # fmt: skip
    assert np.mean(np.array(p) <= 0.05) <= 0.1
    assert 0.35 < np.mean(p) < 0.65


def test_domains_that_differ_are_told_apart_and_the_interval_holds_the_value():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(120, 40))
    domain = np.repeat([3, 7], (90, 30))
    X[domain == 7, :5] += 1.2
    found = probe_groups(X, domain, n_permutations=199)
    assert found.value > 0.8
    assert found.ci_low < found.value < found.ci_high
    assert found.p == pytest.approx(1 / 200)
    assert found.chance == 0.5
    assert found.proxy_a_distance == pytest.approx(4 * found.value - 2)


def test_rare_groups_do_not_pay_for_frequent_ones():
    """Balanced accuracy of a probe with equal priors: no group is given up."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 10))
    groups = np.repeat([0, 1], (185, 15))
    X[groups == 1, 0] += 3
    found = probe_groups(X, groups, n_permutations=19)
    right = found.predicted == groups
    assert right[groups == 1].mean() > 0.7


def test_a_person_is_never_on_both_sides():
    """Windows of a person are copies: leaking them would make noise decodable."""
    rng = np.random.default_rng(4)
    own = rng.normal(size=(40, 15))
    X = np.repeat(own, 8, axis=0) + 0.01 * rng.normal(size=(320, 15))
    groups = rng.integers(0, 2, 40)
    groups[:2] = 0, 1
    found = probe_groups(X, np.repeat(groups, 8), people=np.repeat(np.arange(40), 8),
                         n_permutations=99)  # fmt: skip
    assert found.value < 0.75
    leaky = probe_groups(X, np.repeat(groups, 8), n_permutations=19)
    assert leaky.value > found.value + 0.15


def test_a_probe_of_one_group_or_one_person_is_refused():
    with pytest.raises(DataError, match="two groups of two people"):
        probe_groups(np.zeros((6, 2)), np.array([0, 0, 0, 0, 0, 1]))
    with pytest.raises(DataError, match="a number that varies"):
        probe_number(np.zeros((20, 2)), np.ones(20))


def test_a_number_is_predicted_where_it_can_be():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(150, 10))
    age = 50 + 10 * X[:, 0] + 3 * rng.normal(size=150)
    found = probe_number(X, age, n_permutations=199)
    assert found.value > 0.75
    assert found.ci_low < found.value < found.ci_high
    assert found.p == pytest.approx(1 / 200)
    nothing = probe_number(X, rng.permutation(age), n_permutations=199)
    assert nothing.value < 0.2
    assert nothing.p > 0.02


def test_the_discrepancy_is_the_textbooks_and_its_null_is_exact():
    rng = np.random.default_rng(6)
    X = rng.normal(size=(30, 3))
    target = np.arange(30) >= 18
    found = measure_discrepancy(X, target, n_permutations=9)
    apart = ((X[:, None] - X) ** 2).sum(-1)
    K = np.exp(-apart / np.median(apart[np.triu_indices(30, 1)]))
    n, m = 18, 12
    s, t = K[:n, :n], K[n:, n:]
    expected = (
        (s.sum() - np.trace(s)) / (n * (n - 1))
        + (t.sum() - np.trace(t)) / (m * (m - 1))
        - 2 * K[:n, n:].mean()
    )
    assert found.value == pytest.approx(expected)
    p = [
        measure_discrepancy(rng.normal(size=(40, 3)), np.arange(40) >= 20,
                            n_permutations=99, seed=seed).p
        for seed in range(200)
    ]  # fmt: skip
    assert np.mean(np.array(p) <= 0.05) < 0.1


def test_frechet_splits_into_what_recentring_undoes_and_what_it_leaves():
    rng = np.random.default_rng(7)
    source = rng.normal(size=(5000, 3))
    moved = measure_frechet(source, source + np.array([3.0, 0, 0]))
    total = np.trace(np.cov(source.T))
    assert moved.mean == pytest.approx(9 / total)
    assert moved.covariance == pytest.approx(0, abs=1e-6)
    target = rng.normal(size=(5000, 3)) * [1, 2, 3]
    a, b = np.cov(source.T), np.cov(target.T)
    expected = np.trace(a + b - 2 * sqrtm(sqrtm(a) @ b @ sqrtm(a)).real) / total
    assert measure_frechet(source, target).covariance == pytest.approx(expected)


def test_the_distance_of_covariances_ignores_a_common_mixing_of_channels():
    rng = np.random.default_rng(8)
    root = rng.normal(size=(2, 10, 1, 3, 9))
    source, target = root @ np.swapaxes(root, -1, -2)
    plain = measure_covariance_distance(source, 2 * target)
    assert plain.shape == (1,)
    assert measure_covariance_distance(source, source)[0] == pytest.approx(0, abs=1e-6)
    grown = measure_covariance_distance(source, np.e * source)
    assert grown[0] == pytest.approx(np.sqrt(3))


def test_small_measures_have_their_closed_forms():
    rng = np.random.default_rng(9)
    one, other = rng.normal(size=4000), rng.normal(1.0, 1.0, 4000)
    assert standardise_difference(one, other) == pytest.approx(1, abs=0.06)
    assert overlap(one, other) == pytest.approx(2 * stats.norm.cdf(-0.5), abs=0.03)
    assert overlap(one, one) > 0.99
    assert overlap(np.zeros(5), np.ones(5)) == 0
    expected = stats.mannwhitneyu(other, one).statistic / (4000 * 4000)
    assert find_auroc(one, other) == pytest.approx(expected)


def test_factors_are_ranked_and_the_planted_one_comes_first():
    rng = np.random.default_rng(10)
    n = 80
    source = pd.DataFrame({"age": rng.normal(40, 10, n), "reference": "Cz",
                           "sex": rng.choice(["F", "M"], n),
                           "scale": rng.normal(0, 1, n)})  # fmt: skip
    target = source.assign(age=rng.normal(60, 10, n), scale=rng.normal(0, 1, n),
                           sex=rng.choice(["F", "M"], n))  # fmt: skip
    table = compare_factors(source, target, ["sex", "age", "reference", "scale"])
    assert table["factor"].iloc[0] == "age"
    assert table["smd"].iloc[0] == pytest.approx(2, abs=0.7)
    assert table["p_bh"].iloc[0] < 1e-6
    assert (table["p_bh"].iloc[1:] > 0.05).all()
    moved = compare_factors(source, target.assign(reference="average"),
                            ["age", "reference"])  # fmt: skip
    assert moved["factor"].iloc[0] == "reference"
    assert moved["size"].iloc[0] == pytest.approx(1)


def test_a_factor_that_nobody_knows_has_no_size():
    unknown = pd.DataFrame({"age": [np.nan] * 10, "sex": [None] * 10})
    table = compare_factors(unknown, unknown, ["age", "sex"])
    assert table["size"].isna().all()
    assert (table["missing_source"] == 10).all()
    assert (table["in_source"] == "unknown").all()


def test_shares_of_variance_add_up_to_what_all_factors_explain():
    rng = np.random.default_rng(11)
    n = 300
    people = pd.DataFrame({"site": rng.choice(["a", "b", "c"], n),
                           "age": rng.normal(50, 10, n),
                           "sex": rng.choice(["F", "M"], n)})  # fmt: skip
    X = rng.normal(size=(n, 12))
    X += people["site"].map({"a": 0, "b": 2, "c": -2}).to_numpy()[:, None]
    X[:, :3] += 0.05 * (people["age"].to_numpy()[:, None] - 50)
    factors = {name: code_factor(people[name]) for name in people}
    shares = partition_variance(X, factors, n_bootstraps=100, n_permutations=99)
    named = {share.factor: share for share in shares}
    assert shares[0].factor == "site"
    assert named["site"].value > 5 * named["age"].value > 0
    assert abs(named["sex"].value) < 0.01
    assert named["site"].ci_low < named["site"].value < named["site"].ci_high
    assert named["site"].p == pytest.approx(0.01)
    assert named["sex"].p > 0.05
    for share in shares:  # and resamples are not biased upwards
        middle = (share.ci_low + share.ci_high) / 2
        assert abs(share.value - middle) < 0.3 * (share.ci_high - share.ci_low)
    # One factor alone is its whole share.
    only = partition_variance(X, {"site": factors["site"]}, n_bootstraps=20,
                              n_permutations=19)[0]  # fmt: skip
    assert only.value == pytest.approx(only.alone)


def test_factors_that_are_one_share_what_they_explain():
    rng = np.random.default_rng(12)
    site = rng.integers(0, 2, 200).astype(float)
    X = rng.normal(size=(200, 5)) + 2 * site[:, None]
    twice = {"site": site[:, None] - site.mean(), "device": site[:, None] - site.mean()}
    one, other = partition_variance(X, twice, n_bootstraps=20, n_permutations=19)
    assert one.value == pytest.approx(other.value, abs=0.01)


def test_identity_is_found_where_windows_are_a_persons_own():
    rng = np.random.default_rng(13)
    own = rng.normal(size=(30, 1, 20))
    share, found = measure_identity(own + 0.5 * rng.normal(size=(30, 6, 20)))
    assert share == pytest.approx(1 / 1.25, abs=0.05)
    assert found > 0.9
    share, found = measure_identity(rng.normal(size=(30, 6, 20)))
    assert share < 0.05
    assert found < 0.3


@pytest.mark.slow
def test_the_evidence_is_that_of_a_brute_force_search():
    rng = np.random.default_rng(14)
    X = rng.normal(size=(40, 5))
    y = X @ rng.normal(size=5) + rng.normal(size=40)
    y = (y - y.mean()) / y.std()
    scaled = (X - X.mean(0)) / X.std(0) / np.sqrt(5)

    def evidence(alpha, beta):
        covariance = scaled @ scaled.T / alpha + np.eye(40) / beta
        return stats.multivariate_normal(cov=covariance).logpdf(y - y.mean()) / 40

    grid = np.exp(np.linspace(-4, 4, 81))
    best = max(evidence(a, b) for a in grid for b in grid)
    assert measure_evidence(X, y[:, None]) == pytest.approx(best, abs=2e-3)


def test_evidence_prefers_features_that_know_the_label():
    rng = np.random.default_rng(15)
    y = rng.integers(0, 2, 80)
    one_hot = np.eye(2)[y]
    noise = rng.normal(size=(80, 30))
    knows = noise.copy()
    knows[:, :3] += 1.5 * y[:, None]
    assert measure_evidence(knows, one_hot) > measure_evidence(noise, one_hot)
