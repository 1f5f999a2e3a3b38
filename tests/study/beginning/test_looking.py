"""Files are matched to the people of a table, and `check` passes what is written."""

import shutil

import pandas as pd
import pytest

from neurograft.cli.init_command import Beginning, begin_study
from neurograft.cohorts.columns import (
    find_ages,
    find_files,
    find_groups,
    find_healthy,
    find_labels,
    find_sexes,
)
from neurograft.config.study import read_study
from neurograft.errors import ConfigError, DataError
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.study.beginning.looking import describe_looked, look_at_folder
from neurograft.study.beginning.writing import BeginningChoices, write_beginning
from neurograft.study.check import check_study
from neurograft.study.opened_study import Study


@pytest.fixture(scope="module")
def bids(tmp_path_factory):
    folder = tmp_path_factory.mktemp("begin")
    sites = default_sites(n_source=2, n_patients=6, n_controls=10, n_clinic_channels=19)
    simulate_cohorts(folder, sites=[sites[2]], duration_s=20)
    return folder / "clinic"


@pytest.fixture
def plain(bids, tmp_path):
    """A plain folder with an own table, German headers, codes for the sex."""
    folder = tmp_path / "Klinik"
    folder.mkdir()
    table = pd.read_csv(bids / "participants.tsv", sep="\t")
    labels = []
    for number, who in enumerate(table["participant_id"], start=1):
        for path in (bids / who / "eeg").glob("*_eeg.*"):
            label = f"P{number:02d}"
            name = f"{label}_ruhe{path.suffix}"
            content = path.read_bytes()
            if path.suffix in (".vhdr", ".vmrk"):
                content = content.replace(path.stem.encode(), f"{label}_ruhe".encode())
            (folder / name).write_bytes(content)
        labels.append(f"P{number:02d}")
    pd.DataFrame(
        {
            "Kürzel": labels,
            "Alter": table["age"],
            "Geschlecht": table["sex"].map({"F": "2", "M": "1"}),
            "Diagnose": table["group"].map({"patient": "CBP", "control": "HC"}),
            "Bemerkung": [f"note {n}" for n in range(len(table))],
        }
    ).to_csv(folder / "Liste.csv", index=False, sep=";")
    return folder


def check(path):
    return list(check_study(Study(read_study(path))))


def test_a_bids_folder_needs_no_answer(bids, tmp_path, capsys):
    path = tmp_path / "study.toml"
    begin_study(bids, answers=Beginning(out=path, yes=True))
    said = capsys.readouterr().out
    assert "16 of 16 recordings" in said
    assert "group: control 10, patient 6" in said
    study = read_study(path)
    assert study.tasks["disease"].positive == ("patient",)
    assert study.tasks["disease"].negative == ("control",)
    assert study.tasks["age"].reference == ("control",)
    assert study.pretraining.shipped == "tiny"
    assert any("task disease" in line for line in check(path))


def test_a_plain_folder_with_german_names_is_matched_and_checked(plain, tmp_path):
    path = tmp_path / "study.toml"
    answers = Beginning(out=path, yes=True, female=("2",), male=("1",))
    begin_study(plain, answers=answers)
    study = read_study(path)
    clinic = study.cohorts["clinic"]
    assert clinic.participant_column == "Kürzel"
    assert clinic.age_column == "Alter"
    assert clinic.sex_codes == {"2": "F", "1": "M"}
    assert study.tasks["disease"].positive == ("CBP",)
    assert study.tasks["disease"].negative == ("HC",)
    assert any("task disease" in line for line in check(path))
    people = Study(study).cohort("clinic").people.known
    assert people["sex"].isin(["F", "M"]).all()
    assert people["age"].between(18, 90).all()


def test_a_table_of_files_is_found_by_its_endings(plain, tmp_path):
    table = pd.read_csv(plain / "Liste.csv", sep=";")
    table["Datei"] = [f"{label}_ruhe.vhdr" for label in table["Kürzel"]]
    table["Kürzel"] = [f"X{n}" for n in range(len(table))]
    table.to_csv(plain / "Liste.csv", index=False, sep=";")
    looked = look_at_folder(plain)
    assert looked.file_column == "Datei"
    assert looked.n_matched == 16


def test_what_is_not_clear_must_be_said(plain, tmp_path, monkeypatch):
    path = tmp_path / "study.toml"
    with pytest.raises(ConfigError, match="1, 2 of 'Geschlecht' are no words"):
        begin_study(plain, answers=Beginning(out=path, yes=True))
    assert not path.exists()
    table = pd.read_csv(plain / "Liste.csv", sep=";")
    table["Diagnose"] = table["Diagnose"].map({"CBP": "A", "HC": "B"})
    table.to_csv(plain / "Liste.csv", index=False, sep=";")
    answers = Beginning(out=path, yes=True, female=("2",), male=("1",))
    with pytest.raises(ConfigError, match="--control, one of"):
        begin_study(plain, answers=answers)


