"""Predict a number at a new site whose mean is known, from covariances (GOPSA)."""

import numpy as np

from neurograft.adaptation.geodesic_regression import GeodesicRegression
from neurograft.errors import ConfigError
from neurograft.evaluation.methods.problem import Question
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray


def predict_geodesically(
    covariances: FloatArray, labels: FloatArray, split: Split, question: Question
) -> FloatArray:
    """Predict the test rows of new sites, each with the mean label of its people.

    Args:
        covariances: Of all rows, `(n_rows, n_bands, n_channels, n_channels)`.
        labels: Of all rows; of the test rows only the mean of a site is used.
        split: The fold; it tests sites from which nobody is learned.
        question: What is asked.

    Returns:
        Values, shape `(n_test, 1)`.

    Raises:
        ConfigError: If a site is in both the training and the test rows.
    """
    domain = question.known_people["domain"].to_numpy()
    tested = domain[split.test]
    if np.isin(tested, domain[split.train]).any():
        raise ConfigError(
            "Learner 'geodesic' predicts sites from which nobody is learned; set "
            "protocol = 'leave-one-site-out' or 'leave-one-cohort-out'."
        )
    model = GeodesicRegression().fit(
        covariances[split.train],
        labels[split.train],
        sample_domain=domain[split.train],
    )
    found = np.empty((len(split.test), 1))
    for site in np.unique(tested):
        rows = np.flatnonzero(tested == site)
        of_site = split.test[rows]
        found[rows, 0] = model.predict(
            covariances[of_site], target_mean=float(labels[of_site].mean())
        )
    return found
