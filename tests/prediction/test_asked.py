"""People asked about are found whichever way their files are kept."""

import pytest

from neurograft.errors import ConfigError
from neurograft.prediction.asked import Stated, find_asked


@pytest.fixture
def kept(tmp_path):
    """A BIDS recording whose content lies in a store, and a folder that links to it."""
    store = tmp_path / "store"
    store.mkdir()
    (store / "0a1b.edf").write_bytes(b"signals")
    eeg = tmp_path / "data" / "sub-07" / "eeg"
    eeg.mkdir(parents=True)
    recording = eeg / "sub-07_task-rest_eeg.edf"
    try:
        recording.symlink_to(store / "0a1b.edf")
        (tmp_path / "few").mkdir()
        (tmp_path / "few" / "sub-07").symlink_to(tmp_path / "data" / "sub-07")
    except OSError:
        pytest.skip("this system allows no links")
    return tmp_path


@pytest.mark.parametrize("folder", ["data", "few"])
def test_links_keep_the_label_and_the_root_of_the_path_that_was_given(kept, folder):
    path = kept / folder / "sub-07" / "eeg" / "sub-07_task-rest_eeg.edf"
    (found,) = find_asked([path]).found
    assert found.key.participant_id == "sub-07"
    assert found.bids_root == kept / folder
    assert path.is_relative_to(found.bids_root)


@pytest.fixture
def folder(tmp_path):
    """A plain folder with files of three people, and no table yet."""
    made = tmp_path / "visits"
    made.mkdir()
    for name in ("P1.edf", "P2.edf", "Jane Doe.edf"):
        (made / name).write_bytes(b"signals")
    return made


TABLE = "id\tAlter\tGeschlecht\nP1\t50\tw\nP2\t60\tm\n"
READING = {
    "participant_column": "id",
    "age_column": "Alter",
    "sex_column": "Geschlecht",
    "sex_codes": {"w": "F", "m": "M"},
}


def test_a_table_is_read_as_the_study_read_its_own(folder, tmp_path, monkeypatch):
    (folder / "people.tsv").write_text(TABLE)
    asked = find_asked([folder], table="people.tsv", reading=READING)
    rows = asked.people.set_index("participant_id")
    assert rows.loc["P1"].tolist() == [50.0, "F"]
    assert rows.loc["P2"].tolist() == [60.0, "M"]
    # The table may lie where the command is given.
    (folder / "people.tsv").rename(tmp_path / "people.tsv")
    monkeypatch.chdir(tmp_path)
    again = find_asked([folder], table="people.tsv", reading=READING)
    assert again.people.equals(asked.people)


def test_a_table_of_other_columns_is_read_by_its_own(folder):
    (folder / "people.tsv").write_text("participant_id\tage\tsex\nP1\t50\tF\n")
    asked = find_asked([folder], table="people.tsv", reading=READING)
    assert asked.people.set_index("participant_id").loc["P1", "age"] == 50


def test_codes_that_nobody_knows_are_told_with_what_to_write(folder):
    (folder / "people.tsv").write_text("participant_id\tsex\nP1\tblue\nP2\tgreen\n")
    with pytest.raises(ConfigError, match=r"participant_id, age \(years\) and sex"):
        find_asked([folder], table="people.tsv")


def test_files_of_nobody_in_the_table_are_people_of_their_own(folder):
    (folder / "John Doe.edf").write_bytes(b"signals")
    (folder / "people.tsv").write_text(TABLE)
    asked = find_asked([folder], table="people.tsv", reading=READING)
    labels = sorted(asked.people["participant_id"])
    assert labels == ["P1", "P2", "person-01", "person-02"]
    assert sorted(asked.names.values()) == ["Jane Doe.edf", "John Doe.edf"]
    assert not any(one.problem for one in asked.found)


def test_one_label_of_two_data_sets_is_no_proof_of_one_person(tmp_path):
    paths = []
    for name in ("first", "second"):
        path = tmp_path / name / "sub-01" / "eeg" / "sub-01_task-rest_eeg.edf"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"signals")
        paths.append(path)
    with pytest.raises(ConfigError, match="sub-01 is a label of two data sets"):
        find_asked(paths)
    asked = find_asked(paths, stated=Stated("P1"))
    assert asked.people["participant_id"].tolist() == ["P1"]


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        (Stated("../evil"), "cannot name a file"),
        (Stated("a/b"), "cannot name a file"),
        (Stated(".."), "cannot name a file"),
        (Stated("a\nb"), "cannot name a file"),
        (Stated("<b>x"), "cannot name a file"),
        (Stated("", None, "", "a/b"), "condition 'a/b'"),
        (Stated("", -5.0), "age of -5"),
        (Stated("", 200.0), "age of 200"),
        (Stated("", float("inf")), "age of inf"),
        (Stated("", float("nan")), "age of nan"),
        (Stated("", None, "male"), "sex 'male'"),
    ],
)
def test_what_cannot_be_of_anybody_is_refused(tmp_path, stated, sentence):
    (tmp_path / "a.edf").write_bytes(b"signals")
    with pytest.raises(ConfigError, match=sentence):
        find_asked([tmp_path / "a.edf"], stated=stated)


def test_a_condition_is_that_of_files_whose_names_do_not_say_it(kept, tmp_path):
    (tmp_path / "a.edf").write_bytes(b"signals")
    named = kept / "data" / "sub-07" / "eeg" / "sub-07_task-rest_eeg.edf"
    asked = find_asked(
        [tmp_path / "a.edf", named], stated=Stated(condition="eyesclosed")
    )
    assert [one.key.task for one in asked.found] == ["eyesclosed", "rest"]


def test_nothing_is_no_recording():
    with pytest.raises(ConfigError, match="at least one"):
        find_asked([])


def test_a_file_outside_bids_below_a_folder_called_sub_gets_a_number(tmp_path):
    folder = tmp_path / "sub-studies"
    folder.mkdir()
    for name in ("Jane Doe.edf", "John Doe.edf"):
        (folder / name).write_bytes(b"signals")
    asked = find_asked(sorted(folder.iterdir()))
    assert [one.bids_root for one in asked.found] == [None, None]
    assert asked.names == {"person-01": "Jane Doe.edf", "person-02": "John Doe.edf"}
