"""Figures of an evaluation: every method, its interval, and what pretraining bought."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from neurograft.report.evaluation_figures import (
    label_metric,
    plot_forest,
    plot_gains,
    plot_learning,
    plot_reconstruction,
)
from neurograft.report.style import BLUE, INK, ORANGE, render


def test_a_forest_shows_methods_from_top_to_bottom_in_their_order(results):
    (axes,) = plot_forest(results).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[::-1] == ["dummy", "band-power", "random-encoder", "encoder"]


def test_a_forest_writes_and_draws_every_interval(results, texts, find_line):
    figure = plot_forest(results)
    shown = texts(render(figure))
    assert "0.70 [0.50, 0.80]" in shown
    assert "0.80 [0.70, 0.90]" in shown
    (axes,) = figure.axes
    colours = [
        find_line(axes, (low, height), (high, height)).get_color()
        for height, low, high in [(0, 0.5, 0.8), (1, 0.6, 0.9), (2, 0.7, 0.9)]
    ]
    assert colours == [BLUE, ORANGE, INK]


def test_the_dashed_line_of_a_forest_is_chance_or_the_dummy(results, find_line):
    (axes,) = plot_forest(results).axes
    assert find_line(axes, (0.5, 0), (0.5, 1)).get_linestyle() == "--"
    ages = results.assign(metric="mean absolute error")
    ages.loc[ages["method"] == "dummy", "value"] = 11.0
    (axes,) = plot_forest(ages, unit="years").axes
    assert axes.get_xlabel().startswith("mean absolute error, years (smaller")
    assert find_line(axes, (11.0, 0), (11.0, 1)).get_linestyle() == "--"


def test_a_metric_is_named_with_its_better_direction():
    assert "larger is better" in label_metric("AUROC")
    assert "smaller is better" in label_metric("mean absolute error")


def test_gains_of_both_kinds_of_task_are_drawn(comparisons, texts, find_line):
    gains = comparisons[comparisons["question"] == "pretraining"]
    age = gains.assign(task="age", metric="mean absolute error", difference=0.4)
    tuned = gains.assign(method="fine-tuned")
    figure = plot_gains(pd.concat([gains, tuned, age]))
    shown = texts(render(figure))
    assert "-0.05 [-0.10, +0.02]" in shown
    assert {"t", "t: fine-tuned", "age"} <= set(shown)
    upper, lower = (axes.get_xlabel() for axes in figure.axes)
    assert upper.startswith("AUROC gained by pretraining")
    assert lower.startswith("error saved by pretraining")
    assert find_line(figure.axes[0], (-0.1, 1), (0.02, 1)).get_color() == BLUE


def test_gains_of_one_kind_of_task_have_one_panel(comparisons):
    gains = comparisons[comparisons["question"] == "pretraining"]
    assert len(plot_gains(gains).axes) == 1


def test_the_learning_curve_shows_what_guessing_the_mean_would_cost(metrics, texts):
    figure = plot_learning(metrics)
    shown = texts(render(figure))
    words = {"people learned from", "people left out", "predicting the mean"}
    assert words | {"band power", "age"} <= set(shown)
    assert "sex" not in shown
    left, _ = figure.axes
    by_label = {line.get_label(): to_hex(line.get_color()) for line in left.lines}
    assert by_label["people left out"] == BLUE
    assert by_label["predicting the mean"] == ORANGE


@pytest.mark.parametrize(
    ("target", "label"),
    [("log-spectrum", "Channels (each: 45 to 1 Hz)"), ("waveform", "Channels")],
)
def test_a_reconstruction_shows_original_visible_and_predicted(target, label, texts):
    rng = np.random.default_rng(0)
    example = {
        "signals": rng.standard_normal((8, 1280)),
        "hidden": rng.random((8, 10)) < 0.75,
        "original": rng.standard_normal((8, 10, 45)),
        "predicted": rng.standard_normal((8, 10, 45)),
    }
    figure = plot_reconstruction(example, target=target)
    assert [axes.get_title() for axes in figure.axes[1:]] == [
        "original",
        "visible",
        "predicted",
    ]
    assert label in texts(render(figure))
    visible = np.ma.getmaskarray(figure.axes[2].images[0].get_array())
    assert visible.mean() == pytest.approx(example["hidden"].mean())
