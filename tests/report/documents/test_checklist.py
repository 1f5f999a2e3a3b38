"""Rows are reported because a table or the author answers them, never by a setting."""

from collections import Counter

import pytest

from neurograft.config.report import ReportConfig
from neurograft.files.sentences import read_words
from neurograft.report.documents.checklist import (
    SETTINGS,
    STATUSES,
    count_statuses,
    list_author_words,
    render_markdown,
    tabulate_checklists,
)
from neurograft.report.documents.checklist_rows import CHECKLISTS, TRIPOD
from neurograft.report.documents.rules import when
from neurograft.report.documents.stored_facts import has_clusters, list_tested

SINGLE = ("1", "2", "4", "7", "10", "11", "13", "14", "15", "16", "17", "19", "21",
          "22", "24", "25", "26")  # fmt: skip
LETTERS = {"3": "abc", "5": "ab", "6": "abc", "8": "abc", "9": "abc", "12": "abcdefg",
           "18": "abcdef", "20": "abc", "23": "ab", "27": "abc"}  # fmt: skip


def find_status(study, item, checklist="tripod"):
    table = tabulate_checklists(study)
    found = table[(table["checklist"] == checklist) & (table["item"] == item)]
    return found.iloc[0]["status"]


def test_tripod_has_its_52_rows():
    expected = {*SINGLE, *(n + x for n, own in LETTERS.items() for x in own)}
    assert len(expected) == 52
    assert Counter(rule.item for rule in TRIPOD) == Counter(expected)


def test_counts_by_status(stored):
    counts = count_statuses(tabulate_checklists(stored)).loc["tripod"]
    assert list(counts.index) == list(STATUSES)
    assert counts.to_dict() == {
        "reported": 18, "partly": 9, "author": 20, "not done": 0, "not applicable": 5,
    }  # fmt: skip


def test_a_filled_field_is_reported_in_the_authors_words(stored, tell):
    assert find_status(stored, "18a") == "author"
    study = tell(funding="The fund | and <b>others</b>.")
    table = tabulate_checklists(study).set_index(["checklist", "item"])
    row = table.loc[("tripod", "18a")]
    assert row[["status", "place"]].tolist() == ["reported", "author-funding"]
    assert row["remark"] == "The fund | and <b>others</b>."
    assert "The fund \\| and &lt;b>others" in render_markdown(table.reset_index())
    assert [one.words for one in list_author_words(study)] == [row["remark"]]


def test_a_blank_field_never_becomes_reported(stored, tell):
    study = tell(**dict.fromkeys(ReportConfig().model_dump(exclude=set(SETTINGS)), " "))
    assert tabulate_checklists(study).equals(tabulate_checklists(stored))


def test_one_field_of_two_is_partly(tell):
    assert find_status(tell(ethics="Approved."), "17") == "partly"
    assert find_status(tell(ethics="Approved.", consent="Written."), "17") == "reported"


def test_every_field_of_the_author_answers_a_row_or_the_card():
    answered = {
        f for rules in CHECKLISTS.values() for rule in rules for f in rule.fields
    }
    fields = set(ReportConfig.model_fields) - set(SETTINGS)
    assert fields - answered == {"prevalence_source", "owner", "contact"}


def test_without_calibration_performance_is_partly_reported(stored, change):
    assert find_status(stored, "12e") == "reported"
    results = stored.results
    without = results[results["metric"] != "calibration slope"]
    assert find_status(change("summary", "results", without), "12e") == "partly"


@pytest.mark.parametrize(
    ("folder", "table", "item", "status"),
    [
        ("summary", "subgroups", "14", "not done"),
        ("summary", "subgroups", "23a", "partly"),
        ("summary", "verdicts", "4", "not done"),
        ("summary", "design", "26", "author"),
        ("summary", "results", "12c", "not done"),
        ("summary", "results", "21", "not done"),
        ("shift", "covariates", "16", "not applicable"),
        ("evaluation", "folds", "12a", "not done"),
        ("evaluation", "predictions", "15", "not done"),
    ],
)
def test_a_row_falls_with_its_table(stored, change, folder, table, item, status):
    assert find_status(stored, item) not in ("not done", "not applicable", "author")
    assert find_status(change(folder, table), item) == status


