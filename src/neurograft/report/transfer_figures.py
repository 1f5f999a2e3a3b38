"""Figures of transfer: few labels, calibration, brain-age gap."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from neurograft.report.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    choose_colour,
    make_figure,
    sort_methods,
)

# Methods whose curves are drawn; more than these cannot be told apart.
STYLES = {"band-power": (INK, "--"), "riemann": (INK, ":"), "tokens": (GREY, "-"),
          "random-encoder": (ORANGE, "-"), "encoder": (BLUE, "-"),
          "scratch": (ORANGE, "--"), "fine-tuned": (BLUE, "--"),
          "lora": (BLUE, ":"), "random-attentive": (ORANGE, "-."),
          "attentive": (BLUE, "-.")}  # fmt: skip
# Chosen here: ten people or more in each bin of a small cohort.
N_BINS = 5
# Rows of the table of curves that are derived; `... of fine-tuned` follow.
GAIN, SAVED = "pretraining gain", "labels saved"


def plot_curves(curves: pd.DataFrame) -> Figure:
    """Draw the metric by number of labelled people, with 95 % intervals.

    Args:
        curves: Rows of one task: `method`, `labels_per_class`, `metric`, `value`,
            `ci_low`, `ci_high`.
    """
    figure, axes = make_figure(6.6, 3.0)
    shown = [m for m in STYLES if m in set(curves["method"])]
    for number, method in enumerate(shown):
        own = curves[curves["method"] == method].sort_values("labels_per_class")
        colour, style = STYLES[method]
        x = own["labels_per_class"] * (1 + 0.025 * (number - len(shown) / 2))
        axes.plot(
            x, own["value"], style, color=colour, lw=1.6, marker="o", ms=4, label=method
        )
        axes.vlines(x, own["ci_low"], own["ci_high"], color=colour, lw=1)
    ticks = sorted(curves["labels_per_class"].unique())
    axes.set_xscale("log")
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    metric = str(curves["metric"].iloc[0])
    axes.set_xlabel(name_counted(metric).capitalize())
    axes.set_ylabel(metric)
    figure.legend(loc="outside upper center", ncols=len(shown), fontsize=8)
    return figure


def plot_calibration(predictions: pd.DataFrame, *, group: str) -> Figure:
    """Draw observed shares against predicted probabilities, in equal-count bins.

    Args:
        predictions: Rows of one task of two groups, and of the methods to show:
            `method`, `participant_id`, `label`, `score`.
        group: Name of the group whose probability it is.
    """
    figure, axes = make_figure(3.4, 3.2)
    axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls="--")
    for method in sort_methods(predictions["method"].unique().tolist()):
        own = predictions[predictions["method"] == method]
        people = own.groupby("participant_id")[["label", "score"]].mean()
        n_bins = min(N_BINS, len(people))
        parts = np.array_split(people.sort_values("score").to_numpy(), n_bins)
        stated = [part[:, 1].mean() for part in parts]
        observed = np.array([part[:, 0].mean() for part in parts])
        error = [
            np.sqrt(max(p * (1 - p), 0.05) / len(part))
            for p, part in zip(observed, parts, strict=True)
        ]
        axes.errorbar(
            stated,
            observed,
            yerr=error,
            fmt="o-",
            lw=1.4,
            ms=4,
            color=choose_colour(method),
            label=method,
        )
    axes.set(
        xlabel=f"Probability stated of {group}",
        ylabel=f"Share of {group}",
        xlim=(0, 1),
        ylim=(-0.05, 1.05),
    )
    axes.legend(loc="upper left", fontsize=7.5)
    return figure


def plot_gaps(analyses: pd.DataFrame) -> Figure:
    """Draw patients minus controls in every analysis, whose sign may differ.

    Args:
        analyses: Rows of one task and method: `correction`, `analysis`, `estimate`,
            `ci_low`, `ci_high`.
    """
    named = [
        f"{row['analysis']} ({row['correction']})"
        if str(row["analysis"]).startswith("bias-corrected")
        else str(row["analysis"])
        for row in analyses.to_dict("records")
    ]
    rows = analyses.assign(name=named).drop_duplicates("name")
    rows = rows[rows["estimate"].notna()].iloc[::-1]
    figure, axes = make_figure(6.6, 0.9 + 0.32 * len(rows))
    for height, row in enumerate(rows.to_dict("records")):
        colour = GREY if str(row["name"]).startswith("raw") else BLUE
        axes.plot([row["ci_low"], row["ci_high"]], [height] * 2, color=colour, lw=2)
        axes.plot(row["estimate"], height, "o", color=colour, ms=6)
    axes.axvline(0, color=GREY, lw=1, ls="--", zorder=0)
    axes.set_yticks(range(len(rows)), rows["name"].tolist())
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel("Patients minus controls, years (right: patients look older)")
    return figure


def name_counted(metric: str) -> str:
    """Name whom the numbers of a curve count: of a number as label, half of the people.

    Example:
        >>> name_counted("AUROC")
        'labelled people of each class'
    """
    is_error = metric == "mean absolute error"
    return (
        "half of the labelled people" if is_error else "labelled people of each class"
    )


def describe_curve(curves: pd.DataFrame) -> str:
    """Write gains and labels saved in a sentence."""
    names = [n for n in dict.fromkeys(curves["method"]) if n.startswith(GAIN)]
    return " ".join(_describe_gain(curves, name.removeprefix(GAIN)) for name in names)


def _describe_gain(curves: pd.DataFrame, of: str) -> str:
    gains = curves[curves["method"] == GAIN + of]
    metric = str(gains["metric"].iloc[0])
    parts = [
        f"{row['labels_per_class']:g} people: {row['value']:+.3f} "
        f"[{row['ci_low']:+.3f}, {row['ci_high']:+.3f}]"
        for row in gains.to_dict("records")
    ]
    text = (
        f"Gain of pretraining{of} ({metric}, {name_counted(metric)}): "
        f"{'; '.join(parts)}."
    )
    saved = curves[curves["method"] == SAVED + of]
    for row in saved.to_dict("records"):
        text += (
            f" Labels saved, of {row['labels_per_class']:g}: "
            f"{row['value']:.0f} "
            f"[{row['ci_low']:.0f}, {row['ci_high']:.0f}]."
        )
    return text
