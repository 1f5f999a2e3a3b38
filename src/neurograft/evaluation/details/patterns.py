"""Table of what goes with a method's answers: band power by scalp region.

The pattern of a linear read-out is the covariance of its inputs with its output
(Haufe 2014). Taken from answers out of fold, it needs no weights and holds for every
method, whatever it learned from.
"""

from itertools import product

import numpy as np
import pandas as pd

from neurograft.evaluation.details.once import keep_known
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.results.estimates import (
    Estimate,
    Resampling,
    resample,
)
from neurograft.evaluation.spectra.measured_task import MeasuredTask
from neurograft.features.person_spectra import ALL_BANDS, sum_clinical_bands
from neurograft.montage.regions import REGIONS
from neurograft.statistics.metrics.correlation import centre_within, correlate_features
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.statistics.permutation import shuffle_answers
from neurograft.tasks.label_shuffles import find_blocks
from neurograft.tasks.task import Task
from neurograft.types import BoolArray, FloatArray

KEYS = ["cohort", "participant_id", "view"]
# Shuffles of answers. Chosen here: p-values of .05 are then known to about .01.
N_SHUFFLES = 2000
# Chosen here: fewer people have no pattern.
MIN_PEOPLE = 5
# Spreads below this share of the answers' size are rounding errors.
TINY = 1e-9


def tabulate_patterns(
    one: EvaluatedTask,
    measured: MeasuredTask,
    *,
    n_bootstraps: int,
    seed: int,
    n_shuffles: int = N_SHUFFLES,
) -> pd.DataFrame:
    """Tabulate the correlation of answers with log band power, by band and region.

    From answers and from power the mean of the people tested in the same fold is taken
    off in every repeat; of contrasts and matched pairs, the mean of the pair.

    Args:
        one: A task of two groups, or of a number.
        measured: Spectra of its people, in the windows that methods see.
        n_bootstraps: Resamples of people.
        seed: Seed of resamples and shuffles.
        n_shuffles: Shuffles of the answers.

    Returns:
        `task`, `method`, `measure`, `band`, `region`, `n` (people), `value`
        (correlation), `ci_low`, `ci_high` (95 %, people resampled), `p` (corrected over
        bands and regions of the method, by the largest correlation of answers that are
        exchanged within sites or pairs). Nothing for more than two groups, for fewer
        than five people, or of a method that says the same of everybody.
    """
    if len(one.task.classes) > 2:
        return pd.DataFrame()
    place = _find_measured(one.task, measured)
    bands, power = _sum_by_region(measured)
    power = power[place]
    keys = pd.DataFrame(list(product(bands, REGIONS)), columns=["band", "region"])
    parts = []
    drawn: dict[bytes, Resampling] = {}
    for method, result in one.full.items():
        p = keep_known(result.predictions)
        p = Predictions(
            p.labels, p.scores, p.decisions, np.where(place >= 0, p.folds, -1)
        )
        used = p.is_tested
        n = len(one.task.subjects.loc[used, KEYS[:2]].drop_duplicates())
        if n < MIN_PEOPLE:
            continue
        answers, centred, centring = _centre(p, power, one.task)
        if np.ptp(answers) <= TINY * np.nanmax(np.abs(p.scores)):
            continue
        if used.tobytes() not in drawn:
            drawn[used.tobytes()] = resample(
                one.task, used, n_bootstraps=n_bootstraps, seed=seed
            )
        tested = shuffle_answers(
            answers,
            centred,
            find_blocks(one.task, np.zeros(len(used), dtype=int))[used],
            centring=centring,
            n_permutations=n_shuffles,
            rng=np.random.default_rng([seed, 73]),
        )
        found = _limit(answers, centred, drawn[used.tobytes()], used)
        start = {
            "task": one.task.name,
            "method": method,
            "measure": "log share of power" if measured.is_relative else "log power",
        }
        table = keys.assign(n=n, **found, p=tested.p.round(5))
        parts.append(pd.DataFrame([start] * len(table)).join(table))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _find_measured(task: Task, measured: MeasuredTask) -> np.ndarray:
    """Return the measured row of every row of the task; -1 where there is none."""
    index = pd.MultiIndex.from_frame(measured.people[KEYS])
    return index.get_indexer(pd.MultiIndex.from_frame(task.subjects[KEYS]))


def _sum_by_region(measured: MeasuredTask) -> tuple[list[str], FloatArray]:
    """Return the bands that were recorded, and log power `(n_rows, n_features)`."""
    frequencies = measured.frequencies_hz
    bands = {
        name: (low, high)
        for name, (low, high) in ALL_BANDS.items()
        if ((frequencies >= low) & (frequencies < high)).any()
    }
    n_rows, n_regions, n_bins = measured.log_power.shape
    density = 10 ** measured.log_power.reshape(-1, n_bins)
    power = sum_clinical_bands(frequencies, density, is_relative=False, bands=bands)
    by_row = power.reshape(len(bands), n_rows, n_regions).transpose(1, 0, 2)
    return list(bands), by_row.reshape(n_rows, -1)


def _centre(
    p: Predictions, power: FloatArray, task: Task
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Take the mean of fold or pair off the answers and the power of who was tested.

    Returns:
        Answers `(n_used,)`, power `(n_used, n_features)`, and the matrix that took it
        off.
    """
    used = p.is_tested
    folds = p.folds[:, used]
    answers = centre_within(np.nan_to_num(p.scores[:, used]), folds)
    centring = centre_within(np.eye(len(answers))[None], folds)
    if task.is_within:
        pairs = np.unique(task.clusters[used], return_inverse=True)[1][None]
        answers = centre_within(answers[None], pairs)
        centring = centre_within(centring[None], pairs)
    return answers, centring @ power[used], centring


def _limit(
    answers: FloatArray, centred: FloatArray, drawn: Resampling, used: BoolArray
) -> dict[str, FloatArray]:
    """Return correlations and their intervals over resampled people."""
    once = np.ones((1, len(answers)))
    value, resampled, left_out = (
        correlate_features(answers, centred, weights)
        for weights in (once, drawn.weights[:, used], drawn.left_out[:, used])
    )
    limits = np.array(
        [
            Estimate(float(r), many, less, drawn).limit()
            for r, many, less in zip(value[0], resampled.T, left_out.T, strict=True)
        ]
    )
    return {
        "value": value[0].round(5),
        "ci_low": limits[:, 0].round(5),
        "ci_high": limits[:, 1].round(5),
    }
