"""The specification curve of every task: results sorted, and the choices below them."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from neurograft.files.sentences import say_p
from neurograft.files.tables import read_table
from neurograft.files.writing import write_text
from neurograft.report.plotting import STYLE, render
from neurograft.report.style import GREY, INK, choose_colour


def draw_specifications(folder: Path, choices: list[str]) -> Path:
    """Draw the curve of every task.

    Args:
        folder: Where the tables lie.
        choices: Settings that vary; each has a column.

    Returns:
        The folder of tables and figures.
    """
    table, tests = (
        read_table(folder / f"{n}.tsv") for n in ("specifications", "tests")
    )
    for test in tests.to_dict("records"):
        own = table[table["task"] == test["task"]]
        figure = plot_curve(own, choices, say_test(test))
        write_text(folder / f"curve-{test['task']}.svg", render(figure) + "\n")
    return folder


def say_test(test: Mapping[Hashable, Any]) -> str:
    """Write the verdict on the curve as a whole."""
    start = f"{test['n_specifications']} specifications, median {test['median']:.2f}"
    if not test["same_people"]:
        return f"{start};\npeople differ between them, so they are not judged together"
    return (
        f"{start} ({say_p(test['p_median'])});\n{test['share_significant']:.0%} are "
        f"significant alone ({say_p(test['p_share'])} for as many)"
    )


def plot_curve(table: pd.DataFrame, names: list[str], title: str) -> Figure:
    """Draw sorted values with 95 % intervals, above the choices behind each.

    Args:
        table: Rows of one task with `rank`, `method`, `metric`, `value`, `ci_low`,
            `ci_high` and a column for every choice.
        names: Those columns.
        title: Says what the curve says as a whole.
    """
    rows = [("method", method) for method in table["method"].unique()]
    rows += [
        (n, value) for n in names for value in sorted(table[n].astype(str).unique())
    ]
    height = 0.18 * len(rows)
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(6.6, 2.8 + height), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, height])
    for row in table.to_dict("records"):
        colour = choose_colour(str(row["method"]))
        upper.plot(
            [row["rank"]] * 2,
            [row["ci_low"], row["ci_high"]],
            color=colour,
            lw=1.4,
            alpha=0.5,
        )
        upper.plot(row["rank"], row["value"], "o", color=colour, ms=4)
    metric = str(table["metric"].iloc[0])
    if metric == "AUROC":
        upper.axhline(0.5, color=GREY, lw=1, ls="--", zorder=0)
    upper.set_ylabel(metric)
    upper.set_title(title, fontsize=8.5, loc="left")
    for height, (name, value) in enumerate(reversed(rows)):
        used = table.loc[table[name].astype(str) == value, "rank"]
        lower.plot(used, [height] * len(used), "s", color=INK, ms=3)
    said = [
        value if name == "method" else f"{name.split('.')[-1]} = {value}"
        for name, value in reversed(rows)
    ]
    lower.set_yticks(range(len(rows)), said)
    lower.set_ylim(-0.7, len(rows) - 0.3)
    lower.set_xlabel("Specifications, sorted by result")
    return figure
