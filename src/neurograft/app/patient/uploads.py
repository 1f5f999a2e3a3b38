"""Receive a form with files, piece by piece, into a folder of the visit.

Starlette's own reader would spool files outside the folder that the user named, and
look at nothing before all of it has come.
"""

from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from neurograft.errors import DataError

# Letters of a name that are shown.
LONGEST = 200
# Chosen here: far above what the form holds.
MAX_FILES, MAX_FIELDS, MAX_FIELD_BYTES, MAX_HEADER_BYTES = 200, 20, 4096, 4096


class TooLargeError(DataError):
    """More was sent than is taken."""


@dataclass(frozen=True)
class Received:
    """A file that was received.

    Attributes:
        name: Under which it was sent, without folders; only shown, never a path.
        path: Where it lies, under a name of ours.
    """

    name: str
    path: Path


@dataclass
class ReceivedForm:
    """A form that was received.

    Attributes:
        fields: Values by name.
        files: Files, in the order in which they were sent.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Received] = field(default_factory=list)


Check = Callable[[dict[str, str]], None]


async def receive_form(
    stream: AsyncIterable[bytes],
    content_type: str,
    folder: Path,
    *,
    limit: int,
    check: Check,
) -> ReceivedForm:
    """Receive a form, its files into a folder.

    Args:
        stream: Pieces of the body.
        content_type: Header of that name.
        folder: An existing one, for the files.
        limit: Bytes that are taken in all.
        check: Called with the fields before the first file is written, and at the end;
            it raises what is wrong with them.

    Raises:
        TooLargeError: If more bytes come than `limit`.
        DataError: If it is no such form.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise DataError("This is not the form of the page; load the page again.")
    reader = _Reader(folder, check)
    parser = MultipartParser(boundary, reader.callbacks)  # type: ignore[arg-type]
    n_bytes = 0
    try:
        async for piece in stream:
            n_bytes += len(piece)
            if n_bytes > limit:
                raise TooLargeError(say_too_large(limit))
            parser.write(piece)
        parser.finalize()
    except MultipartParseError as error:
        raise DataError("The form came incomplete; send the files again.") from error
    finally:
        reader.close()
    if not reader.is_whole:
        raise DataError("The form came incomplete; send the files again.")
    check(reader.form.fields)
    return reader.form


def say_too_large(limit: int) -> str:
    """Say how much is taken at once."""
    return (
        f"More than {limit / 2**20:.0f} MiB were sent at once; send fewer files, or "
        "start `neurograft serve` with a larger --upload-limit-mib."
    )


class _Reader:
    """Writes the parts of a form as they come."""

    def __init__(self, folder: Path, check: Check) -> None:
        self.folder, self.check = folder, check
        self.form = ReceivedForm()
        self.is_whole = False
        self._header_name, self._header_value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._value = bytearray()
        self._file: IO[bytes] | None = None

    @property
    def callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._add_header_name,
            "on_header_value": self._add_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._add,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._headers = {}
        self._value.clear()

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._check_header()

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._header_name) + len(self._header_value) > MAX_HEADER_BYTES:
            raise DataError("A header of the form is too long; load the page again.")

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name, self._header_value = b"", b""

    def _open(self) -> None:
        """Open a part: a field, or a file, which gets a name of ours."""
        told = parse_options_header(self._headers.get(b"content-disposition", b""))[1]
        self._name = told.get(b"name", b"").decode("utf-8", "replace")
        sent = told.get(b"filename")
        if sent is None:
            if len(self.form.fields) >= MAX_FIELDS:
                raise DataError("The form has too many fields; load the page again.")
            return
        self.check(self.form.fields)
        if len(self.form.files) >= MAX_FILES:
            raise DataError(
                f"More than {MAX_FILES} files were sent at once; send fewer."
            )
        path = self.folder / f"received-{len(self.form.files):03d}"
        name = clean_name(sent.decode("utf-8", "replace"))
        self.form.files.append(Received(name, path))
        self._file = path.open("xb")

    def _add(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > MAX_FIELD_BYTES:
            raise DataError("A field of the form is too long; load the page again.")

    def _end(self) -> None:
        if self._file is None:
            self.form.fields[self._name] = self._value.decode("utf-8", "replace")
            return
        is_empty = self._file.tell() == 0
        self.close()
        # A browser sends an empty file without a name where none was chosen.
        if is_empty and not self.form.files[-1].name:
            self.form.files.pop().path.unlink()

    def _finish(self) -> None:
        self.is_whole = True


def clean_name(sent: str) -> str:
    r"""Return the last part of a name, without what cannot be printed.

    Example:
        >>> clean_name("../../etc/passwd"), clean_name("C:\\data\\visit 1.edf")
        ('passwd', 'visit 1.edf')
    """
    last = sent.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(letter for letter in last if letter.isprintable()).strip()
    # The ending says what a file is.
    return name if len(name) <= LONGEST else f"{name[:150]}…{name[-49:]}"
