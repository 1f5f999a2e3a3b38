"""A mixed model of two sessions is a paired comparison."""

import numpy as np
import pandas as pd
import pytest

from neurograft.errors import DataError
from neurograft.statistics.mixed_model import fit_mixed_model


def make_sessions(effect=0.0, n=60, seed=0):
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n), 2)
    session = np.tile([0.0, 1.0], n)
    score = rng.normal(0, 2, n)[person] + effect * session + rng.normal(0, 0.5, 2 * n)
    return pd.DataFrame(
        {"participant_id": person, "session": session, "score": score, "age": 50.0}
    ).assign(age=np.repeat(rng.uniform(20, 80, n), 2))


def test_balanced_sessions_give_the_paired_difference():
    table = make_sessions(effect=0.6)
    found = fit_mixed_model(table, outcome="score", effect="session")
    wide = table.pivot(index="participant_id", columns="session", values="score")
    difference = wide[1.0] - wide[0.0]
    assert found.estimate == pytest.approx(difference.mean(), abs=1e-6)
    error = difference.std() / np.sqrt(len(difference))
    assert (found.ci_high - found.ci_low) / 2 / 1.96 == pytest.approx(error, rel=0.02)
    assert found.p < 0.001
    assert found.between_share == pytest.approx(4 / 4.25, abs=0.05)


def test_an_effect_between_people_is_found():
    table = make_sessions()
    table["score"] += 0.5 * table["age"]
    found = fit_mixed_model(table, outcome="score", effect="age")
    assert found.estimate == pytest.approx(0.5, abs=0.05)


def test_people_with_one_recording_each_are_refused():
    table = make_sessions().drop_duplicates("participant_id")
    with pytest.raises(DataError, match="recorded more than once"):
        fit_mixed_model(table, outcome="score", effect="session")
