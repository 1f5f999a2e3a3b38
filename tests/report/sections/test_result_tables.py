"""Tables of results: every number of the stored table, with interval, n and p."""

import numpy as np
import pandas as pd
import pytest

from neurograft.report.blocks import PageWords
from neurograft.report.sections.result_tables import (
    show_answers_of_people,
    show_bands,
    show_confusion,
    show_design,
    show_gaps,
    show_losses,
    show_more_metrics,
    show_recordings,
    show_result_table,
    show_subgroups,
    show_thresholds,
)
from neurograft.report.sections.task_tables import TaskTables, sees_eeg

WORDS = PageWords("en")
TOLD = {"task": "disease", "method": "encoder", "unit": "", "group": "patient"}
YEARS = TOLD | {"task": "age", "unit": "years"}


def read(table):
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


@pytest.fixture
def tables(stored):
    return TaskTables(stored, stored.tasks.to_dict("records")[0])


@pytest.fixture
def losses():
    """Theta holds what the encoder tells; the twin stands first in the table."""
    columns = ["method", "kind", "part", "intact", "loss", "ci_low", "ci_high",
               "family_low"]  # fmt: skip
    rows = [
        ("random-encoder", "band", "theta", 0.74, 0.05, -0.02, 0.1, -0.04),
        ("random-encoder", "region", "left temporal", 0.74, 0.0, -0.1, 0.1, -0.2),
        ("encoder", "band", "theta", 0.91, 0.157, 0.09, 0.25, 0.07),
        ("encoder", "region", "left temporal", 0.91, 0.02, 0.01, 0.1, -0.2),
    ]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(task="disease", metric="AUROC", n=72)


def test_losses_stand_by_part_with_the_encoder_before_its_twin(losses):
    table = show_losses(losses, TOLD, WORDS)
    assert table.columns == ("Hidden", "Part", "encoder", "random-encoder")
    assert table.rows == (
        ("band", "theta", "+0.16 [+0.09, +0.25] *", "+0.05 [-0.02, +0.10]"),
        ("region", "left temporal", "+0.02 [+0.01, +0.10]", "+0.00 [-0.10, +0.10]"),
    )
    assert "n = 72" in table.caption
    assert "encoder 0.91, random-encoder 0.74" in table.caption
    german = show_losses(losses, TOLD, PageWords("de"))
    assert german.rows[1][:3] == (
        "Region", "links temporal", "+0,02 [+0,01; +0,10]",
    )  # fmt: skip


def test_losses_of_numbers_have_their_unit_and_none_no_table(losses):
    errors = losses.assign(metric="mean absolute error")
    table = show_losses(errors, YEARS, WORDS)
    assert table.caption.startswith("mean absolute error, years: change")
    assert show_losses(losses[:0], TOLD, WORDS) is None
    alone = show_losses(losses[losses["method"] == "encoder"], TOLD, WORDS)
    assert alone.columns == ("Hidden", "Part", "encoder")


def test_methods_stand_in_order_with_difference_to_the_best_baseline(tables):
    table = show_result_table(
        tables.read("results"), tables.read("comparisons"), TOLD, WORDS
    )
    rows = read(table)
    assert [row["Method"] for row in rows] == [
        "dummy", "demographics", "riemann", "random-encoder", "encoder",
    ]  # fmt: skip
    assert rows[-1]["AUROC"] == "0.70 [0.60, 0.80]"
    assert rows[-1]["p (Holm)"] == "0.020"
    assert rows[-1]["Better than the best baseline by"] == "-0.11 [-0.21, +0.01]"
    assert rows[2]["Better than the best baseline by"] == ""
    assert "riemann" in table.caption
    assert "n = 9" in table.caption


def test_errors_have_their_unit_and_tiny_p_values_are_not_zero(tables):
    results = tables.read("results").replace(
        {"metric": {"AUROC": "mean absolute error"}}
    )
    table = show_result_table(
        results.assign(p_holm=1e-5), pd.DataFrame(), TOLD | {"unit": "years"}, WORDS
    )
    assert "mean absolute error, years" in table.columns
    assert read(table)[0]["p (Holm)"] == "< 0.001"


def test_other_metrics_stand_apart(tables):
    table = show_more_metrics(tables.read("results"), TOLD, WORDS)
    assert table.columns == ("Method", "calibration slope")


