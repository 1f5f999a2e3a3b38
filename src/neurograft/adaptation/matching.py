"""Pairs of a patient and a control of the same age, sex and site."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

# Largest difference of age within a matched pair, years.
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
