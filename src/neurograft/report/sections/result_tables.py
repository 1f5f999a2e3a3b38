"""Tables of the results of one task."""

import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from neurograft.report.blocks import PageWords, Table
from neurograft.report.charts.axes import name_value
from neurograft.report.charts.forest import name_analysis
from neurograft.report.charts.occlusion import is_found
from neurograft.report.figures.words import read_figure_words
from neurograft.report.sections.tables import (
    make_table,
    say_factor,
    write_interval,
    write_p,
    write_sex,
)
from neurograft.report.style import sort_methods

# Metrics on which tasks are judged.
PRIMARY = ("AUROC", "mean absolute error")
# Metrics of the first table; the others stand in the second.
SHOWN = (*PRIMARY, "balanced accuracy", "Brier score", "R2", "Pearson r")
# Errors that have the unit of what is predicted.
IN_UNITS = ("mean absolute error", "root mean square error", "median absolute error")
# The last age band of the table is open to this age.
BAND, OLDEST = re.compile(r"\[(\d+), (\d+)\)"), 120
Told = Mapping[str, str]


def show_result_table(
    results: pd.DataFrame, comparisons: pd.DataFrame, told: Told, words: PageWords
) -> Table | None:
    """Tabulate methods: metrics with intervals, p-values, difference to the best.

    Args:
        results: Of one task.
        comparisons: Of the same task.
        told: Name of the task, method that is shown in detail, unit of errors.
        words: Of the page.
    """
    metrics = [name for name in dict.fromkeys(results["metric"]) if name in SHOWN]
    rows = []
    for method in sort_methods(list(dict.fromkeys(results["method"]))):
        own = results[results["method"] == method].set_index("metric")
        primary = own.loc[[name for name in metrics if name in PRIMARY]].iloc[0]
        rows.append(
            (
                method,
                *(write_interval(own.loc[name].to_dict(), words) for name in metrics),
                write_p(primary["p_permutation"], words),
                write_p(primary["p_holm"], words),
                *_compare(method, comparisons, words),
            )
        )
    told_n = {"n": int(results["n_subjects"].max())}
    best = _find_best_baseline(comparisons)
    caption = words("results_caption", **told_n)
    if best:
        caption += " " + words("best_baseline_caption", reference=best)
    heads = [_name_metric(name, told["unit"], words) for name in metrics]
    last = ("p_permutation", "p_holm", "best_baseline", "p_corrected")
    columns = ("method", *[""] * len(metrics), *last)
    name = f"results-{told['task']}"
    return _name_columns(make_table(name, columns, rows, words, caption=caption), heads)


def _name_columns(table: Table | None, heads: list[str]) -> Table | None:
    """Name the columns after the first, whose headers are those of stored tables."""
    if table is None:
        return None
    first, *others = table.columns
    columns = (first, *heads, *others[len(heads) :])
    return Table(table.name, columns, table.rows, table.caption)


def _name_metric(metric: str, unit: str, words: PageWords) -> str:
    is_error = metric in IN_UNITS and unit
    said = say_factor(metric, words)
    return f"{said}, {words(f'unit_{unit}')}" if is_error else said


def _find_best_baseline(comparisons: pd.DataFrame) -> str:
    """Return the method that the others are compared with; empty if there is none."""
    if comparisons.empty:
        return ""
    asked = comparisons.loc[comparisons["question"] == "best baseline", "reference"]
    return str(asked.iloc[0]) if len(asked) else ""


def _compare(
    method: str, comparisons: pd.DataFrame, words: PageWords
) -> tuple[str, str]:
    """Write the difference to the best baseline, and its p-value."""
    best = _find_best_baseline(comparisons)
    if not best or method == best:
        return "", ""
    asked = comparisons[comparisons["question"] == "best baseline"]
    rows = asked[asked["method"] == method].to_dict("records")
    if not rows:
        return "", ""
    said = words.write("gain", rows[0], "difference", "ci_low", "ci_high")
    return said, write_p(rows[0]["p_corrected"], words)


def show_more_metrics(
    results: pd.DataFrame, told: Told, words: PageWords
) -> Table | None:
    """Tabulate the metrics that the first table leaves out, a row per method."""
    others = results[~results["metric"].isin(SHOWN)]
    return _spread("metrics", others, told, words)


def show_recordings(
    recordings: pd.DataFrame, told: Told, words: PageWords
) -> Table | None:
    """Tabulate methods over single recordings, and how two of a person agree."""
    if recordings.empty:
        return None
    of = ["" if name == "all" else f", {name}" for name in recordings["condition"]]
    metrics = [say_factor(name, words) for name in recordings["metric"]]
    whole = [f"{metric}{part}" for metric, part in zip(metrics, of, strict=True)]
    named = recordings.assign(metric=whole)
    return _spread(
        "recordings", named, told, words, caption=words("recordings_alone_caption")
    )


