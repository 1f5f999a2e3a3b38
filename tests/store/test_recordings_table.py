"""The tables beside the signals hold every recording under its own name."""

import pandas as pd

from neurograft.files.tables import write_table
from neurograft.store.recordings_table import (
    COLUMNS,
    Recorded,
    read_recorded,
    tabulate_found,
    tabulate_seconds,
)
from neurograft.store.signal_store import RECORDINGS_FILE

PEOPLE = pd.DataFrame({"participant_id": ["a"], "age": [30.0], "sex": ["F"]})


def make_row(who, status="kept", scale=12.0, **entities):
    named = {"cohort": "c", "participant_id": who, "session": "", "task": "",
             "run": "", "acquisition": ""} | entities  # fmt: skip
    told = {"recorded_scale": scale, "sfreq_hz": 500.0, "n_channels": 19}
    return named | {"status": status, "reason": ""} | told


def test_how_people_were_recorded_is_found_by_name_whatever_was_dropped_before(
    tmp_path,
):
    rows = [
        make_row("b", "dropped", None),
        make_row("a", task="rest"),
        make_row("b", scale=7),
    ]
    write_table(tmp_path / RECORDINGS_FILE, tabulate_found(rows, PEOPLE))
    assert read_recorded(tmp_path) == {
        "a_task-rest": Recorded(12.0, 500.0, 19),
        "b": Recorded(7.0, 500.0, 19),
    }


def test_people_are_joined_by_label_and_unknown_ones_stay():
    table = tabulate_found([make_row("b"), make_row("a")], PEOPLE)
    assert list(table.columns) == list(COLUMNS)
    assert table["age"].isna().tolist() == [True, False]


def test_seconds_are_in_seconds_of_the_stored_signal():
    row = {"name": "a", "seconds": [[128, 64, "dropped", "constant channels", 0.5]]}
    table = tabulate_seconds([row], 128.0)
    assert table.to_numpy().tolist() == [
        ["a", 1.0, 0.5, "dropped", "constant channels", 0.5]
    ]
