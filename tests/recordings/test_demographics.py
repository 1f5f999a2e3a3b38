"""Participants tables as they really are."""

import numpy as np
import pytest

from neurograft.config import CohortConfig
from neurograft.errors import ConfigError, DataError
from neurograft.recordings.demographics import read_demographics, read_participants

COHORT = CohortConfig(folder="x")


def write(folder, text, name="participants.tsv", encoding="utf-8"):
    (folder / name).write_text(text, encoding=encoding)


def test_ages_are_years_and_impossible_ones_are_missing(tmp_path):
    write(
        tmp_path,
        "participant_id\tage\tsex\nsub-1\t65,5\tf\nsub-2\t0\tM\n"
        "sub-3\tn/a\tFemale\nsub-4\t130\tmale\nsub-5\t89+\tn/a\n",
    )
    people = read_demographics(tmp_path, COHORT)
    assert people["age"].iloc[0] == 65.5
    assert people["age"].isna().tolist() == [False, True, True, True, True]
    assert people["sex"].tolist()[:4] == ["F", "M", "F", "M"]
    assert people["sex"].isna().tolist()[4]


def test_sex_codes_are_never_guessed(tmp_path):
    write(tmp_path, "participant_id\tsex\nsub-1\t1\nsub-2\t2\nsub-3\t1\n")
    with pytest.raises(ConfigError, match=r"'1' x 2, '2' x 1: say what they mean"):
        read_demographics(tmp_path, COHORT)
    told = CohortConfig(folder="x", sex_codes={"1": "M", "2": "F"})
    assert read_demographics(tmp_path, told)["sex"].tolist() == ["M", "F", "M"]


def test_a_byte_order_mark_spaces_and_other_names_are_read(tmp_path):
    write(
        tmp_path,
        "ID, AGE ,Gender\n A1 , 30 ,f\n",
        name="people.csv",
        encoding="utf-8-sig",
    )
    cohort = CohortConfig(
        folder="x", table="people.csv", participant_column="ID",
        age_column="AGE", sex_column="Gender",
    )  # fmt: skip
    people = read_demographics(tmp_path, cohort)
    assert people.values.tolist() == [["A1", 30.0, "F"]]


def test_a_table_without_age_and_sex_gives_unknown(tmp_path):
    write(tmp_path, "participant_id\tgroup\nsub-1\tA\n")
    people = read_demographics(tmp_path, COHORT)
    assert np.isnan(people["age"].iloc[0])
    assert people["sex"].isna().all()


def test_repeated_rows_must_agree(tmp_path):
    write(tmp_path, "participant_id\tage\nsub-1\t30\nsub-1\t30\n")
    assert len(read_demographics(tmp_path, COHORT)) == 1
    write(tmp_path, "participant_id\tage\nsub-1\t30\nsub-1\t31\n")
    with pytest.raises(DataError, match="sub-1 has rows that disagree"):
        read_demographics(tmp_path, COHORT)


def test_a_missing_table_or_column_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match="There is no table"):
        read_participants(tmp_path, COHORT)
    write(tmp_path, "name\tage\nx\t3\n")
    with pytest.raises(
        DataError, match=r"no column 'participant_id'; found .'name', 'age'."
    ):
        read_participants(tmp_path, COHORT)
    (tmp_path / "participants.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="is not a table in UTF-8"):
        read_participants(tmp_path, COHORT)
