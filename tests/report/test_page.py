"""The report: self-contained, drawn the same every time, and readable."""

import re

import numpy as np
import pandas as pd
import pytest

from neurograft.report.evaluation_figures import (
    plot_forest,
    plot_gains,
    plot_learning,
    plot_reconstruction,
)
from neurograft.report.shift_figures import plot_factors, plot_shares
from neurograft.report.style import render
from neurograft.report.summaries import (
    count_flow,
    describe_ages,
    describe_groups,
    describe_share,
    format_p,
    tabulate_cohorts,
    tabulate_results,
)


@pytest.fixture
def results():
    rows = [
        ("dummy", 0.5, 0.5, 0.5, 1.0, np.nan),
        ("band-power", 0.8, 0.7, 0.9, 0.002, 0.004),
        ("random-encoder", 0.75, 0.6, 0.9, 0.002, 0.004),
        ("encoder", 0.7, 0.5, 0.8, 0.0001, 0.0002),
    ]
    columns = ["method", "value", "ci_low", "ci_high", "p_permutation", "p_holm"]
    return pd.DataFrame(rows, columns=columns).assign(task="t", metric="AUROC")


@pytest.fixture
def comparisons():
    return pd.DataFrame(
        {
            "task": ["t", "t"],
            "method": ["encoder", "encoder"],
            "reference": ["band-power", "random-encoder"],
            "question": ["best baseline", "pretraining"],
            "metric": "AUROC",
            "difference": [-0.1, -0.05],
            "ci_low": [-0.2, -0.1],
            "ci_high": [0.0, 0.02],
            "p_corrected": [0.2, 0.3],
        }
    )


def texts(svg):
    return re.findall(r"<text[^>]*>(?:<tspan[^>]*>)?([^<]+)", svg)


def test_a_forest_shows_every_method_with_its_interval(results):
    svg = render(plot_forest(results))
    shown = " ".join(texts(svg))
    for method in results["method"]:
        assert method in shown
    assert "0.70 [0.50, 0.80]" in shown
    assert svg == render(plot_forest(results))
    assert "<metadata" not in svg or "date" not in svg


def test_gains_of_both_kinds_of_task_are_drawn(comparisons):
    gains = comparisons[comparisons["question"] == "pretraining"]
    age = gains.assign(task="age", metric="mean absolute error", difference=0.4)
    shown = " ".join(texts(render(plot_gains(pd.concat([gains, age])))))
    assert "-0.05 [-0.10, +0.02]" in shown.replace("\u2212", "-")
    assert "error saved by pretraining" in shown


def test_the_learning_curve_shows_what_guessing_the_mean_would_cost():
    metrics = pd.DataFrame(
        {
            "step": [0, 50, 100],
            "stage": [0, 0, 1],
            "loss": [0.7, 0.5, 0.4],
            "watched_loss": [0.7, 0.5, 0.45],
            "predict_mean_loss": 0.6,
            "spectral_r2": [0.7, 0.72, 0.75],
            "age_r2": [-0.1, 0.0, 0.1],
        }
    )
    shown = texts(render(plot_learning(metrics)))
    words = {"people learned from", "people left out", "predicting the mean"}
    assert words | {"band power", "age"} <= set(shown)
    assert "sex" not in shown


@pytest.mark.parametrize("target", ["log-spectrum", "waveform"])
def test_a_reconstruction_shows_original_visible_and_predicted(target):
    rng = np.random.default_rng(0)
    example = {
        "signals": rng.standard_normal((8, 1280)),
        "hidden": rng.random((8, 10)) < 0.75,
        "original": rng.standard_normal((8, 10, 45)),
        "predicted": rng.standard_normal((8, 10, 45)),
    }
    shown = texts(render(plot_reconstruction(example, target=target)))
    assert {"original", "visible", "predicted"} <= set(shown)


