"""Downloads from a local server that cuts, lies and refuses like real ones."""

import contextlib
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from neurograft.cohorts import connection, download
from neurograft.cohorts.download import Servers, fetch_dataset
from neurograft.config.cards import DatasetCard, DataSource, read_card
from neurograft.errors import ConfigError, DataError, WriteError

FILES = {
    "dataset_description.json": b'{"Name": "x"}',
    "sub-01/eeg/sub-01_task-rest_eeg.edf": bytes(range(256)) * 3000,
    "sub-02/eeg/sub-02 b.edf": b"other" * 1000,
}


class Archive(BaseHTTPRequestHandler):
    """An S3 bucket, a PhysioNet project and a Zenodo record with the same files."""

    files = FILES
    asked: ClassVar[list] = []
    cut_after: ClassVar[dict] = {}
    checksums: ClassVar[dict] = {}
    etag = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        url = urlsplit(self.path)
        path = unquote(url.path)
        self.asked.append((path, self.headers.get("Range")))
        if url.query:
            self.answer(self.list_bucket(parse_qs(url.query)))
        elif path == "/p/proj/1.0.0/SHA256SUMS.txt":
            lines = [
                f"{self.checksums.get(n) or hashlib.sha256(c).hexdigest()} {n}"
                for n, c in self.files.items()
            ]
            self.answer("\n".join(lines).encode())
        elif path == "/z/77":
            self.answer(json.dumps(self.list_record()).encode())
        else:
            self.send_file(path)

    def list_bucket(self, query):
        if query["prefix"] != ["ds1/"]:
            return (
                b"<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'/>"
            )
        first = "continuation-token" not in query
        names = sorted(self.files)[:2] if first else sorted(self.files)[2:]
        items = "".join(
            f"<Contents><Key>ds1/{n}</Key><Size>{len(self.files[n])}</Size>"
            f"<ETag>&quot;{self.make_etag(n)}&quot;</ETag></Contents>"
            for n in names
        )
        more = "<NextContinuationToken>t</NextContinuationToken>" if first else ""
        return (
            "<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
            f"{items}{more}</ListBucketResult>"
        ).encode()

    def make_etag(self, name):
        md5 = self.checksums.get(name) or hashlib.md5(self.files[name]).hexdigest()
        return md5 if self.etag else f"{md5}-3"

    def list_record(self):
        host = self.headers["Host"]
        return {
            "files": [
                {
                    "key": n.replace("/", "_"),
                    "size": len(c),
                    "checksum": f"md5:{hashlib.md5(c).hexdigest()}",
                    "links": {"self": f"http://{host}/b/ds1/{n}".replace(" ", "%20")},
                }
                for n, c in self.files.items()
            ]
        }

    def send_file(self, path):
        name = path.split("/ds1/")[-1].split("/proj/1.0.0/")[-1]
        if name not in self.files:
            self.send_error(404, "Not Found")
            return
        content = self.files[name]
        start = 0
        if asked := self.headers.get("Range"):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cuts = self.cut_after.get(name)
        stop = cuts.pop(0) if cuts else len(content)
        self.wfile.write(content[start:stop])

    def answer(self, content):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def archive(monkeypatch):
    """A running archive; its class keeps what was asked and what it does wrong."""
    kind = type("Running", (Archive,), {"asked": [], "cut_after": {}, "checksums": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kind.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(connection, "PAUSE_S", 0.01)
    yield kind
    server.shutdown()
    server.server_close()


def make_card(kind="openneuro", identifier="ds1", version="1.0.0"):
    source = DataSource(kind=kind, identifier=identifier, version=version, how="x")
    known = read_card("ds004504").model_dump()
    return DatasetCard(**{**known, "name": "ds1", "source": source})


def run(archive, folder, card=None, **options):
    servers = Servers(f"{archive.url}/b", f"{archive.url}/p", f"{archive.url}/z")
    return fetch_dataset(card or make_card(), folder, servers=servers, **options)


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [("openneuro", "ds1"), ("physionet", "proj"), ("zenodo", "77")],
)
def test_every_archive_gives_every_file(archive, tmp_path, kind, identifier):
    paths = run(archive, tmp_path / "d", make_card(kind, identifier))
    assert [path.read_bytes() for path in paths] == [
        FILES[n] for n in (sorted(FILES) if kind == "openneuro" else FILES)
    ]
    assert not list(tmp_path.rglob("*.part"))


def test_progress_ends_with_everything(archive, tmp_path):
    seen = []
    run(archive, tmp_path / "d", progress=lambda *state: seen.append(state))
    message, done, total = seen[-1]
    assert message == "fetching ds1, MB (file 3 of 3)"
    assert done == total == sum(map(len, FILES.values())) // 10**6


def test_a_cut_connection_goes_on_where_it_was_cut(archive, tmp_path):
    name = "sub-01/eeg/sub-01_task-rest_eeg.edf"
    archive.cut_after[name] = [300_000, 500_000]
    run(archive, tmp_path / "d")
    assert (tmp_path / "d" / name).read_bytes() == FILES[name]
    ranges = [r for path, r in archive.asked if path.endswith(name)]
    assert ranges == [None, "bytes=300000-", "bytes=500000-"]


def test_a_connection_that_is_always_cut_says_so_and_keeps_what_came(archive, tmp_path):
    name = "sub-01/eeg/sub-01_task-rest_eeg.edf"
    archive.cut_after[name] = [1000, 2000, 3000, 4000]
    with pytest.raises(DataError, match=r"could not be read .cut after 4000 of 768000"):
        run(archive, tmp_path / "d")
    assert not (tmp_path / "d" / name).exists()
    run(archive, tmp_path / "d")
    assert (tmp_path / "d" / name).read_bytes() == FILES[name]
    assert archive.asked[-2][1] == "bytes=4000-"


def test_a_wrong_checksum_removes_the_file(archive, tmp_path):
    name = "sub-02/eeg/sub-02 b.edf"
    archive.checksums[name] = "0" * 32
    with pytest.raises(DataError, match="has another checksum than its archive says"):
        run(archive, tmp_path / "d")
    assert not (tmp_path / "d" / name).exists()
    assert not list(tmp_path.rglob("*.part"))


def test_what_is_there_is_not_asked_for_again(archive, tmp_path):
    run(archive, tmp_path / "d")
    archive.asked.clear()
    run(archive, tmp_path / "d")
    assert {path for path, _ in archive.asked} == {"/b"}
    damaged = tmp_path / "d/sub-02/eeg/sub-02 b.edf"
    damaged.write_bytes(b"OTHER" * 1000)
    run(archive, tmp_path / "d")
    assert damaged.read_bytes() == FILES["sub-02/eeg/sub-02 b.edf"]


def test_files_uploaded_in_parts_have_no_md5_and_are_checked_by_size(archive, tmp_path):
    archive.etag = False
    paths = run(archive, tmp_path / "d")
    assert len(paths) == 3


def test_a_pattern_chooses_files(archive, tmp_path):
    (path,) = run(archive, tmp_path / "d", include="sub-02/*")
    assert path.name == "sub-02 b.edf"
    with pytest.raises(DataError, match="None of the 3 files of ds1 is like 'x'"):
        run(archive, tmp_path / "d", include="x")


def test_what_the_archive_does_not_have_is_one_sentence(archive, tmp_path):
    with pytest.raises(DataError, match="answered 404 Not Found; check the name"):
        run(archive, tmp_path / "d", make_card("physionet", "nothing"))
    with pytest.raises(DataError, match="The archive lists no file of ds1; check"):
        run(archive, tmp_path / "d", make_card("openneuro", "ds2"))


def test_a_server_that_is_not_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "PAUSE_S", 0.0)
    with pytest.raises(DataError, match="could not be read .* check the connection"):
        fetch_dataset(
            make_card(), tmp_path, servers=Servers(openneuro="http://127.0.0.1:9/b")
        )


