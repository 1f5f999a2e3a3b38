"""Fit smooth curves over age, and say between which values new people lie.

The curve is a natural cubic spline with three knots: an intercept, a slope and a bend,
and straight lines beyond the outer knots. With few people more would be noise.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import stats

from neurograft.types import FloatArray

# Where ages are counted from and in what, so that powers of them stay small, years.
CENTRE_YEARS, UNIT_YEARS = 50.0, 20.0
# Levels of the knots (Harrell 2015, table 2.3), which are rounded to so many years, so
# that nobody's age is told.
KNOT_LEVELS, KNOT_STEP_YEARS = (0.1, 0.5, 0.9), 5.0
N_FOLDS = 10


@dataclass(frozen=True)
class AgeCurve:
    """Curves of several values over age, with how far people lie from them.

    Attributes:
        knots: Years; fewer than three, where ages hardly differ, give a straight line.
        coefficients: Of the basis, by value.
        inverse: Inverse of the products of the basis: how well ages are covered.
        spread: SD of people around each curve, from people left out.
        n: People.
    """

    knots: Float[np.ndarray, " n_knots"]
    coefficients: Float[np.ndarray, "n_terms n_values"]
    inverse: Float[np.ndarray, "n_terms n_terms"]
    spread: Float[np.ndarray, " n_values"]
    n: int

    @property
    def freedom(self) -> int:
        """Return the degrees of freedom of the spread."""
        return self.n - len(self.coefficients)

    def expect(self, age: float) -> Float[np.ndarray, " n_values"]:
        """Return the values that are expected at an age (years)."""
        return np.asarray(
            spread_ages(np.array([age]), self.knots)[0] @ self.coefficients
        )

    def find_error(self, age: float) -> Float[np.ndarray, " n_values"]:
        """Return the SD of a new person's values about those expected at an age.

        It holds the spread between people, and the doubt about the curve at that age.
        """
        row = spread_ages(np.array([age]), self.knots)[0]
        return np.asarray(self.spread * np.sqrt(1 + row @ self.inverse @ row))

    def find_reach(self, confidence: float) -> float:
        """Return how many SD a prediction interval reaches to both sides."""
        return float(stats.t.ppf((1 + confidence) / 2, self.freedom))

    def find_share_beyond(self, z: float) -> float:
        """Return the share of values that lie beyond `z` SD by chance."""
        return float(2 * stats.t.sf(z, self.freedom))


def fit_age_curve(
    ages: Float[np.ndarray, " n"], values: Float[np.ndarray, "n n_values"], *, seed: int
) -> AgeCurve:
    """Fit curves over age, and their spread to people who were left out.

    A person who is left out lies farther from the curve than the spread, by the doubt
    about the curve; that is divided out.

    Args:
        ages: Years, of more people than there are folds.
        values: Of the same people.
        seed: Of folds.
    """
    knots = place_knots(ages)
    terms = spread_ages(ages, knots)
    fold = np.random.default_rng(seed).permutation(len(ages)) % N_FOLDS
    residuals = np.empty_like(values, dtype=float)
    for number in range(N_FOLDS):
        test = fold == number
        inverse = np.linalg.pinv(terms[~test].T @ terms[~test])
        fitted = terms[test] @ (inverse @ (terms[~test].T @ values[~test]))
        doubt = np.einsum("ij,jk,ik->i", terms[test], inverse, terms[test])
        residuals[test] = (values[test] - fitted) / np.sqrt(1 + doubt)[:, None]
    inverse = np.linalg.pinv(terms.T @ terms)
    spread = np.sqrt((residuals**2).mean(0))
    return AgeCurve(knots, inverse @ (terms.T @ values), inverse, spread, len(ages))


def place_knots(ages: FloatArray) -> FloatArray:
    """Place knots at rounded quantiles of ages.

    Example:
        >>> place_knots(np.arange(20.0, 81.0)).tolist()
        [25.0, 50.0, 75.0]
    """
    rounded = np.round(np.quantile(ages, KNOT_LEVELS) / KNOT_STEP_YEARS)
    return np.unique(rounded) * KNOT_STEP_YEARS


def spread_ages(
    ages: Float[np.ndarray, " n"], knots: Float[np.ndarray, " n_knots"]
) -> Float[np.ndarray, "n n_terms"]:
    """Return the basis of curves at ages: one, the age, and with three knots a bend.

    Source: Harrell 2015, Regression Modeling Strategies, equation 2.25.
    """
    t = (ages - CENTRE_YEARS) / UNIT_YEARS
    straight = np.stack([np.ones_like(t), t], axis=1)
    if len(knots) < len(KNOT_LEVELS):
        return straight
    first, middle, last = (knots - CENTRE_YEARS) / UNIT_YEARS

    def cube(knot: float) -> FloatArray:
        return np.asarray(np.maximum(t - knot, 0) ** 3)

    width = last - middle
    bend = (
        cube(first)
        - cube(middle) * (last - first) / width
        + cube(last) * (middle - first) / width
    )
    return np.column_stack([straight, bend / (last - first) ** 2])
