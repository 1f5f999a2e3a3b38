"""Condense the result tables into the tables of the report."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from neurograft.config.method_table import DESCRIBED, LEARNERS, REMEDIES
from neurograft.files.sentences import say_p
from neurograft.report.style import sort_methods

# Metrics on which tasks are judged.
PRIMARY = ("AUROC", "mean absolute error")
# Metrics of the first table; the others stand in the second.
SHOWN = (*PRIMARY, "balanced accuracy", "Brier score", "R2", "Pearson r")


def tabulate_cohorts(
    recordings: pd.DataFrame, roles: Mapping[str, str]
) -> pd.DataFrame:
    """Tabulate people, age, sex and acquisition of every cohort.

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
    """Write mean, SD and range of ages, and how many are unknown."""
    known = ages.dropna().astype(float)
    if known.empty:
        return "unknown"
    spread = f" ± {known.std():.1f}" if len(known) > 1 else ""
    text = f"{known.mean():.1f}{spread} ({known.min():.0f}-{known.max():.0f})"
    missing = len(ages) - len(known)
    return f"{text}, {missing} unknown" if missing else text


def describe_share(cells: pd.Series, value: str) -> str:
    """Write how many people have a value, of those known."""
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
    """Count recordings by cohort, status and reason."""
    reasons = recordings["reason"].astype(object)
    table = recordings.assign(reason=reasons.where(reasons.notna(), ""))
    grouped = table.groupby(["cohort", "status", "reason"], sort=False)
    counts = grouped.size().reset_index(name="recordings")
    return counts[["cohort", "status", "recordings", "reason"]]


