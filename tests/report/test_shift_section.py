"""The section on shift: sentences first, tables behind them, nothing without data."""

import numpy as np
import pandas as pd
import pytest

from neurograft.files.tables import write_table
from neurograft.report.shift_section import (
    describe_shift_section,
    say_transferability,
    tabulate_covariates,
    tabulate_distances,
    tabulate_probes,
)

NOTHING = pd.DataFrame()


@pytest.fixture
def covariates():
    return pd.DataFrame(
        {
            "source": "public",
            "target": "clinic",
            "factor": ["age", "line_freq_hz", "sex"],
            "in_source": ["30 (5.0)", "60", "unknown"],
            "in_target": ["70 (5.0)", "50", "unknown"],
            "smd": [8.0, np.nan, np.nan],
            "overlap": [0.01, np.nan, np.nan],
            "size": [0.99, 1.0, np.nan],
            "p_bh": [0.0004, 0.02, np.nan],
        }
    )


@pytest.fixture
def verdicts():
    return pd.DataFrame(
        {
            "answer": ["shift", "none"],
            "sentence": ["They differ.", "They are alike."],
            "label_shift": ["Aligning would remove age.", None],
        }
    )


def test_a_folder_without_tables_is_an_empty_section(tmp_path):
    figures = {}
    section = describe_shift_section(tmp_path, figures)
    assert figures == {}
    assert section["verdicts"] == []
    assert set(section["figures"].values()) == {""}
    assert all(section[name].empty for name in ("covariates", "distances", "probes"))
    assert section["transferability"] == ""


def test_warnings_of_a_shift_in_labels_follow_the_verdicts(tmp_path, verdicts):
    write_table(tmp_path / "verdicts.tsv", verdicts)
    section = describe_shift_section(tmp_path, {})
    assert [(row["sentence"], row["css"]) for row in section["verdicts"]] == [
        ("They differ.", "warning"),
        ("They are alike.", "nothing"),
        ("Aligning would remove age.", "warning"),
    ]


def test_a_table_with_a_figure_is_drawn_once(tmp_path, covariates):
    write_table(tmp_path / "covariates.tsv", covariates)
    figures = {}
    section = describe_shift_section(tmp_path, figures)
    assert list(figures) == ["shift-covariates"]
    assert section["figures"]["covariates"] == figures["shift-covariates"]
    assert section["figures"]["spectra"] == ""


def test_factors_are_shown_where_both_cohorts_are_known(covariates):
    table = tabulate_covariates(covariates).set_index("Factor")
    assert table.index.tolist() == ["age", "line freq hz"]
    assert table.loc["age", ["In source", "In target"]].tolist() == [
        "30 (5.0)",
        "70 (5.0)",
    ]
    assert table.loc["age", "p (BH)"] == "< .001"
    assert table.loc["line freq hz", "p (BH)"] == ".020"
    assert table.loc["line freq hz", "Mean difference, SD"] == ""


def test_distances_are_a_row_per_pair_and_representation():
    columns = ["representation", "measure", "value", "ci_low", "ci_high"]
    rows = [
        ("embedding", "domain accuracy", 0.9, 0.8, 0.95),
        ("embedding", "MMD2", 0.123, np.nan, np.nan),
        ("band power", "MMD2", 0.2, np.nan, np.nan),
        ("1/f", "MMD2", 0.3, np.nan, np.nan),
    ]
    table = tabulate_distances(
        pd.DataFrame(rows, columns=columns).assign(source="a", target="b")
    ).set_index("Representation")
    assert table.index.tolist() == ["embedding", "band power"]
    assert table["Told apart"].tolist() == ["0.90 [0.80, 0.95]", ""]
    assert table["MMD2"].tolist() == ["0.12", "0.20"]


def test_probes_are_a_column_per_representation():
    probes = pd.DataFrame(
        {
            "where": "clinic",
            "factor": ["age", "age", "label"],
            "measure": ["R2", "R2", "AUROC"],
            "representation": ["embedding", "band power", "embedding"],
            "value": [0.5, 0.25, 0.75],
            "ci_low": [0.4, np.nan, 0.6],
            "ci_high": [0.6, np.nan, 0.9],
        }
    )
    table = tabulate_probes(probes).set_index("Factor")
    assert table.loc["age (R2)"].tolist() == ["clinic", "0.50 [0.40, 0.60]", "0.25"]
    assert table.loc["label (AUROC)", "band power"] == ""


@pytest.mark.parametrize("tabulate", [tabulate_covariates, tabulate_distances,
                                      tabulate_probes])  # fmt: skip
def test_a_table_without_rows_stays_empty(tabulate):
    assert tabulate(NOTHING).empty


def test_transferability_is_the_mean_over_tasks():
    table = pd.DataFrame(
        {"task": ["a", "a", "b", "c"], "rank_correlation": [1.0, 1.0, 0.5, np.nan]}
    )
    assert "correlation of 0.75 over 2 tasks" in say_transferability(table)
    assert "over 1 task (" in say_transferability(table[table["task"] == "a"])
    assert say_transferability(table[table["task"] == "c"]) == ""
    assert say_transferability(NOTHING) == ""
