"""The template of a study file: valid TOML, complete, and true to the defaults."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from neurograft.cli.template import write_template, write_value
from neurograft.config.section import list_settings
from neurograft.config.study import StudyConfig, read_study

FILLED_IN = """
[cohorts.public]
folder = "public"
[cohorts.clinic]
folder = "clinic"
[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]
"""


@pytest.fixture(scope="module")
def lines():
    return list(write_template(StudyConfig))


def uncomment(lines):
    """Take the # from settings and headings, and leave the texts."""
    return "\n".join(
        line.removeprefix("#") for line in lines if not line.startswith("# ")
    )


def test_a_template_with_its_two_needed_sections_is_a_study(lines, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('name = "Mine"\n' + "\n".join(lines) + FILLED_IN)
    bare = tmp_path / "bare.toml"
    bare.write_text('name = "Mine"\n' + FILLED_IN)
    assert read_study(path) == read_study(bare)


def test_a_setting_without_its_sign_keeps_its_default(lines, tmp_path):
    settings = [
        line
        for line in lines
        if line.startswith(("#n_repeats", "#methods", "#objectives", "#sfreq", "["))
    ]
    path = tmp_path / "study.toml"
    path.write_text('name = "Mine"\n' + uncomment(settings) + FILLED_IN)
    study = read_study(path)
    assert study.evaluation == StudyConfig.model_fields["evaluation"].default
    assert study.pretraining == StudyConfig.model_fields["pretraining"].default


def test_every_setting_stands_in_the_template_once(lines):
    read = tomllib.loads(uncomment(lines))
    shown = set()
    for name, value in read.items():
        if name in ("cohorts", "tasks", "designs"):
            (section,) = value.values()
            shown |= {f"{name}.<name>.{key}" for key in section}
        elif isinstance(value, dict):
            shown |= {f"{name}.{key}" for key in value}
        else:
            shown.add(name)
    assert shown == {name for name, *_ in list_settings(StudyConfig)}


def test_needed_settings_have_an_example(lines):
    after = dict(pairwise(lines))
    needed = [line for line in lines if line.startswith("# Needed.")]
    assert len(needed) >= 6
    assert not [line for line in needed if after[line].endswith('= ""')]


def test_one_section_can_be_written_alone():
    lines = list(write_template(StudyConfig, "shift"))
    assert lines[1] == "[shift]"
    assert "#max_people = 500" in lines
    assert not any(line == "[evaluation]" for line in lines)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.001, "0.001"),
        (False, "false"),
        (("a", "b"), '["a", "b"]'),
        ({}, "{}"),
        (Path("results"), '"results"'),
        ({"back": ("CBP",)}, '{ back = ["CBP"] }'),
    ],
)
def test_values_are_read_back_as_they_were_written(value, text):
    assert write_value(value) == text
    assert tomllib.loads(f"x = {text}")["x"] in (value, *map(type_of(value), [value]))


def type_of(value):
    """Return how TOML gives such a value back: lists for tuples, text for paths."""
    if isinstance(value, tuple):
        return list
    if isinstance(value, dict):
        return lambda table: {key: list(part) for key, part in table.items()}
    return str if isinstance(value, Path) else type(value)


def test_a_value_without_a_form_in_toml_is_refused():
    with pytest.raises(TypeError, match="NoneType has no form"):
        write_value(None)
