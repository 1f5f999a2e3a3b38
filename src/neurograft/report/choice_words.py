"""Sentences on choices of the folds: adapters, and shares of the parts of a blend."""

import pandas as pd

from neurograft.config.methods import BLENDS


def describe_choices(choices: pd.DataFrame) -> list[str]:
    """Write what the folds of a task chose, one sentence a method.

    Args:
        choices: Rows of one task: `features`, `chosen`, `share`, one or more a fold.

    Example:
        >>> rows = [("encoder@auto-site", "coral", 1.0)]
        >>> table = pd.DataFrame(rows, columns=["features", "chosen", "share"])
        >>> describe_choices(table)
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
                f"{part} {_say(v.mean())} ({_say(v.min())} to {_say(v.max())})"
                for part, v in parts
            )
            said.append(f"Shares in {name}, on average over folds: {shares}.")
        else:
            counts = own["chosen"].value_counts()
            taken = ", ".join(f"{one!s} {n}" for one, n in counts.items())
            said.append(f"Chosen for {name}, number of folds of {len(own)}: {taken}.")
    return said


def _say(share: float) -> str:
    return f"{share:.2f}".removeprefix("0")
