"""Forms are received piece by piece, bounded, and no name that was sent is a path."""

import asyncio

import pytest

from neurograft.app.patient.uploads import (
    MAX_FIELD_BYTES,
    MAX_FILES,
    TooLargeError,
    clean_name,
    receive_form,
)
from neurograft.errors import DataError

KIND = "multipart/form-data; boundary=xyz"


def write_form(*parts):
    """Write a form of `(name, file name or None, bytes)`."""
    body = b""
    for name, file, content in parts:
        named = f'; filename="{file}"' if file is not None else ""
        head = f'Content-Disposition: form-data; name="{name}"{named}'
        body += b"--xyz\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"
    return body + b"--xyz--\r\n"


def receive(folder, body, *, limit=10**6, size=7, kind=KIND, check=lambda _: None):
    """Receive a body in pieces; return the form and how many bytes were taken."""
    taken = 0

    async def cut():
        nonlocal taken
        for start in range(0, len(body), size):
            taken += size
            yield body[start : start + size]

    form = asyncio.run(receive_form(cut(), kind, folder, limit=limit, check=check))
    return form, taken


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_pieces_of_any_size_give_the_same_form(tmp_path, size):
    content = bytes(range(256)) * 20 + b"\r\n--xy\r\n"
    body = write_form(("age", None, b"52"), ("files", "a.edf", content))
    form, _ = receive(tmp_path, body, size=size)
    assert form.fields == {"age": "52"}
    (file,) = form.files
    assert file.name == "a.edf"
    assert file.path.read_bytes() == content


@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/x", "/etc/passwd", "..\\..\\x", "a\x00b.edf", ".", "..", "ü"],
)
def test_a_name_that_was_sent_is_never_a_path(tmp_path, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    form, _ = receive(inside, write_form(("files", name, b"x")))
    assert [path.name for path in inside.iterdir()] == ["received-000"]
    assert list(tmp_path.iterdir()) == [inside]
    assert "/" not in form.files[0].name
    assert "\x00" not in form.files[0].name


def test_nothing_is_read_beyond_the_limit(tmp_path):
    body = write_form(("files", "a.edf", b"x" * 100_000))
    with pytest.raises(TooLargeError, match="More than 0 MiB"):
        receive(tmp_path, body, limit=1000, size=500)
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_size <= 1000


def test_fields_are_checked_before_the_first_file_is_written(tmp_path):
    def refuse(fields):
        raise DataError(f"seen {fields}")

    body = write_form(("token", None, b"no"), ("files", "a.edf", b"x" * 1000))
    with pytest.raises(DataError, match="seen {'token': 'no'}"):
        receive(tmp_path, body, check=refuse)
    assert list(tmp_path.iterdir()) == []


def test_fields_are_checked_where_no_file_comes_too(tmp_path):
    def refuse(_):
        raise DataError("seen")

    with pytest.raises(DataError, match="seen"):
        receive(tmp_path, write_form(("token", None, b"no")), check=refuse)


@pytest.mark.parametrize("length", [0, 30, 60, -3])
def test_a_form_that_breaks_off_is_refused(tmp_path, length):
    body = write_form(("files", "a.edf", b"x" * 100))
    with pytest.raises(DataError, match="incomplete"):
        receive(tmp_path, body[:length])


@pytest.mark.parametrize(
    "kind", ["text/plain", "", "multipart/form-data", "multipart/form-data; boundary="]
)
def test_what_is_no_form_of_the_page_is_refused(tmp_path, kind):
    with pytest.raises(DataError, match="not the form"):
        receive(tmp_path, write_form(("a", None, b"x")), kind=kind)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (write_form(("a", None, b"x" * (MAX_FIELD_BYTES + 1))), "field"),
        (write_form(*[(f"a{i}", None, b"") for i in range(21)]), "too many fields"),
        (write_form(("a" * 5000, None, b"")), "header|incomplete"),
        (
            write_form(*[("f", "a", b"") for _ in range(MAX_FILES + 1)]),
            "More than 200 files",
        ),
        (b"no form at all", "incomplete"),
    ],
)
def test_odd_forms_are_refused_in_a_sentence(tmp_path, body, sentence):
    with pytest.raises(DataError, match=sentence):
        receive(tmp_path, body)


def test_a_field_without_a_chosen_file_is_no_file(tmp_path):
    form, _ = receive(tmp_path, write_form(("files", "", b"")))
    assert form.files == []
    assert list(tmp_path.iterdir()) == []


def test_names_are_shown_without_folders_and_signs():
    assert clean_name("a/b\\c\x1b[31m.edf") == "c[31m.edf"
    long = clean_name("x" * 5000 + ".edf")
    assert len(long) == 200
    assert long.endswith(".edf")
