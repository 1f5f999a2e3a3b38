"""ComBat: take a site's shift and spread out of features, keep what age and sex do.

Source: Johnson 2007 (empirical Bayes), Fortin 2017 (covariates that are kept). Fitted
on training people only. Where the label depends on the site, any removal of the site
removes the label too, and fitting it on everybody leaks it (Nieto 2024): refused.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from sklearn.base import BaseEstimator

from neurograft.adaptation.adapter import describe_all, is_source, iterate_domains
from neurograft.adaptation.residuals import code_covariates
from neurograft.errors import DesignError
from neurograft.statistics.association import measure_association
from neurograft.types import FloatArray, IntArray

# Iterations of the posterior means at most. Chosen here: they end after some tens.
MAX_ITERATIONS = 100
# Change at which they end. Chosen here: in SDs, far below any effect of a site.
TOLERANCE = 1e-4
# Cramer's V of label and site above which removal is refused (docs/decisions/0016).
MAX_ASSOCIATION = 0.8


class SiteEffect(NamedTuple):
    """Shift and spread of a site in standardised features, each `(n_features,)`."""

    shift: FloatArray
    spread: FloatArray


class ComBat(BaseEstimator):  # type: ignore[misc]
    """Remove site effects, pooled over features by empirical Bayes.

    Args:
        names: Covariates whose effect is kept.
    """

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self.names = names

    def fit(
        self,
        X: Float[np.ndarray, "n n_features"],
        y: Any = None,
        *,
        sample_domain: Int[np.ndarray, " n"],
        covariates: pd.DataFrame | None = None,
    ) -> "ComBat":
        """Learn covariates' slopes, the pooled spread, and every site's effect.

        Raises:
            DesignError: If label and site can hardly be told apart.
            DataError: If a site has a single row, or a covariate is missing.
        """
        is_source(sample_domain)
        check_separable(y, sample_domain)
        Z = self._code(covariates, len(X))
        self.Z_centre_ = Z.mean(0)
        sites = list(iterate_domains(X, sample_domain))
        dummies = np.stack([rows.astype(float) for _, rows in sites], axis=1)
        design = np.concatenate([dummies, Z - self.Z_centre_], axis=1)
        weights = np.linalg.lstsq(design, X, rcond=None)[0]
        n_sites = len(sites)
        shares = dummies.mean(0)
        self.mean_ = shares @ weights[:n_sites]
        self.slopes_ = weights[n_sites:]
        self.sd_ = np.sqrt(np.maximum(((X - design @ weights) ** 2).mean(0), 1e-12))
        standard = (X - self._keep(Z)) / self.sd_
        self.sites_ = {domain: pool_effects(standard[rows]) for domain, rows in sites}
        return self

    def transform(
        self,
        X: Float[np.ndarray, "n n_features"],
        *,
        sample_domain: Int[np.ndarray, " n"],
        covariates: pd.DataFrame | None = None,
    ) -> FloatArray:
        """Return features `(n, n_features)` without site effects.

        Those of a new site are estimated from its rows.

        Raises:
            DataError: If a new site has a single row, or a covariate is missing.
        """
        Z = self._code(covariates, len(X))
        standard = (X - self._keep(Z)) / self.sd_
        effects = describe_all(self.sites_, standard, sample_domain, pool_effects)
        for domain, effect in effects.items():
            rows = sample_domain == domain
            standard[rows] = (standard[rows] - effect.shift) / effect.spread
        return np.asarray(standard * self.sd_ + self._keep(Z))

    def _code(self, covariates: pd.DataFrame | None, n: int) -> FloatArray:
        """Return the coded covariates of `n` people; no column without names."""
        return (
            code_covariates(covariates, self.names) if self.names else np.empty((n, 0))
        )

    def _keep(self, Z: FloatArray) -> FloatArray:
        """Return the part of features that covariates explain, and that is kept."""
        return np.asarray(self.mean_ + (Z - self.Z_centre_) @ self.slopes_)


def check_separable(y: Any, sample_domain: Sequence[int] | IntArray) -> None:
    """Check that the label is not the site.

    Args:
        y: Label of every row, shape `(n,)`; None, nothing to check. Numbers with many
            values are not checked.
        sample_domain: Site of every row, shape `(n,)`.

    Raises:
        DesignError: If Cramer's V of label and site is above 0.8.
    """
    if y is None:
        return
    labels, domains = np.asarray(y), np.asarray(sample_domain)
    if len(np.unique(domains)) < 2 or len(np.unique(labels)) > max(10, len(y) // 5):
        return
    together = measure_association(labels, domains)
    if together.v > MAX_ASSOCIATION:
        raise DesignError(
            f"Label and site go together (Cramer's V {together.v:.2f}, smallest cell "
            f"{together.smallest_cell}): removing the site would remove the label. Add "
            "controls from the patients' site, or compare within sites."
        )


def pool_effects(standard: Float[np.ndarray, "n n_features"]) -> SiteEffect:
    """Return the shift and spread of a site, drawn to what its features share.

    Iterated posterior means of Johnson 2007, eqs. 3.1 and 3.2; priors by moments.
    """
    n = len(standard)
    shift_hat, variance_hat = standard.mean(0), standard.var(0, ddof=1)
    if standard.shape[1] < 2:
        return SiteEffect(shift_hat, np.sqrt(np.maximum(variance_hat, 1e-12)))
    prior_mean, prior_variance = shift_hat.mean(), shift_hat.var(ddof=1)
    m, s2 = variance_hat.mean(), max(variance_hat.var(ddof=1), 1e-12)
    shape, rate = (2 * s2 + m**2) / s2, (m * s2 + m**3) / s2
    shift, variance = shift_hat, np.maximum(variance_hat, 1e-12)
    for _ in range(MAX_ITERATIONS):
        weight = n * prior_variance
        new_shift = (weight * shift_hat + variance * prior_mean) / (weight + variance)
        squares = ((standard - new_shift) ** 2).sum(0)
        new_variance = (rate + 0.5 * squares) / (n / 2 + shape - 1)
        change = max(
            float(np.abs(new_shift - shift).max()),
            float(np.abs(new_variance / variance - 1).max()),
        )
        shift, variance = new_shift, new_variance
        if change < TOLERANCE:
            break
    return SiteEffect(shift, np.sqrt(variance))
