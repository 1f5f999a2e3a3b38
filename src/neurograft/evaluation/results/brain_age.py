"""Brain age: predicted age, corrected gaps, and differences between groups.

Accuracy is measured on uncorrected predictions only: a correction that knows the true
age improves any prediction, even a random one (Butler 2021; de Lange 2022). The gap of
patients is never tested raw: models pull everybody to the mean age, so that the older
group always looks younger. The group difference stands in four analyses side by side,
because its very sign can depend on the analysis.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from scipy import stats

from neurograft.errors import DataError
from neurograft.statistics.bayes_factors import (
    correlation_bayes_factor,
    t_test_bayes_factor,
)
from neurograft.statistics.intervals import CONFIDENCE
from neurograft.statistics.power import find_detectable_effect
from neurograft.tasks.matching import MATCH_YEARS, match_pairs
from neurograft.types import FloatArray

# Chosen here: decades, with open ends where few people are.
AGE_BANDS = (0, 20, 30, 40, 50, 60, 70, 120)
# Chosen here: fewer controls than this determine no line.
MIN_CONTROLS = 10

Correction = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class GroupDifference:
    """Patients minus controls, years.

    Attributes:
        analysis: Which.
        estimate: Difference of means, or of medians of pairs.
        ci_low: Lower bound of the 95 % interval.
        ci_high: Upper bound.
        p: Two-sided p-value.
        n: People, or twice the pairs.
    """

    analysis: str
    estimate: float
    ci_low: float
    ci_high: float
    p: float
    n: int


def fit_beheshti(ages: FloatArray, predicted: FloatArray) -> Correction:
    """Subtract the gap that controls of that age have (Beheshti 2019, eqs. 2 and 3).

    Args:
        ages: Of controls, years.
        predicted: For them, by models that did not see them.

    Returns:
        A function of ages and predictions that gives corrected predictions.
    """
    slope, intercept = np.polyfit(ages, predicted - ages, 1)
    return lambda a, p: np.asarray(p - (slope * a + intercept))


def fit_cole(ages: FloatArray, predicted: FloatArray) -> Correction:
    """Undo the line of predictions on ages (Cole 2018): `(p - beta) / alpha`.

    Raises:
        DataError: If predictions do not rise with age: there is nothing to undo.
    """
    alpha, beta = np.polyfit(ages, predicted, 1)
    if alpha <= 0:
        raise DataError(
            f"Predicted ages do not rise with age (slope {alpha:.3f}); Cole's "
            "correction divides by the slope and cannot be used here."
        )
    return lambda _, p: np.asarray((p - beta) / alpha)


def correct_out_of_fold(
    ages: Float[np.ndarray, " n"],
    predicted: Float[np.ndarray, " n"],
    is_control: Bool[np.ndarray, " n"],
    *,
    folds: np.ndarray,
    fit: Callable[[FloatArray, FloatArray], Correction] = fit_beheshti,
) -> Float[np.ndarray, " n"]:
    """Correct everybody with a correction fitted to controls of the other folds.

    Args:
        ages: True ages, years.
        predicted: Predicted ages, years.
        is_control: True for controls.
        folds: Fold in which each person is tested, `(n,)`.
        fit: Function that fits a correction to ages and predictions of controls.

    Raises:
        DataError: If fewer than 10 controls would be fitted to.
    """
    corrected = np.empty(len(ages))
    for fold in np.unique(folds):
        own = folds == fold
        used = is_control & ~own
        if used.sum() < MIN_CONTROLS:
            raise DataError(
                f"{used.sum()} controls are left to fit a brain-age correction to; at "
                f"least {MIN_CONTROLS} are needed: use fewer folds or add controls."
            )
        corrected[own] = fit(ages[used], predicted[used])(ages[own], predicted[own])
    return corrected


def compare_gaps(
    people: pd.DataFrame, *, with_sex: bool = True, with_site: bool = True
) -> list[GroupDifference]:
    """Compare the groups in four analyses, side by side.

    Args:
        people: `age`, `predicted`, `corrected` (years), `is_patient`; `sex` (F, M) and
            `site` are used where they are and vary.
        with_sex: Adjust for sex.
        with_site: Adjust for site.
    """
    patients = people[people["is_patient"]]
    controls = people[~people["is_patient"]]
    raw = [one["predicted"] - one["age"] for one in (patients, controls)]
    corrected = [one["corrected"] - one["age"] for one in (patients, controls)]
    doubt = _find_doubt(patients, controls)
    return [
        _welch("raw gap (biased: do not interpret)", raw[0], raw[1], 0.0),
        _welch("bias-corrected gap", corrected[0], corrected[1], doubt),
        _adjust(people, with_sex=with_sex, with_site=with_site),
        _match(people),
    ]


def _find_doubt(patients: pd.DataFrame, controls: pd.DataFrame) -> float:
    """Return the variance of the correction where the groups differ in age.

    The correction is a line through the controls; at the patients' mean age it is
    known as well as any regression line away from its middle. Without this, patients
    ten years older than 70 controls differed in 8 % of null runs (docs/statistics.md).
    """
    age = controls["age"].to_numpy(dtype=float)
    gap = controls["corrected"].to_numpy(dtype=float) - age
    apart = patients["age"].mean() - age.mean()
    return float(gap.var(ddof=2) * apart**2 / ((age - age.mean()) ** 2).sum())


def _welch(
    name: str, patients: pd.Series, controls: pd.Series, doubt: float
) -> GroupDifference:
    """Run Welch's t-test, with the variance of a correction added."""
    parts = [one.var(ddof=1) / len(one) for one in (patients, controls)]
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(one) - 1)
        for part, one in zip(parts, (patients, controls), strict=True)
    )
    error = float(np.sqrt(sum(parts) + doubt))
    estimate = float(patients.mean() - controls.mean())
    width = float(stats.t.isf((1 - CONFIDENCE) / 2, freedom)) * error
    p = float(2 * stats.t.sf(abs(estimate / error), freedom))
    n = len(patients) + len(controls)
    return GroupDifference(name, estimate, estimate - width, estimate + width, p, n)


