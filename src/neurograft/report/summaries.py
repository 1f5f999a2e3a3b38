"""Tables of the report, condensed from the result tables."""

from collections.abc import Sequence

import pandas as pd

from neurograft.evaluation.statistics import say_p
from neurograft.report.figures import ORDER

PRIMARY = ("AUROC", "mean absolute error")


def describe_cohorts(recordings: pd.DataFrame, roles: dict[str, str]) -> pd.DataFrame:
    """Table 1: people, age, sex and acquisition of every cohort.

    Args:
        recordings: All rows of all `recordings.tsv`.
        roles: What each cohort is used for.
    """
    rows = []
    for cohort, table in recordings.groupby("cohort", sort=False):
        kept = table[table["status"] != "dropped"]
        people = kept.drop_duplicates("participant_id")
        rows.append(
            {
                "cohort": cohort,
                "used for": roles.get(str(cohort), ""),
                "people": len(people),
                "recordings": len(kept),
                "hours": f"{kept['duration_s'].sum() / 3600:.1f}",
                "age, years": describe_ages(people["age"]),
                "female": describe_share(people["sex"], "F"),
                "channels": _describe_values(kept["n_channels"]),
                "Hz": _describe_values(kept["sfreq_hz"]),
                "reference": _describe_values(kept["reference"]),
                "mains, Hz": _describe_values(kept["line_freq_hz"]),
            }
        )
    return pd.DataFrame(rows)


def describe_ages(ages: pd.Series) -> str:
    """Mean, SD and range of ages, and how many are unknown."""
    known = ages.dropna().astype(float)
    if known.empty:
        return "unknown"
    spread = f" ± {known.std():.1f}" if len(known) > 1 else ""
    text = f"{known.mean():.1f}{spread} ({known.min():.0f}-{known.max():.0f})"
    missing = len(ages) - len(known)
    return f"{text}, {missing} unknown" if missing else text


def describe_share(cells: pd.Series, value: str) -> str:
    """How many have a value, of those known."""
    known = cells.dropna()
    if known.empty:
        return "unknown"
    count = int((known == value).sum())
    return f"{count} of {len(known)} ({count / len(known):.0%})"


def _describe_values(cells: pd.Series) -> str:
    values = [
        f"{v:g}" if isinstance(v, int | float) else str(v) for v in cells.dropna()
    ]
    distinct = sorted(set(values), key=lambda text: (len(text), text))
    return ", ".join(distinct[:4]) + (", ..." if len(distinct) > 4 else "") or "n/a"


def count_flow(recordings: pd.DataFrame) -> pd.DataFrame:
    """Recordings found, kept, repaired and dropped, per cohort and reason."""
    reasons = recordings["reason"].astype(object)
    table = recordings.assign(reason=reasons.where(reasons.notna(), ""))
    grouped = table.groupby(["cohort", "status", "reason"], sort=False)
    counts = grouped.size().reset_index(name="recordings")
    return counts[["cohort", "status", "recordings", "reason"]]


def describe_groups(
    subjects: pd.DataFrame, task: str, *, is_classification: bool
) -> pd.DataFrame:
    """Size, age and sex of the groups of one task, and who was left out why."""
    rows = []
    table = subjects[subjects["task"] == task]
    kept = table[table["left_out"].isna()]
    names = {1.0: "cases", 0.0: "controls"}
    keys: Sequence[tuple[str, pd.DataFrame]] = (
        [(names[float(str(k))], part) for k, part in kept.groupby("label")]
        if is_classification
        else [("everybody", kept)]
    )
    for name, part in keys:
        rows.append(
            {
                "group": name,
                "people": len(part),
                "age, years": describe_ages(part["age"]),
                "female": describe_share(part["sex"], "F"),
                "remark": "",
            }
        )
    for reason, part in table[table["left_out"].notna()].groupby("left_out"):
        nothing = {"age, years": "", "female": ""}
        rows.append(
            {"group": "left out", "people": len(part), "remark": reason} | nothing
        )
    return pd.DataFrame(rows)


def tabulate_results(results: pd.DataFrame, comparisons: pd.DataFrame) -> pd.DataFrame:
    """One row per method: metrics with intervals, p-value, and the best baseline."""
    rows = []
    metrics = list(dict.fromkeys(results["metric"]))
    for method in [m for m in ORDER if m in set(results["method"])]:
        row: dict[str, str] = {"method": method}
        for metric in metrics:
            one = results[(results["method"] == method) & (results["metric"] == metric)]
            value, low, high = one[["value", "ci_low", "ci_high"]].iloc[0]
            row[metric] = f"{value:.2f} [{low:.2f}, {high:.2f}]"
            if metric in PRIMARY:
                p, p_holm = one[["p_permutation", "p_holm"]].iloc[0]
                row["p (permutation)"] = format_p(p)
                row["p (Holm)"] = format_p(p_holm)
        row["against the best baseline"] = _describe_comparison(method, comparisons)
        rows.append(row)
    return pd.DataFrame(rows)


def _describe_comparison(method: str, comparisons: pd.DataFrame) -> str:
    asked = comparisons[comparisons["question"] == "best baseline"]
    rows = asked[asked["method"] == method]
    if rows.empty:
        return "is the best baseline" if len(asked) else ""
    row = rows.iloc[0]
    return (
        f"{row['difference']:+.2f} [{row['ci_low']:+.2f}, {row['ci_high']:+.2f}] "
        f"vs {row['reference']}, {say_p(row['p_corrected'])}"
    )


def format_p(p: float) -> str:
    """A p-value in three decimals, empty if there is none."""
    if pd.isna(p):
        return ""
    return say_p(p).removeprefix("p").removeprefix(" = ").strip()
