"""Tables of BIDS are copied, and what is said of them names nobody."""

import pandas as pd
import pytest

from neurograft.cohorts.deidentify.copy_tables import copy_text, hide_columns
from neurograft.cohorts.deidentify.people.known_people import know_people
from neurograft.cohorts.deidentify.scrubbing import Rules, Scrubber

PEOPLE = know_people(["sub-huber", "sub-2"], [], folders=["sub-huber", "sub-2"])
RULES = Rules(Scrubber("secret"))


def copy_table(folder, name, text):
    """Copy a table; returns its copy, and what is said of it."""
    (folder / name).write_text(text)
    new = folder / "new" / name
    note = copy_text(folder / name, new, "", RULES, PEOPLE)
    return new.read_text(), note


@pytest.mark.parametrize("header", ["seen_by_huber", "Dr_Meier", "seen 17.03.1961"])
def test_a_column_that_names_somebody_is_not_named(tmp_path, header):
    events = f"onset\tduration\t{header}\tstrange\n1\t2\t3\t4\n"
    copied, note = copy_table(tmp_path, "sub-2_events.tsv", events)
    assert copied.splitlines()[0] == "onset\tduration\tcolumn1\tcolumn2"
    assert note == "columns renamed: column 3 is column1, strange is column2"
    channels = f"name\t{header}\tdescription\nCz\t1\tgood\n"
    copied, note = copy_table(tmp_path, "sub-2_channels.tsv", channels)
    assert copied.splitlines() == ["name", "Cz"]
    assert note.startswith("columns left out: column 2, description: BIDS does not")
    people = f"participant_id\tage\t{header}\nsub-2\t30\t1\n"
    copied, note = copy_table(tmp_path, "participants.tsv", people)
    assert copied.splitlines() == ["participant_id\tage", "sub-2\t30"]
    assert note == (
        "columns left out: column 3: the column's own name holds the name or label of "
        "a person, a date or a long number"
    )


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("participants.tsv", "participant_id\tage\tage\nsub-2\t30\t31\n"),
        ("sub-2_events.tsv", "onset\tage\tage\n1\t30\t31\n"),
    ],
)
def test_a_column_that_stands_there_twice_is_said(tmp_path, name, table):
    _, note = copy_table(tmp_path, name, table)
    assert "the column 'age' twice: the first is read, although they differ" in note


def test_a_name_in_a_column_that_stands_there_twice_is_not_said():
    table = pd.DataFrame(columns=["age", "Dr_Huber"])
    sentences = ["x.tsv has the column 'Dr_Huber' twice"]
    assert hide_columns(sentences, table, PEOPLE) == [
        "x.tsv has the column 'column 2' twice"
    ]
