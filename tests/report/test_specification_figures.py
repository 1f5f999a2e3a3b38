"""The specification curve: sorted results, the choices below, the verdict above."""

import pandas as pd
import pytest

from neurograft.files.tables import write_table
from neurograft.report.specification_figures import (
    draw_specifications,
    plot_curve,
    say_test,
)
from neurograft.report.style import BLUE, INK

TEST = {
    "task": "t",
    "n_specifications": 4,
    "same_people": True,
    "median": 0.625,
    "p_median": 0.02,
    "share_significant": 0.5,
    "p_share": 0.0001,
}


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "task": "t",
            "rank": [1, 2, 3, 4],
            "method": ["riemann", "riemann", "encoder", "encoder"],
            "metric": "AUROC",
            "value": [0.5, 0.6, 0.65, 0.7],
            "ci_low": [0.4, 0.5, 0.55, 0.6],
            "ci_high": [0.6, 0.7, 0.75, 0.8],
            "harmonise.l_freq": ["0.5", "1.0", "1.0", "0.5"],
        }
    )


def test_the_verdict_has_the_median_and_both_tests():
    assert say_test(TEST) == (
        "4 specifications, median 0.62 (p = 0.020);\n50% are significant alone "
        "(p < 0.001 for as many)"
    )


def test_curves_of_different_people_are_not_judged_together():
    words = say_test(TEST | {"same_people": False})
    assert "not judged together" in words
    assert "p =" not in words


def test_results_stand_above_the_choices_behind_them(table, find_line):
    upper, lower = plot_curve(table, ["harmonise.l_freq"], "title").axes
    assert upper.get_title(loc="left") == "title"
    assert find_line(upper, (1, 0.4), (1, 0.6)).get_color() == INK
    assert find_line(upper, (4, 0.6), (4, 0.8)).get_color() == BLUE
    rows = dict(
        zip(
            [label.get_text() for label in lower.get_yticklabels()],
            [line.get_xdata().tolist() for line in lower.lines],
            strict=True,
        )
    )
    assert rows == {
        "riemann": [1, 2],
        "encoder": [3, 4],
        "l_freq = 0.5": [1, 4],
        "l_freq = 1.0": [2, 3],
    }


def test_chance_is_drawn_for_an_area_but_not_for_an_error(table):
    heights = [
        [
            line
            for line in plot_curve(kind, ["harmonise.l_freq"], "").axes[0].lines
            if line.get_linestyle() == "--"
        ]
        for kind in (table, table.assign(metric="mean absolute error"))
    ]
    assert [len(lines) for lines in heights] == [1, 0]


def test_every_task_has_a_file(table, tmp_path, texts):
    other = table.assign(task="u")
    write_table(tmp_path / "specifications.tsv", pd.concat([table, other]))
    write_table(tmp_path / "tests.tsv", pd.DataFrame([TEST, TEST | {"task": "u"}]))
    assert draw_specifications(tmp_path, ["harmonise.l_freq"]) == tmp_path
    assert {p.name for p in tmp_path.glob("*.svg")} == {"curve-t.svg", "curve-u.svg"}
    assert "encoder" in texts((tmp_path / "curve-u.svg").read_text())
