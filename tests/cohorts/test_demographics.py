"""Participants tables as they really are."""

import numpy as np
import pandas as pd
import pytest

from neurograft.cohorts.ages import note_ages
from neurograft.cohorts.demographics import parse_demographics, parse_sexes
from neurograft.cohorts.participants import read_participants
from neurograft.config.cohort import CohortConfig
from neurograft.errors import ConfigError, DataError

COHORT = CohortConfig(folder="x")


def read_demographics(folder, settings):
    return parse_demographics(read_participants(folder, settings), settings)


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
    assert people["age"].isna().tolist() == [False, True, True, True, False]
    assert people["age"].iloc[4] == 89.0
    assert people["sex"].tolist()[:4] == ["F", "M", "F", "M"]
    assert people["sex"].isna().tolist()[4]


def test_sex_codes_are_never_guessed(tmp_path):
    write(tmp_path, "participant_id\tsex\nsub-1\t1\nsub-2\t2\nsub-3\t1\n")
    with pytest.raises(ConfigError, match=r"'1' x 2, '2' x 1: say what they mean"):
        read_demographics(tmp_path, COHORT)
    told = CohortConfig(folder="x", sex_codes={"1": "M", "2": "F"})
    assert read_demographics(tmp_path, told)["sex"].tolist() == ["M", "F", "M"]


@pytest.mark.parametrize("word", ["diverse", "D", "x", "Divers", "non-binary", "?"])
def test_a_word_for_neither_sex_leaves_it_open(tmp_path, word):
    write(tmp_path, f"participant_id\tsex\nsub-1\tF\nsub-2\tM\nsub-3\t{word}\n")
    sexes = read_demographics(tmp_path, COHORT)["sex"]
    assert sexes.tolist()[:2] == ["F", "M"]
    assert sexes.isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("female", "male"),
    [("weiblich", "männlich"), ("Frau", "Mann"), ("w", "m"), ("femme", "homme")],
)
def test_words_of_other_languages_are_known(tmp_path, female, male):
    write(tmp_path, f"participant_id\tsex\nsub-1\t{female}\nsub-2\t{male}\n")
    assert read_demographics(tmp_path, COHORT)["sex"].tolist() == ["F", "M"]


def test_a_code_may_mean_that_the_sex_is_open(tmp_path):
    write(tmp_path, "participant_id\tsex\nsub-1\t1\nsub-2\t2\nsub-3\t3\n")
    told = CohortConfig(folder="x", sex_codes={"1": "M", "2": "F", "3": "n/a"})
    sexes = read_demographics(tmp_path, told)["sex"]
    assert sexes.tolist()[:2] == ["M", "F"]
    assert sexes.isna().tolist()[2]


