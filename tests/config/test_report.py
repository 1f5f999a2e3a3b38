"""`[report]`: words of the author, and what they must not be."""

import pytest
from pydantic import ValidationError

from neurograft.config.report import ReportConfig


def test_everything_is_optional_and_blank():
    told = ReportConfig().model_dump(exclude={"language", "prevalence"})
    assert set(told.values()) == {""}


def test_blanks_say_nothing():
    assert ReportConfig(ethics=" \n\t ").ethics == ""


def test_a_prevalence_needs_its_source():
    with pytest.raises(ValidationError, match=r"report\.prevalence_source"):
        ReportConfig(prevalence=0.1)


@pytest.mark.parametrize("share", [0, 1, -0.1, 2.0, {"disease": 1.5}])
def test_a_prevalence_lies_between_none_and_all(share):
    with pytest.raises(ValidationError):
        ReportConfig(prevalence=share, prevalence_source="a survey")


def test_one_prevalence_is_that_of_every_task():
    told = ReportConfig(prevalence=0.1, prevalence_source="a survey")
    assert told.find_prevalence("disease") == told.find_prevalence("other") == 0.1
    assert ReportConfig().find_prevalence("disease") is None
