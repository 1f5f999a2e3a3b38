import numpy as np
import pytest
from scipy import integrate, special

from neurograft.statistics.bayes_factors import (
    correlation_bayes_factor,
    t_test_bayes_factor,
)


@pytest.mark.parametrize(
    ("t", "n", "n_other", "expected"),
    # As given by the R package BayesFactor (through pingouin's documentation).
    [(3.5, 20, 20, 26.743), (3.5, 20, None, 17.185)],
)
def test_factor_is_the_published_one(t, n, n_other, expected):
    assert t_test_bayes_factor(t, n, n_other) == pytest.approx(expected, abs=1e-3)


def test_no_difference_speaks_for_none_and_more_so_with_more_people():
    small, large = (t_test_bayes_factor(0.0, n, n) for n in (20, 200))
    assert large < small < 1 / 3 + 0.05


def test_correlation_factor_is_the_integral_it_solves():
    r, n = 0.35, 40

    def likelihood(rho):
        a = (n - 1) / 2
        return 0.5 * (1 - rho**2) ** a * special.hyp2f1(a, a, 0.5, (r * rho) ** 2)

    # The integrand leaves out a part that is odd in rho and integrates to nothing.
    expected = integrate.quad(likelihood, -1, 1)[0]
    assert correlation_bayes_factor(r, n) == pytest.approx(expected)
    assert correlation_bayes_factor(0.6, 20) == pytest.approx(10.634, abs=1e-3)


def test_direction_of_the_effect_does_not_matter():
    assert t_test_bayes_factor(-2.0, 30, 25) == pytest.approx(
        t_test_bayes_factor(2.0, 30, 25)
    )
    assert np.isfinite(t_test_bayes_factor(12.0, 60, 60))


def test_groups_too_far_apart_for_any_number_have_an_infinite_factor():
    assert 1e100 < t_test_bayes_factor(1e3, 60, 60) < np.inf
    assert t_test_bayes_factor(1e6, 60, 60) == np.inf
