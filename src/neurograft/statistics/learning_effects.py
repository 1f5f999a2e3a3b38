"""Effects of the people who were learned from on a score, person by person.

A score that is averaged over draws of few labelled people from a cohort varies between
cohorts for two reasons: other people are tested, and other people are there to be
learned from. Resampling the tested people holds the first only.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

from neurograft.types import FloatArray

# Fewer draws with or without a person tell nothing of that person. Chosen here.
MIN_DRAWS = 2


def find_learning_effects(
    values: Float[np.ndarray, "n_draws n_people"],
    learned: Bool[np.ndarray, "n_draws n_people"],
    strata: Int[np.ndarray, " n_people"],
) -> FloatArray:
    """Estimate how the mean score changes if a person counts more among those learned.

    The first-order part of the score as a function of the people learned from
    (Hoeffding 1948), which the draws with and without a person show (infinitesimal
    jackknife of resampled predictors, Efron 2014). A finite number of draws adds noise,
    whose variance is known and by which the effects are shrunk (Wager, Hastie and Efron
    2014).

    Args:
        values: Score of every draw, where this person is not among the tested; NaN
            where there is none.
        learned: Whether the person was learned from.
        strata: Class of every person, within which people are resampled.

    Returns:
        Change of the mean score for each unit of weight, `(n_people,)`; the mean within
        each class is 0.
    """
    is_there = np.isfinite(values)
    filled = np.where(is_there, values, 0.0)
    with_person, without = is_there & learned, is_there & ~learned
    n_with, n_without = with_person.sum(0), without.sum(0)
    enough = (n_with >= MIN_DRAWS) & (n_without >= MIN_DRAWS)
    if not enough.any():
        return np.zeros(values.shape[1])
    of_with, of_without = np.maximum(n_with, 1), np.maximum(n_without, 1)
    mean_with = (filled * with_person).sum(0) / of_with
    mean_without = (filled * without).sum(0) / of_without
    share = learned.mean(0)
    effects = _centre(np.where(enough, share * (mean_with - mean_without), 0.0), strata)
    apart = np.where(learned, filled - mean_with, filled - mean_without) * is_there
    variance = (apart**2).sum(0) / np.maximum(n_with + n_without - 2, 1)
    noise = (share**2 * variance * (1 / of_with + 1 / of_without))[enough].sum()
    total = (effects**2).sum()
    kept = max(0.0, 1 - noise / total) if total > 0 else 0.0
    return np.asarray(np.sqrt(kept) * effects)


def _centre(effects: FloatArray, strata: Int[np.ndarray, " n_people"]) -> FloatArray:
    centred = effects.copy()
    for stratum in np.unique(strata):
        own = strata == stratum
        centred[own] -= centred[own].mean()
    return centred
