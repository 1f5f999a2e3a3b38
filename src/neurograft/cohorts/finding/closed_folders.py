"""Find folders that may not be read, which a search passes over without a word."""

import os
from pathlib import Path


def list_closed(folder: Path) -> list[tuple[Path, OSError]]:
    """List the folders inside a folder, and itself, that cannot be listed, and why."""
    errors: list[OSError] = []
    for _ in os.walk(folder, onerror=errors.append):
        pass
    return [(Path(str(error.filename)), error) for error in errors]


def say_closed(error: OSError) -> str:
    """Say that a file or a folder may not be read, without its name."""
    why = (error.strerror or "it does not say why").lower()
    return f"the file or its folder may not be read ({why}); ask for read permission"
