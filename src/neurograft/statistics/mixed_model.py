"""Fit a mixed model to scores of people who were recorded more than once."""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from neurograft.errors import ConfigError, DataError
from neurograft.statistics.intervals import CONFIDENCE


class MixedEffect(NamedTuple):
    """Effect of a variable on a score, people as random intercepts.

    Attributes:
        estimate: In units of the score per unit of the variable.
        ci_low: Lower bound of the 95 % interval (Wald).
        ci_high: Upper bound.
        p: Two-sided p-value.
        between_share: Share of the variance that lies between people (ICC).
    """

    estimate: float
    ci_low: float
    ci_high: float
    p: float
    between_share: float


def fit_mixed_model(
    table: pd.DataFrame,
    *,
    outcome: str,
    effect: str,
    person: str = "participant_id",
) -> MixedEffect:
    """Fit `outcome ~ effect + (1 | person)` by REML (statsmodels).

    Args:
        table: One row per recording; columns are numbers, but for the person.
        outcome: Column of the score.
        effect: Column whose effect is asked for.
        person: Column of the person.

    Raises:
        ConfigError: If statsmodels is not installed.
        DataError: If nobody was recorded twice.
    """
    try:
        from statsmodels.regression.mixed_linear_model import MixedLM
    except ImportError as missing:
        raise ConfigError(
            "A mixed model needs statsmodels; pip install 'neurograft[stats]'."
        ) from missing
    used = table[[person, outcome, effect]].dropna()
    if used[person].value_counts().max() < 2:
        raise DataError(
            f"Nobody has two rows with {outcome} and {effect}; a mixed model needs "
            "people who were recorded more than once."
        )
    design = used[[effect]].astype(float).assign(intercept=1.0)
    with warnings.catch_warnings():
        # A variance of zero between people is an answer, not an accident.
        warnings.simplefilter("ignore")
        fit = MixedLM(used[outcome].astype(float), design, groups=used[person]).fit(
            reml=True
        )
    estimate, error = float(fit.params[effect]), float(fit.bse_fe[effect])
    z = stats.norm.ppf((1 + CONFIDENCE) / 2)
    between = float(np.asarray(fit.cov_re)[0, 0])
    return MixedEffect(
        estimate,
        estimate - z * error,
        estimate + z * error,
        float(2 * stats.norm.sf(abs(estimate / error))),
        between / (between + float(fit.scale)),
    )
