"""Regression across sites whose people differ: learn how far to re-centre each site.

Source: GOPSA (Mellot 2024, "Geodesic optimization for predictive shift adaptation on
EEG data", eqs. 7-10). Every site's covariances move along the geodesic from their mean
to the identity by a share alpha; alphas of the sources minimise the loss of a ridge
regression, that of a target makes the mean prediction equal its known mean.
"""

import numpy as np
from jaxtyping import Float, Int
from scipy import optimize
from scipy.special import expit
from sklearn.base import BaseEstimator, RegressorMixin

from neurograft.adaptation.adapter import is_source, iterate_domains
from neurograft.adaptation.covariance_alignment import check_positive
from neurograft.errors import DataError
from neurograft.statistics.linear.positive_matrices import (
    find_geometric_mean,
    raise_to_power,
    take_logarithm,
    take_upper_triangle,
)
from neurograft.types import FloatArray

# Shares of the geodesic at which features are computed; between them they are
# interpolated. Chosen here: steps of a tenth, along which features hardly bend.
GRID = np.linspace(0, 1, 11)


class GeodesicRegression(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Ridge on log-mapped covariances, with a learned share of re-centring per site.

    Args:
        penalty: Ridge penalty per row, in units of the mean squared feature.
    """

    def __init__(self, penalty: float = 1e-2) -> None:
        self.penalty = penalty

    def fit(
        self,
        X: Float[np.ndarray, "n n_bands n_channels n_channels"],
        y: Float[np.ndarray, " n"],
        *,
        sample_domain: Int[np.ndarray, " n"],
    ) -> "GeodesicRegression":
        """Learn shares and weights from the source sites.

        Raises:
            DataError: If a row is of a target, a matrix is singular, or a site has a
                single row.
        """
        if not is_source(sample_domain).all():
            raise DataError("Fit to source people only; a target is for `predict`.")
        check_positive(X)
        sites = dict(iterate_domains(X, sample_domain))
        paths = {
            domain: map_along_path(X[rows], GRID) for domain, rows in sites.items()
        }

        def fill(shares: FloatArray) -> FloatArray:
            first = next(iter(paths.values()))[0]
            features = np.empty((len(X), first.shape[1]))
            for (domain, rows), share in zip(sites.items(), shares, strict=True):
                features[rows] = interpolate_path(paths[domain], share)
            return features

        def loss(z: FloatArray) -> float:
            return fit_ridge(fill(expit(z)), y, self.penalty)[2]

        start = np.zeros(len(sites))
        best = optimize.minimize(loss, start, method="L-BFGS-B", bounds=[(-6, 6)])
        shares = expit(best.x)
        self.shares_ = dict(zip(sites, shares.tolist(), strict=True))
        self.coef_, self.intercept_, _ = fit_ridge(fill(shares), y, self.penalty)
        return self

    def predict(
        self,
        X: Float[np.ndarray, "n n_bands n_channels n_channels"],
        *,
        target_mean: float,
    ) -> FloatArray:
        """Return predictions `(n,)` for a new site whose mean label is known.

        Args:
            X: Covariances of the people of the site.
            target_mean: Mean label of these people.

        Raises:
            DataError: If the mean is not finite, or a matrix is singular.
        """
        if not np.isfinite(target_mean):
            raise DataError("A target site needs the mean label of its people.")
        check_positive(X)
        path = map_along_path(X, GRID)

        def apart(share: float) -> float:
            features = interpolate_path(path, share)
            return float((features @ self.coef_).mean() + self.intercept_ - target_mean)

        ends = apart(0.0), apart(1.0)
        if ends[0] * ends[1] < 0:
            share = float(optimize.brentq(apart, 0, 1))
        else:
            share = float(abs(ends[1]) < abs(ends[0]))
        self.target_share_ = share
        return np.asarray(interpolate_path(path, share) @ self.coef_ + self.intercept_)


def map_along_path(
    matrices: Float[np.ndarray, "n n_bands n_channels n_channels"], shares: FloatArray
) -> list[Float[np.ndarray, "n n_features"]]:
    """Re-centre by shares of the way, and return the tangent vectors at the identity.

    A share moves matrices C with the mean M to `M^(-share/2) C M^(-share/2)`.

    Args:
        matrices: Covariances of the people of a site, by band.
        shares: 0 leaves them in place, 1 brings their mean to the identity.
    """
    mean = find_geometric_mean(matrices)
    path = []
    for share in shares:
        root = raise_to_power(mean, -share / 2)
        vectors = take_upper_triangle(take_logarithm(root @ matrices @ root))
        path.append(vectors.reshape(len(matrices), -1))
    return path


def interpolate_path(path: list[FloatArray], share: float) -> FloatArray:
    """Return features `(n, n_features)` between those at the shares of the grid.

    Args:
        path: Features at evenly spaced shares from 0 to 1.
        share: Share at which features are wanted.
    """
    place = float(np.clip(share, 0, 1)) * (len(path) - 1)
    low = min(int(place), len(path) - 2)
    return np.asarray(path[low] + (place - low) * (path[low + 1] - path[low]))


def fit_ridge(
    X: Float[np.ndarray, "n n_features"], y: Float[np.ndarray, " n"], penalty: float
) -> tuple[Float[np.ndarray, " n_features"], float, float]:
    """Fit a ridge regression, and measure its error on rows that are left out.

    The error of leaving each row out follows from the hat matrix (Allen 1974).

    Args:
        X: Features.
        y: Numbers to predict.
        penalty: Penalty in units of the summed squared centred features.

    Returns:
        Weights, intercept, and the mean squared leave-one-out error.
    """
    centre = X.mean(0)
    centred = X - centre
    gram = centred @ centred.T
    scale = penalty * np.trace(gram)
    dual = np.linalg.solve(gram + scale * np.eye(len(X)), np.eye(len(X)))
    residual = dual @ (y - y.mean())
    coef = centred.T @ residual
    kept = np.diag(dual) * scale - 1 / len(X)
    errors = residual * scale / np.maximum(kept, 1e-12)
    return coef, float(y.mean() - centre @ coef), float((errors**2).mean())
