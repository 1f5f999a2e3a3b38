import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols

from neurograft.errors import DataError
from neurograft.evaluation.results.brain_age import (
    compare_gaps,
    correct_out_of_fold,
    describe_gap,
    fit_beheshti,
    fit_cole,
    tabulate_age_bands,
)


def make_people(n=600, seed=0, older_by=10.0, true_gap=0.0, slope=0.6):
    """Predictions shrunk to the mean age, as every model's are; patients are older."""
    rng = np.random.default_rng(seed)
    is_patient = rng.random(n) < 0.4
    age = np.where(is_patient, rng.normal(50 + older_by, 12, n), rng.normal(50, 12, n))
    predicted = 50 + slope * (age - 50) + rng.normal(0, 6, n) + true_gap * is_patient
    sex = rng.choice(["F", "M"], n)
    people = pd.DataFrame(
        {"age": age, "predicted": predicted, "is_patient": is_patient, "sex": sex}
    )
    people["corrected"] = correct_out_of_fold(
        age, predicted, ~is_patient, folds=np.arange(n) % 5
    )
    return people


def r2(y, p):
    return 1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def test_correction_flatters_even_permuted_predictions():
    """The reason why accuracy is never measured on corrected predictions."""
    people = make_people()
    permuted = np.random.default_rng(1).permutation(people["predicted"].to_numpy())
    age = people["age"].to_numpy()
    corrected = fit_beheshti(age, permuted)(age, permuted)
    assert r2(age, permuted) < 0
    assert r2(age, corrected) > r2(age, permuted) + 0.5


def test_sign_of_the_group_difference_can_flip():
    """Patients look younger raw, and older once age is accounted for."""
    differences = {
        d.analysis: d for d in compare_gaps(make_people(n=1500, true_gap=2.5))
    }
    raw, corrected, adjusted, matched = differences.values()
    assert raw.ci_high < 0
    assert corrected.ci_low > 0
    assert adjusted.ci_low > 0
    assert matched.ci_low > 0


def test_no_true_gap_is_none_in_all_but_the_raw_analysis():
    raw, *others = compare_gaps(make_people(seed=3))
    assert raw.p < 0.001
    for one in others:
        assert one.ci_low < 0 < one.ci_high


def test_adjusted_difference_is_that_of_statsmodels():
    people = make_people(true_gap=2.0).assign(site=lambda t: np.arange(len(t)) % 3)
    people["site"] = people["site"].map({0: "a", 1: "b", 2: "c"})
    fit = ols(
        "I(predicted - age) ~ is_patient + age + I(age ** 2) + sex + site", people
    ).fit()
    adjusted = compare_gaps(people)[2]
    name = "is_patient[T.True]"
    assert adjusted.estimate == pytest.approx(fit.params[name])
    assert adjusted.p == pytest.approx(fit.pvalues[name])
    assert adjusted.ci_low == pytest.approx(fit.conf_int().loc[name, 0])
    assert "sex, site" in adjusted.analysis


def test_raw_difference_is_welchs():
    people = make_people()
    gap = people["predicted"] - people["age"]
    test = stats.ttest_ind(
        gap[people["is_patient"]], gap[~people["is_patient"]], equal_var=False
    )
    assert compare_gaps(people)[0].p == pytest.approx(test.pvalue)


def test_too_few_pairs_are_not_tested():
    people = make_people(n=40, older_by=60)
    assert np.isnan(compare_gaps(people)[3].p)


@pytest.mark.parametrize("fit", [fit_beheshti, fit_cole])
def test_corrected_gaps_of_controls_do_not_depend_on_age(fit):
    rng = np.random.default_rng(0)
    age = rng.uniform(20, 80, 2000)
    predicted = 50 + 0.6 * (age - 50) + rng.normal(0, 6, 2000)
    gap = fit(age, predicted)(age, predicted) - age
    assert abs(np.corrcoef(gap, age)[0, 1]) < 0.08
    assert abs(gap.mean()) < 0.3
    assert abs(np.corrcoef(predicted - age, age)[0, 1]) > 0.6


def test_patients_never_shape_the_correction():
    people = make_people()
    moved = people["predicted"].to_numpy() + 20 * people["is_patient"]
    again = correct_out_of_fold(
        people["age"].to_numpy(),
        moved.to_numpy(),
        ~people["is_patient"].to_numpy(),
        folds=np.arange(len(people)) % 5,
    )
    controls = ~people["is_patient"].to_numpy()
    assert again[controls] == pytest.approx(people["corrected"].to_numpy()[controls])


def test_nobodys_own_fold_shapes_their_correction():
    people = make_people()
    folds = np.arange(len(people)) % 5
    moved = people["predicted"].to_numpy().copy()
    moved[folds == 0] += 30
    again = correct_out_of_fold(
        people["age"].to_numpy(), moved, ~people["is_patient"].to_numpy(), folds=folds
    )
    own = folds == 0
    assert again[own] - 30 == pytest.approx(people["corrected"].to_numpy()[own])


def test_predictions_that_fall_with_age_cannot_be_divided_by_their_slope():
    age = np.linspace(20, 80, 50)
    with pytest.raises(DataError, match="do not rise with age"):
        fit_cole(age, 100 - age)


def test_too_few_controls_are_refused():
    age = np.linspace(20, 80, 12)
    with pytest.raises(DataError, match="controls are left"):
        correct_out_of_fold(
            age,
            age + 1,
            np.arange(12) < 8,
            folds=np.arange(12) % 2,
        )


def test_gap_is_described_by_spread_effect_and_what_is_left_of_age():
    people = make_people(true_gap=3.0)
    found = describe_gap(people)
    assert found["d_low"] < found["cohens_d"] < found["d_high"]
    assert found["cohens_d"] == pytest.approx(0.5, abs=0.2)
    assert found["bayes_factor"] > 10
    assert 0.2 < found["detectable_d"] < 0.25  # 600 people: 2.8 (1/n + 1/m)^.5
    assert found["r_age_raw"] < -0.5
    assert abs(found["r_age_corrected"]) < 0.1
    assert found["bayes_factor_age"] < 1 / 3
    wild = people.copy()
    wild.loc[wild["is_patient"], "corrected"] += np.random.default_rng(0).normal(
        0, 15, int(wild["is_patient"].sum())
    )
    assert describe_gap(wild)["levene_p"] < 1e-6


def test_bands_count_everybody_once():
    people = make_people()
    predicted = people["predicted"].to_numpy()
    table = tabulate_age_bands(people["age"].to_numpy(), predicted, predicted + 1)
    np.testing.assert_allclose(table["mean_corrected_gap"], table["mean_gap"] + 1)
    assert table["n"].sum() == len(people)
    mae = (people["predicted"] - people["age"]).abs().mean()
    mean = (table["n"] * table["mean_absolute_error"]).sum() / len(people)
    assert mean == pytest.approx(mae)
