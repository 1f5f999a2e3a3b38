"""Factors that might go with a label: people, recording conditions, other columns."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from neurograft.files.dates import find_dates, parse_dates, parse_hours
from neurograft.files.keys import ACQUISITION, FACTORS
from neurograft.files.numbers import parse_numbers
from neurograft.files.people import People
from neurograft.tasks.design_audit import ORDER, Factor

# Chosen here: a column is a number if so many of its known cells are.
MIN_NUMBERS = 0.9
# Chosen here: a column of text with more values than one for two people names persons.
PEOPLE_PER_VALUE = 2
# Other names that participants tables give to how people were recorded, in lower case,
# by the factor that they are. Chosen here.
ALSO_CALLED = {
    "device": ("amplifier", "amp", "eeg_device", "recording_device", "eeg_system",
               "manufacturer", "verstärker", "verstaerker", "gerät", "geraet",
               "eeg-gerät", "scanner"),
    "site": ("centre", "center", "hospital", "clinic", "zentrum", "klinik", "standort"),
    "sfreq_hz": ("sampling_rate", "sampling_frequency", "sfreq", "abtastrate"),
    "day": ("recording_day", "session_day", "messtag"),
    "condition": ("bedingung",),
}  # fmt: skip
IN_TABLE = " in the table"
# Chosen here: days are put together in the order of the calendar until each block holds
# so many people.
PEOPLE_PER_BLOCK = 4


def list_factors(
    subjects: pd.DataFrame,
    everybody: pd.DataFrame,
    people: Mapping[str, People],
    *,
    column: str = "",
    stated: Mapping[str, pd.DataFrame] = MappingProxyType({}),
) -> dict[str, Factor]:
    """List the factors that might go with the label, in the order of the people.

    Besides the known factors, every column of the participants table that holds groups
    or numbers is looked at: nobody has to ask. A column with the name of a known factor
    stands beside it, for the two may differ.

    Args:
        subjects: Of the task.
        everybody: People of each of the task's views, as `cohorts.people.list_people`
            lists them, with the number of the `view`.
        people: Tables of the task's cohorts.
        column: Column of this task's label, which is no factor of itself.
        stated: What sidecars state of the people of each cohort.
    """
    keys = ["cohort", "participant_id"]
    cohorts = list(dict.fromkeys(subjects["cohort"]))
    tables = {name: people[name] for name in cohorts}
    rows = subjects[[*keys, "view"]].merge(everybody, on=[*keys, "view"], how="left")
    n = max(len(subjects[keys].drop_duplicates()), 1)
    factors = {
        name: Factor(
            _as_groups(rows[name]) if name in ACQUISITION else rows[name],
            name in ACQUISITION,
        )
        for name in FACTORS
    }
    factors["day"] = _block_days(_number_days(rows), n)
    if len(cohorts) > 1:
        factors["cohort"] = Factor(rows["cohort"], True)
    used = {column.lower()} - {""}
    extra = subjects[keys].merge(_list_columns(tables, used), on=keys, how="left")
    factors |= {
        str(name): _make_factor(str(name), extra[name])
        for name in extra
        if name not in keys
    }
    factors = {
        name: factor
        for name, factor in factors.items()
        if not used & _name_columns(tables, name)
    }
    factors |= _list_stated(subjects[keys], stated)
    has_days = rows["day"].notna().all() and rows["day"].nunique() > 1
    return factors if has_days else factors | number_people(subjects)


def _make_factor(name: str, cells: pd.Series) -> Factor:
    """Make a factor of a column; codes of how people were recorded have no order."""
    cells = _hide_numbers(cells)
    means = find_meaning(name)
    if not means:
        return Factor(cells, False)
    if means == "day" and pd.api.types.is_numeric_dtype(cells):
        return Factor(cut_consecutive(cells), True)
    return Factor(_as_groups(cells), True)


def find_meaning(name: str) -> str:
    """Find which fact of recording a column of the participants table states.

    Args:
        name: Of the column, or of its factor.

    Returns:
        One of `ACQUISITION`; empty if it states none.

    Example:
        >>> find_meaning("Device"), find_meaning("Verstärker"), find_meaning("nurse")
        ('device', 'device', '')
    """
    bare = name.lower().removesuffix(IN_TABLE).strip()
    if bare in ACQUISITION:
        return bare
    return next((what for what, names in ALSO_CALLED.items() if bare in names), "")


def _hide_numbers(cells: pd.Series) -> pd.Series:
    """Return the ranks of numbers, for a number may be that of a hospital.

    How numbers go with a label is measured by their ranks anyway.
    """
    return cells.rank() if pd.api.types.is_numeric_dtype(cells) else cells


def _name_columns(people: Mapping[str, People], factor: str) -> set[str]:
    """Return the names of a factor in the participants tables."""
    own = {
        table.columns[factor].lower()
        for table in people.values()
        if factor in table.columns
    }
    return {factor.lower()} | own


def _as_groups(cells: pd.Series) -> pd.Series:
    """Turn rates, days and counts into groups: recording conditions have no order."""
    return cells.map(
        lambda cell: (
            None
            if pd.isna(cell)
            else f"{cell:g}"
            if isinstance(cell, float)
            else str(cell)
        )
    )


def _number_days(rows: pd.DataFrame) -> pd.Series:
    """Number days over all cohorts: the first of one is not the first of another."""
    days = pd.to_numeric(rows["day"], errors="coerce")
    cohorts = pd.Series(pd.factorize(rows["cohort"])[0], index=rows.index)
    numbered: pd.Series = days + cohorts * np.nan_to_num(days.max())
    return numbered


def _block_days(days: pd.Series, n_people: int) -> Factor:
    """Return the days; where few people share one, blocks of consecutive days.

    Days that nobody shares cannot be compared, but months can.
    """
    if days.nunique() <= n_people / PEOPLE_PER_BLOCK:
        return Factor(_as_groups(days), True)
    return Factor(cut_consecutive(days), True)


def cut_consecutive(numbers: pd.Series) -> pd.Series:
    """Put numbers together, in their order, until every block holds enough people."""
    counts = numbers.value_counts().sort_index()
    block_of, block, size = {}, 1, 0
    for number, count in counts.items():
        if size >= PEOPLE_PER_BLOCK:
            block, size = block + 1, 0
        block_of[number] = block
        size += int(count)
    if size < PEOPLE_PER_BLOCK and block > 1:
        last = {number for number, own in block_of.items() if own == block}
        block_of |= dict.fromkeys(last, block - 1)
    return numbers.map(block_of).map(lambda b: None if pd.isna(b) else f"block {b:g}")


def number_people(subjects: pd.DataFrame) -> dict[str, Factor]:
    """Return the place of everybody in the order of labels; of few people nothing."""
    names = subjects["cohort"].astype(str) + "/" + subjects["participant_id"]
    order = {name: i for i, name in enumerate(sorted(set(names), key=_split_digits))}
    if len(order) < 2 * PEOPLE_PER_BLOCK:
        return {}
    return {ORDER: Factor(cut_consecutive(names.map(order).astype(float)), False)}


def _split_digits(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts sub-2 before sub-10."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _list_columns(people: Mapping[str, People], used: Collection[str]) -> pd.DataFrame:
    """List the columns of the participants tables that hold groups or numbers.

    Columns of one name are read together: a value means the same in every cohort.
    """
    parts = []
    for cohort, table in people.items():
        skipped = {*used, "participant_id"}
        skipped |= {column.lower() for column in table.columns.values()}
        cells = table.first_cells
        named = {
            column: f"{column}{IN_TABLE}"
            if column.strip().lower() in FACTORS
            else column
            for column in map(str, cells)
            if column.lower() not in skipped
        }
        part = cells[["participant_id", *named]].rename(columns=named)
        part.insert(0, "cohort", cohort)
        parts.append(part)
    everybody = pd.concat(parts, ignore_index=True)
    found = everybody[["cohort", "participant_id"]].copy()
    for column in map(str, everybody.columns[2:]):
        owners = [p["cohort"].iloc[0] for p in parts if column in p and len(p)]
        own = everybody[everybody["cohort"].isin(owners)]
        is_fact = find_meaning(column) != ""
        values = _read_column(own[column], own["cohort"], may_be_fine=is_fact)
        if values is not None:
            found[column] = values.reindex(everybody.index)
    return found


def _list_stated(
    subjects: pd.DataFrame, stated: Mapping[str, pd.DataFrame]
) -> dict[str, Factor]:
    """List what sidecars state; of fields that part people alike, the first."""
    tables = [table.assign(cohort=name) for name, table in stated.items()]
    if not tables:
        return {}
    rows = subjects.merge(pd.concat(tables), on=list(subjects), how="left")
    factors: dict[str, Factor] = {}
    seen = set()
    for field in rows.columns.difference(subjects.columns, sort=False):
        values = _read_column(rows[field], rows["cohort"])
        groups = None if values is None else tuple(pd.factorize(values)[0])
        if values is not None and groups not in seen:
            factors[f"{field} in the sidecars"] = Factor(_hide_numbers(values), False)
            seen.add(groups)
    return factors


def _read_column(
    cells: pd.Series, cohorts: pd.Series, *, may_be_fine: bool = False
) -> pd.Series | None:
    """Read a column as numbers or groups; None if it names persons or never varies.

    Groups are numbered, times of day are hours, and dates become blocks of days: what a
    cell says, which may be a name or a date, goes no further.

    Args:
        cells: Of the tables that have the column.
        cohorts: Whose table each is from; one may write decimals as another does not.
        may_be_fine: Whether texts with many values are groups, as devices may be.
    """
    known = cells.notna()
    if cells.nunique() + (not known.all()) < 2:
        return None
    parts = [parse_numbers(own) for _, own in cells.groupby(cohorts)]
    numbers = pd.concat(parts).reindex(cells.index)
    if numbers.nunique() > 2 and numbers[known].notna().mean() >= MIN_NUMBERS:
        return numbers
    hours = parse_hours(cells)
    if hours[known].notna().mean() >= MIN_NUMBERS:
        return hours
    if find_dates(cells[known]).mean() >= MIN_NUMBERS:
        days = parse_dates(cells).dt.normalize()
        return cut_consecutive(days.rank(method="dense"))
    is_fine = cells.nunique() > max(known.sum() / PEOPLE_PER_VALUE, 1)
    if is_fine and not may_be_fine:
        # What it says names persons, but of whom it is said may go with the label.
        return None if known.all() else known.map({True: "known", False: None})
    codes = pd.Series(pd.factorize(cells, sort=True)[0], index=cells.index)
    return codes.map(lambda code: None if code < 0 else f"level {code + 1}")
