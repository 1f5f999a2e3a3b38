"""The people of a cohort, as they travel from its table to tasks and factors."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd


class People(NamedTuple):
    """The people of a cohort, as its participants table lists them.

    Attributes:
        cells: The table as text: `participant_id` and every other column.
        known: One row per person in the order of the table: `participant_id`, `age`
            (years), `sex` (F, M) and `site`.
        columns: Names in the table of `age`, `sex` and `site`.
        source: Name of the table, for messages.
        written: The table with the words that count as missing in `cells`, such as
            `None` and `unknown`; None where nobody kept them.
    """

    cells: pd.DataFrame
    known: pd.DataFrame
    columns: Mapping[str, str]
    source: str
    written: pd.DataFrame | None = None

    @property
    def first_cells(self) -> pd.DataFrame:
        """Return the first row of every person, in the order of `known`."""
        return self.cells.drop_duplicates("participant_id").reset_index(drop=True)

    @property
    def first_written(self) -> pd.DataFrame:
        """Return the first row of every person as it is written."""
        table = self.cells if self.written is None else self.written
        return table.drop_duplicates("participant_id").reset_index(drop=True)
