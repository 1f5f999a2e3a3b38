"""Rows of samples that are written once and read in pieces: in memory, or on disk."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from jaxtyping import Float

from neurograft.errors import DataError
from neurograft.types import FloatArray

# A recording of up to this many bytes stays in memory. Chosen here: seven
# hours of 19 channels at 128 Hz; every worker may hold as much.
MAX_BYTES = 256 * 2**20
# Rows that are read at once. Chosen here: eight minutes at 128 Hz.
PIECE_ROWS = 65_536


class RowBuffer:
    """Filtered samples of one recording, float32, one row per time.

    What does not fit in memory goes to a file without a name, which is gone when the
    process ends, however it ends.
    """

    def __init__(
        self, n_rows: int, n_channels: int, *, scratch: Path | None = None
    ) -> None:
        self.n_channels = n_channels
        self.n_rows = 0
        self.array: FloatArray | None = None
        self.file: IO[bytes] | None = None
        if 4 * n_rows * n_channels <= MAX_BYTES:
            self.array = np.empty((n_rows, n_channels), dtype=np.float32)
        else:
            self.file = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115

    def append(self, rows: Float[np.ndarray, "n_rows n_channels"]) -> None:
        """Add rows at the end."""
        if self.array is not None:
            self.array[self.n_rows : self.n_rows + len(rows)] = rows
        elif self.file is not None:
            self.file.write(np.ascontiguousarray(rows, dtype=np.float32).data)
        self.n_rows += len(rows)

    def read(self, start: int, stop: int) -> Float[np.ndarray, "n_rows n_channels"]:
        """Read the rows from `start` to `stop`."""
        if self.array is not None:
            return self.array[start : min(stop, self.n_rows)]
        assert self.file is not None
        row_bytes = 4 * self.n_channels
        self.file.seek(start * row_bytes)
        content = self.file.read((min(stop, self.n_rows) - start) * row_bytes)
        return np.frombuffer(content, dtype=np.float32).reshape(-1, self.n_channels)

    def replace(self, rows: Float[np.ndarray, "n_rows n_channels"]) -> None:
        """Put other rows in their place.

        Raises:
            DataError: If the recording is too long to be held in memory.
        """
        self.require_memory()
        self.array = np.ascontiguousarray(rows, dtype=np.float32)

    def require_memory(self) -> Float[np.ndarray, "n_rows n_channels"]:
        """Return all rows.

        Raises:
            DataError: If the recording is too long to be held in memory.
        """
        if self.array is None:
            raise DataError(
                "too long for ICLabel or autoreject, which hold a recording in memory"
            )
        return self.array

    def close(self) -> None:
        """Give the file back; the rows are gone."""
        if self.file is not None:
            self.file.close()

    def __del__(self) -> None:
        """Give the file back where nobody else did."""
        self.close()

    def thin(self, max_rows: int) -> Float[np.ndarray, "n_channels n_rows"]:
        """Read at most `max_rows` evenly spaced rows, channels first."""
        step = -(-self.n_rows // max_rows)
        # Copies: a view would keep the whole piece in memory.
        parts = [
            self.read(start, stop)[-start % step :: step].copy()
            for start, stop in self.iterate_pieces()
        ]
        return np.ascontiguousarray(np.concatenate(parts).T)

    def iterate_pieces(self) -> Iterator[tuple[int, int]]:
        """Yield first row of every piece and the row after its last."""
        for start in range(0, self.n_rows, PIECE_ROWS):
            yield start, min(start + PIECE_ROWS, self.n_rows)
