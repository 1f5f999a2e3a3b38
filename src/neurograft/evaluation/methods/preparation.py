"""Prepare features inside a fold before anything is fitted to labels.

Standardise, adapt and reduce, all fitted to the training rows. Adapters that only
move means and scales come before the reduction, so that no component is spent on the
site; those that estimate covariances come after it, where there are few numbers.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer

from neurograft.adaptation.adapter import Adapter
from neurograft.adaptation.by_name import make_adapter
from neurograft.adaptation.covariance_alignment import AlignCovariances
from neurograft.adaptation.residuals import list_known
from neurograft.config.method_table import BLIND
from neurograft.config.methods import split_block
from neurograft.errors import ConfigError
from neurograft.evaluation.methods.reduction import (
    RowSpace,
    Standardise,
    Steps,
    SubjectPCA,
    apply_steps,
    fit_steps,
)
from neurograft.features.covariances import EmbeddingCovariance, FilterBankTangent
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray, IntArray

# Learners that need no reduction: trees choose among features.
TREES = ("boosting", "forest")
# Adapters that estimate a covariance: after the reduction.
REDUCED_FIRST = ("coral", "linear-ot", "erase")


def prepare_block(
    block: str,
    features: Mapping[str, FloatArray],
    labels: FloatArray,
    split: Split,
    *,
    people: pd.DataFrame | None = None,
    learner: str = "linear",
) -> tuple[FloatArray, FloatArray]:
    """Prepare a feature set of a fold's training and test rows.

    Args:
        block: Feature set, with an adapter after an `@` or without.
        features: By feature set, all rows.
        labels: Of all rows; adapters look at those of the training rows, to refuse
            where they cannot be told from the site.
        split: The fold.
        people: `domain`, `age`, `sex` of all rows; needed by adapters.
        learner: `linear` takes all directions that people differ in, trees take
            features as they are, and others a third as many components as people.

    Returns:
        Matrices of the training and of the test rows.

    Raises:
        DataError, DesignError: If an adapter cannot be fitted.
    """
    name, adapter = split_block(block)
    train, test = (features[name][rows] for rows in (split.train, split.test))
    if not adapter:
        steps = list_feature_steps(name, learner)
        return fit_steps(steps, train), apply_steps(steps, test)
    if adapter in REDUCED_FIRST and learner == "linear":
        learner = "reduced"
    adapt = _Adapting(adapter, labels, split, people)
    if name == "riemann" and adapter in ("recentre", "rescale", "euclid"):
        aligner = AlignCovariances(
            "euclid" if adapter == "euclid" else "riemann", rescale=adapter == "rescale"
        )
        train, test = adapt(aligner, train, test)
        steps = list_feature_steps(name, learner)
        return fit_steps(steps, train), apply_steps(steps, test)
    before, after = _split_steps(list_feature_steps(name, learner), adapter)
    train, test = fit_steps(before, train), apply_steps(before, test)
    train, test = adapt(make_adapter(adapter, adapt.covariates), train, test)
    return fit_steps(after, train), apply_steps(after, test)


def list_feature_steps(name: str, learner: str) -> Steps:
    """List the steps of a feature set; none sees a label.

    Args:
        name: Of the feature set.
        learner: Which decides on the reduction, as in `prepare_block`.
    """
    scale = ("scale", Standardise())
    reduce = ("reduce", RowSpace() if learner == "linear" else SubjectPCA())
    if name in BLIND:
        return [("impute", SimpleImputer(strategy="median", add_indicator=True)), scale]
    if name in ("riemann", "encoder-covariance"):
        # Tangent vectors share one metric; standardising them would blow up the
        # directions that the reference and interpolation left without signal.
        space = FilterBankTangent() if name == "riemann" else EmbeddingCovariance()
        return [("tangent", space), reduce]
    if learner in TREES:
        return [scale]
    return [scale, reduce]


def _split_steps(steps: Steps, adapter: str) -> tuple[Steps, Steps]:
    """Split steps at the adapter; covariances are those of reduced features."""
    n_before = len(steps) if adapter in REDUCED_FIRST else 1
    return steps[:n_before], steps[n_before:]


class _Adapting:
    """An adapter as a step: fitted to training rows, it transforms all rows."""

    def __init__(
        self, name: str, labels: FloatArray, split: Split, people: pd.DataFrame | None
    ) -> None:
        if people is None:
            raise ConfigError(f"Adapter {name!r} needs to know who is from which site.")
        self.y = labels[split.train]
        self.people = [
            people.iloc[rows].reset_index(drop=True)
            for rows in (split.train, split.test)
        ]
        self.domains = sign_domains(*(p["domain"].to_numpy() for p in self.people))
        self.covariates = list_known(people)

    def __call__(
        self, adapter: Adapter, train: FloatArray, test: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        fitted = adapter.fit(
            train, self.y, sample_domain=self.domains[0], covariates=self.people[0]
        )
        return (
            fitted.transform(
                train, sample_domain=self.domains[0], covariates=self.people[0]
            ),
            fitted.transform(
                test, sample_domain=self.domains[1], covariates=self.people[1]
            ),
        )


def sign_domains(train: IntArray, test: IntArray) -> tuple[IntArray, IntArray]:
    """Return positive domains of training rows, and negative ones of new sites.

    Example:
        >>> sign_domains(np.array([1, 2]), np.array([2, 3]))
        (array([1, 2]), array([ 2, -3]))
    """
    return train, np.where(np.isin(test, train), test, -test)
