"""Text that other programs wrote: its bytes, its encoding, its blanks, its JSON."""

import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from neurograft.errors import DataError

# A placeholder holds a path into the annex (git-annex) or a version line (git-lfs).
PLACEHOLDER = re.compile(rb"^/?annex/objects/|/annex/objects/|^version https://git-lfs")
MAX_PLACEHOLDER_BYTES = 1000
# Sidecars of BIDS are nested five levels deep at most; what is deeper is broken.
MAX_DEPTH = 50
# Marks at the beginning of a text that say how it is encoded.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# Share of zeros among every second byte of UTF-16 without a mark. Chosen here.
MIN_ZERO_SHARE = 0.5
# What Windows puts where Latin-1 has control characters: dashes, quotes, the euro.
WINDOWS_ONLY = re.compile(rb"[\x80-\x9f]")
# Characters that nobody sees, and hyphens that look like the one of the keyboard.
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
ALIKE = UNSEEN | dict.fromkeys(map(ord, "\u2010\u2011"), "-")


def fold(text: str) -> str:
    r"""Return a text as others that look the same: composed, with plain blanks.

    Accents are composed (NFC), every kind and number of blanks is one plain blank, and
    what nobody sees is left out. Upper and lower case stay as they are.

    Example:
        >>> fold(" Epilepsie\u00a0 links ") == "Epilepsie links"
        True
    """
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFC", text).translate(ALIKE).split())


def fold_all(texts: Iterable[str]) -> list[str]:
    """Fold several texts."""
    return [fold(text) for text in texts]


def name_ending(path: Path) -> str:
    """Return which file this is, without whose it is.

    Example:
        >>> name_ending(Path("sub-01_task-rest_events.tsv"))
        'events.tsv'
    """
    is_personal = path.name.lower().startswith(("sub-", "ses-", "task-", "acq-"))
    return path.name.rpartition("_")[2] if is_personal else path.name


def read_content(path: Path, *, called: str, n_bytes: int = -1) -> bytes:
    """Read a file, or say why it is not here.

    Args:
        path: Of the file.
        called: Name of the file in the sentence.
        n_bytes: Number of bytes to read; -1 reads all.

    Raises:
        DataError: If it is missing, may not be read, or is a placeholder of git-annex
            or git-lfs.
    """
    try:
        if path.is_symlink() and not path.exists():
            raise DataError(
                f"{called} is a git-annex link without its content; get it with "
                "`datalad get` or `git annex get`"
            )
        with path.open("rb") as file:
            content = file.read(n_bytes)
    except PermissionError as error:
        raise DataError(f"{called} may not be read; ask for read permission") from error
    except OSError as error:
        raise DataError(f"{called} cannot be read: {error.strerror}") from error
    if len(content) < MAX_PLACEHOLDER_BYTES and PLACEHOLDER.search(content):
        raise DataError(
            f"{called} is a placeholder of git-annex or git-lfs; get its content with "
            "`datalad get` or `git lfs pull`"
        )
    return content


def decode_text(content: bytes) -> tuple[str, str]:
    """Decode UTF-8, with or without byte-order mark, UTF-16, else Latin-1; say which.

    Latin-1 is that of Windows where it holds characters that only Windows has.

    Example:
        >>> decode_text("10 µV".encode("latin-1"))
        ('10 µV', 'latin-1')
    """
    wide = UTF16_MARKS.get(content[:2])
    odd = content[1:200:2]
    if wide is None and len(odd) > 1 and odd.count(0) > MIN_ZERO_SHARE * len(odd):
        wide = "utf-16-le"
    for encoding, name in ((wide, "utf-16"), ("utf-8-sig", "utf-8")):
        if encoding:
            try:
                return content.decode(encoding), name
            except UnicodeDecodeError:
                continue
    if WINDOWS_ONLY.search(content):
        return content.decode("cp1252", errors="replace"), "latin-1"
    return content.decode("latin-1"), "latin-1"


def encode_name(name: str) -> bytes:
    r"""Return the bytes of a name, also of one that is not in UTF-8.

    What other systems wrote, Python keeps as halves of characters (PEP 383), which no
    text in UTF-8 may hold.

    Example:
        >>> encode_name("Müller"), encode_name("M\udcfcller")
        (b'M\xc3\xbcller', b'M\xed\xb3\xbcller')
    """
    return name.encode("utf-8", "surrogatepass")


def note_encoding(path: Path, content: bytes, encoding: str) -> list[str]:
    """Describe an encoding that is not plain UTF-8, in sentences."""
    names = {"latin-1": "Latin-1", "utf-16": "UTF-16"}
    if encoding in names:
        return [f"{name_ending(path)} is in {names[encoding]}"]
    if content.startswith(BYTE_ORDER_MARK):
        return [f"{name_ending(path)} begins with a byte-order mark"]
    return []


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object in any encoding that `decode_text` knows.

    Raises:
        DataError: If it is not here, no JSON, nested too deeply, or no object.
    """
    text, _ = decode_text(read_content(path, called=path.name))
    try:
        content = json.loads(text)
    except RecursionError as error:
        raise DataError(f"{path.name} is not JSON: nested too deeply") from error
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path.name} is not JSON at line {error.lineno}, column {error.colno}: "
            "mend the file or delete it"
        ) from error
    except ValueError as error:
        raise DataError(f"{path.name} is not JSON: a number is too long") from error
    if _is_deep(content):
        raise DataError(f"{path.name} is not JSON: nested too deeply")
    if not isinstance(content, dict):
        raise DataError(f"{path.name} does not hold a JSON object")
    if "\\ud" in text.lower():  # half a character, which no other file could hold
        whole = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        return dict(json.loads(whole))
    return content


def _is_deep(content: Any) -> bool:
    """Return whether values are nested deeper than any sidecar needs."""
    level = [content]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        level = inner
    return bool(level)


def say_text(value: Any) -> str:
    """Return what a sidecar says as text; nothing where it says no text.

    Example:
        >>> say_text(["M1", "M2"]), say_text({"deep": []}), say_text("n/a")
        ('M1, M2', '', '')
    """
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = ", ".join(value)
    if not isinstance(value, str) or fold(value).lower() in ("", "n/a"):
        return ""
    return fold(value)


def count_things(number: int, what: str) -> str:
    """Write a number of things.

    Example:
        >>> count_things(1, "recording"), count_things(2, "recording")
        ('1 recording', '2 recordings')
    """
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
