"""Figures and a table of a comparison of ways to pretrain."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from neurograft.files.tables import read_table
from neurograft.files.writing import write_text
from neurograft.report.plotting import make_figure, render
from neurograft.report.style import BLUE, GREY, INK, ORANGE


def write_comparison(folder: Path) -> Path:
    """Draw the gains and write tables of variants and their differences as Markdown.

    Args:
        folder: Where the tables of the comparison lie.

    Returns:
        The folder.
    """
    gains = read_table(folder / "gains.tsv")
    for metric, own in gains.groupby("metric"):
        figure = plot_variant_gains(own)
        write_text(folder / f"gains-{str(metric).lower()}.svg", render(figure) + "\n")
        few = own[own["labels_per_class"].astype(str).str.isdigit()]
        if len(few):  # nobody would be left to test in small cohorts
            path = folder / f"curves-{str(metric).lower()}.svg"
            write_text(path, render(plot_budgets(few)) + "\n")
    results, costs, differences = (
        read_table(folder / f"{name}.tsv")
        for name in ("results", "costs", "differences")
    )
    page = tabulate_variants(results, gains, costs)
    if len(differences):
        page += "\n" + tabulate_differences(differences)
    write_text(folder / "comparison.md", page)
    return folder


def plot_variant_gains(gains: pd.DataFrame) -> Figure:
    """Draw the mean gain over the untrained encoder of equal tokens.

    Intervals above zero are blue, those below orange.
    """
    rows = gains[gains["labels_per_class"].astype(str) == "all"].sort_values("value")
    figure, axes = make_figure(6.6, 0.9 + 0.26 * len(rows))
    for height, row in enumerate(rows.to_dict("records")):
        is_harmful = row["ci_high"] < 0
        colour = BLUE if row["ci_low"] > 0 else ORANGE if is_harmful else INK
        axes.plot([row["ci_low"], row["ci_high"]], [height] * 2, color=colour, lw=2)
        axes.plot(row["value"], height, "o", color=colour, ms=5)
    axes.axvline(0, color=GREY, lw=1, ls="--", zorder=0)
    axes.set_yticks(range(len(rows)), rows["variant"].tolist())
    metric, n_tasks = rows["metric"].iloc[0], rows["n_tasks"].iloc[0]
    tasks = "1 task" if n_tasks == 1 else f"the mean of {n_tasks} tasks"
    axes.set_xlabel(f"Gain over the untrained encoder, {metric} ({tasks})")
    axes.set_ylim(-0.6, len(rows) - 0.4)
    return figure


def plot_budgets(gains: pd.DataFrame) -> Figure:
    """Draw gains against labelled people of each class: the three best, and `mae`.

    Args:
        gains: Gains at numbers of labels, of one metric.
    """
    few = gains.assign(labels_per_class=gains["labels_per_class"].astype(int))
    means = few.groupby("variant")["value"].mean().sort_values(ascending=False)
    shown = list(dict.fromkeys([*means.index[:3], *means.index[means.index == "mae"]]))
    figure, axes = make_figure(6.6, 3.2)
    for number, variant in enumerate(shown):
        own = few[few["variant"] == variant].sort_values("labels_per_class")
        x = own["labels_per_class"] * (1 + 0.03 * (number - 1))
        colour = f"C{number}"
        below, above = own["value"] - own["ci_low"], own["ci_high"] - own["value"]
        axes.errorbar(
            x,
            own["value"],
            yerr=[below, above],
            fmt="o-",
            color=colour,
            lw=1.4,
            ms=4,
            label=variant,
        )
    axes.axhline(0, color=GREY, lw=1, ls="--", zorder=0)
    axes.set_xscale("log")
    ticks = sorted(few["labels_per_class"].unique())
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("Labelled people of each class")
    axes.set_ylabel(f"Gain over untrained, {few['metric'].iloc[0]}")
    figure.legend(loc="outside upper center", ncols=len(shown), fontsize=8)
    return figure


def tabulate_variants(
    results: pd.DataFrame, gains: pd.DataFrame, costs: pd.DataFrame
) -> str:
    """Write a Markdown table of variants: tasks, mean gain by budget, cost."""
    everybody = results[results["labels_per_class"].astype(str) == "all"]
    tasks = list(dict.fromkeys(everybody["task"]))
    cells = {
        (row["variant"], row["task"]): f"{row['value']:.3f}"
        for row in everybody.to_dict("records")
    }
    speeds = costs.set_index("variant")["windows_per_s"].to_dict()
    lines = []
    for metric, own in gains.groupby("metric"):
        named = [task for task in tasks if _find_metric(everybody, task) == metric]
        budgets = list(dict.fromkeys(own["labels_per_class"].astype(str)))
        said = {
            (row["variant"], str(row["labels_per_class"])): _say(row)
            for row in own.to_dict("records")
        }
        heads = [
            "variant",
            *named,
            *(f"gain ({_say_budget(budget)})" for budget in budgets),
            "windows/s",
        ]
        lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        chosen = own.loc[own["variant"].str.startswith("chosen"), "variant"]
        for variant in dict.fromkeys([*everybody["variant"], *chosen]):
            row = [
                variant,
                *(cells.get((variant, task), "") for task in named),
                *(said.get((variant, budget), "") for budget in budgets),
                f"{speeds[variant]:.0f}" if variant in speeds else "",
            ]
            lines.append(f"| {' | '.join(row)} |")
        lines.append("")
    return "\n".join(lines)


def tabulate_differences(differences: pd.DataFrame) -> str:
    """Write a Markdown table of what pretrained variants gain over the first of them.

    Args:
        differences: `variant` minus `compared_with`, by metric and number of labels.
    """
    first = differences["compared_with"].iloc[0]
    lines = []
    for metric, own in differences[differences["compared_with"] == first].groupby(
        "metric"
    ):
        budgets = list(dict.fromkeys(own["labels_per_class"].astype(str)))
        said = {
            (row["variant"], str(row["labels_per_class"])): _say(row)
            for row in own.to_dict("records")
        }
        heads = [f"minus {first}, {metric}", *map(_say_budget, budgets)]
        lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        for variant in dict.fromkeys(own["variant"]):
            cells = [said.get((variant, budget), "") for budget in budgets]
            lines.append(f"| {variant} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def _find_metric(results: pd.DataFrame, task: str) -> str:
    return str(results.loc[results["task"] == task, "metric"].iloc[0])


def _say_budget(labels_per_class: str) -> str:
    return "all" if labels_per_class == "all" else f"{labels_per_class} per class"


def _say(row: Mapping[Hashable, Any]) -> str:
    return f"{row['value']:+.3f} [{row['ci_low']:+.3f}, {row['ci_high']:+.3f}]"
