"""`init` asks what is unclear, and writes nothing that `check` would refuse."""

import json
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from neurograft.cli.application import main
from neurograft.config.study import read_study
from neurograft.files.keys import RecordingKey
from neurograft.recordings.found_recording import FoundRecording
from neurograft.study.beginning.looking import FoundFolder, describe_looked
from neurograft.study.opened_study import Study

PEOPLE = pd.DataFrame(
    {
        "id": [f"P{n:02d}" for n in range(1, 13)],
        "age": [str(n) for n in range(30, 42)],
        "sex": ["F", "M"] * 6,
        "group": ["PD"] * 6 + ["HC"] * 6,
    }
)


@pytest.fixture
def make_clinic(tmp_path):
    """A folder of empty recordings with the names of people, and their table."""

    def make(table=PEOPLE, name="clinic", files=None, sep=","):
        folder = tmp_path / name
        folder.mkdir()
        for stem in table["id"].unique() if files is None else files:
            (folder / f"{stem}.edf").write_text(stem)
        table.to_csv(folder / "people.csv", index=False, sep=sep)
        return folder

    return make


@pytest.fixture
def init(tmp_path, capsys):
    """Run `init`; return the study file, or the sentence on stderr."""

    def run(folder, *options, code=0):
        out = tmp_path / "study.toml"
        words = ["init", str(folder), "--out", str(out), *options]
        if code == 0:
            main(words)
            return read_study(out)
        with pytest.raises(SystemExit) as stop:
            main(words)
        assert stop.value.code == code
        assert not out.exists()
        return capsys.readouterr().err

    return run


def read_sexes(study):
    return Study(study).cohort("clinic").people.known["sex"]


@pytest.mark.parametrize("options", [(), ("--female", "F")])
def test_a_word_for_neither_sex_is_never_taken_for_male(make_clinic, init, options):
    table = PEOPLE.assign(sex=["F", "M", "diverse"] * 4)
    study = init(make_clinic(table), "--yes", *options)
    sexes = read_sexes(study)
    assert sexes.isna().tolist() == [False, False, True] * 4
    assert sexes[1] == "M"


def test_every_code_of_a_sex_is_said_with_an_option(make_clinic, init):
    folder = make_clinic(PEOPLE.assign(sex=["1", "2", "3", "4"] * 3))
    assert "1, 2, 3, 4 of 'sex'" in init(folder, "--yes", code=2)
    told = ("--female", "2", "--male", "1", "--neither", "3")
    assert "The values 4 of 'sex'" in init(folder, "--yes", *told, code=2)
    study = init(folder, "--yes", *told, "--neither", "4")
    assert study.cohorts["clinic"].sex_codes == {
        "2": "F", "1": "M", "3": "n/a", "4": "n/a",
    }  # fmt: skip
    assert read_sexes(study).isna().sum() == 6


def test_codes_are_asked_one_by_one_in_a_terminal(make_clinic, init, monkeypatch):
    said = iter(["", "", "", "", "female", "male", "neither"])
    monkeypatch.setattr("builtins.input", lambda _: next(said))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    folder = make_clinic(PEOPLE.assign(sex=["1"] * 6 + ["2"] * 4 + ["3"] * 2))
    study = init(folder)
    assert study.cohorts["clinic"].sex_codes == {"1": "F", "2": "M", "3": "n/a"}


def test_an_input_that_ends_writes_nothing(make_clinic, init, monkeypatch):
    def end(_):
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert "The input ended" in init(make_clinic(), code=2)


def test_answers_name_what_is_there_and_once(make_clinic, init):
    folder = make_clinic()
    assert "no value '7'" in init(folder, "--yes", "--male", "7", code=2)
    twice = ("--control", "HC", "--patient", "HC")
    assert "'HC' is given with" in init(folder, "--yes", *twice, code=2)
    assert "--group-column" in init(folder, "--yes", "--group-column", "none", code=2)
    everybody = ("--patient", "HC", "--patient", "PD")
    assert "left for --control" in init(folder, "--yes", *everybody, code=2)


