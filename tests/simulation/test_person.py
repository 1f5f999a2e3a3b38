"""Age, sex and disease change the rhythms as planted."""

import numpy as np
import pandas as pd
import pytest

from neurograft.simulation.person import draw_person


def test_the_disease_slows_alpha_and_raises_theta_and_can_be_absent():
    def draw(effect):
        rng = np.random.default_rng(0)
        people = [
            draw_person(
                rng, age=50, sex="F", is_patient=i % 2 == 0, disease_effect=effect
            )
            for i in range(2000)
        ]
        table = pd.DataFrame([vars(p) for p in people]).groupby("is_patient")
        return table[["alpha_hz", "theta", "exponent"]].mean().diff().loc[True]

    planted, absent = draw(1.0), draw(0.0)
    assert planted["alpha_hz"] == pytest.approx(-0.5, abs=0.08)
    assert planted["theta"] == pytest.approx(0.6, abs=0.06)
    np.testing.assert_allclose(absent, 0, atol=0.08)
