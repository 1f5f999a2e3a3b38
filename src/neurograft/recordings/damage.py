"""Files that no reader should be given: empty, placeholders, damaged in transit."""

import re
from pathlib import Path

from neurograft.errors import DataError

# A placeholder holds a path into the annex (git-annex) or a version line (git-lfs).
ANNEX_POINTER = re.compile(
    rb"^/?annex/objects/|/annex/objects/|^version https://git-lfs"
)
# Line feeds in this many bytes say whether a copy in text mode changed them. Chosen
# here: by chance, 200 line feeds never all follow a carriage return.
PROBE_BYTES = 1_000_000
MIN_LINE_FEEDS = 200
# Formats whose signals are binary, in one file.
BINARY = (".edf", ".bdf", ".gdf", ".cnt", ".raw", ".nxe", ".nedf")


def check_file(path: Path) -> None:
    """Check that a file holds data and was not damaged on its way.

    Raises:
        DataError: If it is missing, empty, unreadable, a placeholder of git-annex or
            git-lfs, or if its line ends were converted.
    """
    if path.is_symlink() and not path.exists():
        raise DataError(
            "the file is a git-annex link without its content; get it with "
            "`datalad get` or `git annex get`"
        )
    if path.is_dir():
        return
    try:
        with path.open("rb") as file:
            content = file.read(PROBE_BYTES)
    except PermissionError as error:
        raise DataError("the file may not be read; ask for read permission") from error
    if not content:
        raise DataError("the file is empty")
    if len(content) < 1000 and ANNEX_POINTER.search(content):
        raise DataError(
            "the file is a placeholder of git-annex or git-lfs; get its content with "
            "`datalad get` or `git lfs pull`"
        )
    if path.suffix.lower() in BINARY and has_converted_line_ends(content):
        raise DataError(
            "implausible: every line feed follows a carriage return, so the file was "
            "damaged by a copy in text mode; copy it again in binary mode"
        )


def has_converted_line_ends(content: bytes) -> bool:
    r"""Return whether binary content went through a conversion of LF to CR LF.

    Among random bytes one line feed in 256 follows a carriage return.

    Example:
        >>> has_converted_line_ends(b"a\r\nb" * 300)
        True
    """
    line_feeds = content.count(b"\n")
    return line_feeds >= MIN_LINE_FEEDS and content.count(b"\r\n") == line_feeds
