"""Factors of people, found without being asked for; on real tables too."""

import shutil

import numpy as np
import pandas as pd
import pytest

from neurograft.config.study import StudyConfig
from neurograft.files.keys import ACQUISITION, FACTORS
from neurograft.files.people import People
from neurograft.files.tables import read_table, write_table
from neurograft.study.opened_study import Study
from neurograft.tasks.design_audit import (
    Factor,
    audit_design,
    audit_task,
    code_acquisition,
)
from neurograft.tasks.factors import MAX_LEVELS, list_factors

COLUMNS = (
    "cohort", "participant_id", "session", "task", "run", "acquisition", "status",
    "reason", "duration_s", "usable_s", "n_channels", "sfreq_hz", "reference",
    "line_freq_hz", "scale_uv", "recorded_scale", "bads",
)  # fmt: skip


def write_recordings(folder, cohort, people, **columns):
    """A table of recordings as harmonising would have written it."""
    plain = {
        "status": "kept", "task": "rest", "duration_s": 300.0, "usable_s": 270.0,
        "n_channels": 19, "sfreq_hz": 128.0, "reference": "Cz", "line_freq_hz": 50.0,
        "scale_uv": 10.0, "recorded_scale": 12.0,
    }  # fmt: skip
    table = pd.DataFrame(plain | {"participant_id": people, "cohort": cohort} | columns)
    target = folder / "results" / "cohorts" / cohort
    target.mkdir(parents=True)
    write_table(target / "recordings.tsv", table.reindex(columns=list(COLUMNS)))


def make_study(folder, cohort, positive, negative):
    return StudyConfig(
        name="roster", data_folder=folder, output_folder=folder / "results",
        cohorts={cohort: {"folder": cohort}}, pretraining={"shipped": "tiny"},
        tasks={"disease": {"kind": "classification", "cohort": cohort,
                           "column": "group", "positive": [positive],
                           "negative": [negative]}},
    )  # fmt: skip


