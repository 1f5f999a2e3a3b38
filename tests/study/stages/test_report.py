"""The report stage: the author's words concern it alone."""

import pytest

from neurograft.config.report import ReportConfig
from neurograft.study.comparison.compare import describe_comparison
from neurograft.study.opened_study import Study
from neurograft.study.run import list_steps
from neurograft.study.stages.report import describe_report


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