def test_a_listing_cannot_write_outside_the_folder(archive, tmp_path):
    archive.files = {"../evil": b"x"}
    with pytest.raises(DataError, match="which leaves the folder"):
        run(archive, tmp_path / "d")
    assert not (tmp_path / "evil").exists()


def test_a_full_disk_is_told_from_a_cut_connection(tmp_path):
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(WriteError, match="No space left on device; free some space"),
    ):
        download._write(full, b"x", tmp_path)


def test_a_data_set_behind_an_agreement_says_where_to_sign(tmp_path):
    with pytest.raises(ConfigError, match="tuab cannot be fetched by a program"):
        fetch_dataset(read_card("tuab"), tmp_path)


class Hostile(BaseHTTPRequestHandler):
    """A record whose listing and files are whatever a test wants."""

    listing: ClassVar[bytes] = b""
    bodies: ClassVar[dict] = {}

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = urlsplit(self.path).path
        if path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", self.bodies[path].decode())
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(self.bodies.get(path, self.listing))
            if path.startswith("/endless") or not self.listing:
                while True:
                    self.wfile.write(b"A" * 2**16)


@pytest.fixture
def hostile(monkeypatch):
    kind = type("Running", (Hostile,), {"bodies": {"/f": b"hello"}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kind.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(connection, "PAUSE_S", 0.01)
    monkeypatch.setattr(download, "MAX_LISTING_BYTES", 2**20)
    monkeypatch.setattr(download, "MAX_PAGES", 20)
    yield kind
    server.shutdown()
    server.server_close()


def list_one(url, **change):
    checksum = f"md5:{hashlib.md5(b'hello').hexdigest()}"
    return {
        "key": "x",
        "links": {"self": url},
        "size": 5,
        "checksum": checksum,
    } | change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, None),
        ({"checksum": f"MD5:{hashlib.md5(b'hello').hexdigest().upper()}"}, None),
        ({"checksum": f"md5:{hashlib.md5(b'hello').hexdigest().upper()}"}, None),
        ({"checksum": "crc9:123"}, "a checksum of kind 'crc9'"),
        ({"size": 3}, "another size"),
        ({"size": 9}, "could not be read|another size"),
        ({"size": 3, "checksum": ""}, "another size"),
        ({"key": "../evil"}, "leaves the folder"),
        ({"key": "..\\evil"}, "leaves the folder"),
        ({"key": "C:/evil"}, "leaves the folder"),
        ({"key": "a\0b"}, "can be no name of a file"),
        ({"key": "a\n\x1b[31mb"}, "can be no name of a file"),
        ({"key": "a" * 300}, "can be no name of a file"),
        ({"links": {"self": "file:///etc/passwd"}}, "no address on the network"),
        ({"links": {"self": "data:,hello"}}, "no address on the network"),
        ({"links": {"self": "http://[::1"}}, "no address on the network"),
        ({"links": {"self": "http://"}}, "no address on the network"),
        ({"links": {"self": "/\u00fc"}}, "no address on the network"),
        ({"links": {"self": "/moved/odd"}}, "no address on the network"),
        ({"links": {"self": "/moved/file"}}, "answered 302"),
        ({"links": {"self": "/endless"}}, "another size"),
        ({"links": 5}, "no listing of files"),
        ({"size": "big"}, "no listing of files"),
    ],
)
def test_a_hostile_record_is_one_sentence_and_leaves_nothing(
    hostile, tmp_path, change, sentence
):
    entry = list_one(f"{hostile.url}/f", **change)
    if isinstance(entry["links"], dict) and entry["links"]["self"].startswith("/"):
        entry["links"] = {"self": hostile.url + entry["links"]["self"]}
    hostile.bodies |= {
        "/moved/odd": b"http://[::1",
        "/moved/file": b"file:///etc/passwd",
        "/endless": b"A",
    }
    hostile.listing = json.dumps({"files": [entry]}).encode()
    card = make_card("zenodo", "77")
    if sentence is None:
        assert [path.read_bytes() for path in run(hostile, tmp_path, card)] == [
            b"hello"
        ]
        return
    with pytest.raises(DataError, match=sentence):
        run(hostile, tmp_path, card)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    is_cut_short = "could not be read" in sentence  # the next run goes on from there
    assert len(left) <= is_cut_short


