"""Bounds on time and memory for reading one recording, by the size of its files.

A damaged file may ask for hundreds of gigabytes, or be read without an end.
"""

import os
from contextlib import suppress
from pathlib import Path

# Seconds for any file, and for each MiB. Chosen here: thirty times what a slow machine
# needs, for a day of 64 channels takes about a minute.
BASE_S, S_PER_MIB = 120.0, 5.0
# Memory for any file, programs included, and for each byte of it. Chosen here: packed
# files grow tenfold, and harmonising works on copies of blocks.
BASE_MEMORY_BYTES, MEMORY_PER_BYTE, LEAST_PER_BYTE = 6 * 2**30, 16, 4
# Memory that classifying components needs beyond that: torch maps much it never uses.
ICLABEL_BYTES = 32 * 2**30


def count_bytes(path: Path | str) -> int:
    """Count the bytes of a recording: its file or folder, and companions of its name.

    What cannot be looked at counts as nothing.
    """
    path = Path(path)
    stem = path.name.split(".")[0]
    total = 0
    with suppress(OSError, ValueError):
        inside = path.rglob("*") if path.is_dir() else path.parent.iterdir()
        for one in inside:
            if path.is_dir() or one.name.split(".")[0] == stem:
                with suppress(OSError):
                    total += one.stat().st_size
    return total


def bound_seconds(n_bytes: int) -> float:
    """Return how long files of this size may be read, seconds.

    Example:
        >>> bound_seconds(100 * 2**20)
        620.0
    """
    return BASE_S + S_PER_MIB * n_bytes / 2**20


def limit_memory(n_bytes: int, *, iclabel: bool = False) -> None:
    """Limit what this process may ask for while it reads files of this size.

    Where the system has no such limit (Windows, macOS), none is set.

    Args:
        n_bytes: Size of the files.
        iclabel: Whether components are classified, which needs more.
    """
    try:
        import resource
    except ImportError:
        return
    extra = ICLABEL_BYTES if iclabel else 0
    limit = extra + _bound_memory(n_bytes, _find_memory())
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _bound_memory(n_bytes: int, machine_bytes: int) -> int:
    """Return the memory for files of this size, at most all that the machine has."""
    wanted = BASE_MEMORY_BYTES + MEMORY_PER_BYTE * n_bytes
    least = BASE_MEMORY_BYTES + LEAST_PER_BYTE * n_bytes
    return min(wanted, max(machine_bytes, least))


def _find_memory() -> int:
    """Return the memory of this machine in bytes, 0 where it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0
