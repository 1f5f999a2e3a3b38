"""Regression across sites whose people differ too: how far to re-centre is learned.

Source: GOPSA (Mellot 2024, "Geodesic optimization for predictive shift adaptation on
EEG data", eqs. 7-10). Every site's covariances move along the geodesic from their mean
to the identity by a share alpha; alphas of the sources minimise the loss of a ridge
regression, that of a target makes the mean prediction equal its known mean.
"""

import numpy as np
from jaxtyping import Float
from pyriemann.geometry.mean import mean_riemann
from scipy import optimize
from scipy.special import expit
from sklearn.base import BaseEstimator, RegressorMixin

from neurograft.adaptation.adapter import is_source, iterate_domains
from neurograft.adaptation.covariance_alignment import check_positive
from neurograft.errors import DataError
from neurograft.types import FloatArray, IntArray

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
        sample_domain: IntArray,
    ) -> "GeodesicRegression":
        """Learn shares and weights from the source sites.

        Raises:
            DataError: If a matrix is singular, or a site has one row.
        """
        if not is_source(sample_domain).all():
            raise DataError("Fit to source people only; a target is for `predict`.")
        check_positive(X)
        sites = dict(iterate_domains(X, sample_domain))
        paths = {
            domain: [self._map(X[rows], share) for share in GRID]
            for domain, rows in sites.items()
        }

        def fill(shares: FloatArray) -> FloatArray:
            first = next(iter(paths.values()))[0]
            features = np.empty((len(X), first.shape[1]))
            for (domain, rows), share in zip(sites.items(), shares, strict=True):
                features[rows] = interpolate(paths[domain], share)
            return features

        def loss(z: FloatArray) -> float:
            return fit_ridge(fill(expit(z)), y, self.penalty)[2]

        start = np.zeros(len(sites))
        found = optimize.minimize(loss, start, method="L-BFGS-B", bounds=[(-6, 6)])
        shares = expit(found.x)
        self.shares_ = dict(zip(sites, shares.tolist(), strict=True))
        self.coef_, self.intercept_, _ = fit_ridge(fill(shares), y, self.penalty)
        return self

    def predict(
        self,
        X: Float[np.ndarray, "n n_bands n_channels n_channels"],
        *,
        target_mean: float,
    ) -> FloatArray:
        """Predict people of one new site, of whom the mean label is known.

        Raises:
            DataError: If the mean is not finite, or a matrix is singular.
        """
        if not np.isfinite(target_mean):
            raise DataError("A target site needs the mean label of its people.")
        check_positive(X)
        path = [self._map(X, share) for share in GRID]

        def apart(share: float) -> float:
            features = interpolate(path, share)
            return float((features @ self.coef_).mean() + self.intercept_ - target_mean)

        ends = apart(0.0), apart(1.0)
        if ends[0] * ends[1] < 0:
            share = float(optimize.brentq(apart, 0, 1))
        else:
            share = float(abs(ends[1]) < abs(ends[0]))
        self.target_share_ = share
        return np.asarray(interpolate(path, share) @ self.coef_ + self.intercept_)

    @staticmethod
    def _map(X: FloatArray, share: float) -> FloatArray:
        """Tangent vectors at the identity after moving by a share of the geodesic."""
        return np.concatenate(
            [move_and_map(band, share) for band in np.moveaxis(X, 1, 0)], axis=1
        )


def move_and_map(
    matrices: Float[np.ndarray, "n n_channels n_channels"], share: float
) -> FloatArray:
    """Re-centre by a share of the way, `M^(-share/2) C M^(-share/2)`, take the log.

    Off-diagonal entries count the root of 2, so that lengths are kept.
    """
    values, vectors = np.linalg.eigh(mean_riemann(matrices))
    root = (vectors * values ** (-share / 2)) @ vectors.T
    moved = root @ matrices @ root
    values, vectors = np.linalg.eigh(moved)
    log = (vectors * np.log(values)[:, None]) @ np.swapaxes(vectors, 1, 2)
    rows, columns = np.triu_indices(matrices.shape[-1])
    return np.asarray(log[:, rows, columns] * np.where(rows == columns, 1, np.sqrt(2)))


def interpolate(path: list[FloatArray], share: float) -> FloatArray:
    """Features at a share between the grid's points."""
    place = float(np.clip(share, 0, 1)) * (len(path) - 1)
    low = min(int(place), len(path) - 2)
    return np.asarray(path[low] + (place - low) * (path[low + 1] - path[low]))


def fit_ridge(
    X: FloatArray, y: FloatArray, penalty: float
) -> tuple[FloatArray, float, float]:
    """Weights, intercept and mean squared leave-one-out error of a ridge regression.

    The error of leaving each row out follows from the hat matrix (Allen 1974).
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