def _spread(
    name: str, values: pd.DataFrame, told: Told, words: PageWords, *, caption: str = ""
) -> Table | None:
    """Return a row per method and a column per metric, with intervals."""
    metrics = list(dict.fromkeys(values["metric"]))
    cells = {
        (row["method"], row["metric"]): write_interval(row, words)
        for row in values.to_dict("records")
    }
    methods = sort_methods(list(dict.fromkeys(values["method"])))
    rows = [
        (method, *(cells.get((method, metric), "") for metric in metrics))
        for method in methods
    ]
    if not rows:
        return None
    heads = [_name_metric(metric, told["unit"], words) for metric in metrics]
    columns = (*words.columns("method"), *heads)
    return Table(f"{name}-{told['task']}", columns, tuple(rows), caption)


def show_losses(losses: pd.DataFrame, told: Told, words: PageWords) -> Table | None:
    """Tabulate what the encoder and its twin lose without each part of the EEG."""
    if losses.empty:
        return None
    methods = sort_methods(list(dict.fromkeys(losses["method"])))[::-1]
    cells = {
        (row["kind"], row["part"], row["method"]): words.write(
            "loss_found" if is_found(row) else "loss", row, "loss", "ci_low", "ci_high"
        )
        for row in losses.to_dict("records")
    }
    said = read_figure_words(words.language)
    parts = losses[["kind", "part"]].drop_duplicates().to_numpy().tolist()
    rows = [
        (
            words(f"hidden_{kind}"),
            name_value(part, said),
            *(cells.get((kind, part, method), "") for method in methods),
        )
        for kind, part in parts
    ]
    intact = losses.drop_duplicates("method").set_index("method")["intact"]
    values = [words("named", name=m, value=intact[m]) for m in methods]
    metric = _name_metric(str(losses["metric"].iloc[0]), told["unit"], words)
    with_all = words("between").join(values)
    caption = words(
        "losses_caption", metric=metric, intact=with_all, n=int(losses["n"].max())
    )
    columns = (*words.columns("hidden", "part"), *methods)
    return Table(f"occlusion-{told['task']}", columns, tuple(rows), caption)


