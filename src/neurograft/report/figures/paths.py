"""Write lines through many points as short as they can be without looking different.

Points that nobody would miss are left out, and the others are told by their distance
from the one before, in tenths of a unit, which takes a third of the bytes.
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from neurograft.types import FloatArray

Points: TypeAlias = Sequence[tuple[float, float]] | FloatArray
# How far a line may pass from a point that is left out, units. Chosen here: half a
# pixel where a drawing is as wide as it gets.
TOLERANCE = 0.35
# Coordinates are whole tenths.
FINE = 10
# What need not be written: a nought before the point, and a space before a minus.
NOUGHT, SPACE = re.compile(r"(?<![\d.])0\."), re.compile(r" (?=-)|(?<=\.\d) (?=\.)")


def write_path(*runs: Points, is_closed: bool = False) -> str:
    """Write a path through points.

    Args:
        *runs: Lines. A closed path goes through all of them, an open one is interrupted
            between them.
        is_closed: Whether the path leads back to its begin.

    Example:
        >>> write_path([(0, 0), (1, 0.01), (2, 0), (3, 4.5)])
        'M0,0l2 0 1 4.5'
    """
    kept = [thin(np.asarray(run, dtype=float)) for run in runs]
    if is_closed:
        return _write(np.concatenate(kept)) + "z"
    return "".join(map(_write, kept))


def thin(points: FloatArray) -> FloatArray:
    """Leave out the points of a line without which it passes them within `TOLERANCE`.

    Source: Douglas and Peucker 1973.
    """
    is_kept = np.zeros(len(points), dtype=bool)
    is_kept[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        (x, y), (wide, high) = points[first], points[last] - points[first]
        aside = points[first + 1 : last] - (x, y)
        length = float(np.hypot(wide, high))
        away = (
            np.abs(wide * aside[:, 1] - high * aside[:, 0]) / length
            if length
            else np.hypot(aside[:, 0], aside[:, 1])
        )
        furthest = int(away.argmax())
        if away[furthest] > TOLERANCE:
            middle = first + 1 + furthest
            is_kept[middle] = True
            spans += [(first, middle), (middle, last)]
    return np.asarray(points[is_kept])


def _write(points: FloatArray) -> str:
    """Write a line by its first point and the steps from there."""
    places = np.rint(FINE * points).astype(int)
    start = ",".join(map(_write_tenths, places[0].tolist()))
    steps = np.diff(places, axis=0).ravel().tolist()
    if not steps:
        return f"M{start}"
    told = NOUGHT.sub(".", " ".join(map(_write_tenths, steps)))
    return f"M{start}l{SPACE.sub('', told)}"


def _write_tenths(tenths: int) -> str:
    """Write a whole number of tenths as a decimal number."""
    whole, rest = divmod(abs(tenths), FINE)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"