def _adjust(
    people: pd.DataFrame, *, with_sex: bool, with_site: bool
) -> GroupDifference:
    """Run an analysis of covariance of the raw gap: age, age squared, sex, site."""
    wanted = [n for n, w in (("sex", with_sex), ("site", with_site)) if w]
    used = [n for n in wanted if n in people and people[n].nunique() > 1]
    complete = people.dropna(subset=["age", "predicted", *used])
    age = complete["age"].to_numpy(dtype=float)
    centred = age - age.mean()
    columns = [complete["is_patient"].to_numpy(dtype=float), centred, centred**2]
    for name in used:
        dummies = pd.get_dummies(complete[name], drop_first=True)
        columns += list(dummies.to_numpy(dtype=float).T)
    design = np.stack([*columns, np.ones(len(age))], axis=1)
    gap = complete["predicted"].to_numpy(dtype=float) - age
    weights, _, rank, _ = np.linalg.lstsq(design, gap, rcond=None)
    freedom = len(gap) - int(rank)
    variance = ((gap - design @ weights) ** 2).sum() / freedom
    error = float(np.sqrt(variance * np.linalg.pinv(design.T @ design)[0, 0]))
    estimate, width = float(weights[0]), stats.t.isf((1 - CONFIDENCE) / 2, freedom)
    name = "adjusted for " + ", ".join(["age", "age squared", *used])
    return GroupDifference(
        name,
        estimate,
        estimate - width * error,
        estimate + width * error,
        float(2 * stats.t.sf(abs(estimate / error), freedom)),
        len(gap),
    )


