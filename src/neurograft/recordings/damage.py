"""Files that no reader should be given: empty, placeholders, damaged in transit."""

from pathlib import Path

from neurograft.errors import DataError
from neurograft.files.text import read_content

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
    if path.is_dir():
        return
    content = read_content(path, called="the file", n_bytes=PROBE_BYTES)
    if not content:
        raise DataError("the file is empty")
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
