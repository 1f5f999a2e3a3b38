"""Match people: pairs of the same sex and age, and draws of like groups."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats
from scipy.optimize import linear_sum_assignment

from neurograft.errors import DesignError
from neurograft.statistics.bayes_factors import t_test_bayes_factor

# Chosen here: the largest age difference within a matched pair, years.
MATCH_YEARS = 1.0


def match_pairs(
    people: pd.DataFrame, *, within_years: float = MATCH_YEARS
) -> list[tuple[int, int]]:
    """Pair patients with controls of the same sex, site and age, each person once.

    The assignment with the smallest sum of age differences (Hungarian method) among
    the pairs allowed.

    Args:
        people: `age` (years), `is_patient`, and `sex` where known.
        within_years: Largest difference; who has no age is not paired.

    Returns:
        Row numbers of patient and control.
    """
    is_patient = people["is_patient"].to_numpy(dtype=bool)
    patients, controls = np.flatnonzero(is_patient), np.flatnonzero(~is_patient)
    age = people["age"].to_numpy(dtype=float)
    apart = np.abs(age[patients, None] - age[controls])
    forbidden = ~(apart <= within_years)
    for column in ("sex", "site"):
        if column in people:
            known = people[column].notna()
            cells = people[column].astype(object).where(known, "").to_numpy()
            forbidden |= cells[patients, None] != cells[controls]
    cost = np.where(forbidden, 1e6, np.nan_to_num(apart))
    rows, columns = linear_sum_assignment(cost)
    return [
        (int(patients[r]), int(controls[c]))
        for r, c in zip(rows, columns, strict=True)
        if not forbidden[r, c]
    ]


# Evidence against a difference (Jeffreys 1961: "substantial").
MAX_BAYES_FACTOR = 1 / 3


class Balance(NamedTuple):
    """Balance of two matched groups in age and sex.

    Attributes:
        age_difference: Standardised mean difference, patients minus controls.
        bf_age: Bayes factor of a difference in age.
        bf_sex: Bayes factor of a difference in the share of women.
        n_pairs: Pairs.
    """

    age_difference: float
    bf_age: float
    bf_sex: float
    n_pairs: int

    @property
    def is_balanced(self) -> bool:
        """Return whether evidence speaks against a difference in both."""
        return max(self.bf_age, self.bf_sex) < MAX_BAYES_FACTOR


class Draw(NamedTuple):
    """Row numbers of the patient and control of every pair, and their balance."""

    pairs: list[tuple[int, int]]
    balance: Balance


def draw_matched(
    people: pd.DataFrame,
    *,
    n_draws: int = 20,
    within_years: float = 1.0,
    share: float = 0.8,
    seed: int = 0,
    max_tries: int = 1000,
) -> list[Draw]:
    """Draw matched samples that are balanced, each from a random part of the people.

    Args:
        people: `age`, `is_patient`, and `sex`, `site` where known; matched exactly on
            sex and site, on age within the caliper.
        n_draws: Samples wanted.
        within_years: Caliper.
        share: Share of the people from which a sample is matched; less than one, so
            that samples differ.
        seed: Decides the samples.
        max_tries: Samples looked at, at most.

    Raises:
        DesignError: If no balanced sample was found: the groups do not overlap.
    """
    rng = np.random.default_rng(seed)
    found: list[Draw] = []
    best: Balance | None = None
    for _ in range(max_tries):
        rows = np.flatnonzero(rng.random(len(people)) < share)
        part = people.iloc[rows].reset_index(drop=True)
        pairs = match_pairs(part, within_years=within_years)
        if len(pairs) < 2:
            continue
        own = [(int(rows[one]), int(rows[other])) for one, other in pairs]
        balance = judge_balance(people, own)
        if best is None or max(balance[1:3]) < max(best[1:3]):
            best = balance
        if balance.is_balanced:
            found.append(Draw(own, balance))
        if len(found) == n_draws:
            break
    if not found:
        raise DesignError(_say_best(best, max_tries))
    return found


def _say_best(best: Balance | None, max_tries: int) -> str:
    """Write why no sample was balanced."""
    seen = (
        "no two pairs"
        if best is None
        else (
            f"the best of {max_tries} had {best.n_pairs} pairs, Bayes factor "
            f"{best.bf_age:.2f} for age and {best.bf_sex:.2f} for sex"
        )
    )
    return (
        f"No matched sample is balanced in age and sex ({seen}; below "
        f"{MAX_BAYES_FACTOR:.2f} is asked): patients and controls hardly overlap, or "
        "are too few. Widen the caliper, or recruit controls of the same ages."
    )


def judge_balance(people: pd.DataFrame, pairs: list[tuple[int, int]]) -> Balance:
    """Compare age and sex of the patients and controls of pairs."""
    one, other = (people.iloc[[pair[side] for pair in pairs]] for side in (0, 1))
    ages = one["age"].to_numpy(dtype=float), other["age"].to_numpy(dtype=float)
    spread = float(np.sqrt((ages[0].var(ddof=1) + ages[1].var(ddof=1)) / 2))
    t = float(stats.ttest_ind(*ages).statistic) if spread > 0 else 0.0
    bf_sex = 0.0
    if "sex" in people:
        women = [int((side["sex"] == "F").sum()) for side in (one, other)]
        bf_sex = compare_shares(women[0], len(one), women[1], len(other))
    return Balance(
        float((ages[0].mean() - ages[1].mean()) / spread) if spread > 0 else 0.0,
        t_test_bayes_factor(t, len(pairs), len(pairs)),
        bf_sex,
        len(pairs),
    )


def compare_shares(k: int, n: int, k_other: int, n_other: int) -> float:
    """Return the Bayes factor of a difference of shares (Kass 1995, sect. 3.2).

    Args:
        k: Number of people with the property.
        n: Number of people.
        k_other: Number with the property in the other group.
        n_other: Number of people in the other group.

    Example:
        >>> compare_shares(30, 60, 30, 60) < 1 / 3 < 3 < compare_shares(18, 20, 4, 20)
        True
    """
    apart = special.betaln(k + 1, n - k + 1) + special.betaln(
        k_other + 1, n_other - k_other + 1
    )
    together = special.betaln(k + k_other + 1, n + n_other - k - k_other + 1)
    return float(np.exp(apart - together))