@pytest.mark.parametrize(
    "name",
    [
        "Pain & sleep (50 %)",
        'The "own"',
        "Anna's study",
        "two\nlines",
        "tab\there",
        "&&",
    ],
)
def test_names_of_folders_become_titles_and_stay_toml(make_clinic, init, name):
    folder = make_clinic(name=name)
    if "\n" in name or "\t" in name:
        assert "holds a character" in init(folder, "--yes", code=2)
        return
    study = init(folder, "--yes")
    assert (study.data_folder / study.cohorts["clinic"].folder) == folder


@pytest.mark.parametrize("name", ["a & b", "x" * 201, "two\nlines", "50%"])
def test_a_title_that_cannot_be_is_refused_by_its_option(make_clinic, init, name):
    assert "--name" in init(make_clinic(), "--yes", "--name", name, code=2)


def test_texts_of_a_table_stay_what_they_are_in_toml(make_clinic, init, tmp_path):
    odd = 'PD "early" \\ x'
    study = init(
        make_clinic(PEOPLE.assign(group=[odd] * 6 + ["HC"] * 6), sep="\t"), "--yes"
    )
    assert study.tasks["disease"].positive == (odd,)
    tomllib.loads((tmp_path / "study.toml").read_text())


def test_two_ages_of_a_person_are_the_reason(make_clinic, init):
    table = pd.concat([PEOPLE, PEOPLE.iloc[[0]].assign(age="77")])
    said = init(make_clinic(table), "--yes", code=2)
    assert "P01 has rows that disagree on age or sex" in said


@pytest.mark.parametrize("label", ["11/24", "P 1"])
def test_an_age_never_stands_for_labels(make_clinic, init, label):
    table = PEOPLE.assign(
        id=[f"{label}{n}" for n in range(12)],
        file=[f"r{n}.edf" for n in range(12)],
    )
    folder = make_clinic(table, files=[f"r{n}" for n in range(12)])
    said = init(folder, "--yes", code=2)
    assert f"'{label}0' cannot be a label" in said
    for word in ("Cohort ''", "'age'", "file_column"):
        assert word not in said


def test_files_of_others_are_told_without_names_of_settings(make_clinic, init):
    said = init(make_clinic(files=["x1", "x2"]), "--yes", code=2)
    assert "begins with a label of people.csv, such as 'P01'" in said
    assert "Cohort ''" not in said
    assert "file_column" not in said
    said = init(make_clinic(files=[], name="empty"), "--yes", code=2)
    assert "holds no recording; expected" in said


def test_the_same_row_twice_is_one_person(make_clinic, init, tmp_path, capsys):
    init(make_clinic(pd.concat([PEOPLE, PEOPLE.iloc[:3]])), "--yes")
    said = capsys.readouterr().out
    assert "people.csv: 12 people; 12 of 12 recordings are of them" in said
    assert "The table has 15 rows" in said
    assert "group: PD 6, HC 6" in said
    assert "# 6 patients and 6 controls" in (tmp_path / "study.toml").read_text()


def test_one_is_no_plural():
    looked = FoundFolder(
        folder=Path("clinic"),
        table_name="people.csv",
        words=PEOPLE.iloc[:1],
        labels=PEOPLE["id"].iloc[:1],
        n_rows=1,
        participant_column="id",
        file_column="",
        found=(FoundRecording(RecordingKey("", "P01"), Path("P01.edf"), None, "x"),),
    )
    assert describe_looked(looked) == [
        "clinic: 1 recording of 1 person.",
        "people.csv: 1 person; 1 of 1 recording is of them, by the column 'id'.",
        "1 recording cannot be used; `neurograft check` says why.",
    ]


