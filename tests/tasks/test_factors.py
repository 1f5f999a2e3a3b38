"""Factors of people, found without being asked for; on real tables too."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from neurograft.config.study import StudyConfig
from neurograft.config.tasks import View
from neurograft.files.keys import ACQUISITION, FACTORS
from neurograft.files.people import People
from neurograft.files.tables import read_table, write_table
from neurograft.study.opened_study import Study
from neurograft.tasks.design_audit import (
    ENOUGH,
    ORDER,
    Factor,
    audit_design,
    audit_task,
    code_acquisition,
)
from neurograft.tasks.factors import cut_consecutive, list_factors, number_people

LEVELS = ["level 1", "level 2"]
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
    people = Study(clinic).everybody(View("clinic"))
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
    assert {"nurse", "score"} <= set(factors)
    assert not {"group", "source_file"} & set(factors)
    assert audit_task(task, factors).set_index("factor").loc["score", "severity"] == (
        "none"
    )
    audit = audit_task(task, factors).set_index("factor")
    assert audit.loc["sfreq_hz", "severity"] == "refused"
    assert audit.loc["nurse", "severity"] == "warning"
    assert "duration_s" not in audit.index  # the same for everybody


def test_what_sidecars_state_is_looked_at_and_what_it_says_stays_there(clinic):
    for number in range(40):
        is_patient = number < 20
        own = clinic.data_folder / "clinic" / f"sub-{number}" / "eeg"
        own.mkdir(parents=True)
        sidecar = {
            "InstitutionName": "Ward of Dr. X" if is_patient else "University",
            "DeviceSerialNumber": "17" if is_patient else "18",
            "HardwareFilters": {"LowPass": 35 + number % 2},
            "SamplingFrequency": 250 if is_patient else 500,
        } | ({"SoftwareVersions": "2.1"} if number % 3 else {})
        path = own / f"sub-{number}_task-rest_eeg.json"
        path.write_text(json.dumps(sidecar))
    study = Study(clinic)
    task = study.build_tasks()[0]
    factors = study.list_factors(task)
    stated = {name for name in factors if name.endswith("in the sidecars")}
    names = ("InstitutionName", "HardwareFilters", "SoftwareVersions")
    assert stated == {f"{name} in the sidecars" for name in names}
    audit = audit_task(task, factors).set_index("factor")
    assert audit.loc["InstitutionName in the sidecars", "severity"] == "warning"
    assert audit.loc["HardwareFilters in the sidecars", "severity"] == "none"
    assert audit.loc["SoftwareVersions in the sidecars known", "severity"] == "none"
    assert "Ward" not in str(
        {name: one.values.tolist() for name, one in factors.items()}
    )
    path.write_text(json.dumps(sidecar | {"InstitutionName": "Ward of Dr. X"}))
    assert Study(clinic).mark_people("clinic") != study.mark_people("clinic")


def test_how_people_were_recorded_becomes_numbers_or_nothing(clinic):
    study = Study(clinic)
    columns = code_acquisition(study.list_factors(study.build_tasks()[0]))
    assert columns.shape == (40, 1)  # the rate
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


def test_a_score_that_follows_the_device_is_refused(clinic):
    rng = np.random.default_rng(1)
    group = np.repeat(["patient", "control"], 20)
    table = pd.DataFrame(
        {"participant_id": [f"sub-{i}" for i in range(40)], "group": group,
         "age": rng.integers(20, 80, 40), "sex": rng.choice(["F", "M"], 40),
         "score": np.where(group == "patient", 30, 10)}
    )  # fmt: skip
    write_table(clinic.data_folder / "clinic" / "participants.tsv", table)
    asked = clinic.tasks["disease"].model_copy(
        update={"kind": "regression", "column": "score", "positive": (),
                "negative": ()}
    )  # fmt: skip
    study = Study(clinic.model_copy(update={"tasks": {"score": asked}}))
    task = study.build_tasks()[0]
    audit = audit_task(task, study.list_factors(task)).set_index("factor")
    assert audit.loc["sfreq_hz", "severity"] == "refused"
    assert audit.loc["sfreq_hz", "measure"] == "eta"
    assert audit.loc["sfreq_hz", "alone"] == pytest.approx(0)
    assert "gives the score away" in audit.loc["sfreq_hz", "sentence"]
    assert audit.loc["group", "severity"] == "warning"
    assert audit.loc["age", "severity"] == "none"


def test_an_age_is_called_an_age(clinic):
    asked = clinic.tasks["disease"].model_copy(
        update={"kind": "regression", "column": "age", "positive": (), "negative": ()}
    )
    study = Study(clinic.model_copy(update={"tasks": {"age": asked}}))
    task = study.build_tasks()[0]
    follows = Factor(task.subjects["label"] > task.subjects["label"].median(), False)
    (said,) = audit_task(task, {"diagnosis": follows})["sentence"]
    assert said.startswith("diagnosis goes with the age of the person (eta ")


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
def test_sex_by_group_in_the_dementia_cohort_is_found_unasked(real_data, tmp_path):
    audit = audit_real(real_data, tmp_path, "ds004504_dementia", "A", "C")
    assert audit.loc["sex", "severity"] == "warning"


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
    everybody["view"] = 0
    everybody["sfreq_hz"] = np.arange(len(everybody)) * 250.0
    everybody["age"] = np.arange(len(everybody)) + 20.0
    return list_factors(subjects, everybody, people, **more)


def test_factors_are_in_the_order_of_the_people_of_the_task():
    cells = pd.DataFrame(
        {"participant_id": ["a", "b", "c", "d"], "nurse": ["x", "y", "x", "y"]}
    )
    subjects = pd.DataFrame(
        {"cohort": "one", "view": 0, "participant_id": ["d", "a", "c"]}
    )
    found = list_by_hand(subjects, {"one": cells})
    assert found["age"].values.tolist() == [23, 20, 22]
    assert found["sfreq_hz"].values.tolist() == ["750", "0", "500"]
    assert found["nurse"].values.tolist() == ["level 2", "level 1", "level 1"]
    refuses = {name for name, factor in found.items() if factor.refuses}
    assert refuses == set(ACQUISITION)
    assert "cohort" not in found


def test_a_label_that_two_cohorts_share_is_another_person_in_each():
    one = pd.DataFrame({"participant_id": list("abcd"), "nurse": list("xyxy")})
    other = pd.DataFrame({"participant_id": list("abcd"), "room": list("1212")})
    subjects = pd.DataFrame(
        {"cohort": ["two", "one"], "view": 0, "participant_id": ["a", "a"]}
    )
    found = list_by_hand(subjects, {"one": one, "two": other})
    assert found["age"].values.tolist() == [24, 20]
    assert found["nurse"].values.fillna("").tolist() == ["", "level 1"]
    assert found["room"].values.fillna("").tolist() == ["level 1", ""]
    assert found["cohort"].values.tolist() == ["two", "one"]
    assert found["cohort"].refuses


def test_a_value_means_the_same_in_every_cohort():
    n = 8
    names = [f"p{i}" for i in range(n)]
    one = pd.DataFrame(
        {"participant_id": names, "cap": list("xy") * 4, "ward": "A",
         "weight": [f"{i},5" for i in range(n)]}
    )  # fmt: skip
    two = pd.DataFrame(
        {"participant_id": names, "cap": list("yz") * 4, "ward": "B",
         "weight": [f"{i}.5" for i in range(n)]}
    )  # fmt: skip
    subjects = pd.concat(
        [one[["participant_id"]].assign(cohort=c, view=0) for c in ("one", "two")],
        ignore_index=True,
    )
    found = list_by_hand(subjects, {"one": one, "two": two})
    assert found["cap"].values.tolist() == (
        ["level 1", "level 2"] * 4 + ["level 2", "level 3"] * 4
    )
    assert found["ward"].values.tolist() == ["level 1"] * n + ["level 2"] * n
    assert found["weight"].values.tolist() == [2 * i + 1.5 for i in range(n)] * 2


def test_the_first_day_of_one_cohort_is_not_that_of_another():
    n = 12
    cells = pd.DataFrame({"participant_id": [f"p{i}" for i in range(n)]})
    subjects = pd.concat(
        [cells.assign(cohort=c, view=0) for c in ("one", "two")], ignore_index=True
    )
    days = [1.0] * 6 + [2.0] * 6
    everybody = subjects.reindex(
        columns=["cohort", "participant_id", "view", *FACTORS]
    ).assign(day=days * 2)
    known = cells.assign(age=30.0, sex="F", site="x")
    columns = {"age": "age", "sex": "sex", "site": "site"}
    people = {c: People(cells, known, columns, "table") for c in ("one", "two")}
    found = list_factors(subjects, everybody, people)["day"]
    assert found.values.tolist() == ["1"] * 6 + ["2"] * 6 + ["3"] * 6 + ["4"] * 6
    assert found.refuses


def test_columns_that_name_persons_or_never_vary_or_are_the_label_are_no_factors():
    n = 12
    cells = pd.DataFrame(
        {
            "participant_id": [f"p{i}" for i in range(n)],
            "each": [f"file {i}" for i in range(n)],
            "pairs": [f"nurse {i // 2}" for i in range(n)],
            "one": "x",
            "Diagnosis": ["a", *"b" * (n - 1)],
            "source_hospital": ["a", *"b" * (n - 1)],
            "weight": [f"{i},5" for i in range(n)],
            "Alter": ["a", *"b" * (n - 1)],
            "known": ["yes", *[None] * (n - 1)],
        }
    )
    subjects = cells[["participant_id"]].assign(cohort="c", view=0)
    found = list_by_hand(subjects, {"c": cells}, column="diagnosis")
    own = {"pairs", "source_hospital", "weight", "known", ORDER}
    assert set(found) - set(FACTORS) == own
    assert found["weight"].values.tolist() == [i + 1.0 for i in range(n)]
    without = list_by_hand(subjects, {"c": cells}, column="alter")
    assert set(found) - set(without) == {"age"}
    assert set(without) - set(found) == {"Diagnosis"}


@pytest.mark.parametrize("name", [n for n in ACQUISITION if n != "site"])
def test_a_column_called_like_a_known_factor_stands_beside_it(name):
    cells = pd.DataFrame(
        {"participant_id": [f"p{i}" for i in range(12)], name: ["a", "b"] * 6}
    )
    subjects = cells[["participant_id"]].assign(cohort="c", view=0)
    found = list_by_hand(subjects, {"c": cells})
    assert found[f"{name} in the table"].values.tolist() == LEVELS * 6
    assert found[f"{name} in the table"].refuses
    assert name in found


def test_a_device_that_the_table_states_leaves_no_claim_where_it_is_the_group():
    audit = audit_labels(12, 12, device=["a"] * 12 + ["b"] * 12, nurse=["a", "b"] * 12)
    row = audit.loc["device in the table"]
    assert (row["severity"], row["code"]) == ("refused", "NG301")
    mixed = ["a"] * 8 + ["b"] * 8 + ["a"] * 8
    audit = audit_labels(12, 12, device=mixed)
    assert audit.loc["device in the table", "severity"] != "refused"


@pytest.mark.parametrize(
    "name", ["device", "Device", "DEVICE ", "Amplifier", "Verstärker", "hospital"]
)
@pytest.mark.parametrize("codes", [["a", "b", "c", "d"], [1, 3, 2, 4]])
def test_a_device_is_one_whatever_the_column_and_its_codes_are_called(name, codes):
    a, b, c, d = codes
    cells = {name: [a, b] * 4 + [c, d] * 4}
    audit = audit_labels(8, 8, **cells)
    assert audit["severity"].iloc[0] == "refused"
    assert audit["measure"].iloc[0] == "Cramer's V"
    mixed = audit_labels(8, 8, **{name: [a, b, c, d] * 4})
    assert "refused" not in set(mixed["severity"])


@pytest.mark.parametrize("name", ["day", "Messtag", "recording_day"])
def test_numbered_days_are_put_into_blocks_whatever_their_column_is_called(name):
    audit = audit_labels(8, 8, **{name: [*range(1, 9), *range(30, 38)]})
    assert audit["code"].iloc[0] == "NG301"
    alternate = [*range(1, 17, 2), *range(2, 18, 2)]
    assert "NG301" not in set(audit_labels(8, 8, **{name: alternate})["code"])


def test_many_devices_none_of_which_both_groups_share_refuse_a_claim():
    controls, cases = list("aabbccde"), list("vvwwxxyz")
    assert audit_labels(8, 8, device=[*controls, *cases])["code"].iloc[0] == "NG301"
    shared = ["v", *controls[1:], *cases]
    assert "device in the table" not in audit_labels(8, 8, device=shared).index
    # A device of one's own for everybody tells nobody apart, and neither does a nurse.
    own = [f"serial {i}" for i in range(16)]
    assert "device in the table" not in audit_labels(8, 8, device=own).index
    assert "nurse" not in audit_labels(8, 8, nurse=[*controls, *cases]).index


def test_three_and_three_on_two_devices_are_noted():
    audit = audit_labels(3, 3, device=["a"] * 3 + ["b"] * 3)
    row = audit.loc["device in the table"]
    assert (row["severity"], row["code"]) == ("note", "NG305")
    assert "sex" not in audit.index


def audit_labels(n_cases, n_controls, **columns):
    """The audit of people of whom the controls come first."""
    n = n_cases + n_controls
    labels = np.repeat([0.0, 1.0], [n_controls, n_cases])
    cells = pd.DataFrame({"participant_id": [f"p{i}" for i in range(n)]}).assign(
        **columns
    )
    subjects = cells[["participant_id"]].assign(cohort="c", view=0)
    factors = list_by_hand(subjects, {"c": cells})
    factors |= {"sfreq_hz": Factor(pd.Series(["1"] * n), True)}
    return audit_design(labels, factors).set_index("factor")


@pytest.mark.parametrize("n_cases", [8, 10, 12, 14, 18])
def test_people_numbered_by_group_are_noted_whoever_is_more(n_cases):
    audit = audit_labels(n_cases, 24 - n_cases)
    assert audit.loc[ORDER, "severity"] == "note"
    assert "People are numbered by group" in audit.loc[ORDER, "sentence"]


def test_what_is_said_of_patients_only_is_warned_of():
    said = [None] * 12 + ["a", "b"] * 6
    audit = audit_labels(12, 12, ward=said)
    assert "ward" not in audit.index
    assert audit.loc["ward known", "severity"] == "warning"
    assert "Of whom something is known" in audit.loc["ward known", "sentence"]


def test_whom_a_text_of_their_own_is_said_of_may_go_with_the_label():
    said = [None] * 12 + [f"{i} mg of something" for i in range(12)]
    audit = audit_labels(12, 12, medication=said)
    assert audit.loc["medication known", "severity"] == "warning"
    assert "medication" not in audit.index
    everybody = [f"{i} mg of something" for i in range(24)]
    assert "medication known" not in audit_labels(12, 12, medication=everybody).index


@pytest.mark.parametrize("form", ["{:02d}:{:02d}", "{:d}:{:02d}:10"])
def test_times_of_day_are_hours(form):
    times = [form.format(8 + i // 6, 7 * i % 60) for i in range(12)]
    times += [form.format(14 + i // 6, 7 * i % 60) for i in range(12)]
    assert audit_labels(12, 12, Uhrzeit=times).loc["Uhrzeit", "severity"] == "warning"


def test_few_people_wholly_separated_are_a_warning():
    audit = audit_labels(4, 4, ward=["a"] * 4 + ["b"] * 4)
    assert audit.loc["ward", "severity"] == "warning"
    assert audit.loc["ward", "alone"] == 1
    separated = {"site": Factor(pd.Series(["a"] * 4 + ["b"] * 4), True)}
    labels = np.repeat([0.0, 1.0], 4)
    assert audit_design(labels, separated)["severity"].tolist() == ["refused"]


@pytest.mark.parametrize("blocks", [2, 3, 4])
def test_days_that_nobody_shares_are_compared_in_blocks(blocks):
    n = 12 * blocks
    labels = np.arange(n) // 12 % 2
    found = cut_consecutive(pd.Series(np.arange(n, dtype=float)))
    assert found.value_counts().min() >= 4
    audit = audit_design(labels.astype(float), {"day": Factor(found, False)})
    assert audit["severity"].tolist() == ["warning"]
    mixed = audit_design(np.arange(n) % 2.0, {"day": Factor(found, False)})
    assert mixed["severity"].tolist() == ["none"]


def test_people_are_numbered_as_their_labels_count():
    subjects = pd.DataFrame(
        {"cohort": "c", "participant_id": [f"sub-{i}" for i in range(12)]}
    )
    order = number_people(subjects)[ORDER].values
    assert order.tolist() == ["block 1"] * 4 + ["block 2"] * 4 + ["block 3"] * 4
    assert number_people(subjects.head(7)) == {}


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%y", "%Y-%m-%dT%H:%M", "%m/%d/%Y", "%d-%b-%Y",
        "%d. %B %Y", "%B %d, %Y", "%d. %m. %Y",
    ],
)  # fmt: skip
def test_dates_are_blocks_of_days_and_no_cell_is_repeated(form):
    n = 24
    days = pd.date_range("2019-11-28", periods=n, freq="3D").strftime(form)
    cells = pd.DataFrame(
        {
            "participant_id": [f"p{i}" for i in range(n)],
            "visit": days,
            "doctor": ["Dr Kowalska", "Dr Ito"] * 12,
        }
    )
    subjects = cells[["participant_id"]].assign(cohort="c", view=0)
    found = list_by_hand(subjects, {"c": cells})
    assert found["visit"].values.tolist() == [f"block {i // 4 + 1}" for i in range(n)]
    text = " ".join(str(factor.values.tolist()) for factor in found.values())
    assert not any(word in text for word in ("2019", "Kowalska", "Ito"))


def test_groups_that_lose_people_for_want_of_signal_are_told_apart(clinic):
    task = Study(clinic).build_tasks()[0]
    view = task.views[0]
    patients = task.subjects.loc[task.subjects["label"] == 1, "participant_id"]
    kept = set(task.subjects["participant_id"]) - set(patients.head(8))
    left = task.restrict({view: sorted(kept)}, {view: {}})
    assert left.excluded["label"].tolist() == [1.0] * 8
    assert len(left.subjects) == 32
    audit = audit_task(left, {}).set_index("factor")
    assert audit.loc[ENOUGH, "severity"] == "warning"
    assert "Who had enough signal goes with the group" in audit.loc[ENOUGH, "sentence"]
    assert audit_task(task.restrict({view: sorted(set(patients) | kept)}, {}), {}).empty


def test_two_recordings_of_a_person_may_differ_in_the_device(clinic):
    folder = clinic.data_folder
    people = [f"sub-{i}" for i in range(40)]
    shutil.rmtree(clinic.output_folder)
    write_recordings(
        folder, "clinic", people * 2, task=np.repeat(["closed", "open"], 40),
        sfreq_hz=np.repeat([500.0, 250.0], 40), reference=["Cz"] * 80,
    )  # fmt: skip
    asked = {"kind": "contrast", "cohort": "clinic", "bids_tasks": ["closed"],
             "against_tasks": ["open"]}  # fmt: skip
    study = Study(
        StudyConfig.model_validate(clinic.model_dump() | {"tasks": {"eyes": asked}})
    )
    task = study.build_tasks()[0]
    audit = audit_task(task, study.list_factors(task)).set_index("factor")
    assert audit.loc["sfreq_hz", "severity"] == "refused"
    assert set(audit.index) == {"sfreq_hz"}