def show_confusion(
    confusion: pd.DataFrame, told: Told, words: PageWords
) -> Table | None:
    """Tabulate how many people of every group were answered which group."""
    if confusion.empty:
        return None
    own = confusion[confusion["method"] == told["method"]]
    wide = own.pivot_table(
        index="true_group", columns="predicted_group", values="n", sort=False
    )
    rows = [
        (words("is_group", group=group), *(str(int(n)) for n in counts))
        for group, counts in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    if not rows:
        return None
    heads = [words("answered_group", group=group) for group in wide.columns]
    threshold = own["threshold"].iloc[0]
    key = "confusion_caption" if pd.notna(threshold) else "confusion_caption_groups"
    caption = words(key, method=told["method"], threshold=threshold)
    return Table(
        f"confusion-{told['task']}",
        (*words.columns("true_group"), *heads),
        tuple(rows),
        caption,
    )


def show_thresholds(
    operating: pd.DataFrame, told: Told, words: PageWords
) -> Table | None:
    """Tabulate sensitivity and specificity, and predictive values where declared."""
    if operating.empty:
        return None
    own = operating[operating["method"] == told["method"]]
    rows = [
        (
            words(f"measure_{row['measure']}"),
            write_interval(row, words) or words("not_computed"),
            str(int(row["n"])) if pd.notna(row["n"]) else "",
            words.write("prevalence", row, "prevalence"),
        )
        for row in own.to_dict("records")
    ]
    is_declared = bool(own["prevalence"].notna().any())
    caption = words("thresholds_declared" if is_declared else "thresholds_undeclared")
    columns = ("measure", "value_interval", "people", "prevalence")
    return make_table(
        f"thresholds-{told['task']}", columns, rows, words, caption=caption
    )


def show_bands(bands: pd.DataFrame, told: Told, words: PageWords) -> Table | None:
    """Tabulate uncorrected accuracy by age band, for healthy people."""
    if bands.empty:
        return None
    own = bands[bands["method"] == told["method"]]
    rows = [
        (
            _write_band(str(row["band"]), words),
            str(row["n"]),
            words.write("one_decimal", {"value": row["mean_absolute_error"]}),
            words.write("signed_decimal", {"value": row["mean_gap"]}),
            words.write("signed_decimal", {"value": row["mean_corrected_gap"]}),
        )
        for row in own.to_dict("records")
    ]
    columns = ("age_band", "people", "error_years", "mean_gap", "corrected_gap")
    caption = words("bands_caption", method=told["method"])
    return make_table(f"bands-{told['task']}", columns, rows, words, caption=caption)


def _write_band(band: str, words: PageWords) -> str:
    """Write an age band as people do: from 20 up to 29."""
    edges = BAND.fullmatch(band)
    if not edges:
        return band
    low, end = int(edges[1]), int(edges[2])
    return words("band_open" if end >= OLDEST else "band", low=low, high=end - 1)


def show_gaps(gaps: pd.DataFrame, told: Told, words: PageWords) -> Table | None:
    """Tabulate the brain-age gap of patients against controls, a row per analysis."""
    if gaps.empty:
        return None
    said = read_figure_words(words.language)
    rows = []
    seen: set[str] = set()
    for row in gaps[gaps["method"] == told["method"]].to_dict("records"):
        own = _describe_correction(row, words)
        # The same for all analyses of a correction: written once.
        is_first = str(row["correction"]) not in seen
        seen.add(str(row["correction"]))
        estimate = words.write("years_interval", row, "estimate", "ci_low", "ci_high")
        rows.append(
            (
                name_analysis(str(row["analysis"]), said),
                str(row["correction"]),
                estimate or words("not_computed"),
                *(own if is_first else [""] * len(own)),
            )
        )
    columns = (
        "analysis", "correction", "patients_minus_controls", "cohens_d", "detectable_d",
        "bayes_factor", "levene_p", "r_age_raw", "r_age_corrected",
    )  # fmt: skip
    caption = words("gaps_table_caption", method=told["method"])
    return make_table(f"gaps-{told['task']}", columns, rows, words, caption=caption)


def _describe_correction(
    row: Mapping[Hashable, Any], words: PageWords
) -> tuple[str, ...]:
    """Write what holds for all analyses of a correction of the gap."""
    return (
        words.write("d_interval", row, "cohens_d", "d_low", "d_high"),
        words.write("value", {"value": row["detectable_d"]}),
        words.write("bayes", {"value": row["bayes_factor"]}),
        write_p(row["levene_p"], words),
        words.write("signed", {"value": row["r_age_raw"]}),
        words.write("signed", {"value": row["r_age_corrected"]}),
    )


def show_design(design: pd.DataFrame, told: Told, words: PageWords) -> Table | None:
    """Tabulate factors that go with the label, and AUROC within their levels."""
    if "severity" not in design:
        return None
    rows = [
        (
            say_factor(row["factor"], words),
            ""
            if pd.isna(row["value"])
            else words("measured", measure=measure, value=row["value"]),
            write_p(row["p"], words),
            words(f"severity_{row['severity']}"),
            words.write("within", row, "within", "within_low", "within_high"),
        )
        for row in design[design["severity"] != "none"].to_dict("records")
        for measure in [say_factor(row["measure"], words)]
    ]
    suffix = "_number" if told["unit"] else ""
    columns = (f"goes_with{suffix}", "measure", "p", "verdict", "within")
    suffix = suffix or ("" if any(row[-1] for row in rows) else "_apart")
    caption = words(f"design_caption{suffix}")
    return make_table(f"design-{told['task']}", columns, rows, words, caption=caption)


def show_subgroups(
    subgroups: pd.DataFrame, told: Told, words: PageWords
) -> Table | None:
    """Tabulate the method that is shown among people who are alike."""
    if "level" not in subgroups:
        return None
    own = subgroups[subgroups["method"] == told["method"]]
    rows = [
        (
            say_factor(str(row["factor"]), words),
            write_sex(str(row["level"]), words)
            if row["factor"] == "sex"
            else str(row["level"]),
            str(row["n"]),
            write_interval(row, words),
            words("few")
            if row["is_few"]
            else words("worst")
            if row["is_worst"]
            else "",
        )
        for row in own.to_dict("records")
    ]
    measured = own["metric"].iloc[0] if len(own) else ""
    metric = _name_metric(str(measured), told["unit"], words)
    caption = words("subgroups_caption", method=told["method"], metric=metric)
    columns = ("factor", "level", "people", "value_interval", "remark")
    return make_table(
        f"subgroups-{told['task']}", columns, rows, words, caption=caption
    )


def show_answers_of_people(
    answers: pd.DataFrame, told: Told, words: PageWords
) -> Table | None:
    """Tabulate people with the answer of models that had not seen them."""
    if answers.empty:
        return None
    own = answers[answers["method"] == told["method"]]
    is_number = bool(told["unit"])
    # Of more than two groups, the answer is about the group decided for.
    is_decision_told = own["group"].nunique() > 2 and not is_number
    decimals = "one_decimal" if is_number else "value"
    rows = [
        (
            str(row["cohort"]),
            str(row["participant_id"]),
            words.write("one_decimal", {"value": row["label"]})
            if is_number
            else str(row["group"]),
            *((str(row["decision"]),) if is_decision_told else ()),
            words.write(decimals, {"value": row["answer"]}),
            words.write(decimals, {"value": row["spread"]}),
        )
        for row in own.to_dict("records")
    ]
    columns: tuple[str, ...] = ("cohort", "person", "truth", "answer", "spread")
    if is_number:
        said = {"method": told["method"], "unit": words(f"unit_{told['unit']}")}
        caption = words("answers_caption_number", **said)
    elif is_decision_told:
        columns = ("cohort", "person", "truth", "answered", "answer", "spread")
        caption = words("answers_caption_groups", method=told["method"])
    else:
        caption = words("answers_caption", method=told["method"], group=told["group"])
    return make_table(f"people-{told['task']}", columns, rows, words, caption=caption)
