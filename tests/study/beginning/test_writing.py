"""Texts of a study file are TOML whatever stands in them."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.config.study import is_title
from neurograft.errors import ConfigError
from neurograft.study.beginning.writing import (
    check_beginning,
    make_title,
    quote,
)


@given(st.text())
def test_a_quoted_text_is_read_back_as_it_was(text):
    assert tomllib.loads(f"a = {quote(text)}")["a"] == text
    assert "\n" not in quote(text)


@given(st.text())
def test_every_text_gives_a_title(text):
    assert is_title(make_title(text))


def test_a_name_that_is_no_text_is_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match="no text in UTF-8"):
        check_beginning("name = '\udcff'", tmp_path / "study.toml")
