"""Tabulate band power over the scalp: of every group, and of their differences.

Differences are tested at all sensors in all bands at once: one shuffle of people serves
all of them, and the largest t of it is what each is held against.
"""

from itertools import product

import numpy as np
import pandas as pd

from neurograft.evaluation.spectra.measured_task import MeasuredTask
from neurograft.features.person_spectra import CLINICAL_BANDS
from neurograft.statistics.permutation import MaxTest, flip_signs, shuffle_groups
from neurograft.types import FloatArray

# Shuffles of people. Chosen here: p-values of .05 are then known to about .01.
N_SHUFFLES = 2000


def tabulate_topographies(
    one: MeasuredTask, *, seed: int, n_shuffles: int = N_SHUFFLES
) -> pd.DataFrame:
    """Tabulate band power by sensor, of groups and of differences between two groups.

    Args:
        one: The task.
        seed: Seed of the shuffles.
        n_shuffles: Shuffles of people.

    Returns:
        `task`, `group`, `minus` (the group taken off; missing where the row is a mean),
        `n` and `n_minus` (people), `band`, `channel`, `x`, `y`, `z` (unit sphere),
        `value` (mean of log10 power over people, or the difference of means), `t`, `p`
        (corrected over sensors, bands and pairs of groups) and `unit` of the power.
        Empty where recordings share too few channels.
    """
    if not one.channels:
        return pd.DataFrame()
    parts = [
        _lay_out(one, one.band_power[one.groups == number].mean(0), number)
        for number in range(len(one.classes))
        if (one.groups == number).any()
    ]
    for pair, (first, second) in enumerate(one.pairs):
        members = np.isin(one.groups, (first, second))
        if len(np.unique(one.groups[members])) < 2:
            continue
        rng = np.random.default_rng([seed, 72, pair])
        tested = _test(one, first, second, n_shuffles, rng)
        means = [one.band_power[one.groups == g].mean(0) for g in (first, second)]
        table = _lay_out(one, means[1] - means[0], second, minus=first)
        p = np.minimum(tested.p * len(one.pairs), 1)
        parts.append(table.assign(t=tested.t.round(4), p=p.round(5)))
    return pd.concat(parts, ignore_index=True)


def _test(
    one: MeasuredTask,
    first: int,
    second: int,
    n_shuffles: int,
    rng: np.random.Generator,
) -> MaxTest:
    """Test the difference of two groups at all sensors in all bands at once."""
    values = one.band_power.reshape(len(one.groups), -1)
    if one.is_within:
        differences = _subtract_within(one, values, first, second)
        return flip_signs(differences, n_permutations=n_shuffles, rng=rng)
    members = np.isin(one.groups, (first, second))
    return shuffle_groups(
        values[members],
        one.groups[members] == second,
        one.blocks[members],
        n_permutations=n_shuffles,
        rng=rng,
    )


def _subtract_within(
    one: MeasuredTask, values: FloatArray, first: int, second: int
) -> FloatArray:
    """Return second minus first of every person or matched pair that holds both."""
    found = []
    for cluster in np.unique(one.clusters):
        rows = one.clusters == cluster
        parts = [values[rows & (one.groups == group)] for group in (first, second)]
        if all(map(len, parts)):
            found.append(parts[1].mean(0) - parts[0].mean(0))
    return np.stack(found)


def _lay_out(
    one: MeasuredTask, values: FloatArray, group: int, minus: int | None = None
) -> pd.DataFrame:
    """Lay out values `(n_bands, n_channels)` as rows."""
    keys = product(CLINICAL_BANDS, one.channels)
    table = pd.DataFrame(list(keys), columns=["band", "channel"])
    x, y, z = np.tile(one.positions, (len(CLINICAL_BANDS), 1)).round(4).T
    n_minus = None if minus is None else int((one.groups == minus).sum())
    facts = {
        "task": one.name,
        "group": one.classes[group],
        "minus": None if minus is None else one.classes[minus],
        "n": int((one.groups == group).sum()),
        "n_minus": n_minus,
    }
    for place, (name, fact) in enumerate(facts.items()):
        table.insert(place, name, fact)
    missing = np.full(len(table), np.nan)
    return table.assign(
        x=x,
        y=y,
        z=z,
        value=values.ravel().round(4),
        t=missing,
        p=missing,
        unit=one.band_unit,
    )
