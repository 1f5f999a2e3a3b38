import numpy as np
import pandas as pd

from neurograft.tasks.matching import match_pairs


def make_people(ages, sexes, patients):
    return pd.DataFrame({"age": ages, "sex": sexes, "is_patient": patients})


def test_pairs_share_sex_and_age_and_use_nobody_twice():
    rng = np.random.default_rng(0)
    people = make_people(
        rng.uniform(20, 80, 120), rng.choice(["F", "M"], 120), rng.random(120) < 0.4
    )
    pairs = match_pairs(people, within_years=2.0)
    assert pairs
    rows = [row for pair in pairs for row in pair]
    assert len(set(rows)) == len(rows)
    for patient, control in pairs:
        assert people["is_patient"][patient]
        assert not people["is_patient"][control]
        assert abs(people["age"][patient] - people["age"][control]) <= 2.0
        assert people["sex"][patient] == people["sex"][control]


def test_as_many_pairs_as_possible_are_found_not_the_nearest_first():
    # Nearest first would give 50 to 50.4 and leave 51.2 alone.
    people = make_people(
        [50.4, 51.2, 50.0 - 0.1, 50.9], ["F"] * 4, [True, True, False, False]
    )
    assert len(match_pairs(people)) == 2


def test_nobody_without_an_age_is_paired():
    people = make_people([np.nan, 50.0], ["F", "F"], [True, False])
    assert match_pairs(people) == []


def test_without_sex_only_age_counts():
    people = make_people([50.0, 50.5], ["F", "M"], [True, False])
    assert match_pairs(people) == []
    assert match_pairs(people.drop(columns="sex")) == [(0, 1)]