def test_answers_are_checked_against_the_table(bids, tmp_path):
    def fail(**given):
        answers = Beginning(out=tmp_path / "study.toml", yes=True, **given)
        with pytest.raises(ConfigError) as error:
            begin_study(bids, answers=answers)
        return str(error.value)

    assert "no column 'years'" in fail(age_column="years")
    assert "no value 'ill'" in fail(patient=("ill",))
    assert "condition 'nap'" in fail(condition=("nap",))


def test_an_age_that_is_unknown_leaves_brain_age_out(bids, tmp_path):
    path = tmp_path / "study.toml"
    begin_study(bids, answers=Beginning(out=path, yes=True, age_column="none"))
    assert list(read_study(path).tasks) == ["disease"]


def test_questions_are_asked_in_a_terminal(bids, tmp_path, monkeypatch):
    said = iter(["", "", "nonsense", "group", "control"])
    asked = []

    def answer(question):
        asked.append(question)
        return next(said)

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    begin_study(bids, answers=Beginning(out=tmp_path / "study.toml"))
    assert len(asked) == 5
    assert "age" in asked[0]


def test_nothing_is_written_over(bids, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="exists already"):
        begin_study(bids, answers=Beginning(out=path, yes=True))
    assert path.read_text() == "mine"


def test_folders_without_table_or_with_several_are_explained(tmp_path, bids):
    with pytest.raises(DataError, match="no folder"):
        look_at_folder(tmp_path / "nothing")
    with pytest.raises(DataError, match="no table of people"):
        look_at_folder(tmp_path)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id,age\n1,2\n")
    with pytest.raises(ConfigError, match=r"a\.csv, b\.csv"):
        look_at_folder(tmp_path)
    with pytest.raises(DataError, match="no table"):
        look_at_folder(tmp_path, "c.csv")
    with pytest.raises(DataError, match="could not be matched"):
        look_at_folder(tmp_path, "a.csv")


def test_a_table_elsewhere_is_named_by_its_path(bids, tmp_path):
    copy = tmp_path / "people.tsv"
    shutil.copy(bids / "participants.tsv", copy)
    looked = look_at_folder(bids, str(copy))
    assert looked.table_name == str(copy.resolve())
    assert "16 of 16 recordings" in " ".join(describe_looked(looked))


def test_text_with_quotation_marks_stays_toml(bids, tmp_path):
    chosen = BeginningChoices(
        'My "own" study', "age", "sex", {}, "group", ("patient",), ("control",)
    )
    (tmp_path / "study.toml").write_text(
        write_beginning(look_at_folder(bids), chosen, tmp_path)
    )
    with pytest.raises(ConfigError, match="name"):
        read_study(tmp_path / "study.toml")


TABLE = pd.DataFrame(
    {
        "ID": [str(n) for n in range(9)],
        "file": [f"{n}.edf" for n in range(9)],
        "Age at test": ["30", "41", "52", None, "60", "33", "44", "71", "28"],
        "score": ["3", "1", "2", "3", "1", "2", "3", "1", "2"],
        "gender": ["f", "m", "f", "m", "f", "m", "f", "m", "f"],
        "dx": ["HC"] * 4 + ["CBP"] * 4 + [None],
    }
)


def test_columns_are_told_by_what_stands_in_them(tmp_path):
    (age,) = find_ages(TABLE, tmp_path / "people.tsv")
    assert (age.name, age.range, age.n_missing) == ("Age at test", (28.0, 71.0), 1)
    assert [one.name for one in find_sexes(TABLE)] == ["gender"]
    groups = find_groups(TABLE, taken=("gender",))
    assert groups[0].name == "dx"
    assert groups[0].counts == {"HC": 4, "CBP": 4}
    assert find_files(TABLE) == ["file"]
    assert find_labels(TABLE)[0] == "ID"


def test_a_column_without_a_value_is_no_candidate_and_names_are_told():
    table = TABLE.assign(sex=None, hand=["l", "r", "l"] * 3)
    assert [one.name for one in find_sexes(table)] == ["gender"]
    found = {one.name: one.is_named for one in find_groups(table)}
    assert found["dx"]
    assert not found["hand"]


def test_a_diagnosis_is_not_guessed_from_a_column_with_another_name(bids, tmp_path):
    table = pd.read_csv(bids / "participants.tsv", sep="\t")
    copy = tmp_path / "people.tsv"
    table.rename(columns={"group": "kind"}).to_csv(copy, index=False, sep="\t")
    with pytest.raises(ConfigError, match="--group-column, one of kind"):
        begin_study(
            bids, str(copy), answers=Beginning(out=tmp_path / "study.toml", yes=True)
        )


def test_the_healthy_are_found_by_their_usual_names():
    assert find_healthy(["patient", "Healthy control"]) == "Healthy control"
    assert find_healthy(["A", "C", "F"]) == "C"
    assert find_healthy(["Schmerz", "Kontrolle"]) == "Kontrolle"
    assert find_healthy(["1", "2"]) == ""
