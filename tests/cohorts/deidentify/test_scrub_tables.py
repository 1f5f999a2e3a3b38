"""Tables and sidecars: known keys and columns stay, whatever names people goes."""

import json

import pandas as pd
import pytest

from neurograft.cohorts.deidentify.scrub_tables import (
    CHANNEL_COLUMNS,
    keep_columns,
    scrub_events,
    scrub_json,
    scrub_people,
)
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.errors import DataError


def test_a_sidecar_keeps_what_describes_the_recording(tmp_path):
    path = tmp_path / "sub-1_eeg.json"
    content = {
        "SamplingFrequency": 256,
        "EEGReference": "Cz",
        "InstitutionName": "St. Mary",
        "SoftwareFilters": "set by Dr. Smith",
        "HardwareFilters": "n/a",
        "SubjectArtefactDescription": {"blinks": 3},
    }
    path.write_text(json.dumps(content))
    assert json.loads(scrub_json(path)) == {
        "SamplingFrequency": 256,
        "EEGReference": "Cz",
        "HardwareFilters": "n/a",
        "SubjectArtefactDescription": {"blinks": 3},
    }


def test_a_sidecar_that_is_no_json_is_refused(tmp_path):
    path = tmp_path / "sub-1_eeg.json"
    path.write_text("{")
    with pytest.raises(DataError):
        scrub_json(path)


def test_events_keep_codes_and_numbers_and_lose_sentences():
    events = pd.DataFrame(
        {"onset": [1.5, 2.5], "trial_type": ["eyes closed", "Mr. Smith coughs"]}
    )
    scrubbed = scrub_events(events, Scrubber("secret"))
    assert scrubbed["onset"].tolist() == [1.5, 2.5]
    assert scrubbed["trial_type"].tolist() == ["eyes closed", "note"]


def test_channels_keep_the_columns_without_free_text():
    table = pd.DataFrame(
        {"name": ["Fp1"], "Units": ["uV"], "description": ["by Dr. Smith"]}
    )
    assert keep_columns(table, CHANNEL_COLUMNS).columns.tolist() == ["name", "Units"]


@pytest.mark.parametrize(
    ("column", "cells", "capped"),
    [
        ("age", ["34", "95", "89+", "90-94", "121"], ["34", "89", "89+", "89", "89"]),
        ("age_years", ["34", "95"], ["34", "89"]),
        ("Age (months)", ["408", "1140", "1500"], ["408", "1068", "1068"]),
        ("agent", ["34", "95"], ["34", "95"]),
    ],
)
def test_high_ages_are_capped_in_the_unit_of_their_column(column, cells, capped):
    people = [f"sub-{number}" for number in range(len(cells))]
    table = pd.DataFrame({"participant_id": people, column: cells}, dtype=object)
    for cap_age, expected in ((True, capped), (False, cells)):
        kept, _ = scrub_people(
            table, Scrubber("s"), label_column="participant_id", cap_age=cap_age
        )
        assert kept[column].tolist() == expected
