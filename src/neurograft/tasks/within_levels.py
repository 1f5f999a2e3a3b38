"""Compare groups among people who have the same level of a factor."""

import numpy as np
import pandas as pd

from neurograft.statistics.intervals import percentile_interval
from neurograft.types import FloatArray


def compare_within(
    labels: FloatArray,
    scores: FloatArray,
    strata: FloatArray,
    *,
    n_draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float, float, int]:
    """Return the AUROC over pairs of a case and a control of the same stratum.

    The matched analysis of predictions that are there already: a factor that is the
    same in both cannot have told them apart.

    Args:
        labels: 1 case, 0 control.
        scores: Larger means case.
        strata: Level of the factor of every person; NaN is in no pair.
        n_draws: Resamples of people within strata and groups.
        seed: Decides them.

    Returns:
        Area, its 95 % interval, and the number of pairs; NaN without pairs.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for stratum in np.unique(strata[np.isfinite(strata)]):
        own = strata == stratum
        cases, controls = scores[own & (labels == 1)], scores[own & (labels == 0)]
        if len(cases) and len(controls):
            higher = (cases[:, None] > controls) + 0.5 * (cases[:, None] == controls)
            parts.append(higher)
    n_pairs = sum(part.size for part in parts)
    if not n_pairs:
        return float("nan"), float("nan"), float("nan"), 0
    value = sum(part.sum() for part in parts) / n_pairs
    drawn = np.zeros(n_draws)
    for part in parts:
        n, m = part.shape
        one = rng.multinomial(n, np.full(n, 1 / n), n_draws)
        other = rng.multinomial(m, np.full(m, 1 / m), n_draws)
        drawn += np.einsum("dn,nm,dm->d", one, part, other, optimize=True)
    return float(value), *percentile_interval(drawn / n_pairs), n_pairs


def cut_levels(values: pd.Series, *, n_levels: int = 4) -> FloatArray:
    """Return strata of a factor: groups, or quantiles of a number; NaN if unknown."""
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > n_levels:
        ranks = values.rank(pct=True)
        return np.asarray(np.ceil(ranks.to_numpy(dtype=float) * n_levels))
    codes = pd.factorize(values.to_numpy(), sort=True)[0].astype(float)
    return np.asarray(np.where(codes < 0, np.nan, codes))
