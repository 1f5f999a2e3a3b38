"""Read one argument of a table: features, labels, names, ages, sexes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from neurograft.cohorts.demographics import PLAIN_SEX
from neurograft.errors import DataError
from neurograft.harmonising.windowed import Harmonised
from neurograft.types import FloatArray


def read_features(X: Any, name: str) -> npt.NDArray[Any]:
    """Read features as numbers, a row each; harmonised recordings stay what they are.

    Missing numbers are let through: many estimators, and pipelines that fill them in,
    take them.

    Args:
        X: Array, DataFrame, sparse matrix, or list of harmonised recordings.
        name: Of the features, for sentences.

    Returns:
        Shape `(n_rows, ...)`, with two axes at least; `(n_rows,)` of recordings.

    Raises:
        DataError: If there are no rows, or a number is infinite or text.
    """
    recordings = _list_recordings(X)
    if recordings is not None:
        return recordings
    values = read_numbers(X.toarray() if hasattr(X, "toarray") else X, name)
    if np.isinf(values).any():
        bad = int(np.isinf(values.reshape(len(values), -1)).any(1).sum())
        raise DataError(
            f"{name}: {bad} of {len(values)} rows hold infinite numbers; correct them, "
            "or leave those rows out."
        )
    return values[:, None] if values.ndim == 1 else values


def _list_recordings(X: Any) -> npt.NDArray[Any] | None:
    """Return harmonised recordings as an array of objects; None of anything else."""
    if not isinstance(X, list | tuple | np.ndarray) or not len(X):
        return None
    if not isinstance(X[0], Harmonised):
        return None
    recordings = np.empty(len(X), dtype=object)
    recordings[:] = list(X)
    return recordings


def read_numbers(X: Any, name: str) -> FloatArray:
    """Read numbers from an array or a DataFrame.

    Args:
        X: Array, list, Series or DataFrame.
        name: For sentences.

    Raises:
        DataError: If something is no number, or there are no rows.
    """
    try:
        if isinstance(X, pd.DataFrame | pd.Series):
            values = X.to_numpy(dtype=float, na_value=np.nan)
        else:
            values = np.asarray(X, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{name} holds something that is no number; give numbers only, as many in "
            "every row."
        ) from error
    if values.ndim == 0 or not len(values):
        raise DataError(f"{name} has no rows; give one row per person or sample.")
    return values


def read_column(values: Any, name: str, n: int) -> list[Any]:
    """Read a value per row; None where it is missing.

    Args:
        values: List, array, Series or categorical.
        name: For sentences.
        n: Rows expected.

    Raises:
        DataError: If there are more or fewer.
    """
    table = np.asarray(values, dtype=object)
    if table.ndim == 2 and table.shape[1] == 1:
        table = table[:, 0]
    if table.shape != (n,):
        found = "x".join(map(str, table.shape)) or "one"
        raise DataError(f"{name} has {found} values and y has {n}; give one per row.")
    return [None if pd.isna(cell) else cell for cell in table]


def read_names(values: Any, name: str, n: int) -> list[Any]:
    """Read names, of people or sites, as text: 1, 1.0 and "1" are the same."""
    return [_name(cell) for cell in read_column(values, name, n)]


def _name(cell: Any) -> Any:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return None if cell is None else str(cell)


def read_ages(values: Any, n: int) -> list[float]:
    """Read ages in years, NaN where missing.

    Raises:
        DataError: If one is no number.
    """
    cells = read_column(values, "age", n)
    return [float(age) for age in read_numbers(pd.Series(cells, dtype=object), "age")]


def read_sexes(values: Any, n: int) -> list[Any]:
    """Read sexes as F or M, None where missing.

    Raises:
        DataError: If a word is not known.
    """
    cells = read_column(values, "sex", n)
    sexes = [
        None if cell is None else PLAIN_SEX.get(str(cell).lower()) for cell in cells
    ]
    for cell, sex in zip(cells, sexes, strict=True):
        if cell is not None and sex is None:
            raise DataError(f"sex holds {cell!r}; write F or M, or leave it empty.")
    return sexes


def read_covariates(given: Any, n: int) -> pd.DataFrame:
    """Read further columns as numbers, or as text.

    Args:
        given: DataFrame, or columns by name; None, no columns.
        n: Rows expected.

    Raises:
        DataError: If they are no columns, or there are more or fewer rows.
    """
    if given is None:
        return pd.DataFrame(index=range(n))
    if not isinstance(given, pd.DataFrame | Mapping):
        raise DataError(
            f"covariates is a {type(given).__name__}; give a DataFrame, or columns by "
            "name."
        )
    found = {}
    for name, values in given.items():
        cells = read_column(values, f"covariates[{name!r}]", n)
        known = [cell for cell in cells if cell is not None]
        is_number = all(
            isinstance(cell, int | float | np.number) and not isinstance(cell, bool)
            for cell in known
        )
        found[str(name)] = (
            pd.Series(cells, dtype=float)
            if is_number
            else pd.Series([None if c is None else str(c) for c in cells], dtype=object)
        )
    return pd.DataFrame(found, index=range(n))
