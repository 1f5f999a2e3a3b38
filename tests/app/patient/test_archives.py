"""A zip from outside cannot burst, escape, or bring links."""

import io
import struct
import zipfile

import pytest

from neurograft.app.patient import archives
from neurograft.app.patient.archives import unpack
from neurograft.app.patient.uploads import Received
from neurograft.errors import DataError

MIB = 2**20


def write_zip(path, members, packing=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", packing) as opened:
        for name, content in members:
            opened.writestr(name, content)
    return Received("study.zip", path)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "visit"
    made.mkdir()
    return made


def test_members_get_names_of_ours_wherever_they_point(folder, tmp_path):
    names = ["../../evil.edf", "/etc/passwd", "a/b/c.edf", "C:\\x\\d.edf", "a/b/"]
    archive = write_zip(folder / "received-000", [(name, b"x") for name in names])
    found = unpack(archive, folder, limit=MIB)
    assert [one.name for one in found] == ["evil.edf", "passwd", "c.edf", "d.edf"]
    assert {one.path.parent for one in found} == {folder}
    assert list(tmp_path.iterdir()) == [folder]
    assert not archive.path.exists()


def test_a_bomb_is_stopped_before_it_fills_the_disk(folder, monkeypatch):
    monkeypatch.setattr(archives, "FREE_BYTES", MIB)
    archive = write_zip(folder / "received-000", [("a.edf", bytes(200 * MIB))])
    assert archive.path.stat().st_size < MIB
    with pytest.raises(DataError, match="would unpack to more than"):
        unpack(archive, folder, limit=2**30)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 30 * MIB


def test_many_members_count_together(folder, monkeypatch):
    monkeypatch.setattr(archives, "FREE_BYTES", MIB)
    members = [(f"{i}.edf", bytes(MIB // 2)) for i in range(60)]
    archive = write_zip(folder / "received-000", members)
    with pytest.raises(DataError, match="would unpack"):
        unpack(archive, folder, limit=10 * MIB)


def test_a_size_that_lies_does_not_help(folder, monkeypatch):
    monkeypatch.setattr(archives, "FREE_BYTES", MIB)
    archive = write_zip(folder / "received-000", [("a.edf", bytes(50 * MIB))])
    raw = archive.path.read_bytes()
    archive.path.write_bytes(raw.replace(struct.pack("<I", 50 * MIB), b"\1\0\0\0"))
    with pytest.raises(DataError):
        unpack(archive, folder, limit=10 * MIB)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 12 * MIB


def test_too_many_members_are_refused(folder):
    members = [(str(i), b"") for i in range(archives.MAX_MEMBERS + 1)]
    archive = write_zip(folder / "received-000", members)
    with pytest.raises(DataError, match="1001 entries"):
        unpack(archive, folder, limit=MIB)


def test_links_and_hidden_files_are_left_away(folder):
    link = zipfile.ZipInfo("link.edf")
    link.external_attr = 0o120777 << 16
    members = [(link, b"/etc/passwd"), ("._a.edf", b"mac"), ("a.edf", b"x")]
    archive = write_zip(folder / "received-000", members)
    assert [one.name for one in unpack(archive, folder, limit=MIB)] == ["a.edf"]


def test_an_encrypted_zip_is_refused(folder):
    archive = write_zip(folder / "received-000", [("a.edf", b"x")])
    raw = bytearray(archive.path.read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\1\2") + 8] |= 1
    archive.path.write_bytes(bytes(raw))
    with pytest.raises(DataError, match="encrypted"):
        unpack(archive, folder, limit=MIB)


@pytest.mark.parametrize("cut", [0, 10, -30])
def test_a_damaged_zip_is_refused(folder, cut):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("a.edf", b"x" * 1000)
    (folder / "received-000").write_bytes(buffer.getvalue()[:cut])
    with pytest.raises(DataError, match="damaged or no zip"):
        unpack(Received("a.zip", folder / "received-000"), folder, limit=MIB)


def test_a_full_disk_is_not_taken_for_a_damaged_zip(folder, monkeypatch):
    def fill(*_, **__):
        raise OSError(28, "No space left on device")

    archive = write_zip(folder / "received-000", [("a.edf", b"x")])
    monkeypatch.setattr(archives, "_extract", fill)
    with pytest.raises(OSError, match="No space left"):
        unpack(archive, folder, limit=MIB)