def test_single_recordings_name_their_condition():
    rows = pd.DataFrame(
        {"method": "encoder", "metric": ["AUROC", "ICC"], "condition": ["all", "rest"],
         "value": [0.6, np.nan], "ci_low": [0.5, np.nan], "ci_high": [0.7, np.nan]}
    )  # fmt: skip
    (row,) = read(show_recordings(rows, TOLD, WORDS))
    assert row == {"Method": "encoder", "AUROC": "0.60 [0.50, 0.70]", "ICC, rest": ""}
    assert show_recordings(pd.DataFrame(), TOLD, WORDS) is None


def test_confusion_is_of_the_method_that_is_shown():
    rows = [
        (method, true, said, n)
        for method, counts in (("encoder", (7, 1, 2, 6)), ("dummy", (8, 0, 8, 0)))
        for (true, said), n in zip(
            [("A", "A"), ("A", "B"), ("B", "A"), ("B", "B")], counts, strict=True
        )
    ]
    columns = ["method", "true_group", "predicted_group", "n"]
    table = show_confusion(
        pd.DataFrame(rows, columns=columns).assign(threshold=0.5), TOLD, WORDS
    )
    assert table.rows == (("is A", "7", "1"), ("is B", "2", "6"))
    assert table.columns == ("True group", "answered A", "answered B")
    assert "0.50" in table.caption


def test_predictive_values_are_explained_where_no_prevalence_is_declared():
    rows = pd.DataFrame(
        {"method": "encoder", "measure": ["sensitivity", "PPV"], "value": [0.8, 0.1],
         "ci_low": [0.7, 0.05], "ci_high": [0.9, 0.2], "n": [40, np.nan],
         "prevalence": [np.nan, 0.02]}
    )  # fmt: skip
    declared = show_thresholds(rows, TOLD, WORDS)
    assert declared.caption == WORDS("thresholds_declared")
    assert read(declared)[1]["Prevalence"] == "2%"
    undeclared = show_thresholds(rows[:1], TOLD, WORDS)
    assert "is no prevalence" in undeclared.caption
    assert "Prevalence" not in undeclared.columns


def test_factors_are_called_by_words_and_only_flagged_ones_are_shown(tables):
    design = tables.read("design")
    others = pd.concat([design, design.assign(factor="age", severity="none")])
    (row,) = read(show_design(others, TOLD, WORDS))
    assert row["Goes with the group"] == "sampling rate"
    assert row["AUROC within its levels"] == "0.61 [0.50, 0.72] (12 pairs)"
    assert row["p"] == "< 0.001"


def test_a_table_without_anybody_who_is_alike_promises_no_comparison(tables):
    apart = tables.read("design").assign(within=np.nan, within_low=np.nan, n_pairs=0)
    table = show_design(apart, TOLD, WORDS)
    assert "AUROC within its levels" not in table.columns
    assert table.caption == WORDS("design_caption_apart")
    assert show_design(tables.read("design"), TOLD, WORDS).caption != table.caption


def test_small_subgroups_are_flagged(tables):
    (row,) = read(show_subgroups(tables.read("subgroups"), TOLD, WORDS))
    assert row["Remark"] == "fewer than 20 people"


def test_values_of_subgroups_have_their_metric_and_its_unit(tables):
    table = tables.read("subgroups")
    assert "Values: AUROC." in show_subgroups(table, TOLD, WORDS).caption
    errors = table.assign(metric="mean absolute error")
    told = show_subgroups(errors, YEARS, WORDS).caption
    assert "Values: mean absolute error, years." in told


def test_every_error_has_its_unit(tables):
    results = tables.read("results").assign(metric="root mean square error")
    table = show_more_metrics(results, YEARS, WORDS)
    assert table.columns == ("Method", "root mean square error, years")


def test_factors_of_a_number_do_not_speak_of_groups(tables):
    table = show_design(tables.read("design"), YEARS, WORDS)
    assert table.columns[0] == "Goes with the number"
    assert "group" not in table.caption


def test_what_cannot_be_computed_is_called_so():
    rows = pd.DataFrame(
        {"method": "encoder", "measure": ["sensitivity", "PPV"], "value": [0.0, np.nan],
         "ci_low": np.nan, "ci_high": np.nan, "n": [5, 0], "prevalence": [np.nan, 0.02]}
    )  # fmt: skip
    found, called = read(show_thresholds(rows, TOLD, WORDS))
    assert found["Value [95 % interval]"] == "0.00"
    assert called["Value [95 % interval]"] == "cannot be computed"


