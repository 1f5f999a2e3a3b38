"""Tables and sidecars: known keys and columns stay, whatever names people goes."""

import json
import re

import pandas as pd
import pytest

from neurograft.cohorts.deidentify.scrub_json import list_units, scrub_json, tell_units
from neurograft.cohorts.deidentify.scrub_tables import (
    scrub_channels,
    scrub_events,
    to_tsv,
)
from neurograft.cohorts.deidentify.scrubbing import REPLACEMENT, Scrubber
from neurograft.errors import DataError
from neurograft.files.written_tables import read_cells

SCRUBBER = Scrubber("secret")
MODEL = "CapManufacturersModelName"


def test_a_sidecar_keeps_what_describes_the_recording(tmp_path):
    path = tmp_path / "sub-1_eeg.json"
    content = {
        "SamplingFrequency": 256,
        "PowerLineFrequency": "n/a",
        "EEGReference": "linked mastoids, placed by Smith",
        "EEGGround": "AFz",
        "EEGPlacementScheme": "extended 10-20 system (Smith)",
        "InstitutionName": "St. Mary",
        "SoftwareFilters": "set by Dr. Smith",
        "HardwareFilters": "n/a",
        "SubjectArtefactDescription": {"who": "Smith"},
        "EEGCoordinateSystem": "CapTrak",
        "EEGCoordinateUnits": "Smith",
        "RecordingType": "continuous",
        "TaskName": "eyes closed",
        "Name": "EEG of Mr. Smith",
        "License": "CC BY-NC 4.0",
        "BIDSVersion": "1.10.0",
        "IntendedFor": "sub-Smith/eeg",
        "Manufacturer": "Brain Products GmbH",
        "ManufacturersModelName": "amplifier of Mr. Smith",
        "CapManufacturersModelName": "actiCAP 17.03.1961",
    }
    path.write_text(json.dumps(content))
    kept = json.loads(scrub_json(path, SCRUBBER))
    unknown = [kept.pop(key) for key in ("ManufacturersModelName", MODEL)]
    assert kept == {
        "SamplingFrequency": 256,
        "PowerLineFrequency": "n/a",
        "EEGReference": "linked mastoids, placed ...",
        "EEGGround": "AFz",
        "EEGPlacementScheme": "extended 10-20 system",
        "SoftwareFilters": "n/a",
        "HardwareFilters": "n/a",
        "EEGCoordinateSystem": "CapTrak",
        "EEGCoordinateUnits": "n/a",
        "RecordingType": "continuous",
        "TaskName": "eyes closed",
        "Name": "note",
        "License": "CC BY-NC 4.0",
        "BIDSVersion": "1.10.0",
        "Manufacturer": "Brain Products GmbH",
    }
    # Two devices stay two, whatever they are called.
    assert all(re.fullmatch("device [0-9a-f]{6}", text) for text in unknown)
    assert len(set(unknown)) == 2


def test_a_sidecar_that_is_no_json_is_refused(tmp_path):
    path = tmp_path / "sub-1_eeg.json"
    path.write_text("{")
    with pytest.raises(DataError):
        scrub_json(path, SCRUBBER)


def test_events_keep_codes_and_numbers_and_lose_sentences():
    events = pd.DataFrame(
        {"onset": [1.5, 2.5], "trial_type": ["eyes closed", "Mr. Smith coughs"]}
    )
    scrubbed = scrub_events(events, Scrubber("secret"))
    assert scrubbed["onset"].tolist() == [1.5, 2.5]
    assert scrubbed["trial_type"].tolist() == ["eyes closed", "note"]


def test_channels_keep_the_columns_without_free_text():
    table = pd.DataFrame(
        {
            "name": ["Fp1", "F3-Smith", "Smith"],
            "Units": ["uV", "Smith", "n/a"],
            "reference": ["A1", "Smith", "n/a"],
            "status": ["good", "bad", "Smith"],
            "low_cutoff": ["0.1", "n/a", "Smith"],
            "impedance": [5.0, 6.0, 7.0],
            "description": ["by Dr. Smith"] * 3,
        }
    )
    kept = scrub_channels(table, SCRUBBER)
    number = kept["name"][2]
    assert re.fullmatch(r"X\d{3}", number)
    assert kept.to_dict("list") == {
        "name": ["Fp1", "F3", number],
        "Units": ["uV", "n/a", "n/a"],
        "reference": ["A1", "...", "n/a"],
        "status": ["good", "bad", "n/a"],
        "low_cutoff": ["0.1", "n/a", "n/a"],
        "impedance": [5.0, 6.0, 7.0],
    }


