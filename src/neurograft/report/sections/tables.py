"""Cells of tables as people read them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from neurograft.files.sentences import read_words
from neurograft.report.blocks import PageWords, Table
from neurograft.report.documents.reasons import quote_reason

MAX_VALUES = 4
SEXES = ("F", "M")


def make_table(
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    words: PageWords,
    *,
    caption: str = "",
) -> Table | None:
    """Make a table of its cells, without columns that are empty; None without rows.

    Args:
        name: Of the file that is downloaded.
        columns: Keys of the headers, `column_<key>` in the words.
        rows: Cells.
        words: Of the page.
        caption: Whole sentences above the table.
    """
    cells = [tuple(row) for row in rows]
    if not cells:
        return None
    shown = [
        place for place, _ in enumerate(columns) if any(row[place] for row in cells)
    ]
    return Table(
        name,
        words.columns(*(columns[place] for place in shown)),
        tuple(tuple(row[place] for place in shown) for row in cells),
        caption,
    )


def say_factor(name: str, words: PageWords) -> str:
    """Name a factor in words: `sfreq_hz` is the sampling rate.

    Columns of the user's own table are called as the user calls them.
    """
    known: Mapping[str, str] = read_words("factors", words.language)
    return known.get(name, name.replace("_", " "))


def write_interval(row: Mapping[Any, Any], words: PageWords) -> str:
    """Write a value with its interval in two decimals; empty if it is unknown."""
    if pd.isna(row["ci_low"]):
        return words.write("value", row)
    return words.write("interval", row, "value", "ci_low", "ci_high")


def write_p(p: float, words: PageWords) -> str:
    """Write a p-value for a column of p-values; empty if there is none."""
    return "" if pd.isna(p) else words("p_cell_small" if p < 0.0005 else "p_cell", p=p)


def write_ages(ages: "pd.Series[Any]", words: PageWords) -> str:
    """Write mean, SD and range of ages, and how many are unknown."""
    known = ages.dropna().astype(float)
    if known.empty:
        return words("unknown")
    told = {
        "mean": float(known.mean()),
        "low": float(known.min()),
        "high": float(known.max()),
        "missing": len(ages) - len(known),
    }
    key = "ages" if len(known) > 1 else "one_age"
    text = words(key, sd=float(known.std()) if len(known) > 1 else 0.0, **told)
    return text + (words("ages_missing", **told) if told["missing"] else "")


def write_sex(sex: str, words: PageWords) -> str:
    """Name a sex that tables hold as a letter; other words stay."""
    return words(f"sex_{sex}") if sex in SEXES else sex


def say_status(row: Mapping[Any, Any], words: PageWords) -> str:
    """Say that a recording was kept, repaired or dropped, and why.

    Args:
        row: Of the recording, with `status` and `reason`.
        words: Of the page.
    """
    status, reason = words(f"status_{row['status']}"), row.get("reason")
    if not isinstance(reason, str) or not reason:
        return words("recording_status", status=status)
    said = quote_reason(reason, words.language)
    return words("recording_reason", status=status, reason=said)


def write_share(cells: "pd.Series[Any]", value: str, words: PageWords) -> str:
    """Write how many people have a value, of those known."""
    known = cells.dropna()
    if known.empty:
        return words("unknown")
    count = int((known == value).sum())
    return words("share", n=count, of=len(known), share=count / len(known))


def list_values(cells: "pd.Series[Any]", words: PageWords) -> str:
    """List the distinct values of a column, at most four."""
    values = [
        words("plain", value=v) if isinstance(v, int | float) else str(v)
        for v in cells.dropna()
    ]
    distinct = sorted(set(values), key=lambda text: (len(text), text))
    more = ["..."] if len(distinct) > MAX_VALUES else []
    return words("between").join([*distinct[:MAX_VALUES], *more])