def test_answers_of_numbers_have_one_decimal():
    rows = pd.DataFrame(
        {"method": ["encoder", "dummy"], "cohort": "c", "participant_id": "sub-1",
         "group": "A", "label": 61.04, "answer": [57.26, 60.0], "spread": 1.25}
    )  # fmt: skip
    ages = show_answers_of_people(rows, YEARS, WORDS)
    (row,) = read(ages)
    assert (row["True"], row["Answer"]) == ("61.0", "57.3")
    assert "in years" in ages.caption
    groups = show_answers_of_people(rows.assign(answer=0.625), TOLD, WORDS)
    (row,) = read(groups)
    assert (row["True"], row["Answer"]) == ("A", "0.62")
    assert "the probability of patient" in groups.caption


def test_of_three_groups_the_answer_is_of_the_group_answered():
    rows = pd.DataFrame(
        {"method": "encoder", "cohort": "c", "participant_id": ["p1", "p2", "p3"],
         "group": ["control", "mild", "severe"], "label": [0.0, 1.0, 2.0],
         "decision": ["control", "severe", "severe"], "answer": [0.91, 0.5, 0.7],
         "spread": 0.02}
    )  # fmt: skip
    table = show_answers_of_people(rows, TOLD | {"group": "severe"}, WORDS)
    first, second, _ = read(table)
    assert (first["True"], first["Group answered"], first["Answer"]) == (
        "control",
        "control",
        "0.91",
    )
    assert second["Group answered"] == "severe"
    assert "severe" not in table.caption
    assert "the group answered and its probability" in table.caption


def test_gaps_and_bands_are_of_the_shown_method():
    gaps = pd.DataFrame(
        {"method": ["encoder", "dummy"], "analysis": "raw", "correction": "Cole",
         "estimate": [1.26, 9], "ci_low": -1.0, "ci_high": 3.5, "cohens_d": 0.31,
         "d_low": 0.0, "d_high": 0.6, "detectable_d": 0.42, "bayes_factor": 0.33,
         "levene_p": 0.4, "r_age_raw": -0.5, "r_age_corrected": 0.01}
    )  # fmt: skip
    (row,) = read(show_gaps(gaps, TOLD, WORDS))
    assert row["Patients minus controls, years"] == "+1.3 [-1.0, +3.5]"
    four = pd.concat(
        [gaps[:1].assign(correction=name, analysis=kind, estimate=place)
         for name in ("Cole", "Beheshti") for place, kind in enumerate(("raw", "b"))]
    )  # fmt: skip
    rows = read(show_gaps(four, TOLD, WORDS))
    assert len({row["Patients minus controls, years"] for row in rows}) == 2
    sizes = [bool(row["Cohen's d"]) for row in rows]
    assert sizes == [True, False, True, False], "once for each correction"
    bands = pd.DataFrame(
        {"method": "encoder", "band": "[20, 30)", "n": 7, "mean_absolute_error": 3.14,
         "mean_gap": 0.5, "mean_corrected_gap": np.nan}, index=[0]
    )  # fmt: skip
    (row,) = read(show_bands(bands, TOLD, WORDS))
    assert row == {"Age, years": "20\u201329", "People": "7",
                   "Mean absolute error, years": "3.1",
                   "Mean gap, years": "+0.5"}  # fmt: skip
    (last,) = read(show_bands(bands.assign(band="[70, 120)"), TOLD, WORDS))
    assert last["Age, years"] == "70 and over"


def test_the_shown_method_is_the_best_that_sees_the_eeg(stored, change):
    results = stored.results.copy()
    results.loc[results["method"] == "demographics", "value"] = 0.99
    results.loc[results["method"] == "riemann", "value"] = 0.8
    study = change("summary", "results", results)
    task = study.tasks.to_dict("records")[0]
    assert TaskTables(study, task).shown_method == "riemann"
    errors = results.replace({"metric": {"AUROC": "mean absolute error"}})
    study = change("summary", "results", errors)
    assert TaskTables(study, task).shown_method == "random-encoder"
    # The answer names the one with the smallest corrected p-value.
    results.loc[results["method"] == "encoder", "p_holm"] = 0.001
    study = change("summary", "results", results)
    assert TaskTables(study, task).shown_method == "encoder"


@pytest.mark.parametrize(
    ("method", "sees"),
    [("encoder@coral:svm", True), ("demographics", False),
     ("demographics+encoder", True),
     ("my_package:Own", True), ("dummy", False)],
)  # fmt: skip
def test_methods_that_see_the_eeg_are_known(method, sees):
    assert sees_eeg(method) == sees
