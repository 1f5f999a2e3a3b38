"""A comparison of ways to pretrain: gains in order, a table to quote."""

import pandas as pd
import pytest

from neurograft.files.tables import write_table
from neurograft.report.pretraining_comparison import (
    plot_budgets,
    plot_variant_gains,
    tabulate_differences,
    tabulate_variants,
    write_comparison,
)
from neurograft.report.style import BLUE, INK, ORANGE


@pytest.fixture
def gains():
    rows = [
        ("mae", "all", 0.05, 0.01, 0.09),
        ("jepa", "all", -0.05, -0.09, -0.01),
        ("latent", "all", 0.02, -0.02, 0.06),
        ("mae", "5", 0.01, -0.01, 0.03),
        ("jepa", "5", 0.02, 0.01, 0.03),
        ("latent", "5", 0.03, 0.02, 0.04),
        ("mixed", "5", 0.04, 0.03, 0.05),
    ]
    columns = ["variant", "labels_per_class", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns).assign(metric="AUROC", n_tasks=2)


@pytest.fixture
def results():
    return pd.DataFrame(
        {
            "variant": ["mae", "mae", "riemann"],
            "task": ["disease", "age", "disease"],
            "metric": ["AUROC", "R2", "AUROC"],
            "labels_per_class": "all",
            "value": [0.7, 0.3, 0.8],
        }
    )


COSTS = pd.DataFrame({"variant": ["mae"], "windows_per_s": [123.4]})
DIFFERENCES = pd.DataFrame(
    {"variant": ["jepa", "jepa", "latent", "latent"],
     "compared_with": ["mae", "mae", "mae", "jepa"], "metric": "AUROC",
     "labels_per_class": ["all", "5 and 10", "5 and 10", "all"], "n_tasks": 2,
     "value": [-0.02, 0.01, 0.03, 0.04], "ci_low": [-0.04, -0.01, 0.02, 0.03],
     "ci_high": [0.0, 0.03, 0.04, 0.05]}
)  # fmt: skip


def test_variants_are_sorted_and_coloured_by_what_their_interval_shows(
    gains, find_line
):
    (axes,) = plot_variant_gains(gains).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["jepa", "latent", "mae"]
    for height, (low, high, colour) in enumerate(
        [(-0.09, -0.01, ORANGE), (-0.02, 0.06, INK), (0.01, 0.09, BLUE)]
    ):
        line = find_line(axes, (low, height), (high, height))
        assert line.get_color() == colour
    assert axes.get_xlabel().endswith("AUROC (the mean of 2 tasks)")
    (axes,) = plot_variant_gains(gains.assign(n_tasks=1)).axes
    assert axes.get_xlabel().endswith("(1 task)")


def test_few_labels_show_the_three_best_and_the_default(gains):
    axes = plot_budgets(gains[gains["labels_per_class"] != "all"]).axes[0]
    assert [box.get_label() for box in axes.containers] == [
        "mixed",
        "latent",
        "jepa",
        "mae",
    ]
    assert axes.get_ylabel() == "Gain over untrained, AUROC"


def test_the_table_has_tasks_of_the_metric_gains_and_speed(gains, results):
    head, rule, *rows = tabulate_variants(results, gains, COSTS).strip().split("\n")
    assert head == (
        "| variant | disease | gain (all) | gain (5 per class) | windows/s |"
    )
    assert rule.count("---") == 5
    assert rows == [
        "| mae | 0.700 | +0.050 [+0.010, +0.090] | +0.010 [-0.010, +0.030] | 123 |",
        "| riemann | 0.800 |  |  |  |",
    ]


def test_variants_stand_beside_what_they_gain_over_the_first():
    head, rule, *rows = tabulate_differences(DIFFERENCES).strip().split("\n")
    assert head == "| minus mae, AUROC | all | 5 and 10 per class |"
    assert rule.count("---") == 3
    assert rows == [
        "| jepa | -0.020 [-0.040, +0.000] | +0.010 [-0.010, +0.030] |",
        "| latent |  | +0.030 [+0.020, +0.040] |",
    ]


@pytest.fixture
def write(gains, results, tmp_path):
    """Write the tables of a comparison, some of them changed."""

    def change(**changed):
        tables = {"gains": gains, "results": results, "costs": COSTS,
                  "differences": DIFFERENCES}  # fmt: skip
        for name, table in (tables | changed).items():
            write_table(tmp_path / f"{name}.tsv", table)
        return write_comparison(tmp_path)

    return change


def test_one_variant_differs_from_nothing(write):
    page = (write(differences=DIFFERENCES[:0]) / "comparison.md").read_text()
    assert "| mae |" in page
    assert "minus" not in page


def test_figures_and_table_are_written_beside_the_tables(write, tmp_path):
    assert write() == tmp_path
    assert "| minus mae, AUROC |" in (tmp_path / "comparison.md").read_text()
    written = {path.name for path in tmp_path.iterdir() if path.suffix != ".tsv"}
    assert written == {"gains-auroc.svg", "curves-auroc.svg", "comparison.md"}


def test_a_cohort_too_small_for_few_labels_has_no_curves(gains, write, tmp_path):
    write(gains=gains[gains["labels_per_class"] == "all"])
    assert (tmp_path / "gains-auroc.svg").is_file()
    assert not list(tmp_path.glob("curves-*"))


def test_the_gain_of_a_choice_stands_in_the_table_but_has_no_point_on_the_curve(
    gains, write, tmp_path
):
    chosen = pd.DataFrame(
        {"variant": ["chosen on the other tasks"], "labels_per_class": ["5 and 10"],
         "value": [0.03], "ci_low": [0.01], "ci_high": [0.05], "metric": "AUROC",
         "n_tasks": 2}
    )  # fmt: skip
    write(gains=pd.concat([gains, chosen]))
    page = (tmp_path / "comparison.md").read_text()
    assert "| chosen on the other tasks |" in page
    assert "gain (5 and 10 per class)" in page
