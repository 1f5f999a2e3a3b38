"""Sentences on choices of the folds: adapters, and shares of the parts of a blend."""

import pandas as pd

from neurograft.config.methods import BLENDS
from neurograft.report.blocks import PageWords


def describe_choices(choices: pd.DataFrame, words: PageWords) -> list[str]:
    """Write what the folds of a task chose, one sentence a method.

    Args:
        choices: Rows of one task: `features`, `chosen`, `share`, one or more a fold.
        words: Of the page.

    Example:
        >>> rows = [("encoder@auto-site", "coral", 1.0)]
        >>> table = pd.DataFrame(rows, columns=["features", "chosen", "share"])
        >>> describe_choices(table, PageWords("en"))
        ['Chosen for encoder@auto-site, number of folds of 1: coral 1.']
    """
    if choices.empty:
        return []
    said = []
    for feature_set, own in choices.groupby("features", sort=False):
        name = str(feature_set)
        if name in BLENDS:
            parts = own.groupby("chosen", sort=False)["share"]
            shares = ", ".join(
                words(
                    "share_of_part",
                    name=part,
                    mean=float(v.mean()),
                    low=float(v.min()),
                    high=float(v.max()),
                )
                for part, v in parts
            )
            said.append(words("shares", method=name, shares=shares))
        else:
            counts = own["chosen"].value_counts()
            taken = ", ".join(
                words("chosen_count", name=one, n=n) for one, n in counts.items()
            )
            said.append(words("chosen", method=name, n=len(own), chosen=taken))
    return said
