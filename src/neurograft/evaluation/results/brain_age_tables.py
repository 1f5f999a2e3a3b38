"""Brain-age tables of a study: the gaps of every method, in four analyses."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from neurograft.errors import DataError
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.results.brain_age import (
    Correction,
    compare_gaps,
    correct_out_of_fold,
    describe_gap,
    fit_beheshti,
    fit_cole,
    tabulate_age_bands,
)
from neurograft.types import FloatArray, IntArray

Fit = Callable[[FloatArray, FloatArray], Correction]
COLUMNS = [
    "correction", "analysis", "estimate", "ci_low", "ci_high", "p", "n", "levene_p",
    "cohens_d", "d_low", "d_high", "bayes_factor", "r_age_raw", "r_age_corrected",
    "bayes_factor_age", "detectable_d",
]  # fmt: skip
CORRECTIONS: dict[str, Fit] = {
    "Beheshti": fit_beheshti,
    "Cole": fit_cole,
}


def tabulate_brain_age(
    evaluated: EvaluatedTask, method: str
) -> dict[str, pd.DataFrame]:
    """Tabulate `brain_age`, `brain_age_gaps` and `brain_age_bands` of one method.

    Returns:
        Analyses of the group difference; one row per person with the raw and corrected
        predictions; errors, raw and corrected gaps by age band, of the healthy.
    """
    task, result = evaluated.task, evaluated.full[method]
    people = task.subjects.rename(columns={"age": "known_age"}).assign(
        age=task.labels, is_patient=~task.subjects["is_reference"].astype(bool)
    )
    is_tested = np.isfinite(result.predictions.scores).all(0)
    people = people[is_tested].reset_index(drop=True)
    scores = result.predictions.scores[:, is_tested]
    people["predicted"] = scores.mean(0)
    folds = evaluated.folds[: result.n_repeats, is_tested]
    analyses, failed = [], []
    for name, fit in CORRECTIONS.items():
        try:
            corrected = _correct(people, scores, folds, fit)
        except DataError as error:
            failed.append({"correction": name, "analysis": f"not possible: {error}"})
            continue
        people[f"corrected_{name}"] = corrected
        own = people.assign(corrected=corrected)
        described = describe_gap(own)
        analyses += [
            {"correction": name} | vars(difference) | described
            for difference in compare_gaps(own)
        ]
    healthy = people[~people["is_patient"]]
    first = f"corrected_{next(iter(CORRECTIONS))}"
    bands = tabulate_age_bands(
        healthy["age"].to_numpy(dtype=float),
        healthy["predicted"].to_numpy(dtype=float),
        healthy.get(first, healthy["age"] * np.nan).to_numpy(dtype=float),
    )
    named = {"task": task.name, "method": method}
    kept = [c for c in map(str, people) if c.startswith("corrected_")]
    columns = ["cohort", "participant_id", "is_patient", "age", "predicted", *kept]
    return {
        "brain_age": pd.DataFrame(analyses + failed, columns=COLUMNS).assign(**named),
        "brain_age_gaps": people[columns].assign(**named),
        "brain_age_bands": bands.astype({"band": str}).assign(**named),
    }


def _correct(
    people: pd.DataFrame, scores: FloatArray, folds: IntArray, fit: Fit
) -> FloatArray:
    """Return the mean over repeats of the predictions corrected within each."""
    corrected = [
        correct_out_of_fold(
            people["age"].to_numpy(dtype=float),
            own,
            ~people["is_patient"].to_numpy(dtype=bool),
            folds=of_repeat,
            fit=fit,
        )
        for own, of_repeat in zip(scores, folds, strict=True)
    ]
    return np.asarray(np.mean(corrected, axis=0))
