"""Styles are a list, and durations are said as people say them."""

import pytest

from neurograft.app.rendering import read_static, say_minutes


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (61, "1 minute"),
        (600, "10 minutes"),
        (5399, "90 minutes"),
        (7200, "2.0 hours"),
    ],
)
def test_durations_are_rounded(seconds, said):
    assert say_minutes(seconds) == said


def test_the_style_is_that_of_the_report_and_a_little_more():
    content, kind = read_static("style.css")
    assert kind == "text/css"
    assert b"--ink" in content
    assert b"body.app" in content
    assert b"http" not in content


def test_scripts_come_with_their_licence():
    content, _ = read_static("htmx.min.js")
    assert content.startswith(b"var htmx=")
    assert read_static("htmx.LICENSE.txt") is None
