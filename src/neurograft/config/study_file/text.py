"""The text of a study file, and the folders that it names.

Windows puts a mark in front of files, writes some in UTF-16, and separates folders by
backslashes, which begin escapes in TOML.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from neurograft.errors import ConfigError

# A study file is a page or two. Chosen here: what is longer is none.
MAX_BYTES = 4 * 2**20
# Names of files are no longer than this on any usual system, nor paths than that.
MAX_NAME_BYTES, MAX_PATH_BYTES = 255, 4000
BACKSLASH = (
    "backslashes begin escapes there; write folders as C:/..., or use single quotes"
)
HOW = "every line is name = value, with texts in straight quotes and lists in brackets"
NOT_TEXT = "is not text in UTF-8; save it as UTF-8 in your editor"
QUOTES = re.compile("[\u201c-\u201f\u2018-\u201b\u00ab\u00bb]")
ODD_BLANKS = re.compile("[\u00a0\u2000-\u200b\u202f\u3000\ufeff]")
LINE = re.compile(r"\(at line (\d+)")
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file in UTF-8, with or without a mark in front, or in UTF-16.

    Raises:
        ConfigError: If there is none, or it is not TOML.
    """
    if path.is_dir():
        raise ConfigError(f"{path} is a folder; give the path of the study file in it.")
    if not path.is_file():
        raise ConfigError(
            f"There is no study file {path}; give the path of a TOML file."
        )
    content = path.read_bytes()
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path} is too long for a study file; give another file.")
    try:
        text = content.decode(_find_encoding(content))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} {NOT_TEXT}.") from error
    if "\0" in text:
        raise ConfigError(f"{path} {NOT_TEXT}.")
    return parse_toml(text.replace("\r\n", "\n").replace("\r", "\n"), str(path))


def _find_encoding(content: bytes) -> str:
    """Find the encoding: UTF-16 with a mark in front or with every other byte 0."""
    if content[:2] in WIDE_MARKS:
        return "utf-16"
    for encoding, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(content) > 1 and not any(content[first:200:2]):
            return encoding
    return "utf-8-sig"


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Parse TOML.

    Args:
        text: To parse.
        name: Of what is parsed, for the sentence.

    Raises:
        ConfigError: If it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(
            f"{name} is not valid TOML: nested too deeply; take brackets away."
        ) from error
    except tomllib.TOMLDecodeError as error:
        place = LINE.search(str(error))
        lines = text.split("\n")
        line = lines[min(int(place[1]), len(lines)) - 1] if place else ""
        advice = _advise(line)
        if advice and place:
            raise ConfigError(f"{name}, line {place[1]}: {advice}.") from error
        raise ConfigError(f"{name} is not valid TOML: {error}; {HOW}.") from error
    except ValueError as error:  # a whole number of thousands of digits
        raise ConfigError(
            f"{name} holds a number of thousands of digits; shorten it."
        ) from error


def _advise(line: str) -> str:
    """Say what is wrong with a line, if it is a usual mistake."""
    if "\\" in line:
        return BACKSLASH
    if QUOTES.search(line):
        return "quotes of a word processor stand there; write straight ones"
    if ODD_BLANKS.search(line):
        return "a blank stands there that is no plain one; type it anew"
    return ""


def open_folder(base: Path, folder: Path, *, setting: str) -> Path:
    """Return a folder that a study file names, absolute; `~` is the home folder.

    Args:
        base: Folder that it is relative to.
        folder: As written.
        setting: Name of the setting, for the sentence.

    Raises:
        ConfigError: If there can be no such folder.
    """
    written = str(folder)
    if re.search(r"[\x00-\x1f]", written):
        raise ConfigError(
            f"{setting} holds a character that no name of a folder has; {BACKSLASH}."
        )
    long = any(len(os.fsencode(part)) > MAX_NAME_BYTES for part in folder.parts)
    if long or len(os.fsencode(written)) > MAX_PATH_BYTES:
        raise ConfigError(
            f"{setting} = {written[:60]!r} ... is too long for a folder; shorten it."
        )
    try:
        return (base / folder.expanduser()).resolve()
    except (RuntimeError, OSError, ValueError) as error:
        raise ConfigError(
            f"{setting} = {written!r}: there can be no such folder; give the path of "
            "one, for example 'C:/data/clinic' or '~/clinic'."
        ) from error