def test_cohorts_are_described_by_kept_people():
    recordings = pd.DataFrame(
        {
            "cohort": ["a", "a", "a"],
            "participant_id": ["1", "1", "2"],
            "status": ["kept", "kept", "dropped"],
            "reason": [None, None, "too short"],
            "age": [30.0, 30.0, 99.0],
            "sex": ["F", "F", "M"],
            "duration_s": [1800.0, 1800.0, 5.0],
            "n_channels": [19.0, 19.0, 8.0],
            "sfreq_hz": [128.0, 256.0, 128.0],
            "reference": ["Cz", "Cz", "Cz"],
            "line_freq_hz": [50.0, 50.0, np.nan],
        }
    )
    row = tabulate_cohorts(recordings, {"a": "tasks"}).iloc[0]
    assert row[["people", "recordings", "hours"]].tolist() == [1, 2, "1.0"]
    assert row["age, years"] == "30.0 (30-30)"
    assert row["female"] == "1 of 1 (100%)"
    assert row["Hz"] == "128, 256"
    flow = count_flow(recordings)
    assert flow.values.tolist() == [
        ["a", "kept", 2, ""],
        ["a", "dropped", 1, "too short"],
    ]


def test_unknown_ages_and_sexes_are_said_to_be_unknown():
    assert describe_ages(pd.Series([np.nan, np.nan])) == "unknown"
    assert (
        describe_ages(pd.Series([20.0, 40.0, np.nan]))
        == "30.0 ± 14.1 (20-40), 1 unknown"
    )
    assert describe_share(pd.Series([None, None], dtype=object), "F") == "unknown"


def test_groups_and_those_left_out_are_listed():
    subjects = pd.DataFrame(
        {
            "task": "t",
            "label": [1.0, 0.0, 0.0, np.nan],
            "age": [60.0, 50.0, 52.0, 70.0],
            "sex": ["F", "M", "F", "F"],
            "left_out": [None, None, None, "no usable recording"],
        }
    )
    table = describe_groups(subjects, "t", classes=("controls", "cases"))
    table = table.set_index("group")
    assert table["people"].to_dict() == {"controls": 2, "cases": 1, "left out": 1}
    assert table.loc["left out", "remark"] == "no usable recording"
    together = describe_groups(subjects, "t", classes=())
    assert together["group"].tolist() == ["everybody", "left out"]


def test_results_say_which_baseline_was_the_best(results, comparisons):
    table = tabulate_results(results, comparisons).set_index("method")
    against = table["against the best baseline"]
    assert against["band-power"] == "is the best baseline"
    assert against["encoder"] == "-0.10 [-0.20, +0.00] vs band-power, p = 0.200"
    assert table.loc["dummy", "p (Holm)"] == ""
    assert table.loc["encoder", "p (permutation)"] == "< 0.001"


def test_p_values_are_never_zero():
    assert format_p(0.00001) == "< 0.001"
    assert format_p(0.0123) == "0.012"


def test_references_would_be_found(find_references):
    assert find_references('<img src="https://x/y.png">')
    assert not find_references('<use xlink:href="#m"/><link href="data:,">')


@pytest.mark.parametrize("places", [["clinic"], ["clinic", "all cohorts"]])
@pytest.mark.parametrize("factors", [["age"], ["age", "sex"], list("abcdefgh")])
def test_shares_of_few_factors_of_one_cohort_have_room(places, factors):
    """A warning of the layout is an error here; names of places lie in the axes."""
    shares = pd.DataFrame(
        [{"where": place, "factor": factor, "value": 0.1, "ci_low": 0.0, "ci_high": 0.2}
         for place in places for factor in factors]
    )  # fmt: skip
    figure = plot_shares(shares)
    assert {*factors, *(f" {place}" for place in places)} <= set(texts(render(figure)))
    low, high = figure.axes[0].get_ylim()
    assert all(low < text.get_position()[1] < high for text in figure.axes[0].texts)


def test_cohorts_of_which_nothing_is_known_have_an_empty_figure():
    unknown = pd.DataFrame({"source": "a", "target": "b", "factor": ["age", "sex"],
                            "size": np.nan, "p_bh": np.nan})  # fmt: skip
    assert "age" not in texts(render(plot_factors(unknown)))