def describe_groups(
    subjects: pd.DataFrame, task: str, *, classes: Sequence[str]
) -> pd.DataFrame:
    """Tabulate size, age and sex of a task's groups, and the people left out.

    Args:
        subjects: `subjects.tsv`.
        task: Name.
        classes: Names of the groups by label; none where a number is predicted.
    """
    rows = []
    table = subjects[subjects["task"] == task]
    kept = table[table["left_out"].isna()]
    keys: Sequence[tuple[str, pd.DataFrame]] = (
        [
            (classes[int(float(str(label)))], part)
            for label, part in kept.groupby("label")
        ]
        if classes
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


def tabulate_results(
    results: pd.DataFrame, comparisons: pd.DataFrame, *, unit: str = ""
) -> pd.DataFrame:
    """Return a row per method: metrics, p-values, and the best baseline.

    Args:
        results: Of one task.
        comparisons: Of the same task.
        unit: Of errors.
    """
    rows = []
    metrics = [m for m in dict.fromkeys(results["metric"]) if m in SHOWN]
    for method in sort_methods(list(dict.fromkeys(results["method"]))):
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
    table = pd.DataFrame(rows)
    error = "mean absolute error"
    return table.rename(columns={error: f"{error}, {unit}"}) if unit else table


def tabulate_details(results: pd.DataFrame) -> pd.DataFrame:
    """Return a row per method: the metrics that the first table leaves out."""
    return _spread(results[~results["metric"].isin(SHOWN)])


def condense_recordings(recordings: pd.DataFrame) -> pd.DataFrame:
    """Return a row per method: metrics over recordings, agreement of two."""
    if recordings.empty:
        return recordings
    of = recordings["condition"].map(lambda name: "" if name == "all" else f", {name}")
    return _spread(recordings.assign(metric=recordings["metric"] + of))


def tabulate_methods(names: Sequence[str]) -> pd.DataFrame:
    """Return a row per method, or part of a method, that was run."""
    parts = {part for name in names for part in re.split(r"[+:@]", name)}
    words = {name: method.sentence for name, method in DESCRIBED.items()}
    words |= {f"@{name}": said for name, said in REMEDIES.items() if name in parts}
    words |= {f":{name}": said for name, said in LEARNERS.items() if name in parts}
    return pd.DataFrame(
        [
            {"method": name, "what it is": said}
            for name, said in words.items()
            if name in parts or name[0] in "@:"
        ]
    )


def _spread(values: pd.DataFrame) -> pd.DataFrame:
    """Return a row per method and a column per metric, with intervals."""
    rows: dict[str, dict[str, str]] = {}
    for row in values.to_dict("records"):
        said = f"{row['value']:.2f} [{row['ci_low']:.2f}, {row['ci_high']:.2f}]"
        own = rows.setdefault(row["method"], {"method": row["method"]})
        own[row["metric"]] = said if pd.notna(row["value"]) else ""
    return pd.DataFrame([rows[name] for name in sort_methods(list(rows))]).fillna("")


def _describe_comparison(method: str, comparisons: pd.DataFrame) -> str:
    if comparisons.empty:
        return ""
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
    """Write a p-value in three decimals, empty if there is none."""
    if pd.isna(p):
        return ""
    return say_p(p).removeprefix("p").removeprefix(" = ").strip()


def describe_gaps(analyses: pd.DataFrame, method: str) -> str:
    """Write brain age in a sentence: spread, effect, evidence, rest of age."""
    known = analyses[analyses["estimate"].notna()]
    if known.empty:
        return str(analyses["analysis"].iloc[0])
    row = known.iloc[0]
    return (
        f"{method}, corrected after {row['correction']}: Cohen's d "
        f"{row['cohens_d']:+.2f} [{row['d_low']:+.2f}, {row['d_high']:+.2f}] (so many "
        f"people show {row['detectable_d']:.2f} with 80 % power), Bayes "
        f"factor for a difference {row['bayes_factor']:.2g}, unequal spread (Levene) "
        f"{say_p(row['levene_p'])}. Correlation of the controls' gap with age: "
        f"{row['r_age_raw']:+.2f} raw, {row['r_age_corrected']:+.2f} corrected (Bayes "
        f"factor {row['bayes_factor_age']:.2g})."
    )


def tabulate_bands(bands: pd.DataFrame) -> pd.DataFrame:
    """Tabulate uncorrected accuracy by age band, for healthy people."""
    return pd.DataFrame(
        {
            "age band, years": bands["band"],
            "people": bands["n"],
            "mean absolute error": bands["mean_absolute_error"].map("{:.1f}".format),
            "mean gap": bands["mean_gap"].map("{:+.1f}".format),
            "mean gap, corrected for age": bands["mean_corrected_gap"].map(
                "{:+.1f}".format
            ),
        }
    )


def condense_design(design: pd.DataFrame) -> pd.DataFrame:
    """Tabulate factors that go with the label, and AUROC within their levels."""
    if "severity" not in design:
        return pd.DataFrame()
    shown = design[design["severity"] != "none"]
    within = [
        f"{row['within']:.2f} [{row['within_low']:.2f}, {row['within_high']:.2f}] "
        f"({row['n_pairs']:.0f} pairs)"
        if pd.notna(row["within"])
        else ""
        for row in shown.to_dict("records")
    ]
    return pd.DataFrame(
        {
            "Goes with the group": shown["factor"].str.replace("_", " "),
            "Measure": shown["measure"],
            "Value": [f"{value:.2f}" for value in shown["value"]],
            "p": [say_p(p) for p in shown["p"]],
            "Verdict": shown["severity"],
            "AUROC within its levels": within,
        }
    )


def condense_subgroups(subgroups: pd.DataFrame) -> pd.DataFrame:
    """Tabulate the encoder, else the first method, among people who are alike."""
    if "level" not in subgroups or subgroups.empty:
        return pd.DataFrame()
    methods = set(subgroups["method"])
    method = "encoder" if "encoder" in methods else subgroups["method"].iloc[0]
    rows = subgroups[subgroups["method"] == method]
    flags = [
        "fewer than 20" if row["is_few"] else "worst" if row["is_worst"] else ""
        for row in rows.to_dict("records")
    ]
    return pd.DataFrame(
        {
            f"{method} among": rows["factor"].str.replace("_", " ")
            + " "
            + rows["level"].astype(str),
            "People": rows["n"],
            rows["metric"].iloc[0]: [
                f"{row['value']:.2f} [{row['ci_low']:.2f}, {row['ci_high']:.2f}]"
                for row in rows.to_dict("records")
            ],
            "": flags,
        }
    )
