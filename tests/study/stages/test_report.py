"""The report stage: the author's words concern it alone."""

import pytest

from neurograft.config.report import ReportConfig
from neurograft.errors import DataError
from neurograft.study.comparison.compare import describe_comparison
from neurograft.study.opened_study import Study
from neurograft.study.run import list_steps
from neurograft.study.stages import report
from neurograft.study.stages.report import describe_report, run_report


@pytest.fixture(scope="module")
def study(make_small_clinic, tmp_path_factory):
    return make_small_clinic(tmp_path_factory.mktemp("words"))


TOLD = (
    {"ethics": "Approved by the committee of the clinic."},
    {"language": "de"},
    {"prevalence": 0.02, "prevalence_source": "a survey"},
)


@pytest.mark.parametrize("told", TOLD, ids=lambda told: next(iter(told)))
def test_a_changed_sentence_refits_nothing(study, told):
    changed = study.model_copy(update={"report": ReportConfig(**told)})
    before, after = (
        {step.name: step.describe().fingerprint for step in list_steps(Study(one))}
        for one in (study, changed)
    )
    read_by = {"summarise", "report"} if "prevalence" in told else {"report"}
    assert {name for name in before if before[name] != after[name]} == read_by
    marks = [describe_comparison(Study(one)).fingerprint for one in (study, changed)]
    assert marks[0] == marks[1]


def test_words_of_the_author_are_written_beside_the_page(study):
    changed = study.model_copy(update={"report": ReportConfig(**TOLD[0])})
    assert describe_report(Study(changed)).settings["report"]["ethics"].startswith("A")


def test_a_table_of_a_cohort_that_is_gone_or_changed_is_named(study, monkeypatch):
    monkeypatch.setattr(
        report, "is_as_written", lambda folder: folder.parent.name != "cohorts"
    )
    with pytest.raises(DataError, match=r"cohorts/\w+ is missing, or was changed"):
        run_report(Study(study))
