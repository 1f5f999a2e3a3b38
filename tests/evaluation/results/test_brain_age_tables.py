"""Gaps of people whose predictions lie on a line are known without computing."""

import numpy as np
import pytest

from neurograft.evaluation.results.brain_age_tables import tabulate_brain_age

N = 80
AGE = np.linspace(25, 75, N)
IS_PATIENT = np.arange(N) % 3 == 0
NOISE = 1e-3 * np.random.default_rng(0).normal(size=(2, N))


@pytest.fixture
def tabulate(evaluate_by_hand):
    def run(scores, name="riemann"):
        evaluated = evaluate_by_hand(
            "regression",
            AGE,
            {"dummy": np.full(np.shape(scores), 50.0), name: scores},
            is_reference=~IS_PATIENT,
        )
        return tabulate_brain_age(evaluated, name)

    return run


def lines(*slopes_and_gaps):
    """Predictions on a line through 50 years; patients lie above it by a gap."""
    return np.array(
        [
            50 + slope * (AGE - 50) + gap * IS_PATIENT + noise
            for (slope, gap), noise in zip(slopes_and_gaps, NOISE, strict=False)
        ]
    )


def test_gaps_are_corrected_within_every_repeat_and_then_averaged(tabulate):
    """To correct the mean of the repeats would give 4.5 and 6 years."""
    people = tabulate(lines((0.5, 5.0), (1.0, 4.0)))["brain_age_gaps"]
    for name, gap in (("Beheshti", 4.5), ("Cole", (5 / 0.5 + 4 / 1.0) / 2)):
        found = people[f"corrected_{name}"] - people["age"]
        np.testing.assert_allclose(found[people["is_patient"]], gap, atol=0.02)
        np.testing.assert_allclose(found[~people["is_patient"]], 0, atol=0.02)
    np.testing.assert_allclose(people["age"], AGE)
    np.testing.assert_allclose(people["predicted"], lines((0.75, 4.5))[0], atol=0.01)


def test_analyses_stand_beside_each_other_for_both_corrections(tabulate):
    table = tabulate(lines((0.5, 5.0)))["brain_age"]
    assert table["correction"].value_counts().to_dict() == {"Beheshti": 4, "Cole": 4}
    corrected = table.groupby("correction")["estimate"].nth(1)
    np.testing.assert_allclose(corrected, [5, 10], atol=0.02)
    assert (table[["task", "method"]] == ["hand", "riemann"]).all(axis=None)


def test_a_falling_line_cannot_be_undone_and_is_said_so(tabulate):
    found = tabulate(lines((-0.2, 1.0)))
    last = found["brain_age"].iloc[-1]
    assert last["correction"] == "Cole"
    assert last["analysis"].startswith("not possible: Predicted ages do not rise")
    assert "corrected_Cole" not in found["brain_age_gaps"]
    assert "corrected_Beheshti" in found["brain_age_gaps"]


def test_who_was_not_tested_in_every_repeat_is_left_out(tabulate):
    scores = lines((0.5, 5.0), (0.5, 5.0))
    scores[1, 7] = np.nan
    people = tabulate(scores)["brain_age_gaps"]
    assert len(people) == N - 1
    assert "p007" not in set(people["participant_id"])


def test_bands_show_the_uncorrected_error_of_the_healthy(tabulate):
    bands = tabulate(lines((0.5, 5.0)))["brain_age_bands"].set_index("band")
    healthy = ~IS_PATIENT & (AGE >= 60) & (AGE < 70)
    row = bands.loc["[60, 70)"]
    assert row["n"] == healthy.sum()
    expected = (0.5 * (AGE - 50))[healthy].mean()
    assert row["mean_gap"] == pytest.approx(-expected, abs=0.01)
    assert row["mean_absolute_error"] == pytest.approx(expected, abs=0.01)
    assert bands["n"].sum() == (~IS_PATIENT).sum()