def _match(people: pd.DataFrame) -> GroupDifference:
    """Run Wilcoxon's signed-rank test of matched pairs (Hodges-Lehmann estimate)."""
    pairs = match_pairs(people)
    name = f"pairs matched for sex and age (within {MATCH_YEARS:g} year)"
    gap = (people["predicted"] - people["age"]).to_numpy(dtype=float)
    differences = np.array([gap[patient] - gap[control] for patient, control in pairs])
    if len(pairs) < 6:
        nan = float("nan")
        return GroupDifference(name, nan, nan, nan, nan, 2 * len(pairs))
    upper = np.triu_indices(len(differences))
    walsh = np.sort((differences[:, None] + differences)[upper] / 2)
    n = len(differences)
    z = stats.norm.isf((1 - CONFIDENCE) / 2)
    rank = n * (n + 1) / 4 - z * np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    first = max(int(np.floor(rank)), 0)
    p = float(stats.wilcoxon(differences).pvalue)
    return GroupDifference(
        name,
        float(np.median(walsh)),
        float(walsh[first]),
        float(walsh[-1 - first]),
        p,
        2 * n,
    )


def describe_gap(people: pd.DataFrame) -> dict[str, float]:
    """Return spread, effect size, Bayes factor and correlation with age of the gap.

    Returns:
        `levene_p` of unequal spread of the corrected gap; `cohens_d` of the corrected
        gap with `d_low`, `d_high`; `detectable_d`, which so many people would show with
        80 % power; `bayes_factor` of a difference (Rouder 2009);
        `r_age_raw` and `r_age_corrected`, correlations of the controls' gaps with age;
        `bayes_factor_age` of the latter (Ly 2016): below 1/3, the correction left
        nothing of age.
    """
    patients = people[people["is_patient"]]
    controls = people[~people["is_patient"]]
    gap = [(one["corrected"] - one["age"]).to_numpy() for one in (patients, controls)]
    n, m = len(gap[0]), len(gap[1])
    pooled = ((n - 1) * gap[0].var(ddof=1) + (m - 1) * gap[1].var(ddof=1)) / (n + m - 2)
    r_age = _correlate(controls, "corrected")
    d = float((gap[0].mean() - gap[1].mean()) / np.sqrt(pooled))
    # Standard error of d: Hedges and Olkin 1985, eq. 5.14.
    error = np.sqrt((n + m) / (n * m) + d**2 / (2 * (n + m)))
    z = stats.norm.isf((1 - CONFIDENCE) / 2)
    t = d * np.sqrt(n * m / (n + m))
    return {
        "levene_p": float(stats.levene(gap[0], gap[1], center="median").pvalue),
        "cohens_d": d,
        "d_low": float(d - z * error),
        "d_high": float(d + z * error),
        "detectable_d": find_detectable_effect(n, m),
        "bayes_factor": t_test_bayes_factor(float(t), n, m),
        "r_age_raw": _correlate(controls, "predicted"),
        "r_age_corrected": r_age,
        "bayes_factor_age": correlation_bayes_factor(r_age, m),
    }


def _correlate(people: pd.DataFrame, column: str) -> float:
    return float(np.corrcoef(people[column] - people["age"], people["age"])[0, 1])


def tabulate_age_bands(
    ages: FloatArray, predicted: FloatArray, corrected: FloatArray
) -> pd.DataFrame:
    """Tabulate errors and gaps by age band, years.

    The young are predicted too old and the old too young by any regression; only the
    corrected gap can be compared between bands.

    Args:
        ages: Of everybody.
        predicted: Uncorrected.
        corrected: Predictions corrected for age; NaN where that was not possible.
    """
    table = pd.DataFrame(
        {
            "band": pd.cut(ages, AGE_BANDS, right=False),
            "gap": predicted - ages,
            "error": np.abs(predicted - ages),
            "corrected_gap": corrected - ages,
        }
    )
    grouped = table.groupby("band", observed=True)
    return pd.DataFrame(
        {
            "n": grouped.size(),
            "mean_absolute_error": grouped["error"].mean(),
            "mean_gap": grouped["gap"].mean(),
            "mean_corrected_gap": grouped["corrected_gap"].mean(),
        }
    ).reset_index()
