"""Weight the training people of a fold so that they resemble the new site's people.

Only people of a site from which nobody is learned are a target: within known sites all
weights are one. The target's people are described without their labels.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from neurograft.adaptation.label_shift import weigh_labels
from neurograft.adaptation.residuals import code_covariates, list_known
from neurograft.adaptation.weighting import (
    weigh_by_discriminator,
    weigh_by_kernel_means,
)
from neurograft.errors import ConfigError
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray, IntArray

# Chosen here: a spread needs two people.
MIN_TARGET = 2


class Populations(NamedTuple):
    """Training people and people of new sites, one below the other.

    Attributes:
        X: Features.
        domain: 1 for training people, -1 for people of new sites.
        people: `age` and `sex`.
    """

    X: FloatArray
    domain: IntArray
    people: pd.DataFrame


def weigh_people(
    how: str,
    train: FloatArray,
    test: FloatArray,
    Y: FloatArray,
    split: Split,
    people: pd.DataFrame,
) -> FloatArray | None:
    """Return weights of the training rows, `(n_train,)`; None without a new site.

    Args:
        how: One of `config_methods.WEIGHTERS`.
        train: Features of the training rows.
        test: Features of the test rows.
        Y: Label vectors of all rows; those of training rows are read.
        split: The fold.
        people: `domain`, `age`, `sex` of all rows.

    Returns:
        Shape `(n_train,)`, mean one; of `label-weights`, which depend on the labels,
        `(n_labels, n_train)`.

    Raises:
        ConfigError: If `propensity` is asked for and no covariate is known.
    """
    both = _put_together(train, test, split, people)
    if (both.domain < 0).sum() < MIN_TARGET:
        return None
    if how == "discriminator":
        return weigh_by_discriminator(both.X, both.domain)
    if how == "kernel-mean":
        return weigh_by_kernel_means(both.X, both.domain)
    if how == "propensity":
        return weigh_by_discriminator(_code(both.people), both.domain, C=1.0)
    return np.stack([weigh_labels(both.X, y[split.train], both.domain) for y in Y])


def _put_together(
    train: FloatArray, test: FloatArray, split: Split, people: pd.DataFrame
) -> Populations:
    domain = people["domain"].to_numpy()
    new = ~np.isin(domain[split.test], domain[split.train])
    rows = np.concatenate([split.train, split.test[new]])
    sign = np.repeat([1, -1], [len(split.train), int(new.sum())])
    return Populations(
        np.concatenate([train, test[new]]),
        sign,
        people.iloc[rows].reset_index(drop=True),
    )


def _code(people: pd.DataFrame) -> FloatArray:
    known = list_known(people)
    if not known:
        raise ConfigError(
            "Weights by 'propensity' need age or sex of everybody; fill them in, or "
            "leave people out with `where`."
        )
    return code_covariates(people, known)
