"""What must be refused is refused, what must be said is said, and nothing else."""

import numpy as np
import pytest

from neurograft.montage.channels import TEN_TWENTY, template_positions
from neurograft.prediction.facts import name_facts
from neurograft.prediction.learned.familiarity import Distances
from neurograft.prediction.person.limits import (
    find_bare_regions,
    find_warnings,
    judge_distance,
)
from neurograft.prediction.person.told import Told

ROW = {"n_channels": 19, "sfreq_hz": 500.0, "reference": "FCz", "task": "rest"}


def list_codes(told):
    return [one.code for one in told]


def test_a_person_like_those_learned_from_is_not_warned_of(made):
    assert find_warnings(50.0, "F", [ROW], made.card()) == []


@pytest.mark.parametrize(
    ("age", "sex", "row", "code"),
    [
        (19.9, "F", {}, "NG711"),
        (70.1, "F", {}, "NG711"),
        (np.nan, "F", {}, "NG712"),
        (50.0, "F", {"n_channels": 32}, "NG714"),
        (50.0, "F", {"sfreq_hz": 512.0}, "NG714"),
        (50.0, "F", {"reference": "linked ears"}, "NG715"),
        (50.0, "F", {"reference": ""}, "NG723"),
        (50.0, "F", {"task": ""}, "NG721"),
    ],
)
def test_one_difference_gives_one_warning(made, age, sex, row, code):
    assert list_codes(find_warnings(age, sex, [ROW | row], made.card())) == [code]


def test_the_ends_of_the_ages_are_inside_and_unknown_ages_of_training_ask_nothing(made):
    assert find_warnings(20.0, "F", [ROW], made.card()) == []
    assert find_warnings(70.0, "F", [ROW], made.card()) == []
    people = made.card().people.model_copy(update={"youngest": None, "oldest": None})
    assert find_warnings(np.nan, None, [ROW], made.card(people=people)) == []


def test_a_sex_nobody_had_is_told_and_an_unknown_one_is_not(made):
    people = made.card().people.model_copy(update={"sexes": {"M": 40}})
    card = made.card(people=people)
    assert list_codes(find_warnings(50.0, "F", [ROW], card)) == ["NG713"]
    assert find_warnings(50.0, None, [ROW], card) == []
    assert find_warnings(50.0, "M", [ROW], card) == []


def test_a_rate_that_differs_by_rounding_is_the_same_device(made):
    assert find_warnings(50.0, "F", [ROW | {"sfreq_hz": 500.2}], made.card()) == []


def test_a_reference_of_the_same_kind_is_known(made):
    row = ROW | {"reference": "Cz"}
    assert find_warnings(50.0, "F", [row], made.card()) == []


def test_a_region_without_electrodes_is_found_and_a_thinner_cap_is_not():
    places = template_positions()

    def find(names):
        return find_bare_regions(TEN_TWENTY, np.array([places[n] for n in names]))

    assert find(TEN_TWENTY) == []
    assert find(("F3", "F4", "T7", "T8", "Cz", "Pz", "O1", "O2")) == []
    assert "occipital" in find([n for n in TEN_TWENTY if n[0] in "FCT"])


def make_distances(distance, **facts):
    z = np.zeros((1, len(name_facts(has_microvolts=True))))
    for place, value in facts.items():
        z[0, int(place[1:])] = value
    return Distances(np.array([distance]), z, np.array([0.5]), np.array([0.0]))


def test_only_a_distance_beyond_the_limit_is_told_with_the_most_unusual_first(made):
    assert judge_distance(make_distances(4.9), 0, 5.0, made.card()) is None
    told = judge_distance(make_distances(9.0, f0=-4.0, f3=6.0), 0, 5.0, made.card())
    assert told.code == "NG716"
    said = told.say()
    assert said.index("delta power is 6.0 SD above") < said.index("amplitude is 4.0 SD")
    assert "below the usual" in said
    assert "most of all in this: " in said
    plain = judge_distance(make_distances(9.0), 0, 5.0, made.card())
    assert "as a whole" in plain.say()
    german = told.say("de")
    assert "der Delta-Anteil 6,0 SD über dem Üblichen" in german
    device = judge_distance(make_distances(9.0, f9=8.0), 0, 5.0, made.card())
    assert "the sampling rate is not the usual one" in device.say()


def test_without_a_limit_it_is_told_that_nobody_can_tell(made):
    told = judge_distance(make_distances(1.0), 0, np.inf, made.card())
    assert told.code == "NG720"
    assert isinstance(told, Told)


def test_what_does_as_well_as_the_eeg_in_the_study_is_warned_of(made):
    rival = {"code": "NG195", "factor": "device", "metric": "AUROC", "alone": 0.9,
             "unit": ""}  # fmt: skip
    method = made.card().method.model_copy(update={"values": {"caution": rival}})
    (told,) = find_warnings(50.0, "F", [ROW], made.card(method=method))
    assert told.code == "NG725"
    assert "device alone does as well as the EEG (AUROC 0.90)" in told.say()
    assert "Gerät" in told.say("de")
    plain = made.card().method.model_copy(update={"values": {"caution": ""}})
    assert find_warnings(50.0, "F", [ROW], made.card(method=plain)) == []


DESIGN = {
    "code": "NG310", "what": "group",
    "factors": [
        {"code": "NG391", "factor": "device", "measure": "AUROC", "value": 0.8,
         "p": 0.01},
    ],
}  # fmt: skip
BLIND = {
    "code": "NG320", "method": "duration", "metric": "AUROC", "value": 0.72,
    "ci_low": 0.6, "ci_high": 0.8, "unit": "", "n": 40, "p_permutation": 0.002,
}  # fmt: skip


def test_what_the_study_warns_of_in_the_task_is_told_of_every_person(made):
    method = made.card().method.model_copy(update={"cautions": (DESIGN, BLIND)})
    design, blind = find_warnings(50.0, "F", [ROW], made.card(method=method))
    assert list_codes([design, blind]) == ["NG727", "NG728"]
    assert "go with the group, too: device (AUROC 0.80, p = 0.010)" in design.say()
    assert "mit der Gruppe einher: Gerät" in design.say("de")
    assert "duration, which knows nothing of the brain, reaches AUROC 0.72" in (
        blind.say()
    )
    assert "0,72 [0,60, 0,80] (n = 40)" in blind.say("de")


@pytest.mark.parametrize(("n_bad", "codes"), [(3, []), (4, ["NG726"])])
def test_a_fifth_of_bad_electrodes_is_warned_of(made, n_bad, codes):
    row = ROW | {"name": "p1", "bads": ", ".join(["Cz (flat)"] * n_bad)}
    told = find_warnings(50.0, "F", [row], made.card())
    assert list_codes(told) == codes
    assert all(f"{n_bad} of 19 electrodes were bad" in one.say() for one in told)


def test_missing_electrodes_that_are_not_named_are_hinted_at(made):
    values = {"name": "p1", "n_missing": 6, "n": 19, "missing": [*"abcde", "…"]}
    assert "(a, b, c, d, e, …)" in Told("NG703", values).say()
