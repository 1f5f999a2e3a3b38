"""Statistics are made again from what is written; nothing is fitted for it."""

import pytest

from neurograft.errors import DataError
from neurograft.evaluation import cross_validation
from neurograft.files.tables import read_table
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import describe_evaluation
from neurograft.study.stages.summarise import describe_summary, run_summarise


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


def test_another_protocol_needs_another_evaluation(study, change_evaluation):
    other = Study(change_evaluation(study, n_splits=2))
    assert not describe_evaluation(other).is_current()
    with pytest.raises(DataError, match="out of date; evaluate first"):
        run_summarise(other)


def test_verdicts_hold_a_code_with_its_values(study):
    verdicts = read_table(Study(study).folder("summary") / "verdicts.tsv")
    assert verdicts["code"].str.fullmatch(r"NG\d{3}").all()
    assert verdicts["values"].str.startswith("{").all()
