"""Names for array types and callbacks that travel between layers."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]
ComplexArray: TypeAlias = npt.NDArray[np.complexfloating[Any, Any]]
IntArray: TypeAlias = npt.NDArray[np.integer[Any]]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
Arrays: TypeAlias = dict[str, npt.NDArray[Any]]

# A stage calls progress(what it is doing, how many done, how many in all).
Progress: TypeAlias = Callable[[str, int, int], None]


def no_progress(message: str, done: int, total: int) -> None:
    """Do nothing: the default for callers that do not watch."""
