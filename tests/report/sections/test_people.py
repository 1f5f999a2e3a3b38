"""Tables of people: counted once, unknown is unknown, balance beside the groups."""

import numpy as np
import pandas as pd
import pytest

from neurograft.files.tables import write_table
from neurograft.report.blocks import Figure, PageWords, Table
from neurograft.report.sections.people import (
    count_bads,
    name_person_page,
    show_people,
    tabulate_cohorts,
    tabulate_groups,
)
from neurograft.report.sections.people_figures import draw_way
from neurograft.report.sections.tables import write_ages, write_share

WORDS = PageWords("en")


def task_of(stored):
    return stored.tasks.to_dict("records")[0]


def test_cohorts_are_described_by_people_whose_recordings_were_kept(stored):
    table = tabulate_cohorts(stored, WORDS)
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert (row["Cohort"], row["Used for"]) == ("clinic", "tasks")
    # One of ten was dropped.
    assert (row["People"], row["Recordings"], row["Hours"]) == ("9", "9", "0.3")
    assert row["Sampling rate, Hz"] == "256"
    assert row["Female"] == "4 of 9 (44%)"


def test_two_recordings_of_a_person_are_one_person(stored, change):
    table = stored.recordings
    clinic = table[table["cohort"] == "clinic"]
    study = change("evaluation", "tasks", stored.tasks)
    path = stored.cohorts["clinic"] / "recordings.tsv"
    write_table(path, pd.concat([clinic, clinic]))
    row = tabulate_cohorts(study, WORDS).rows[0]
    assert row[2:4] == ("9", "18")


def test_groups_have_their_balance_and_those_left_out_their_reason(stored, change):
    design = pd.DataFrame(
        {"task": "disease", "factor": ["age", "sex", "sfreq_hz"],
         "measure": ["AUROC", "Cramer's V", "AUROC"], "value": [0.61, 0.12, 0.9],
         "p": [0.03, 0.5, 0.001]}
    )  # fmt: skip
    study = change("summary", "design", design)
    rows = tabulate_groups(study, task_of(study), WORDS).rows
    assert [row[:2] for row in rows] == [
        ("control", "4"), ("patient", "5"), ("Difference between the groups", ""),
        ("left out", "1"),
    ]  # fmt: skip
    assert rows[2][2:4] == ("AUROC 0.61, p 0.030", "Cramer's V 0.12, p 0.500")
    assert rows[3][-1] == "no usable recording"


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        ([np.nan, np.nan], "unknown"),
        ([30.0], "30.0"),
        ([20.0, 40.0, np.nan], "30.0 ± 14.1 (20 to 40), 1 unknown"),
    ],
)
def test_unknown_ages_are_counted(ages, said):
    assert write_ages(pd.Series(ages), WORDS) == said


def test_shares_are_of_those_known():
    assert write_share(pd.Series(["F", "M", None, "F"]), "F", WORDS) == "2 of 3 (67%)"
    assert write_share(pd.Series([None]), "F", WORDS) == "unknown"


def test_bad_channels_are_counted_although_reasons_hold_commas():
    assert count_bads("T7 (too loud, z 7.8), T8 (noisy)") == 2
    assert count_bads(np.nan) == 0


def test_ages_of_a_predicted_number_are_one_group(stored, change):
    told = stored.tasks.assign(kind="regression", target="age")
    blocks = show_people(change("evaluation", "tasks", told), WORDS).blocks
    (ages,) = [one for one in blocks if isinstance(one, Figure) and "ages" in one.name]
    assert "learned from and tested (n = 9)" in ages.svg


def test_healthy_people_to_learn_from_are_counted_apart(stored, change):
    told = stored.tasks.assign(kind="regression", target="age").to_dict("records")[0]
    subjects = stored.subjects.assign(is_reference=lambda t: t["group"] == "control")
    study = change("evaluation", "subjects", subjects)
    table = tabulate_groups(study, told, WORDS)
    assert [row[0] for row in table.rows[:2]] == [
        "learned from and tested", "tested only",
    ]  # fmt: skip


def test_people_lead_to_their_pages(stored):
    assert name_person_page(("clinic", "sub-01")) == "subjects/clinic/sub-01.html"
    (folded,) = [
        block for block in show_people(stored, WORDS).blocks
        if getattr(block, "title", "") == WORDS("person_pages")
    ]  # fmt: skip
    (table,) = [one for one in folded.blocks if isinstance(one, Table)]
    assert len(table.rows) == 10
    cells = table.rows[1]
    assert "[sub-01](subjects/clinic/sub-01.html)" in cells
    # 90 of 120 seconds are used, and two channels were bad.
    assert cells[-2:] == ("75%", "2")


def test_the_way_into_many_tasks_is_drawn_in_parts_of_ten(stored, change):
    many = [stored.subjects.assign(task=f"task {n}") for n in range(23)]
    study = change("evaluation", "subjects", pd.concat(many))
    drawn = list(draw_way(study, WORDS))
    assert [name for name, _, _ in drawn] == ["flow", "flow-2", "flow-3"]
    boxes = [svg.count("data-box") for _, svg, _ in drawn]
    assert boxes == [2 + 10, 1 + 10, 1 + 3]
    assert all(f">task {n}<" in "".join(svg for _, svg, _ in drawn) for n in range(23))
    reason = "the recording is shorter"
    assert [reason in svg for _, svg, _ in drawn] == [True, False, False]
