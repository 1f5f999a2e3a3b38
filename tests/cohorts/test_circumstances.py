"""When people were recorded: days and hours, and never a date."""

import json

import pandas as pd
import pytest

from neurograft.cohorts.circumstances import (
    list_damaged,
    read_circumstances,
    read_stated,
)
from neurograft.cohorts.participants import read_participants
from neurograft.config.cohort import CohortConfig

SETTINGS = CohortConfig(folder="x")


def read(folder):
    return read_circumstances(folder, read_participants(folder, SETTINGS))


def write_cohort(root, **columns):
    table = pd.DataFrame({"participant_id": ["sub-1", "sub-2", "sub-3"], **columns})
    table.to_csv(root / "participants.tsv", sep="\t", index=False)


@pytest.mark.parametrize(
    "form", ["%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M", "%d-%b-%Y %I:%M %p"]
)
def test_days_are_numbered_and_hours_those_of_the_clock(tmp_path, form):
    times = ["2020-05-27T14:30", "2020-05-26T09:00", "2020-05-27T08:15"]
    write_cohort(
        tmp_path, start_time=pd.to_datetime(pd.Series(times)).dt.strftime(form)
    )
    found = read(tmp_path).set_index("participant_id")
    assert found["day"].tolist() == [2, 1, 2]
    assert found["hour"].tolist() == [14.5, 9.0, 8.25]
    assert found["device"].isna().all()
    assert "2020" not in found.to_csv()


def test_scans_come_before_the_table_and_the_first_recording_counts(tmp_path):
    write_cohort(tmp_path, start_time=["2020-05-27T14:30:00"] * 3)
    for who, times in {"sub-1": ["2021-01-02T10:00:00", "2021-01-01T11:00:00"],
                       "sub-2": ["03.01.2021 12:00"]}.items():  # fmt: skip
        (tmp_path / who).mkdir()
        scans = pd.DataFrame({"filename": [f"eeg/{i}.edf" for i in range(len(times))],
                              "acq_time": times})  # fmt: skip
        scans.to_csv(tmp_path / who / f"{who}_scans.tsv", sep="\t", index=False)
    found = read(tmp_path).set_index("participant_id")
    assert found.loc["sub-1", "day"] == 1
    assert found.loc["sub-1", "hour"] == 11
    assert found.loc["sub-2", "day"] == 2
    assert pd.isna(found.loc["sub-3", "day"])


def test_devices_come_from_the_sidecars(tmp_path):
    write_cohort(tmp_path)
    for who, model in (("sub-1", "BrainAmp"), ("sub-2", "n/a")):
        folder = tmp_path / who / "eeg"
        folder.mkdir(parents=True)
        sidecar = {"Manufacturer": "Brain Products", "ManufacturersModelName": model}
        (folder / f"{who}_task-rest_eeg.json").write_text(json.dumps(sidecar))
    devices = read(tmp_path)["device"]
    assert devices[0] == "Brain Products BrainAmp"
    assert devices[1] == "Brain Products"
    assert pd.isna(devices[2])


@pytest.mark.parametrize("cells", [["7-12"] * 3, ["2020", "2021", "2022"], [""] * 3])
def test_what_is_no_time_of_day_is_not_taken_for_one(tmp_path, cells):
    write_cohort(tmp_path, column=cells)
    found = read(tmp_path)
    assert found[["day", "hour"]].isna().all(axis=None)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a\x00b", b"\n\n"])
def test_optional_tables_that_are_broken_cost_a_sentence(tmp_path, content):
    write_cohort(tmp_path)
    for who in ("sub-1", "sub-2"):
        (tmp_path / who).mkdir()
        path = tmp_path / who / f"{who}_scans.tsv"
        path.write_text("filename\tacq_time\neeg/a.edf\t2021-01-01T11:00:00\n")
    path.write_bytes(content)
    assert read(tmp_path)["hour"].tolist()[0] == 11
    assert read(tmp_path)["hour"].isna().tolist() == [False, True, True]
    (sentence,) = list_damaged(tmp_path)
    assert sentence.startswith("sub-2_scans.tsv is not a table")


@pytest.mark.parametrize(
    "content",
    [b"{broken", b"[]", b"[" * 99_999, b'\xef\xbb\xbf{"Manufacturer": "M"}',
     '{"Manufacturer": "M", "x": "ä"}'.encode("latin-1"),
     b'{"Manufacturer": ["M"], "ManufacturersModelName": {"a": 1}}'],
)  # fmt: skip
def test_sidecars_in_any_state_never_end_the_reading(tmp_path, content):
    write_cohort(tmp_path)
    folder = tmp_path / "sub-1" / "eeg"
    folder.mkdir(parents=True)
    (folder / "sub-1_eeg.json").write_bytes(content)
    device = read(tmp_path)["device"][0]
    assert (device == "M") == (b"M" in content)


def test_of_each_field_the_first_sidecar_that_states_it_counts(tmp_path):
    sidecars = {
        "sub-1/eeg/sub-1_run-1_eeg.json": '{"InstitutionName": "n/a", "EEGGround": 1}',
        "sub-1/eeg/sub-1_run-2_eeg.json": '{"InstitutionName": "U", "EEGGround": "B"}',
        "sub-2/eeg/sub-2_run-1_eeg.json": "{",
        "sub-3/eeg/sub-3_run-1_eeg.json": '{"Manufacturer": "M", "Seen by X": 1}',
    }
    for name, content in sidecars.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    stated = read_stated(tmp_path).set_index("participant_id")
    assert list(stated.index) == ["sub-1", "sub-3"]
    assert stated.loc["sub-1"].to_dict() == {"InstitutionName": "U", "EEGGround": "1"}
    assert stated.loc["sub-3"].isna().all()
    assert list(read_stated(tmp_path / "sub-2")) == ["participant_id"]
