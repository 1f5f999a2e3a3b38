"""Statistics are made again from what is written; nothing is fitted for it."""

import numpy as np
import pytest

from neurograft.config.report import ReportConfig
from neurograft.config.tasks import TaskConfig
from neurograft.errors import DataError
from neurograft.evaluation import cross_validation
from neurograft.features.person_spectra import describe_person
from neurograft.files.tables import read_table
from neurograft.study import measured_spectra
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import describe_evaluation
from neurograft.study.stages.shift import describe_shift
from neurograft.study.stages.summarise import (
    describe_summary,
    find_prevalences,
    run_summarise,
)


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory, evaluate):
    settings = make_study(
        tmp_path_factory.mktemp("summarised"), tasks=("disease", "brain_age"),
        methods=["dummy", "band-power", "random-encoder", "encoder"], controls=False,
    )  # fmt: skip
    evaluate(settings)
    return settings


def read_all(study, kind):
    folder = Study(study).folder(kind)
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.*"))}


def test_other_resamples_refit_nothing(study, change_evaluation, monkeypatch):
    def refuse(*arguments):
        raise AssertionError("something was fitted")

    monkeypatch.setattr(cross_validation, "predict_fold", refuse)
    fitted = read_all(study, "evaluation")
    before = read_all(study, "summary")
    more = Study(change_evaluation(study, n_bootstraps=150, equivalence_margin=0.2))
    assert describe_evaluation(more).is_current()
    assert not describe_summary(more).is_current()
    run_summarise(more)
    assert describe_summary(more).is_current()
    assert read_all(study, "evaluation") == fitted
    after = read_all(study, "summary")
    assert set(after) == set(before)
    assert after["results.tsv"] != before["results.tsv"]
    run_summarise(Study(study))  # and back again, to the last bit
    again = read_all(study, "summary")
    assert {k: v for k, v in again.items() if k.endswith(".tsv")} == {
        k: v for k, v in before.items() if k.endswith(".tsv")
    }


def declare(study, share, **words):
    told = {"prevalence": share, "prevalence_source": "a survey", **words}
    return study.model_copy(update={"report": ReportConfig(**told)})


def read_summary(study, name):
    return read_table(Study(study).folder("summary") / f"{name}.tsv")


def test_conditions_of_one_person_and_numbers_have_no_prevalence(study):
    assert find_prevalences(declare(study, 0.02)) == {"disease": 0.02}
    eyes = TaskConfig(
        kind="contrast", cohort="clinic", bids_tasks=["open"], against_tasks=["closed"]
    )
    other = declare(study, 0.02).model_copy(update={"tasks": {"eyes": eyes}})
    assert find_prevalences(other) == {}


def test_a_prevalence_adds_predictive_values_and_refits_nothing(study):
    before = read_all(study, "summary")
    shift = describe_shift(Study(study)).fingerprint
    assert set(read_summary(study, "operating")["measure"]) == {
        "sensitivity", "specificity",
    }  # fmt: skip
    rare, other = declare(study, 0.02), declare(study, {"disease": 0.3})
    for changed in (rare, other):
        assert describe_evaluation(Study(changed)).is_current()
        assert not describe_summary(Study(changed)).is_current()
        run_summarise(Study(changed))
        table = read_summary(study, "operating")
        assert {"PPV", "NPV"} <= set(table["measure"])
        assert set(read_summary(study, "net_benefit")["task"]) == {"disease"}
    assert table["prevalence"].dropna().unique().tolist() == [0.3]
    same = declare(study, {"disease": 0.3}, setting="A clinic.", language="de")
    assert describe_summary(Study(same)).is_current()
    assert describe_shift(Study(other)).fingerprint == shift
    run_summarise(Study(study))
    again = read_all(study, "summary")
    assert {k: v for k, v in again.items() if k.endswith(".tsv")} == {
        k: v for k, v in before.items() if k.endswith(".tsv")
    }


def test_tables_behind_the_results_agree_with_them(study):
    roc, results = (read_summary(study, name) for name in ("roc", "results"))
    aurocs = results[results["metric"] == "AUROC"].set_index(["task", "method"])[
        "value"
    ]
    assert set(roc["task"]) == {"disease"}
    for key, curve in roc.groupby(["task", "method"]):
        assert len(curve) == 101
        area = np.trapezoid(curve["sensitivity"], curve["false_positive_rate"])
        assert area == pytest.approx(aurocs[key], abs=0.006)
    answers = read_summary(study, "answers")
    predictions = read_table(Study(study).folder("evaluation") / "predictions.tsv")
    key = ["task", "method", "cohort", "participant_id", "view"]
    expected = predictions.groupby(key)["score"].mean()
    found = answers.set_index(key)["answer"].loc[expected.index]
    np.testing.assert_allclose(found, expected)
    assert not {"age", "sex", "site", "name", "date"} & set(answers)
    patterns = read_summary(study, "patterns")
    assert set(patterns["task"]) == {"disease", "brain_age"}
    assert (patterns.groupby(["task", "method"]).size() == 30).all()
    assert patterns["value"].between(-1, 1).all()


def test_everybody_is_measured_once(study, monkeypatch):
    calls = []

    def count(*arguments, **settings):
        calls.append(arguments)
        return describe_person(*arguments, **settings)

    monkeypatch.setattr(measured_spectra, "describe_person", count)
    opened = Study(study)
    run_summarise(opened)
    people = [(v, who) for v in opened.views for who in opened.view(v).people]
    assert len(calls) <= len(people)


def test_another_protocol_needs_another_evaluation(study, change_evaluation):
    other = Study(change_evaluation(study, n_splits=2))
    assert not describe_evaluation(other).is_current()
    with pytest.raises(DataError, match="out of date; evaluate first"):
        run_summarise(other)


def test_verdicts_hold_a_code_with_its_values(study):
    verdicts = read_table(Study(study).folder("summary") / "verdicts.tsv")
    assert verdicts["code"].str.fullmatch(r"NG\d{3}").all()
    assert verdicts["values"].str.startswith("{").all()
