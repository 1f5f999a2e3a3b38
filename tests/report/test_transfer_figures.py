"""Figures of transfer: curves of few labels, calibration, the brain-age gap."""

import numpy as np
import pandas as pd
import pytest

from neurograft.report.style import BLUE, GREY, ORANGE, render
from neurograft.report.transfer_figures import (
    N_BINS,
    describe_curve,
    plot_calibration,
    plot_curves,
    plot_gaps,
)


def test_a_curve_shows_methods_but_not_what_is_derived(curves, texts):
    figure = plot_curves(curves)
    axes = figure.axes[0]
    colours = {line.get_label(): line.get_color() for line in axes.lines}
    assert colours == {"random-encoder": ORANGE, "encoder": BLUE}
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["5", "10"]
    shown = texts(render(figure))
    assert "Labelled people of each class" in shown
    assert "pretraining gain" not in shown


def test_a_curve_has_an_interval_at_every_point(curves):
    bars = plot_curves(curves).axes[0].collections
    ends = [segment[:, 1].tolist() for bar in bars for segment in bar.get_segments()]
    assert ends == [[0.5, 0.7], [0.6, 0.8], [0.55, 0.75], [0.65, 0.85]]


def test_the_curve_in_words_has_gains_and_labels_saved(curves):
    words = describe_curve(curves)
    assert "5 people: +0.050 [-0.010, +0.110]" in words
    assert "10 people: +0.050 [+0.010, +0.090]" in words
    assert words.endswith("Labels saved, of 10: 4 [1, 6].")


def test_of_a_number_the_curve_counts_half_of_the_labelled_people(curves, texts):
    ages = curves.assign(metric="mean absolute error")
    assert "Half of the labelled people" in texts(render(plot_curves(ages)))
    assert "(mean absolute error, half of the labelled people): 5 " in describe_curve(
        ages
    )


def test_a_curve_without_a_twin_has_no_words(curves):
    assert describe_curve(curves[curves["method"] == "encoder"]) == ""


@pytest.fixture
def predictions():
    score = np.tile(np.linspace(0.05, 0.95, 50), 2)
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "method": np.repeat(["encoder", "random-encoder"], 50),
            "participant_id": np.tile(np.arange(50), 2),
            "label": (rng.random(100) < score).astype(float),
            "score": score,
        }
    )


def test_calibration_has_bins_of_equal_size_beside_the_diagonal(predictions, find_line):
    axes = plot_calibration(predictions, group="pain").axes[0]
    assert find_line(axes, (0, 0), (1, 1)).get_color() == GREY
    drawn = {box.get_label(): box.lines[0] for box in axes.containers}
    assert list(drawn) == ["random-encoder", "encoder"]
    assert drawn["encoder"].get_color() == BLUE
    stated = np.linspace(0.05, 0.95, 50).reshape(N_BINS, -1).mean(1)
    np.testing.assert_allclose(
        np.array(drawn["encoder"].get_xdata(), dtype=float), stated
    )


def test_a_person_predicted_in_many_repeats_counts_once(predictions):
    twice = pd.concat([predictions, predictions])
    once, again = (
        plot_calibration(table, group="pain").axes[0].containers[1].lines[0].get_ydata()
        for table in (predictions, twice)
    )
    np.testing.assert_allclose(again, once)


def test_gaps_show_every_analysis_that_has_an_estimate():
    analyses = pd.DataFrame(
        {
            "correction": ["Beheshti", "Cole", "Beheshti", "Cole", "Beheshti"],
            "analysis": ["raw", "raw", "bias-corrected", "bias-corrected", "matched"],
            "estimate": [1.0, 1.0, 2.0, 3.0, np.nan],
            "ci_low": [0.5, 0.5, 1.0, 2.0, np.nan],
            "ci_high": [1.5, 1.5, 3.0, 4.0, np.nan],
        }
    )
    axes = plot_gaps(analyses).axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[::-1] == ["raw", "bias-corrected (Beheshti)", "bias-corrected (Cole)"]
    intervals = {
        tuple(line.get_xdata()): line.get_color()
        for line in axes.lines
        if len(line.get_xdata()) == 2 and line.get_linestyle() == "-"
    }
    assert intervals == {(0.5, 1.5): GREY, (1.0, 3.0): BLUE, (2.0, 4.0): BLUE}
    assert "patients look older" in axes.get_xlabel()
