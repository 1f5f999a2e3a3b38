"""What neurograft knows of public data sets: complete, consistent, and right."""

import pandas as pd
import pytest

from neurograft.cohorts.ages import parse_ages
from neurograft.cohorts.demographics import parse_sexes
from neurograft.cohorts.participants import read_participants
from neurograft.config.cards import find_overlaps, list_cards, read_card, say_card
from neurograft.config.cohort import CohortConfig
from neurograft.config.study import StudyConfig, read_study
from neurograft.errors import ConfigError
from neurograft.files.written_tables import read_cells

CARDS = list_cards()
WITHOUT_KEY = ("ds003474", "ds003478", "ds003522", "ds004186")


def test_the_data_sets_of_the_field_and_the_five_cohorts_are_known():
    assert len(CARDS) >= 25
    assert {
        "adhd_children", "ds004504_dementia", "eegmat", "guinea_bissau_epilepsy",
        "ssvep_exo", "m45j2", "tdbrain", "tuab", "lemon", "ds005385", "nmt", "caueeg",
    } <= set(CARDS)  # fmt: skip


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_complete_and_its_settings_are_settings(name):
    card = read_card(name)
    settings = CohortConfig(folder="x", card=name)
    for key, value in card.cohort.items():
        found = settings.model_dump(mode="json")[key]
        assert found == value or key == "conditions"
    assert card.licence
    assert card.citation
    assert card.source.how
    assert (card.source.kind == "manual") == (card.source.identifier == "")
    for overlap in card.overlaps:
        if overlap.name in CARDS:
            assert name in find_overlaps(overlap.name)
    assert any(line.startswith(f"[cohorts.{name}]") for line in say_card(name))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ds003474", "ds003478"),
        ("ds004504", "ds006036"),
        ("ds003490", "ds003506"),
        ("tuab", "tueg"),
        ("ds005505", "ds005509"),
    ],
)
def test_the_same_people_under_two_names_are_told_from_both_sides(one, other):
    assert other in find_overlaps(one)
    assert one in find_overlaps(other)


def test_an_unknown_card_names_similar_ones():
    with pytest.raises(ConfigError, match=r"no card 'ds00450'; did you mean ds00450"):
        read_card("ds00450")


def test_the_study_wins_over_the_card_and_says_unknown_cards(tmp_path):
    text = """
    name = "x"
    [cohorts.a]
    folder = "a"
    card = "{card}"
    sex_column = "mine"
    [cohorts.b]
    folder = "b"
    [tasks.t]
    kind = "regression"
    cohort = "b"
    column = "age"
    """
    path = tmp_path / "study.toml"
    path.write_text(text.format(card="ds004504"))
    study: StudyConfig = read_study(path)
    cohort = study.cohorts["a"]
    assert (cohort.age_column, cohort.sex_column) == ("Age", "mine")
    path.write_text(text.format(card="ds9"))
    with pytest.raises(ConfigError, match="There is no card 'ds9'"):
        read_study(path)


@pytest.mark.real_data
def test_cards_fit_the_tables_as_published(real_data):
    index = pd.read_csv(real_data / "demographics/index.tsv", sep="\t", dtype=str)
    known = index[index["id"].isin(CARDS)].set_index("id")
    assert len(known) >= 15
    for name, facts in known.iterrows():
        table = read_cells(real_data / f"demographics/{name}.tsv")
        settings = CohortConfig(folder="x", card=str(name), table=f"{name}.tsv")
        ages = parse_ages(table, settings.age_column)
        assert ages.notna().sum() == int(facts["n_with_age"]), name
        assert ages.mean() == pytest.approx(float(facts["age_mean"]), abs=0.06), name
        assert read_card(str(name)).n_subjects == int(facts["n"])
        if name in WITHOUT_KEY:
            with pytest.raises(ConfigError, match="say what they mean"):
                parse_sexes(table, settings)
        else:
            counts = parse_sexes(table, settings).value_counts()
            assert counts.sum() >= int(facts["n"]) - 8, name


@pytest.mark.real_data
def test_a_group_that_is_only_in_the_label_becomes_a_column(real_data):
    settings = CohortConfig(folder="x", card="ds002778", table="ds002778.tsv")
    table = read_participants(real_data / "demographics", settings)
    assert table["group"].value_counts().to_dict() == {"hc": 16, "pd": 15}