@pytest.fixture
def clinic(tmp_path):
    rng = np.random.default_rng(0)
    n = 40
    group = np.repeat(["patient", "control"], n // 2)
    table = pd.DataFrame(
        {"participant_id": [f"sub-{i}" for i in range(n)], "group": group,
         "age": rng.integers(20, 80, n), "sex": rng.choice(["F", "M"], n),
         "nurse": np.where(group == "patient", "A", "B"),
         "source_file": [f"x{i}.edf" for i in range(n)],
         "score": rng.normal(size=n).round(2)}
    )  # fmt: skip
    (tmp_path / "clinic").mkdir()
    write_table(tmp_path / "clinic" / "participants.tsv", table)
    write_recordings(
        tmp_path, "clinic", table["participant_id"],
        sfreq_hz=np.where(group == "patient", 500.0, 250.0),
        bads=["F7 (flat), T3 (noisy)"] + [None] * (n - 1),
    )  # fmt: skip
    return make_study(tmp_path, "clinic", "patient", "control")


def test_people_have_every_factor_once(clinic):
    people = Study(clinic).everybody("clinic")
    assert len(people) == 40
    assert set(FACTORS) <= set(people)
    assert people["n_bads"].sum() == 2
    np.testing.assert_allclose(people["rejected_share"], 0.1)
    np.testing.assert_allclose(people["log_scale"], np.log(12.0))
    assert people["day"].isna().all()


def test_columns_nobody_named_are_looked_at_and_the_label_is_not(clinic):
    study = Study(clinic)
    task = study.build_tasks()[0]
    factors = study.list_factors(task)
    assert "nurse" in factors
    assert not {"group", "source_file", "score"} & set(factors)
    audit = audit_task(task, factors).set_index("factor")
    assert audit.loc["sfreq_hz", "severity"] == "refused"
    assert audit.loc["nurse", "severity"] == "warning"
    assert "duration_s" not in audit.index  # the same for everybody


def test_how_people_were_recorded_becomes_numbers_or_nothing(clinic):
    study = Study(clinic)
    columns = code_acquisition(study.list_factors(study.build_tasks()[0]))
    assert columns.shape == (40, 2)  # rate and nurse
    alike = {"age": Factor(pd.Series([20.0, 30.0]), False),
             "device": Factor(pd.Series(["a", "a"]), True)}  # fmt: skip
    assert code_acquisition(alike) is None


def test_a_label_is_no_factor_of_itself_whatever_its_column_is_called(clinic):
    study = Study(clinic)
    task = study.build_tasks()[0]
    assert "sex" not in study.list_factors(task, column="Sex")
    assert "site" not in study.list_factors(task, column="site")
    cohort = clinic.cohorts["clinic"].model_copy(update={"site_column": "nurse"})
    renamed = Study(clinic.model_copy(update={"cohorts": {"clinic": cohort}}))
    assert "site" in renamed.list_factors(task)
    assert "site" not in renamed.list_factors(task, column="nurse")


def test_a_number_is_not_asked_for_groups(clinic):
    task = Study(clinic).build_tasks()[0]
    ages = task.subjects["age"].to_numpy(dtype=float)
    assert audit_design(ages, {}).empty
    regression = make_study(clinic.data_folder, "clinic", "patient", "control")
    numbers = regression.model_copy(
        update={"tasks": {"age": regression.tasks["disease"].model_copy(
            update={"kind": "regression", "column": "age", "positive": (),
                    "negative": ()})}}
    )  # fmt: skip
    study = Study(numbers)
    task = study.build_tasks()[0]
    assert audit_task(task, study.list_factors(task)).empty


def audit_real(real_data, tmp_path, cohort, positive, negative, **columns):
    source = real_data / "cohorts" / cohort / "bids"
    (tmp_path / cohort).mkdir()
    shutil.copy(source / "participants.tsv", tmp_path / cohort)
    table = read_table(tmp_path / cohort / "participants.tsv")
    found = {name: table[column] for name, column in columns.items()}
    write_recordings(tmp_path, cohort, table["participant_id"], **found)
    study = Study(make_study(tmp_path, cohort, positive, negative))
    task = study.build_tasks()[0]
    return audit_task(task, study.list_factors(task)).set_index("factor")


@pytest.mark.real_data
def test_the_design_of_guinea_bissau_is_refused_unasked(real_data, tmp_path):
    audit = audit_real(real_data, tmp_path, "guinea_bissau_epilepsy", "Epilepsy",
                       "Control", duration_s="recorded_seconds")  # fmt: skip
    assert audit.index[0] == "day"
    assert audit.loc["day", "severity"] == "refused"
    assert {"hour", "eyes_order", "duration_s"} <= set(
        audit.index[audit["severity"] == "warning"]
    )
    assert audit.loc["duration_s", "value"] == pytest.approx(0.74, abs=0.02)


@pytest.mark.real_data
def test_sex_by_group_in_the_dementia_cohort_is_noted_unasked(real_data, tmp_path):
    audit = audit_real(real_data, tmp_path, "ds004504_dementia", "A", "C")
    assert audit.loc["sex", "severity"] == "note"


def list_by_hand(subjects, tables, **more):
    """The factors of some people; everybody's conditions are known."""
    people, rows = {}, []
    for cohort, cells in tables.items():
        known = cells[["participant_id"]].assign(age=30.0, sex="F", site="x")
        columns = {"age": "Alter", "sex": "sex", "site": "site"}
        people[cohort] = People(cells, known, columns, "table")
        rows.append(known.assign(cohort=cohort))
    everybody = pd.concat(rows, ignore_index=True).reindex(
        columns=["cohort", "participant_id", *FACTORS]
    )
    everybody["sfreq_hz"] = np.arange(len(everybody)) * 250.0
    everybody["age"] = np.arange(len(everybody)) + 20.0
    return list_factors(subjects, everybody, people, **more)


def test_factors_are_in_the_order_of_the_people_of_the_task():
    cells = pd.DataFrame(
        {"participant_id": ["a", "b", "c", "d"], "nurse": ["x", "y", "x", "y"]}
    )
    subjects = pd.DataFrame({"cohort": "one", "participant_id": ["d", "a", "c"]})
    found = list_by_hand(subjects, {"one": cells})
    assert found["age"].values.tolist() == [23, 20, 22]
    assert found["sfreq_hz"].values.tolist() == ["750", "0", "500"]
    assert found["nurse"].values.tolist() == ["y", "x", "x"]
    refuses = {name for name, factor in found.items() if factor.refuses}
    assert refuses == set(ACQUISITION)
    assert "cohort" not in found


def test_a_label_that_two_cohorts_share_is_another_person_in_each():
    one = pd.DataFrame({"participant_id": ["a", "b"], "nurse": ["x", "y"]})
    other = pd.DataFrame({"participant_id": ["a", "b"], "room": ["1", "2"]})
    subjects = pd.DataFrame({"cohort": ["two", "one"], "participant_id": ["a", "a"]})
    found = list_by_hand(subjects, {"one": one, "two": other})
    assert found["age"].values.tolist() == [22, 20]
    assert found["nurse"].values.fillna("").tolist() == ["", "x"]
    assert found["room"].values.fillna("").tolist() == ["1", ""]
    assert found["cohort"].values.tolist() == ["two", "one"]
    assert found["cohort"].refuses


def test_columns_of_many_values_or_one_or_of_labels_are_no_factors():
    n = MAX_LEVELS + 1
    cells = pd.DataFrame(
        {
            "participant_id": [f"p{i}" for i in range(n)],
            "seven": [str(i) for i in range(n)],
            "six": [str(min(i, n - 2)) for i in range(n)],
            "one": "x",
            "Diagnosis": ["a", *"b" * (n - 1)],
            "source_file": ["a", *"b" * (n - 1)],
            "Alter": ["a", *"b" * (n - 1)],
        }
    )
    subjects = cells[["participant_id"]].assign(cohort="c")
    found = list_by_hand(subjects, {"c": cells}, labels=["diagnosis"])
    assert set(found) - set(FACTORS) == {"six"}
    without = list_by_hand(subjects, {"c": cells}, labels=["diagnosis"], column="alter")
    assert set(found) - set(without) == {"age"}
