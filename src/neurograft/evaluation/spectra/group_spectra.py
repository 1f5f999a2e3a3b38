"""Tabulate the spectra of groups by region, and the peaks of every person."""

import numpy as np
import pandas as pd

from neurograft.evaluation.spectra.measured_task import MeasuredTask
from neurograft.montage.regions import REGIONS
from neurograft.statistics.intervals import (
    CONFIDENCE,
    draw_bootstrap_weights,
    percentile_interval,
)

# People from which on an interval is drawn. Chosen here: two differ by chance alone.
MIN_PEOPLE = 3


def tabulate_group_spectra(
    one: MeasuredTask, *, n_bootstraps: int, seed: int
) -> pd.DataFrame:
    """Tabulate each group's mean of log power over people, by region and frequency.

    Returns:
        `task`, `group`, `n` (people), `region`, `frequency_hz`, `log10_power`,
        `ci_low`, `ci_high` (95 % percentile bootstrap over people, bin by bin; missing
        below three people) and `unit` of the power.
    """
    rng = np.random.default_rng([seed, 71])
    parts = []
    for number, group in enumerate(one.classes):
        own = one.log_power[one.groups == number]
        if not len(own):
            continue
        mean = own.mean(0)
        low = high = np.full_like(mean, np.nan)
        if len(own) >= MIN_PEOPLE:
            weights = draw_bootstrap_weights(
                np.zeros(len(own), dtype=int), n_bootstraps=n_bootstraps, rng=rng
            )
            drawn = weights @ own.reshape(len(own), -1) / len(own)
            tail = 50 * (1 - CONFIDENCE)
            low, high = np.percentile(drawn, [tail, 100 - tail], axis=0).reshape(
                2, *mean.shape
            )
        n_bins = len(one.frequencies_hz)
        columns = {
            "task": one.name,
            "group": group,
            "n": len(own),
            "region": np.repeat(list(REGIONS), n_bins),
            "frequency_hz": np.tile(one.frequencies_hz, len(REGIONS)),
            "log10_power": mean.ravel().round(4),
            "ci_low": low.ravel().round(4),
            "ci_high": high.ravel().round(4),
            "unit": one.unit,
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def tabulate_peak_groups(
    one: MeasuredTask, *, n_bootstraps: int, seed: int
) -> pd.DataFrame:
    """Tabulate each group's mean alpha peak and aperiodic exponent over people.

    Returns:
        `task`, `measure` (`alpha_hz`, `alpha_height`, `exponent`), `group`, `n` (people
        of whom it is known), `value`, `ci_low` and `ci_high` (95 % percentile bootstrap
        over people; missing below three people).
    """
    rng = np.random.default_rng([seed, 72])
    rows = []
    for measure in ("alpha_hz", "alpha_height", "exponent"):
        everybody = getattr(one, measure)
        for number, group in enumerate(one.classes):
            own = everybody[(one.groups == number) & np.isfinite(everybody)]
            low = high = np.nan
            if len(own) >= MIN_PEOPLE:
                weights = draw_bootstrap_weights(
                    np.zeros(len(own), dtype=int), n_bootstraps=n_bootstraps, rng=rng
                )
                low, high = percentile_interval(weights @ own / len(own))
            value = own.mean() if len(own) else np.nan
            rows.append((one.name, measure, group, len(own), value, low, high))
    columns = ["task", "measure", "group", "n", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns).round(4)


def tabulate_peaks(one: MeasuredTask) -> pd.DataFrame:
    """Tabulate alpha peak and aperiodic exponent of every person.

    Returns:
        `task`, `cohort`, `participant_id`, `group`, `alpha_hz` (missing where no peak
        stands out), `alpha_height` (log10 above the 1/f part) and `exponent`.
    """
    table = one.people[["cohort", "participant_id"]].reset_index(drop=True)
    table.insert(0, "task", one.name)
    return table.assign(
        group=[one.classes[number] for number in one.groups],
        alpha_hz=one.alpha_hz.round(3),
        alpha_height=one.alpha_height.round(4),
        exponent=one.exponent.round(4),
    )
