"""Tables that other programs and people wrote, read row by row, and mended in words.

The one reader of participants, scans, channels, electrodes and events. BIDS has no
quotation marks: one that stands alone is text, a cell between two is what they hold.
"""

import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from neurograft.errors import DataError
from neurograft.files.text import (
    decode_text,
    fold,
    name_ending,
    note_encoding,
    read_content,
)

EXCEL = (".xlsx", ".xlsm")
# Tables of other programs that are no text, for which there is no reader.
OTHER_PROGRAMS = (".xls", ".xlsb", ".ods", ".numbers", ".sav", ".rds", ".docx", ".pdf")
# What openpyxl raises for files that are no workbooks.
WORKBOOK_ERRORS = (
    ValueError, LookupError, OSError, SyntaxError, TypeError, AttributeError,
    zipfile.BadZipFile, EOFError,
)  # fmt: skip
# Marks of a missing cell: n/a in BIDS, others in spreadsheets and programs.
MISSING = (
    "", "n/a", "N/A", "#N/A", "<NA>", "NA", "nan", "NaN", "None", "NULL", "null",
    "unknown",
)  # fmt: skip
# Those of them that are no word which could name a group.
EMPTY = ("", "n/a", "N/A")
NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?(e[-+]?\d+)?", re.IGNORECASE)
# A column has few values if each stands in it so often. Chosen here.
MIN_REPEATS = 2
# What is said of rows with another number of cells than the header has names.
MENDED = {
    "few": "cells are missing at the end of rows",
    "many": "cells without a column at the end of rows are left out",
    "other": "rows have too many or too few cells, and only their first cell is read",
}
# Line of the file, and its cells.
Row = tuple[int, list[str]]


