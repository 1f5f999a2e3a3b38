"""Call the two groups of a contrast by their condition, as people do."""

import re
from collections.abc import Sequence

import pandas as pd

from neurograft.files.sentences import read_words

# Columns of stored tables that name groups.
GROUPS = ("group", "minus", "true_group", "predicted_group", "label", "classes")
# A view is called by its cohort and its BIDS tasks.
VIEW = re.compile(r"(?P<cohort>.+?)_task-(?P<tasks>[A-Za-z0-9+]+)")


def find_conditions(classes: Sequence[str], language: str) -> dict[str, str]:
    """Return what the views of contrasts are called, by their stored name.

    Two that would be called alike keep their stored names.

    Args:
        classes: `classes` of the tasks that are contrasts.
        language: Of the page.

    Example:
        >>> find_conditions(["c_task-eyesopen, c_task-count"], "en")
        {'c_task-eyesopen': 'eyes open', 'c_task-count': 'recordings of task count'}
    """
    named: dict[str, str] = {}
    for one in classes:
        pair = {view: name_condition(view, language) for view in one.split(", ")}
        if len(set(pair.values())) == len(pair):
            named |= pair
    return named


def name_condition(view: str, language: str) -> str:
    """Call a view by its condition; one of a whole cohort keeps its name."""
    found = VIEW.fullmatch(view)
    if not found:
        return view
    known = read_words("conditions", language)
    told = [known.get(task.lower(), "") for task in found["tasks"].split("+")]
    if all(told):
        return " + ".join(dict.fromkeys(told))
    return str(known["other"]).format(task=found["tasks"].replace("+", " + "))


def name_groups(table: pd.DataFrame, named: dict[str, str]) -> pd.DataFrame:
    """Replace the names of views where a table names groups."""
    columns = [
        name
        for name in GROUPS
        if name in table and not pd.api.types.is_numeric_dtype(table[name])
    ]
    if not (named and columns):
        return table
    changed = {}
    for name in columns:
        cells = table[name].astype(object)
        changed[name] = cells.map(lambda cell: _name_all(cell, named))
    return table.assign(**changed)


def _name_all(cell: object, named: dict[str, str]) -> object:
    """Replace the names of a cell that holds nothing but names."""
    if not isinstance(cell, str):
        return cell
    parts = cell.split(", ")
    return ", ".join(named.get(part, part) for part in parts)