def test_ages_and_sexes_may_be_left_open(tmp_path):
    write(tmp_path, "participant_id\tage\tsex\nsub-1\t30\tF\nsub-2\t40\tM\n")
    people = read_demographics(
        tmp_path, CohortConfig(folder="x", age_column="", sex_column="")
    )
    assert people[["age", "sex"]].isna().all(axis=None)


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
        DataError, match="no column 'participant_id' .* participant_column .* name, age"
    ):
        read_participants(tmp_path, COHORT)
    (tmp_path / "participants.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="is not a table in UTF-8"):
        read_participants(tmp_path, COHORT)


@pytest.mark.parametrize(
    ("setting", "named", "meant"),
    [
        ("site_column", "centre", "; the nearest is 'center'."),
        ("site_column", "ward", "name one of these"),
        ("age_column", "years", "name one of these"),
        ("sex_column", "female", "name one of these"),
        ("file_column", "recordings", "; the nearest is 'recording'."),
    ],
)
def test_a_column_that_the_cohort_names_must_be_there(tmp_path, setting, named, meant):
    write(tmp_path, "participant_id\tcenter\trecording\nsub-1\tA\tx.edf\n")
    with pytest.raises(ConfigError) as caught:
        read_participants(tmp_path, CohortConfig(folder="x", **{setting: named}))
    said = str(caught.value)
    assert f"has no column {named!r}, which {setting} names" in said
    assert "found participant_id, center, recording" in said
    assert meant in said
    assert len(read_participants(tmp_path, COHORT)) == 1


def test_columns_are_found_as_they_are_read(tmp_path):
    """In other cases, as `gender`, from a group pattern, or not at all if empty."""
    write(tmp_path, "participant_id\tAGE\tgender\nsub-a1\t30\tf\n")
    settings = {
        "age_column": "age", "sex_column": "sex", "site_column": "site",
        "group_pattern": "sub-(?P<site>[a-z]+)",
    }  # fmt: skip
    table = read_participants(tmp_path, CohortConfig(folder="x", **settings))
    assert table["site"].tolist() == ["a"]
    settings |= {"site_column": "", "group_pattern": ""}
    assert len(read_participants(tmp_path, CohortConfig(folder="x", **settings))) == 1


def read(folder, text, name="participants.tsv", encoding="utf-8", **settings):
    write(folder, text, name, encoding)
    return read_demographics(folder, CohortConfig(folder="x", table=name, **settings))


def test_semicolons_decimal_commas_and_latin_1_are_read(tmp_path):
    people = read(
        tmp_path,
        "participant_id;age;sex;Größe\nsub-1;41,5;w;1,80\nsub-2;30;m;1,70\n",
        name="people.csv",
        encoding="latin-1",
    )
    assert people.values.tolist() == [["sub-1", 41.5, "F"], ["sub-2", 30.0, "M"]]


def test_an_excel_table_is_read_as_text(tmp_path):
    path = tmp_path / "people.xlsx"
    pd.DataFrame(
        {"ID": ["001", "002"], "Age": [41.5, None], "Sex": ["f", "m"]}
    ).to_excel(path, index=False)
    cohort = CohortConfig(folder="x", table="people.xlsx", participant_column="ID")
    people = read_demographics(tmp_path, cohort)
    assert people["participant_id"].tolist() == ["001", "002"]
    assert people["age"].tolist()[0] == 41.5
    assert people["sex"].tolist() == ["F", "M"]
    path.write_bytes(b"no workbook")
    with pytest.raises(DataError, match="is not a table"):
        read_demographics(tmp_path, cohort)


def test_an_excel_table_without_its_reader_says_what_to_install(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise ImportError("openpyxl")

    (tmp_path / "people.xlsx").write_bytes(b"x")
    monkeypatch.setattr(pd, "read_excel", fail)
    with pytest.raises(DataError, match=r"pip install 'neurograft.excel.', or save"):
        read_participants(tmp_path, CohortConfig(folder="x", table="people.xlsx"))


@pytest.mark.parametrize("column", ["Age", "AGE", " age "])
@pytest.mark.parametrize("sex", ["Sex", "gender", "GENDER"])
def test_columns_are_found_in_any_case(tmp_path, column, sex):
    people = read(tmp_path, f"participant_id\t{column}\t{sex}\nsub-1\t30\tF\n")
    assert people.values.tolist() == [["sub-1", 30.0, "F"]]


def test_two_columns_that_differ_in_case_are_not_chosen_between(tmp_path):
    people = read(tmp_path, "participant_id\tAge\tAGE\nsub-1\t30\t31\n")
    assert np.isnan(people["age"].iloc[0])


def test_bins_count_as_their_middle(tmp_path):
    people = read(
        tmp_path, "participant_id\tage\nsub-1\t20-25\nsub-2\t70 - 75\nsub-3\t-5\n"
    )
    assert people["age"].tolist()[:2] == [22.5, 72.5]
    assert np.isnan(people["age"].iloc[2])


def test_ages_above_89_are_capped_on_request_only(tmp_path):
    text = "participant_id\tage\nsub-1\t93\nsub-2\t89\nsub-3\t20\n"
    assert read(tmp_path, text)["age"].tolist() == [93, 89, 20]
    assert read(tmp_path, text, cap_age=True)["age"].tolist() == [89, 89, 20]


def test_what_is_odd_about_ages_is_said_with_counts():
    ages = ["20-25", "0", "n/a", None, "93", "old", "41,5"]
    table = pd.DataFrame({"Age": pd.Series(ages, dtype=object).replace("n/a", None)})
    assert note_ages(table, "age") == [
        "2 ages are missing",
        "2 ages cannot be (0, negative, over 120, a code such as 99, or no number)",
        "1 age is read from a bin: its middle is taken",
        "1 age is over 89, which identifies people: set cap_age",
    ]
    dated = pd.DataFrame({"age": ["17.03.1961", "1961-03-17", "3/17/61", "40"]})
    assert note_ages(dated, "age") == [
        "3 ages are written as a date, perhaps of birth: give the age at the recording "
        "in years, and no date of birth"
    ]
    assert note_ages(table, "years") == ["no column 'years': ages are unknown"]


def test_groups_that_are_only_in_the_label_become_columns(tmp_path):
    write(tmp_path, "participant_id\tage\nFMpa01\t40\nNCCPhc02\t41\n")
    pattern = "^(?P<study>FM|NCCP)(?P<group>pa|hc)"
    cohort = CohortConfig(folder="x", group_pattern=pattern)
    table = read_participants(tmp_path, cohort)
    assert table["group"].tolist() == ["pa", "hc"]
    assert table["study"].tolist() == ["FM", "NCCP"]
    for useless in ("(?P<group>zz)", "(pa)"):
        with pytest.raises(DataError, match="needs a named group"):
            read_participants(tmp_path, CohortConfig(folder="x", group_pattern=useless))


def test_rows_without_a_label_are_no_people(tmp_path):
    people = read(tmp_path, "participant_id\tage\nsub-1\t30\n\t\nn/a\t31\n")
    assert people["participant_id"].tolist() == ["sub-1"]


@pytest.mark.real_data
def test_every_published_table_is_read_or_asks_for_sex_codes(real_data):
    folder = real_data / "demographics"
    tables = sorted(folder.glob("ds*.tsv"))
    assert len(tables) == 33
    asked = []
    for path in tables:
        cohort = CohortConfig(folder="x", table=path.name)
        table = read_participants(folder, cohort)
        assert len(table) > 10
        try:
            parse_sexes(table, cohort)
        except ConfigError:
            asked.append(path.stem)
    assert asked == ["ds003474", "ds003478", "ds003522", "ds004186", "ds004796"]