def test_a_group_may_be_called_none(make_clinic, init):
    folder = make_clinic(PEOPLE.replace("HC", "None"))
    study = init(folder, "--yes", "--control", "None")
    assert study.tasks["disease"].negative == ("None",)
    assert study.tasks["disease"].positive == ("PD",)


def test_people_whose_group_is_unknown_are_no_patients(make_clinic, init):
    table = PEOPLE.assign(group=["PD"] * 4 + ["unknown"] * 4 + ["HC"] * 4)
    study = init(make_clinic(table), "--yes")
    assert study.tasks["disease"].positive == ("PD",)


@pytest.mark.parametrize(
    ("ages", "told"),
    [
        (["34", "45", "999", "-9", "56", "0"] * 2, "34 to 56 years (6 ages cannot be"),
        (
            ["20-25", "25-30", "30-35", "60-65"] * 3,
            "22.5 to 62.5 years (12 ages are read from a bin",
        ),
    ],
)
def test_ages_are_read_as_check_reads_them(make_clinic, init, capsys, ages, told):
    init(make_clinic(PEOPLE.assign(age=ages)), "--yes")
    assert f"age: {told}" in capsys.readouterr().out


@pytest.mark.parametrize("entry", [{"Units": "months"}, {"Description": "in months"}])
def test_the_unit_of_ages_is_said(make_clinic, init, capsys, entry):
    folder = make_clinic()
    (folder / "people.json").write_text(json.dumps({"age": entry}))
    init(folder, "--yes")
    assert "2.5 to 3.4 years (ages are in months" in capsys.readouterr().out


def test_a_damaged_description_of_the_table_is_said(make_clinic, init, capsys):
    folder = make_clinic()
    (folder / "people.json").write_text("{")
    init(folder, "--yes")
    assert "people.json is not JSON" in capsys.readouterr().out


def test_columns_that_are_not_wanted_are_not_read(make_clinic, init):
    nothing = ("--age-column", "none", "--sex-column", "none")
    study = init(make_clinic(), "--yes", *nothing)
    assert list(study.tasks) == ["disease"]
    people = Study(study).cohort("clinic").people.known
    assert people[["age", "sex"]].isna().all(axis=None)


@pytest.mark.parametrize("n_patients", [1, 2, 3, 4, 5])
def test_no_more_folds_are_asked_than_people_fill(make_clinic, init, n_patients):
    table = PEOPLE.iloc[6 - n_patients :]
    options = ("--yes", "--group-column", "group")
    if n_patients == 1:
        said = init(make_clinic(table), *options, code=2)
        assert "1 patient and 6 controls have a recording" in said
        return
    study = init(make_clinic(table), *options)
    assert study.evaluation.n_splits == n_patients
    Study(study).build_tasks()


def test_people_without_a_recording_fill_no_fold(make_clinic, init):
    folder = make_clinic(files=list(PEOPLE["id"])[2:])
    assert init(folder, "--yes").evaluation.n_splits == 4


def test_recordings_that_cannot_be_used_are_told_at_once(make_clinic, init, capsys):
    folder = make_clinic()
    init(folder, "--yes")
    assert "nothing can be run" not in capsys.readouterr().out
    Path(folder.parent / "study.toml").unlink()
    for path in folder.glob("*.edf"):
        path.write_bytes(b"the same")
    init(folder, "--yes")
    said = capsys.readouterr().out
    assert "nothing can be run: Task 'disease'" in said


def test_other_programs_tables_are_told_what_to_be_saved_as(make_clinic, init):
    folder = make_clinic()
    (folder / "people.xls").write_bytes(b"\xd0\xcf\x11\xe0 P01")
    said = init(folder, "people.xls", "--yes", code=2)
    assert "save it as .xlsx or .csv." in said
    (folder / "empty.csv").write_text("\n\n")
    said = init(folder, "empty.csv", "--yes", code=2)
    assert "it is empty; write a row" in said
    assert said.endswith(".\n")