S3_PAGE = (
    b"<L xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
    b"<NextContinuationToken>t</NextContinuationToken></L>"
)


@pytest.mark.parametrize("kind", ["zenodo", "openneuro", "physionet"])
@pytest.mark.parametrize(
    "listing",
    [b"<html>", b"[]", b'{"files": 5}', b"[" * 200_000, b"", b"\xff\xfe", S3_PAGE],
)
def test_what_is_no_listing_is_one_sentence(hostile, tmp_path, kind, listing):
    hostile.listing = listing
    with pytest.raises(DataError):
        run(hostile, tmp_path, make_card(kind, "77"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_also_a_folder_is_refused_before_anything_is_written(
    hostile, tmp_path
):
    entries = [list_one(f"{hostile.url}/f", key=key) for key in ("a", "a/b")]
    hostile.listing = json.dumps({"files": entries}).encode()
    with pytest.raises(DataError, match="as a file and as a folder"):
        run(hostile, tmp_path, make_card("zenodo", "77"))
    assert list(tmp_path.iterdir()) == []


class Dripping(BaseHTTPRequestHandler):
    """Send a byte, again and again, and never come to an end."""

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "99999999")
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"A")
                self.wfile.flush()
                time.sleep(0.02)


def test_a_server_that_drips_is_given_up(monkeypatch, tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(connection, "GRACE_S", 0.2)
    with pytest.raises(DataError, match="sends fewer than 1000 bytes in a second"):
        download._read(url)
    remote = download.RemoteFile("x", url)
    with pytest.raises(DataError, match="what is there is kept"):
        download._download(remote, tmp_path / "x", lambda _: None)
    assert (tmp_path / "x.part").stat().st_size > 1
    server.shutdown()
    server.server_close()