def test_data_dropped_without_a_reason_are_not_reported(stored):
    assert find_status(stored, "11") == "reported"
    stored.recordings["reason"] = None
    assert find_status(stored, "11") == "not done"


def test_people_of_unknown_age_are_partly_described(stored, change):
    assert find_status(stored, "20b") == "reported"
    unknown = stored.subjects.assign(age=float("nan"))
    assert find_status(change("evaluation", "subjects", unknown), "20b") == "partly"


def test_several_sites_without_results_by_site_are_not_done(stored, change):
    assert not has_clusters(stored)
    assert find_status(stored, "23b") == "not applicable"
    sites = stored.subjects.assign(site=["a", "b"] * 5)
    study = change("evaluation", "subjects", sites)
    assert find_status(study, "23b") == "not done"
    by_site = stored.read(stored.summary, "subgroups").assign(factor="site")
    assert find_status(change("summary", "subgroups", by_site), "23b") == "reported"


def test_imbalance_is_of_groups_only(stored, change):
    assert find_status(stored, "13") == "reported"
    numbers = stored.tasks.assign(kind="regression")
    assert find_status(change("evaluation", "tasks", numbers), "13") == "not applicable"


def test_components_are_reported_only_if_some_were_written_down(stored):
    assert find_status(stored, "P8", "cobidas") == "not done"
    path = stored.cohorts["clinic"] / "settings.toml"
    path.write_text(path.read_text().replace("iclabel = false", "iclabel = true"))
    assert find_status(stored, "P8", "cobidas") == "not done"
    stored.recordings["repairs"] = "ICLabel removed 2 components: eye blink"
    assert find_status(stored, "P8", "cobidas") == "reported"


def test_a_detectable_effect_is_part_of_the_sample_size(stored, change):
    assert find_status(stored, "10") == "author"
    verdicts = stored.read(stored.summary, "verdicts").assign(
        values='{"code": "NG192"}'
    )
    assert find_status(change("summary", "verdicts", verdicts), "10") == "partly"


def test_domains_have_evidence_and_no_verdict(stored):
    table = tabulate_checklists(stored)
    own = table[table["checklist"] == "probast"]
    assert set(own["status"]) == {"author"}
    assert own["place"].str.len().min() > 0


def test_what_is_reported_has_a_place_and_what_is_not_has_none(stored, tell):
    for study in (stored, tell(funding="None.", ethics="Approved.")):
        for row in tabulate_checklists(study).to_dict("records"):
            if row["status"] in ("reported", "partly"):
                assert row["place"], row["item"]
            if row["status"] in ("not done", "not applicable"):
                assert not row["place"], row["item"]


def test_rows_are_written_in_both_languages():
    english, german = read_words("rows"), read_words("rows", "de")
    assert list(english) == list(german)
    items = {f"{name}-{r.item}" for name, rules in CHECKLISTS.items() for r in rules}
    fields = {f"field-{f}" for f in set(ReportConfig.model_fields) - set(SETTINGS)}
    assert items | fields | {f"status-{one}" for one in STATUSES} <= set(english)


def test_markdown_has_a_line_for_every_row(stored):
    table = tabulate_checklists(stored, "de")
    text = render_markdown(table, "de")
    assert text.count("\n| ") == len(table) + len(CHECKLISTS)
    assert "doi:10.1136/bmj-2023-078378" in text
    assert "berichtet" in text


def test_people_left_out_are_not_tested(stored):
    assert len(list_tested(stored)) == 9


def test_a_judge_looks_at_a_fact(stored):
    assert when(has_clusters)(stored) == "not done"
    assert when(lambda study: not has_clusters(study))(stored) == "reported"
