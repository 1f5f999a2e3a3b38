"""Figures of the shift between cohorts: size, factors, effect of adapters."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from neurograft.report.style import BLUE, GREY, INK, ORANGE, STYLE, make_figure

COLOURS = (BLUE, ORANGE, INK, GREY, "#2f855a", "#805ad5", "#b7791f", "#c53030")
# Chosen here: more factors than this do not fit in a figure.
N_FACTORS = 8


def plot_factors(covariates: pd.DataFrame) -> Figure:
    """Draw the size of the difference in every factor, pair by pair.

    Args:
        covariates: `source`, `target`, `factor`, `size`, `p_bh`.
    """
    known = covariates[covariates["size"].notna()]
    order = known.groupby("factor")["size"].max().sort_values().tail(N_FACTORS).index
    pairs = list(known.groupby(["target", "source"], sort=False))
    figure, axes = make_figure(6.6, 1.2 + 0.26 * len(order))
    for number, ((target, source), own) in enumerate(pairs):
        rows = own.set_index("factor").reindex(order)
        height = np.arange(len(order)) + 0.5 * (number / max(len(pairs) - 1, 1) - 0.5)
        clear = (rows["p_bh"] < 0.05).to_numpy()
        colour = COLOURS[number % len(COLOURS)]
        axes.hlines(height, 0, rows["size"], color=colour, lw=0.8, alpha=0.5)
        axes.plot(
            rows["size"][clear],
            height[clear],
            "o",
            color=colour,
            ms=5,
            label=f"{source} to {target}",
        )
        axes.plot(
            rows["size"][~clear], height[~clear], "o", color=colour, ms=5, mfc="white"
        )
    axes.set_yticks(range(len(order)), [name.replace("_", " ") for name in order])
    axes.set_xlim(-0.02, 1.05)
    axes.set_xlabel("Size of the difference (0 alike, 1 apart; filled: p < .05)")
    if pairs:
        figure.legend(loc="outside upper center", ncols=2, fontsize=7.5)
    return figure


def plot_adapters(adapters: pd.DataFrame) -> Figure:
    """Draw how well cohorts are told apart, before and after every adapter.

    Args:
        adapters: `representation`, `adapter`, `value`, `ci_low`, `ci_high`, `chance`.
    """
    names = adapters["adapter"].fillna("").drop_duplicates().tolist()
    figure, axes = make_figure(6.6, 1.0 + 0.28 * len(names))
    shown = list(adapters.groupby("representation", sort=False))
    for number, (representation, own) in enumerate(shown):
        rows = own.assign(adapter=own["adapter"].fillna("")).set_index("adapter")
        rows = rows.loc[names]
        shift = 0.12 * (1 if number else -1) if len(shown) > 1 else 0.0
        height = len(names) - 1 - np.arange(len(names)) + shift
        colour = COLOURS[number]
        axes.hlines(height, rows["ci_low"], rows["ci_high"], color=colour, lw=2)
        axes.plot(rows["value"], height, "o", color=colour, ms=5, label=representation)
    labels = [name or "none" for name in reversed(names)]
    axes.set_yticks(range(len(names)), labels)
    axes.axvline(float(adapters["chance"].iloc[0]), color=GREY, lw=1, ls="--", zorder=0)
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("Cohorts told apart: balanced accuracy (dashed: chance)")
    figure.legend(loc="outside upper center", ncols=2, fontsize=8)
    return figure


def plot_spectra(spectra: pd.DataFrame) -> Figure:
    """Draw the median relative band power of every cohort, with quartiles.

    Args:
        spectra: `cohort`, `region`, `band`, `q25`, `median`, `q75`.
    """
    regions = spectra["region"].drop_duplicates().tolist()
    bands = spectra["band"].drop_duplicates().tolist()
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(6.6, 4.0), layout="constrained")
        panels = figure.subplots(2, 3, sharex=True, sharey=True)
    for axes, region in zip(panels.ravel(), regions, strict=False):
        part = spectra[spectra["region"] == region]
        for number, (cohort, own) in enumerate(part.groupby("cohort", sort=False)):
            rows = own.set_index("band").loc[bands]
            colour = COLOURS[number % len(COLOURS)]
            x = np.arange(len(bands))
            axes.fill_between(x, rows["q25"], rows["q75"], color=colour, alpha=0.12)
            axes.plot(x, rows["median"], "o-", color=colour, lw=1.3, ms=3, label=cohort)
        axes.set_title(region, fontsize=9)
        axes.set_xticks(
            range(len(bands)),
            [b.removesuffix(" Hz") for b in bands],
            rotation=60,
            fontsize=7.5,
        )
    figure.supylabel("Share of power, log10", fontsize=9)
    figure.supxlabel("Hz", fontsize=9)
    handles, labels = panels.ravel()[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=7.5)
    return figure


def plot_shares(factors: pd.DataFrame) -> Figure:
    """Draw the share of the embedding's variance that goes with every factor.

    Args:
        factors: `where`, `factor`, `value`, `ci_low`, `ci_high`.
    """
    places = list(factors.groupby("where", sort=False))
    n_rows = len(factors) + len(places)
    figure, axes = make_figure(6.6, 0.8 + 0.21 * n_rows)
    height, ticks, labels = n_rows, [], []
    for where, own in places:
        height -= 1
        axes.text(
            0,
            height,
            f" {where}",
            transform=axes.get_yaxis_transform(),
            va="center",
            size=8,
            color=GREY,
        )
        for row in own.to_dict("records"):
            height -= 1
            ticks.append(height)
            labels.append(str(row["factor"]).replace("_", " "))
            axes.plot([row["ci_low"], row["ci_high"]], [height] * 2, color=BLUE, lw=2)
            axes.plot(row["value"], height, "o", color=BLUE, ms=5)
    axes.set_yticks(ticks, labels)
    axes.set_ylim(-0.6, n_rows - 0.4)  # the name of the first place lies inside
    axes.axvline(0, color=GREY, lw=1, ls="--", zorder=0)
    axes.set_xlabel("Share of the embedding's variance (all orders averaged)")
    return figure
