"""The page says what the folds chose."""

import pandas as pd

from neurograft.report.blocks import PageWords
from neurograft.report.choice_words import describe_choices

WORDS = PageWords("en")


def make_table(*rows):
    return pd.DataFrame(
        rows, columns=["features", "repeat", "split", "chosen", "share"]
    )


def test_shares_of_a_blend_are_told_with_their_range():
    table = make_table(
        ("blend", 0, 0, "encoder", 0.5), ("blend", 0, 0, "riemann", 0.5),
        ("blend", 0, 1, "encoder", 1.0), ("blend", 0, 1, "riemann", 0.0),
    )  # fmt: skip
    assert describe_choices(table, WORDS) == [
        "Shares in blend, on average over folds: encoder 0.75 (0.50 to 1.00), "
        "riemann 0.25 (0.00 to 0.50)."
    ]


def test_adapters_are_counted_most_frequent_first():
    table = make_table(
        ("encoder@auto-site", 0, 0, "coral", 1.0),
        ("encoder@auto-site", 0, 1, "recentre", 1.0),
        ("encoder@auto-site", 0, 2, "recentre", 1.0),
    )
    assert describe_choices(table, WORDS) == [
        "Chosen for encoder@auto-site, number of folds of 3: recentre 2, coral 1."
    ]


def test_nothing_chosen_is_nothing_said():
    assert describe_choices(make_table(), WORDS) == []
    assert describe_choices(pd.DataFrame(), WORDS) == []
