"""Patients and controls are drawn until age and sex are balanced."""

import numpy as np
import pandas as pd
import pytest

from neurograft.errors import DesignError
from neurograft.tasks.matching import draw_matched, judge_balance


def make_clinic(rng, n=60, apart=0.0):
    return pd.DataFrame(
        {
            "age": np.concatenate(
                [rng.normal(50, 12, n), rng.normal(50 + apart, 12, n)]
            ),
            "sex": rng.choice(["F", "M"], 2 * n),
            "is_patient": np.repeat([False, True], n),
        }
    )


def test_matched_draws_respect_caliper_and_sex_and_differ():
    people = make_clinic(np.random.default_rng(7), apart=4.0)
    draws = draw_matched(people, n_draws=5, within_years=2.0, seed=1)
    assert len(draws) == 5
    for draw in draws:
        rows = np.array(draw.pairs)
        assert people["is_patient"].to_numpy()[rows[:, 0]].all()
        assert not people["is_patient"].to_numpy()[rows[:, 1]].any()
        ages = people["age"].to_numpy()[rows]
        assert np.abs(ages[:, 0] - ages[:, 1]).max() <= 2.0
        sexes = people["sex"].to_numpy()[rows]
        assert (sexes[:, 0] == sexes[:, 1]).all()
        assert len(set(rows.ravel())) == rows.size
        assert draw.balance.bf_age < 1 / 3
        assert draw.balance.bf_sex < 1 / 3
    assert len({tuple(map(tuple, draw.pairs)) for draw in draws}) == 5
    again = draw_matched(people, n_draws=5, within_years=2.0, seed=1)
    assert [d.pairs for d in again] == [d.pairs for d in draws]


def test_matching_respects_the_site():
    people = make_clinic(np.random.default_rng(8))
    people["site"] = np.tile(["a", "b", "c"], 40)
    draws = draw_matched(people, n_draws=2, within_years=3.0)
    for draw in draws:
        rows = np.array(draw.pairs)
        sites = people["site"].to_numpy()[rows]
        assert (sites[:, 0] == sites[:, 1]).all()


def test_groups_that_do_not_overlap_are_refused():
    people = make_clinic(np.random.default_rng(9), n=15, apart=200.0)
    with pytest.raises(DesignError, match="hardly overlap"):
        draw_matched(people, max_tries=20)


def test_balance_is_judged_against_means_and_shares():
    people = pd.DataFrame({"age": [60.0, 61, 62, 63, 20, 21, 22, 23],
                           "sex": ["F"] * 4 + ["M"] * 4})  # fmt: skip
    balance = judge_balance(people, [(0, 4), (1, 5), (2, 6), (3, 7)])
    assert balance.bf_age > 10
    assert balance.bf_sex > 3
    assert not balance.is_balanced
