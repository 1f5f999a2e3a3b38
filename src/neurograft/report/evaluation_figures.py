"""Figures of an evaluation; the same tables give the same bytes."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neurograft.report.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    STYLE,
    choose_colour,
    make_figure,
    sort_methods,
)
from neurograft.types import Arrays, BoolArray, FloatArray


def plot_forest(results: pd.DataFrame, *, unit: str = "") -> Figure:
    """Draw the methods of a task: primary metric with 95 % interval, and chance.

    Args:
        results: Rows of one task and its primary metric: `method`, `metric`, `value`,
            `ci_low`, `ci_high`.
        unit: Of errors.
    """
    rows = results.set_index("method")
    methods = sort_methods(rows.index.tolist())
    metric = str(results["metric"].iloc[0])
    figure, axes = make_figure(6.6, 0.9 + 0.3 * len(methods))
    for height, method in enumerate(reversed(methods)):
        row = rows.loc[method]
        colour = choose_colour(method)
        axes.plot([row["ci_low"], row["ci_high"]], [height] * 2, color=colour, lw=2)
        axes.plot(row["value"], height, "o", color=colour, ms=6)
        text = f"{row['value']:.2f} [{row['ci_low']:.2f}, {row['ci_high']:.2f}]"
        _write_beside(axes, height, text)
    axes.set_yticks(range(len(methods)), list(reversed(methods)))
    reference = 0.5 if metric == "AUROC" else float(rows["value"].get("dummy", np.nan))
    axes.axvline(reference, color=GREY, lw=1, ls="--", zorder=0)
    axes.set_xlabel(label_metric(metric, unit))
    axes.set_ylim(-0.6, len(methods) - 0.4)
    return figure


def label_metric(metric: str, unit: str = "") -> str:
    """Name a metric, its better direction, and the dashed line."""
    if metric == "AUROC":
        return "AUROC (larger is better; dashed: chance)"
    named = f"{metric}, {unit}" if unit else metric
    return f"{named} (smaller is better; dashed: dummy)"


def plot_gains(gains: pd.DataFrame) -> Figure:
    """Draw what pretraining bought, per task: encoder minus untrained twin.

    Args:
        gains: `task`, `method`, `metric`, `difference`, `ci_low`, `ci_high`.
    """
    scored = [("AUROC", "AUROC gained"), ("mean absolute error", "error saved")]
    panels = [
        (metric, title) for metric, title in scored if (gains["metric"] == metric).any()
    ]
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        sizes = [int((gains["metric"] == metric).sum()) for metric, _ in panels]
        figure = Figure(
            figsize=(6.6, 0.9 * len(panels) + 0.34 * sum(sizes)), layout="constrained"
        )
        grid = figure.subplots(len(panels), 1, squeeze=False, height_ratios=sizes)
    for axes, (metric, title) in zip(grid[:, 0], panels, strict=True):
        rows = gains[gains["metric"] == metric].iloc[::-1]
        for height, row in enumerate(rows.to_dict("records")):
            axes.plot([row["ci_low"], row["ci_high"]], [height] * 2, color=BLUE, lw=2)
            axes.plot(row["difference"], height, "o", color=BLUE, ms=6)
            low, high = row["ci_low"], row["ci_high"]
            text = f"{row['difference']:+.2f} [{low:+.2f}, {high:+.2f}]"
            _write_beside(axes, height, text)
        axes.axvline(0, color=GREY, lw=1, ls="--", zorder=0)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        named = rows["task"].where(
            rows["method"] == "encoder", rows["task"] + ": " + rows["method"]
        )
        axes.set_yticks(range(len(rows)), named.tolist())
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlabel(f"{title} by pretraining (right of the line: better)")
    return figure


def plot_learning(metrics: pd.DataFrame) -> Figure:
    """Draw the loss by step, on training and left-out people, and the probes."""
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(6.6, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2)
    for number, (_, stage) in enumerate(metrics.groupby("stage")):
        labelled = number == 0
        for column, colour, style, words in (
            ("loss", GREY, "-", "people learned from"),
            ("watched_loss", BLUE, "-", "people left out"),
            ("predict_mean_loss", ORANGE, "--", "predicting the mean"),
        ):
            left.plot(
                stage["step"],
                stage[column],
                style,
                color=colour,
                marker="o",
                ms=2.5,
                label=words if labelled else None,
            )
        if not labelled:
            for axes in (left, right):
                axes.axvline(stage["step"].iloc[0], color=GREY, lw=0.6)
    left.set(xlabel="Step", ylabel="Loss", ylim=(0, None))
    left.legend(loc="lower left", fontsize=7.5)
    for column, colour, words in (
        ("spectral_r2", BLUE, "band power"),
        ("age_r2", INK, "age"),
        ("sex_r2", GREY, "sex"),
        ("recognised", ORANGE, "people recognised"),
    ):
        if column in metrics:
            right.plot(
                metrics["step"],
                metrics[column],
                color=colour,
                marker="o",
                ms=2.5,
                label=words,
            )
    right.set(xlabel="Step", ylabel="R2 of a probe, or share of people")
    right.legend(loc="best", fontsize=7.5)
    return figure


def plot_reconstruction(example: Arrays, *, target: str) -> Figure:
    """Draw a left-out window: signal, original, masked and predicted patches."""
    hidden, original = example["hidden"], example["original"]
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(6.6, 5.2), layout="constrained")
        grid = figure.add_gridspec(2, 3, height_ratios=[1, 1.4])
        top = figure.add_subplot(grid[0, :])
        panels = [figure.add_subplot(grid[1, column]) for column in range(3)]
    _draw_traces(top, example["signals"], hidden)
    masked = np.where(hidden[..., None], np.nan, original)
    named = (
        ("original", original),
        ("visible", masked),
        ("predicted", example["predicted"]),
    )
    low, high = np.percentile(original, [2, 98])
    for axes, (title, values) in zip(panels, named, strict=True):
        stripes = values.transpose(0, 2, 1)[:, ::-1].reshape(-1, values.shape[1])
        axes.imshow(
            stripes,
            aspect="auto",
            vmin=low,
            vmax=high,
            cmap="viridis",
            interpolation="nearest",
        )
        axes.set(title=title, xlabel="Second", yticks=[])
    what = "Channels (each: 45 to 1 Hz)" if target == "log-spectrum" else "Channels"
    panels[0].set_ylabel(what)
    return figure


def _draw_traces(axes: Axes, signals: FloatArray, hidden: BoolArray) -> None:
    shown = np.linspace(0, len(signals) - 1, min(6, len(signals))).astype(int)
    n_patches = hidden.shape[1]
    seconds = np.arange(signals.shape[1]) / signals.shape[1] * n_patches
    height = 6 * float(np.median(signals.std(1)))
    for row, channel in enumerate(shown[::-1]):
        axes.plot(seconds, signals[channel] + row * height, color=INK, lw=0.5)
        for patch in np.flatnonzero(hidden[channel]):
            edges = ((row - 0.5) * height, (row + 0.5) * height)
            axes.fill_between(
                [patch, patch + 1], *edges, color=ORANGE, alpha=0.18, lw=0
            )
    axes.set(xlim=(0, n_patches), yticks=[], xlabel="Second", ylabel="Channels")
    axes.set_title("A window of a left-out person; shaded seconds were hidden")


def _write_beside(axes: Axes, height: float, text: str) -> None:
    """Write a text at the right of the axes, at a height in data."""
    place = axes.get_yaxis_transform()
    axes.text(1.02, height, text, transform=place, va="center", size=8)
