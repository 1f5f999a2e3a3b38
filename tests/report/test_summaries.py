"""Tables of the report: people counted once, numbers with intervals, words for gaps."""

import numpy as np
import pandas as pd

from neurograft.report.summaries import (
    condense_design,
    condense_recordings,
    condense_subgroups,
    count_flow,
    describe_ages,
    describe_gaps,
    describe_groups,
    describe_share,
    format_p,
    tabulate_bands,
    tabulate_cohorts,
    tabulate_details,
    tabulate_methods,
    tabulate_results,
)


def test_cohorts_are_described_by_kept_people(recordings):
    row = tabulate_cohorts(recordings, {"a": "tasks"}).iloc[0]
    assert row[["people", "recordings", "hours"]].tolist() == [1, 2, "1.0"]
    assert row["age, years"] == "30.0 (30-30)"
    assert row["female"] == "1 of 1 (100%)"
    assert row["Hz"] == "128, 256"
    assert row["used for"] == "tasks"


def test_the_flow_counts_recordings_by_reason(recordings):
    assert count_flow(recordings).to_numpy().tolist() == [
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
    assert describe_share(pd.Series(["F", "M", None]), "F") == "1 of 2 (50%)"


def test_groups_and_those_left_out_are_listed(subjects):
    table = describe_groups(subjects, "t", classes=("controls", "cases"))
    table = table.set_index("group")
    assert table["people"].to_dict() == {"controls": 2, "cases": 1, "left out": 1}
    assert table.loc["left out", "remark"] == "no usable recording"
    together = describe_groups(subjects, "t", classes=())
    assert together["group"].tolist() == ["everybody", "left out"]
    assert describe_groups(subjects, "another", classes=("a", "b")).empty


def test_results_stand_in_the_order_of_methods_with_intervals(results, comparisons):
    errors = results.assign(metric="mean absolute error")
    table = tabulate_results(errors, comparisons, unit="years")
    assert "mean absolute error, years" in table
    table = tabulate_results(results, comparisons)
    assert table["method"].tolist() == [
        "dummy",
        "band-power",
        "random-encoder",
        "encoder",
    ]
    assert table["AUROC"].tolist()[-1] == "0.70 [0.50, 0.80]"


def test_results_say_which_baseline_was_the_best(results, comparisons):
    table = tabulate_results(results, comparisons).set_index("method")
    against = table["against the best baseline"]
    assert against["band-power"] == "is the best baseline"
    assert against["encoder"] == "-0.10 [-0.20, +0.00] vs band-power, p = 0.200"
    assert table.loc["dummy", "p (Holm)"] == ""
    assert table.loc["encoder", "p (permutation)"] == "< 0.001"
    nobody = tabulate_results(results, comparisons.iloc[1:])
    assert set(nobody["against the best baseline"]) == {""}


def test_details_are_the_metrics_that_the_first_table_leaves_out(results):
    more = results.assign(metric="sensitivity", value=[np.nan, 0.2, 0.3, 0.4])
    table = tabulate_details(pd.concat([results, more]))
    assert table.columns.tolist() == ["method", "sensitivity"]
    assert table["sensitivity"].tolist() == [
        "",
        "0.30 [0.70, 0.90]",
        "0.40 [0.60, 0.90]",
        "0.20 [0.50, 0.80]",
    ]
    assert tabulate_details(results).empty


def test_recordings_have_a_column_per_metric_and_condition():
    rows = pd.DataFrame(
        {
            "method": "encoder",
            "condition": ["all", "rest"],
            "metric": "AUROC",
            "value": [0.75, 0.5],
            "ci_low": [0.7, 0.4],
            "ci_high": [0.8, 0.6],
        }
    )
    (row,) = condense_recordings(rows).to_dict("records")
    assert row == {
        "method": "encoder",
        "AUROC": "0.75 [0.70, 0.80]",
        "AUROC, rest": "0.50 [0.40, 0.60]",
    }
    assert condense_recordings(rows.iloc[:0]).empty


def test_methods_are_explained_part_by_part():
    table = tabulate_methods(["encoder@recentre+riemann:svm", "dummy"])
    assert table["method"].tolist() == [
        "dummy",
        "riemann",
        "encoder",
        "@recentre",
        ":svm",
    ]
    assert table["what it is"].str.len().min() > 10


def test_p_values_are_never_zero():
    assert format_p(0.00001) == "< 0.001"
    assert format_p(0.0123) == "0.012"
    assert format_p(np.nan) == ""


def test_brain_age_is_a_sentence_or_the_reason_for_none():
    row = {
        "analysis": "raw",
        "correction": "Beheshti",
        "estimate": 2.0,
        "cohens_d": 0.4,
        "d_low": 0.1,
        "d_high": 0.7,
        "detectable_d": 0.5,
        "bayes_factor": 3.0,
        "levene_p": 0.2,
        "r_age_raw": -0.6,
        "r_age_corrected": 0.01,
        "bayes_factor_age": 0.1,
    }
    words = describe_gaps(pd.DataFrame([row]), "encoder")
    assert "Cohen's d +0.40 [+0.10, +0.70]" in words
    assert "show 0.50 with 80 % power" in words
    assert "-0.60 raw, +0.01 corrected" in words
    few = pd.DataFrame([row | {"analysis": "too few controls", "estimate": np.nan}])
    assert describe_gaps(few, "encoder") == "too few controls"


def test_age_bands_have_errors_and_signed_gaps():
    bands = pd.DataFrame(
        {
            "band": ["20-30"],
            "n": [7],
            "mean_absolute_error": [4.26],
            "mean_gap": [1.0],
            "mean_corrected_gap": [-0.2],
        }
    )
    assert tabulate_bands(bands).iloc[0].tolist() == [
        "20-30", 7, "4.3", "+1.0", "-0.2",
    ]  # fmt: skip


def test_a_design_shows_what_goes_with_the_label():
    design = pd.DataFrame(
        {
            "factor": ["line_freq_hz", "sex"],
            "measure": "Cramer's V",
            "value": [0.9, 0.0],
            "p": [0.0001, 0.9],
            "severity": ["separated", "none"],
            "within": [0.6, np.nan],
            "within_low": [0.5, np.nan],
            "within_high": [0.7, np.nan],
            "n_pairs": [120.0, np.nan],
        }
    )
    (row,) = condense_design(design).to_dict("records")
    assert row["Goes with the group"] == "line freq hz"
    assert row["p"] == "p < 0.001"
    assert row["AUROC within its levels"] == "0.60 [0.50, 0.70] (120 pairs)"
    assert condense_design(pd.DataFrame({"task": []})).empty


def test_subgroups_are_those_of_the_encoder_with_flags():
    subgroups = pd.DataFrame(
        {
            "method": ["riemann", "encoder", "encoder"],
            "factor": "age",
            "level": ["20-30", "20-30", "60-70"],
            "n": [30, 10, 30],
            "metric": "AUROC",
            "value": [0.7, 0.8, 0.6],
            "ci_low": [0.6, 0.7, 0.5],
            "ci_high": [0.8, 0.9, 0.7],
            "is_few": [False, True, False],
            "is_worst": [False, False, True],
        }
    )
    table = condense_subgroups(subgroups)
    assert table["encoder among"].tolist() == ["age 20-30", "age 60-70"]
    assert table[""].tolist() == ["fewer than 20", "worst"]
    assert "riemann among" in condense_subgroups(subgroups.iloc[:1])
    assert condense_subgroups(pd.DataFrame({"task": []})).empty