def read_written(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read a table (.tsv, .csv, .xlsx) as text; empty cells are empty text.

    Returns:
        The table with folded names and cells; and what was mended, in sentences
        without its content.

    Raises:
        DataError: If it is not here, or no table.
    """
    repairs: list[str] = []
    if path.suffix.lower() in OTHER_PROGRAMS:
        raise DataError(
            f"{path.name} is not a table that can be read; save it as .xlsx or .csv"
        )
    if path.suffix.lower() in EXCEL:
        rows = _read_workbook(path)
    else:
        rows, repairs = _read_text(path)
    if not rows:
        raise DataError(f"{path.name} is not a table: it is empty")
    rows = _drop_unnamed(rows)
    (_, header), *body = rows
    if all(NUMBER.fullmatch(name) for name in header):
        raise DataError(f"{path.name} is not a table: it has no names of columns")
    mended = list(_mend_rows(header, body, path, repairs))
    names = [name or f"column {place + 1}" for place, name in enumerate(header)]
    table = pd.DataFrame(mended, columns=pd.Index(names, dtype=object), dtype=object)
    return drop_doubled(table, path, repairs), repairs


def read_cells(path: Path) -> pd.DataFrame:
    """Read a table as text, missing cells as NaN.

    Raises:
        DataError: If it is not here, or no table.
    """
    table = mask_missing(read_written(path)[0])
    return table.dropna(how="all").reset_index(drop=True)


def mask_missing(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which marks of missing cells, such as n/a, are missing."""
    return table.mask(table.isin(list(MISSING)))


def mask_empty(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which empty cells are missing; words such as None stay."""
    return table.mask(table.isin(list(EMPTY)))


def drop_doubled(table: pd.DataFrame, path: Path, repairs: list[str]) -> pd.DataFrame:
    """Keep the first of columns of one name, and say so."""
    doubled = sorted(set(table.columns[table.columns.duplicated()]))
    for name in doubled:
        same = table[name].T.drop_duplicates()
        differ = ", although they differ" if len(same) > 1 else ""
        repairs.append(
            f"{name_ending(path)} has the column {name!r} twice: the first is read"
            f"{differ}"
        )
    return table.loc[:, ~table.columns.duplicated()]


def _read_workbook(path: Path) -> list[Row]:
    read_content(path, called=path.name, n_bytes=1)
    try:
        sheet = pd.read_excel(
            path, header=None, dtype=str, na_values=[], keep_default_na=False
        )
    except ImportError as missing:
        raise DataError(
            f"{path} needs the package openpyxl: pip install 'neurograft[excel]', or "
            "save the table as .csv."
        ) from missing
    except WORKBOOK_ERRORS as bad:
        raise DataError(f"{path.name} is not a table: {bad}") from bad
    texts = sheet.fillna("").astype(str).to_numpy().tolist()
    return [
        (number, [fold(cell) for cell in cells])
        for number, cells in enumerate(texts, start=1)
        if any(cell.strip() for cell in cells)
    ]


def _read_text(path: Path) -> tuple[list[Row], list[str]]:
    """Split a text into rows of cells; quotation marks count only if they must."""
    content = read_content(path, called=path.name)
    text, encoding = decode_text(content)
    if "\0" in text:
        raise DataError(
            f"{path.name} is not a table in UTF-8, UTF-16 or Latin-1: open it where it "
            "was made and save it as text"
        )
    repairs = note_encoding(path, content, encoding)
    lines = re.split(r"\r\n|\r|\n", text)
    first = next((line for line in lines if line.strip()), "")
    mark = "," if path.suffix.lower() == ".csv" else "\t"
    if mark not in first or path.suffix.lower() == ".csv":
        mark = max((mark, ";", ",", "\t"), key=first.count)
        if path.suffix.lower() == ".tsv" and mark != "\t" and mark in first:
            what = {";": "semicolons", ",": "commas"}[mark]
            repairs.append(
                f"{name_ending(path)} has {what} between its cells, not tabs"
            )
    rows = [
        (number, [_unquote(cell) for cell in line.split(mark)])
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if '"' in text and not _is_even(rows):
        quoted = _read_quoted(lines, mark)
        rows = quoted if _is_even(quoted) else rows
    return [row for row in rows if any(row[1])], repairs


def _unquote(cell: str) -> str:
    """Fold a cell, and take it out of its quotation marks if it has both."""
    folded = fold(cell)
    if len(folded) > 1 and folded[0] == folded[-1] == '"':
        return fold(folded[1:-1].replace('""', '"'))
    return folded


def _read_quoted(lines: Sequence[str], mark: str) -> list[Row]:
    """Read rows as programs write them that put cells with marks between quotes.

    Nothing is returned where a cell between two marks would swallow whole rows.
    """
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=mark, strict=True)
    rows: list[Row] = []
    try:
        for cells in reader:
            n_marks = len(rows[0][1]) - 1 if rows else 1
            inner = [line for cell in cells for line in cell.split("\n")[1:]]
            if any(line.count(mark) >= max(n_marks, 1) for line in inner):
                return []
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, [fold(cell) for cell in cells]))
    except csv.Error:
        return []
    return rows


def _is_even(rows: Sequence[Row]) -> bool:
    """Return whether all rows have as many cells, but for empty ones at the end."""
    if not rows:
        return False
    n_columns = len(rows[0][1])
    return all(
        len(cells) >= n_columns and not any(cells[n_columns:]) for _, cells in rows
    )


def _drop_unnamed(rows: list[Row]) -> list[Row]:
    """Drop columns at the end that have neither a name nor a cell."""
    header = rows[0][1]
    while len(header) > 1 and not header[-1]:
        if any(any(cells[len(header) - 1 :]) for _, cells in rows):
            break
        header = header[:-1]
    return [(rows[0][0], header), *rows[1:]]


def _mend_rows(
    header: list[str], body: Sequence[Row], path: Path, repairs: list[str]
) -> Iterator[list[str]]:
    """Give every row as many cells as the header has.

    Empty cells too many are left out. A row with other cells too many, or too few, is
    read from its beginning if its cells are such as those of the other rows; else only
    its first cell is.

    Raises:
        DataError: If every row has more cells than the header.
    """
    n_columns, name = len(header), name_ending(path)
    trimmed = [(number, _trim(cells, n_columns)) for number, cells in body]
    if trimmed and all(len(cells) > n_columns for _, cells in trimmed):
        raise DataError(
            f"{path.name} is not a table: its header has {n_columns} names, its rows "
            f"have {len(trimmed[0][1])} cells; give every column a name"
        )
    if sum(len(cells) for _, cells in body) > sum(len(cells) for _, cells in trimmed):
        repairs.append(f"{name}: empty cells beyond the header are left out")
    columns = _Columns([cells for _, cells in trimmed if len(cells) == n_columns])
    lines: dict[str, list[int]] = {}
    for number, cells in trimmed:
        mended = (cells + [""] * n_columns)[:n_columns]
        if len(cells) != n_columns:
            fits = columns.fit(cells[:n_columns])
            kind = "other" if not fits else "few" if len(cells) < n_columns else "many"
            lines.setdefault(kind, []).append(number)
            mended = mended if fits else [cells[0], *[""] * (n_columns - 1)]
        yield mended
    for kind, words in MENDED.items():
        if kind in lines:
            repairs.append(f"{name}: {words} ({_name_lines(lines[kind])})")


def _trim(cells: list[str], n_columns: int) -> list[str]:
    """Drop empty cells at the end that have no column."""
    while len(cells) > n_columns and not cells[-1]:
        cells = cells[:-1]
    return cells


def _name_lines(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return f"line {shown}, ..." if len(numbers) > 5 else f"line {shown}"


class _Columns:
    """Cells of every column in the rows that are whole."""

    def __init__(self, rows: Sequence[list[str]]) -> None:
        cells = zip(*rows, strict=True) if rows else ()
        self.values = [[c for c in column if c not in MISSING] for column in cells]

    def fit(self, cells: Sequence[str]) -> bool:
        """Return whether the cells of a row are such as those of other rows."""
        pairs = zip(cells, self.values, strict=False)
        return all(self._fits(c, v) for c, v in pairs if c not in MISSING)

    @staticmethod
    def _fits(cell: str, values: list[str]) -> bool:
        if not values:
            return True
        has_numbers = [NUMBER.fullmatch(value) is not None for value in values]
        is_even = all(has_numbers) or not any(has_numbers)
        if is_even and (NUMBER.fullmatch(cell) is not None) != has_numbers[0]:
            return False
        few = set(values)
        has_few = not any(has_numbers) and len(values) >= MIN_REPEATS * len(few)
        return not has_few or cell in few
