"""Dates as people write them into tables."""

import pandas as pd

# Year, month and day in either order, and perhaps a time behind them.
DATE = r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))(\D|$)"


def find_dates(cells: pd.Series) -> pd.Series:
    """Find the cells that begin with a date; missing cells do not.

    Args:
        cells: As text.

    Example:
        >>> find_dates(pd.Series(["17.03.1961", "1961-03-17T09:00", "3.5"])).tolist()
        [True, True, False]
    """
    texts = cells.astype("string")
    return texts.str.match(DATE).fillna(value=False).astype(bool)
