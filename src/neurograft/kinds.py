"""The kinds of question that a task can ask."""

from typing import Literal

# Two groups, several, ordered ones, a number, or two recordings of the same people.
Kind = Literal["classification", "multiclass", "ordinal", "regression", "contrast"]
