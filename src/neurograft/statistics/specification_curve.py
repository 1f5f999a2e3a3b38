"""A specification curve: the same question, asked in every defensible way.

Which band edges, reference or number of windows were chosen can decide a result. All
choices are run; the curve shows their results sorted, and a joint test asks whether
they are better than those of permuted labels as a whole (Simonsohn 2020).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from neurograft.statistics.permutation import permutation_p_value


class SpecificationTest(NamedTuple):
    """Joint test of all specifications of a curve.

    Attributes:
        median: Median statistic over specifications.
        p_median: Permutation p-value of the median.
        share_significant: Share of specifications that are significant by themselves.
        p_share: Permutation p-value of that share.
    """

    median: float
    p_median: float
    share_significant: float
    p_share: float


def judge_specifications(
    observed: Float[np.ndarray, " n_specifications"],
    permuted: Float[np.ndarray, "n_permutations n_specifications"],
    *,
    alpha: float = 0.05,
) -> SpecificationTest:
    """Test all specifications jointly.

    Args:
        observed: Statistic of every specification; larger is better.
        permuted: The same under permuted labels. A row is the same shuffle in every
            specification, so that their dependence is kept.
        alpha: Level of a single specification.
    """
    everything = np.concatenate([observed[None], permuted])
    # A row's own p-value among all the others, ties counted against it.
    p = np.stack([(column[:, None] <= column).mean(1) for column in everything.T], 1)
    shares = (p < alpha).mean(1)
    medians = np.median(everything, axis=1)
    return SpecificationTest(
        median=float(medians[0]),
        p_median=permutation_p_value(float(medians[0]), medians[1:]),
        share_significant=float(shares[0]),
        p_share=permutation_p_value(float(shares[0]), shares[1:]),
    )


def sort_specifications(table: pd.DataFrame) -> pd.DataFrame:
    """Sort the rows of a curve by their value, and number them from 1.

    Args:
        table: One row per specification, with `value`, `ci_low` and `ci_high`.
    """
    ordered = table.sort_values("value", kind="stable").reset_index(drop=True)
    return ordered.assign(rank=np.arange(1, len(ordered) + 1))
