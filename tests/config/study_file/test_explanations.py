"""A mistake in a setting is explained in words of a study file, not of pydantic."""

import re

import pytest
from pydantic import ValidationError

from neurograft.config.study import StudyConfig, read_study
from neurograft.config.study_file.explanations import explain
from neurograft.errors import ConfigError

STUDY = """name = "Mine"
data_folder = "data"
[cohorts.clinic]
folder = "clinic"
[pretraining]
shipped = "tiny"
[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]
"""


def write(folder, text):
    path = folder / "study.toml"
    path.write_bytes(text.encode())
    return path


INTERNAL = re.compile(r"tuple|constrained|literal|valid|Input|\^\[|\\w")


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        (
            "tasks.disease.positive=patient",
            r'positive = "patient": write a list in brac.*, \["p',
        ),
        (
            "evaluation.methods=[5]",
            r"evaluation.methods.1 = 5: write text in quotation",
        ),
        ("pretraining.steps=abc", r'steps = "abc": write a whole number'),
        ("pretraining.steps=1.5", r"steps = 1.5: write a whole number"),
        ("evaluation.controls=perhaps", r"write true or false"),
        (
            "evaluation.windows_per_subject=foo",
            r"write a whole number, or write 'auto'",
        ),
        (
            "evaluation.windows={clinic=-5}",
            r"windows.clinic = -5: it must be at least 1",
        ),
        ("evaluation.n_permutations=1e12", r"it must be at most 1,000,000"),
        ("evaluation.n_bootstraps=1000000000000", r"it must be at most 1,000,000"),
        ("cohorts.clinic.unit_factor=inf", r"write a finite number"),
        ("harmonise.min_duration_s=inf", r"write a finite number"),
        ("harmonise.clip_sd=nan", r"write a finite number"),
        ("cohorts.clinic=5", r"write a section"),
        ("cohorts.clinic.group_pattern=(", r"'\(' is no regular expression"),
        (
            "pretraining.objectives=[{laten=1.0}]",
            r"unknown name .*did you mean 'latent'",
        ),
        ("tasks.disease.kind=foo", r"write 'classification'"),
        (
            "name=Back pain (pilot)",
            r"leave out '\(', '\)', use letters",
        ),
        ("name=", r"use letters, digits, blanks"),
        ("cohorts.clinic.foldr=a", r"unknown setting 'foldr'.*did you mean 'folder'"),
        ("seed=-1", r"it must be at least 0"),
    ],
)
def test_a_mistake_is_explained_in_words_of_a_study_file(tmp_path, override, sentence):
    with pytest.raises(ConfigError, match=sentence) as caught:
        read_study(write(tmp_path, STUDY), [override])
    told = str(caught.value).replace(str(tmp_path), "")
    assert not INTERNAL.search(told.replace("valid TOML", ""))


def test_a_setting_that_is_missing_is_named():
    with pytest.raises(ValidationError) as caught:
        StudyConfig.model_validate({"name": "x"})
    told = explain(caught.value, StudyConfig, "s.toml")
    assert told == "s.toml: setting 'cohorts' is missing; add it."
