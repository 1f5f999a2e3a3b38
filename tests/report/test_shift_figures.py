"""Figures of the shift: sizes of differences, adapters, spectra, shares."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from neurograft.report.shift_figures import (
    N_FACTORS,
    plot_adapters,
    plot_factors,
    plot_shares,
    plot_spectra,
)
from neurograft.report.style import BLUE, ORANGE, render


def test_a_clear_difference_is_filled_and_an_unclear_one_is_not():
    covariates = pd.DataFrame(
        {
            "source": "public",
            "target": "clinic",
            "factor": ["age", "sfreq_hz", "sex"],
            "size": [0.8, 0.3, np.nan],
            "p_bh": [0.001, 0.4, np.nan],
        }
    )
    figure = plot_factors(covariates)
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["sfreq hz", "age"]
    clear, unclear = axes.lines
    assert clear.get_xdata().tolist() == [0.8]
    assert clear.get_markerfacecolor() == BLUE
    assert unclear.get_xdata().tolist() == [0.3]
    assert unclear.get_markerfacecolor() == "white"
    assert clear.get_label() == "public to clinic"


def test_only_the_most_different_factors_are_drawn():
    names = [f"factor {number:02d}" for number in range(12)]
    covariates = pd.DataFrame(
        {
            "source": "a",
            "target": "b",
            "factor": names,
            "size": np.arange(12) / 12,
            "p_bh": 0.01,
        }
    )
    (axes,) = plot_factors(covariates).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == names[-N_FACTORS:]


def test_cohorts_of_which_nothing_is_known_have_an_empty_figure(texts):
    unknown = pd.DataFrame(
        {
            "source": "a",
            "target": "b",
            "factor": ["age", "sex"],
            "size": np.nan,
            "p_bh": np.nan,
        }
    )
    figure = plot_factors(unknown)
    assert "age" not in texts(render(figure))
    assert figure.legends == []


def test_adapters_stand_below_no_adapter_with_their_intervals():
    adapters = pd.DataFrame(
        {
            "representation": np.repeat(["embedding", "band power"], 2),
            "adapter": [None, "coral"] * 2,
            "value": [0.9, 0.5, 0.8, 0.6],
            "ci_low": [0.85, 0.4, 0.7, 0.5],
            "ci_high": [0.95, 0.6, 0.9, 0.7],
            "chance": 0.5,
        }
    )
    (axes,) = plot_adapters(adapters).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[::-1] == ["none", "coral"]
    intervals = [
        segment[:, 0].tolist()
        for bars in axes.collections
        for segment in bars.get_segments()
    ]
    assert intervals == [[0.85, 0.95], [0.4, 0.6], [0.7, 0.9], [0.5, 0.7]]
    colours = {
        line.get_label(): line.get_color()
        for line in axes.lines
        if line.get_linestyle() == "None"
    }
    assert colours == {"embedding": BLUE, "band power": ORANGE}
    (chance,) = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert set(chance.get_xdata()) == {0.5}


def test_spectra_have_a_panel_per_region_and_quartiles_per_cohort(texts):
    regions = ["frontal", "central", "occipital"]
    spectra = pd.DataFrame(
        [
            (cohort, region, band, -1.5, -1.0, -0.5)
            for cohort in ("public", "clinic")
            for region in regions
            for band in ("1-4 Hz", "4-8 Hz")
        ],
        columns=["cohort", "region", "band", "q25", "median", "q75"],
    )
    figure = plot_spectra(spectra)
    titles = [axes.get_title() for axes in figure.axes]
    assert [title for title in titles if title] == regions
    first = figure.axes[0]
    assert [line.get_label() for line in first.lines] == ["public", "clinic"]
    assert len(first.collections) == 2
    heights = first.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (-1.5, -0.5)
    assert {"1-4", "4-8", "Hz"} <= set(texts(render(figure)))


@pytest.mark.parametrize("places", [["clinic"], ["clinic", "all cohorts"]])
@pytest.mark.parametrize("factors", [["age"], ["age", "sex"], list("abcdefgh")])
def test_shares_of_few_factors_of_one_cohort_have_room(places, factors, texts):
    """A warning of the layout is an error here; names of places lie in the axes."""
    shares = pd.DataFrame(
        [
            {
                "where": place,
                "factor": factor,
                "value": 0.1,
                "ci_low": 0.0,
                "ci_high": 0.2,
            }
            for place in places
            for factor in factors
        ]
    )
    figure = plot_shares(shares)
    assert {*factors, *places} <= set(texts(render(figure)))
    (axes,) = figure.axes
    low, high = axes.get_ylim()
    assert all(low < text.get_position()[1] < high for text in axes.texts)
    drawn = [line for line in axes.lines if list(line.get_xdata()) == [0.0, 0.2]]
    assert len(drawn) == len(places) * len(factors)
    assert {to_rgba(line.get_color()) for line in drawn} == {to_rgba(BLUE)}
