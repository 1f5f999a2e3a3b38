"""People of a cohort: one row each, in the order of the table."""

import numpy as np
import pandas as pd
import pytest

from neurograft.cohorts.people import list_people, parse_people
from neurograft.config.cohort import CohortConfig
from neurograft.config.tasks import View
from neurograft.files.keys import FACTORS
from neurograft.files.people import People

CELLS = pd.DataFrame(
    {
        "participant_id": ["sub-2", "sub-1", "sub-2"],
        "age": ["41", "30", "41"],
        "sex": ["f", "M", "f"],
        "Site": ["north", "south", "north"],
    }
)
RECORDINGS = pd.DataFrame(
    {
        "participant_id": ["sub-1", "sub-1", "sub-2", "sub-2"],
        "status": ["kept", "repaired", "kept", "dropped"],
        "task": ["rest", "count", "rest", "rest"],
        "reference": ["Cz", "Cz", None, "Fz"],
        "sfreq_hz": 256.0,
        "line_freq_hz": 50.0,
        "n_channels": 19.0,
        "duration_s": [100.0, 100.0, 60.0, 10.0],
        "usable_s": [90.0, 60.0, 60.0, 0.0],
        "scale_uv": 10.0,
        "recorded_scale": [10.0, 1000.0, 10.0, 1.0],
        "bads": ["T3 (noise), T4 (flat)", None, None, None],
    }
)
CIRCUMSTANCES = pd.DataFrame(
    {"participant_id": ["sub-1"], "day": [1.0], "hour": [9.0], "device": ["A"]}
)


@pytest.fixture
def people():
    return parse_people(CELLS, CohortConfig(folder="x"))


@pytest.fixture
def listed(people):
    return list_people(View("clinic"), RECORDINGS, people, CIRCUMSTANCES).set_index(
        "participant_id"
    )


def test_a_person_of_several_rows_is_known_once(people):
    assert people.known["participant_id"].tolist() == ["sub-2", "sub-1"]
    assert people.known["age"].tolist() == [41.0, 30.0]
    assert people.known["sex"].tolist() == ["F", "M"]
    assert people.known["site"].tolist() == ["north", "south"]


def test_first_cells_stand_in_the_order_of_the_known(people):
    first = people.first_cells
    assert first["participant_id"].tolist() == people.known["participant_id"].tolist()
    assert first.index.tolist() == [0, 1]
    assert isinstance(people, People)


def test_a_table_without_a_site_knows_none():
    cells = CELLS.drop(columns="Site")
    known = parse_people(cells, CohortConfig(folder="x")).known
    assert known["site"].isna().all()


def test_everybody_has_every_factor(listed):
    assert listed.columns.tolist() == ["cohort", *FACTORS]
    assert listed.index.tolist() == ["sub-1", "sub-2"]
    assert pd.isna(listed.loc["sub-2", "device"])


def test_dropped_recordings_tell_nothing_of_a_person(listed):
    assert listed.loc["sub-2", "duration_s"] == 60
    assert pd.isna(listed.loc["sub-2", "reference"])


def test_recordings_of_a_person_are_summed_averaged_and_joined(listed):
    person = listed.loc["sub-1"]
    assert person["condition"] == "count+rest"
    assert person["duration_s"] == 200
    assert person["rejected_share"] == pytest.approx(0.25)
    assert person["n_bads"] == 1.0
    assert person["log_scale"] == pytest.approx(np.log(100))


def test_of_a_view_its_recordings_count_only(people):
    resting = list_people(View("clinic", ("rest",)), RECORDINGS, people, CIRCUMSTANCES)
    assert resting.set_index("participant_id")["duration_s"].to_dict() == {
        "sub-1": 100.0, "sub-2": 60.0,
    }  # fmt: skip
    counting = View("clinic", ("count",))
    listed = list_people(counting, RECORDINGS, people, CIRCUMSTANCES)
    assert listed["participant_id"].tolist() == ["sub-1"]
    nothing = View("clinic", ("sleep",))
    assert list_people(nothing, RECORDINGS, people, CIRCUMSTANCES).empty
