"""How steep are calibrated probabilities, with Platt's targets and with Firth's prior?

    nice -n 15 python benchmarks/prediction_pool.py FOLDER --people 1200 --others 0
    nice -n 15 python benchmarks/prediction_slopes.py FOLDER [--cohorts 240] [--jobs 2]

Cohorts are drawn, cross-validated and fitted as in `benchmarks/prediction.py`, for the
disease alone. Both calibrations are fitted to the same answers of cross-validation, and
judged on the same 200 new people. Started again, it goes on where it ended.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from prediction import METHODS, draw_cohort, learn
from prediction_pool import HOME, read_pool
from scipy.optimize import minimize
from scipy.special import expit, logit

from neurograft.prediction.learned.calibration import GroupCalibration
from neurograft.prediction.learned.held_out import HeldOut
from neurograft.statistics.metrics.classification import calibration_slope
from neurograft.statistics.metrics.predictions import EDGE, Predictions
from neurograft.types import Arrays, FloatArray

FILE = "slopes.tsv"
DRAWS = 2000


def fit_firth(held_out: HeldOut) -> tuple[float, float]:
    """Fit slope and intercept to 0 and 1, with Jeffreys' prior (Firth 1993).

    The prior takes the bias of small samples away, and keeps the slope finite where
    groups are told apart perfectly (Heinze 2002).

    Args:
        held_out: With logarithms of probabilities of two groups.
    """
    labels, logs = held_out.average()
    odds = np.stack([logs[:, 1] - logs[:, 0], np.ones(len(labels))])

    def lose(theta: FloatArray) -> float:
        logits = np.exp(theta[0]) * odds[0] + theta[1]
        p = expit(logits)
        information = (odds * p * (1 - p)) @ odds.T
        loss = (np.logaddexp(0, logits) - labels * logits).sum()
        return float(loss - np.linalg.slogdet(information)[1] / 2)

    found = minimize(lose, np.zeros(2), method="BFGS").x
    return float(np.exp(found[0])), float(found[1])


def judge(p: FloatArray, labels: FloatArray) -> dict[str, float]:
    """Return the slope and the log loss of probabilities."""
    said = Predictions(
        labels, p[None], np.round(p)[None], np.zeros((1, len(p)), dtype=int)
    )
    own = np.clip(np.where(labels > 0, p, 1 - p), EDGE, 1)
    return {
        "slope": float(calibration_slope(said, np.ones((1, len(p))))[0]),
        "log_loss": float(-np.log(own).mean()),
    }


def judge_cohort(home: Arrays, seed: int, *, n_repeats: int) -> list[dict[str, Any]]:
    """Learn from a cohort by every method, and judge both calibrations."""
    learned, new = draw_cohort(home, seed)
    labels = home["is_patient"][new]
    rows = []
    for method in METHODS:
        predictor, held_out = learn(
            home, learned, "disease", method, n_repeats=n_repeats, seed=seed
        )
        calibration = predictor.calibration
        assert isinstance(calibration, GroupCalibration)
        p = predictor.fitted.predict({method: home[method][new]})[:, 0]
        both = np.stack([1 - p, p], axis=1)
        slope, intercept = fit_firth(held_out)
        odds = logit(np.clip(p, EDGE, 1 - EDGE))
        found = {
            "Platt": calibration.calibrate(both)[:, 1],
            "Firth": expit(slope * odds + intercept),
        }
        rows += [
            {"cohort": seed, "method": method, "calibration": name}
            | judge(calibrated, labels)
            for name, calibrated in found.items()
        ]
    return rows


def list_lines(table: pd.DataFrame) -> list[str]:
    """Write the table: medians with bootstrap intervals over cohorts."""
    lines = [
        f"{table['cohort'].nunique()} cohorts",
        "| method | calibration | median slope [95 %] | 5 % to 95 % | log loss |",
        "|---|---|---|---|---|",
    ]
    rng = np.random.default_rng(0)
    for (method, name), own in table.groupby(["method", "calibration"], sort=False):
        slopes = own["slope"].to_numpy()
        medians = np.median(rng.choice(slopes, (DRAWS, len(slopes))), axis=1)
        low, high = np.quantile(medians, [0.025, 0.975])
        least, most = np.quantile(slopes, [0.05, 0.95])
        lines.append(
            f"| {method} | {name} | {np.median(slopes):.2f} [{low:.2f}, {high:.2f}] "
            f"| {least:.2f} to {most:.2f} | {own['log_loss'].mean():.4f} |"
        )
    return lines


def main() -> None:
    """Judge cohorts that are not there yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cohorts", type=int, default=240)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    path = given.folder / FILE
    done = set(pd.read_csv(path, sep="\t")["cohort"]) if path.exists() else set()
    home = read_pool(given.folder, HOME)
    wanted = [seed for seed in range(given.cohorts) if seed not in done]
    found = Parallel(n_jobs=given.jobs, return_as="generator")(
        delayed(judge_cohort)(home, seed, n_repeats=given.repeats) for seed in wanted
    )
    for rows in found:
        pd.DataFrame(rows).to_csv(
            path, sep="\t", index=False, mode="a", header=not path.exists()
        )
        print(f"cohort {rows[0]['cohort']}", flush=True)
    print("\n".join(list_lines(pd.read_csv(path, sep="\t"))))


if __name__ == "__main__":
    main()