EVENTS = (
    "onset\tduration\tsample\ttrial_type\tvalue\tresponse_time\treaction_time\tHuber\n"
    "15.4883\t0.5\t7744\teyes closed\t12345\t0.3129\t512.25\tMrs Huber\n"
    "86399.998\t5\t43199999\tHuber moves\tS  1\tn/a\t4711234\t17.03.1961\n"
    "0.30000000000000004\t1e-05\t150\tStimulus/S  2\t1.0\t17031961\tn/a\t3\n"
)


def test_measures_with_many_decimals_are_rounded_and_not_lost():
    cells = ["0.4512345678", "-1.2345678e-05", "17.031961", "0.4", "4711234567.5"]
    table = pd.DataFrame({"onset": ["1"] * 5, "reaction_time": cells})
    found = scrub_events(table, Scrubber("salt"))["reaction_time"].tolist()
    assert found == ["0.451235", "-0.000012", "17.032", "0.4", REPLACEMENT]
    places = pd.DataFrame({"name": ["Cz"], "x": ["6.123233995736766e-17"]})
    assert float(scrub_channels(places, Scrubber("salt"))["x"][0]) == 0


def test_times_and_codes_of_events_read_the_same_from_the_copy(tmp_path):
    path = tmp_path / "sub-1_events.tsv"
    path.write_text(EVENTS)
    table = read_cells(path)
    scrubbed = scrub_events(table, SCRUBBER)
    assert list(scrubbed) == [*list(table)[:-1], "column1"]
    for column in ("onset", "duration", "sample"):
        assert scrubbed[column].tolist() == table[column].tolist()
    assert scrubbed["value"].tolist() == ["12345", "S 1", "1.0"]
    assert scrubbed["trial_type"].tolist() == ["eyes closed", "note", "Stimulus/S 2"]
    assert scrubbed["response_time"].fillna("").tolist() == ["0.3129", "", ""]
    assert scrubbed["reaction_time"].tolist()[:2] == ["512.25", "note"]
    assert scrubbed["column1"].tolist() == ["note", "note", "3"]
    assert "Huber" not in to_tsv(scrubbed)
    assert "1961" not in to_tsv(scrubbed)


def test_long_numbers_and_dates_of_a_sidecar_go_and_others_stay(tmp_path):
    path = tmp_path / "sub-1_eeg.json"
    told = {
        "HeadCircumference": 4711234567, "RecordingDuration": 19610317,
        "PowerLineFrequency": 17.031961, "EpochLength": 301.998046875,
        "SamplingFrequency": 499.99, "EEGChannelCount": 64, "EOGChannelCount": True,
        "ECGChannelCount": None, "EMGChannelCount": 170361, "License": "CC0 17.03.1961",
        "age": {"Units": "months"},
    }  # fmt: skip
    path.write_text(json.dumps(told))
    kept = json.loads(scrub_json(path, SCRUBBER))
    assert kept == {
        "HeadCircumference": "n/a", "RecordingDuration": "n/a",
        "PowerLineFrequency": 17.032, "EpochLength": 301.998047,
        "SamplingFrequency": 499.99, "EEGChannelCount": 64, "EOGChannelCount": True,
        "ECGChannelCount": None, "EMGChannelCount": "n/a", "License": "n/a",
    }  # fmt: skip


def test_units_of_columns_survive_in_known_words(tmp_path):
    path = tmp_path / "participants.json"
    entries = {
        "Age": {"Units": "months since 1961"},
        "age_at_onset": {"Description": "age in months, asked by Dr. Smith"},
        "alpha": {"Units": "µV", "Description": "Smith"},
        "score": {"Units": "Smith"},
        "gone": {"Units": "uV"},
        "group": "Smith",
    }
    path.write_text(json.dumps(entries))
    table = pd.DataFrame(columns=["age", "age_at_onset", "alpha", "score", "group"])
    units = list_units(path, table)
    assert units == {"age": "months", "age_at_onset": "months", "alpha": "µV"}
    assert json.loads(tell_units({"age": "months"})) == {"age": {"Units": "months"}}
    path.write_text("{")
    assert list_units(path, table) == {}


@pytest.mark.parametrize("year", [1961, 1961.0, "1961"])
def test_a_year_in_a_sidecar_stays_only_where_rates_and_times_are_as_large(
    tmp_path, year
):
    keys = ("HeadCircumference", "EEGChannelCount", "SamplingFrequency")
    path = tmp_path / "sub-1_eeg.json"
    path.write_text(json.dumps(dict.fromkeys(keys, year) | {"EpochLength": 2000}))
    kept = json.loads(scrub_json(path, SCRUBBER))
    assert [kept[key] for key in keys] == ["n/a", "n/a", year]
    assert kept["EpochLength"] == 2000
    path.write_text('{"HeadCircumference": 56.5}')
    assert json.loads(scrub_json(path, SCRUBBER)) == {"HeadCircumference": 56.5}
