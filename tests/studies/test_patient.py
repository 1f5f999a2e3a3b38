"""From a folder to the page of a patient: by commands, and in a browser."""

import base64
import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from neurograft.config.study import read_study
from neurograft.files.tables import read_table

pytestmark = [pytest.mark.study, pytest.mark.slow]
PAGE = Path(__file__).parents[2] / "docs" / "prediction.md"
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
LITTLE = "\n[evaluation]\nn_draws = 3\nn_bootstraps = 200\n"
MARK = "<!-- tested: tests/studies/test_patient.py -->"


def list_commands():
    """List the commands behind the mark, up to the next text."""
    rest = PAGE.read_text(encoding="utf-8").split(MARK)[1]
    block = re.match(r"\s*((?:    .*\n)+)", rest)[1]
    return [shlex.split(line)[1:] for line in block.strip().splitlines()]


@pytest.fixture(scope="module")
def ward(run_command, tmp_path_factory):
    """The folder in which the commands were run, and what they said at the end."""
    folder = tmp_path_factory.mktemp("tutorial")
    model, said = "", ""
    with contextlib.chdir(folder):
        for command in list_commands():
            one_process = ["-j", "1"] if command[0] == "run" else []
            words = [word.replace("MODEL", model) for word in command]
            said = run_command(*words, *one_process)
            if command[0] == "init":
                # How sure the study is matters to nobody here.
                with (folder / "ward" / "mine.toml").open("a") as study:
                    study.write(LITTLE)
            if command[0] == "fit":
                (path,) = re.findall(r"^Predictor: (.+)$", said, re.MULTILINE)
                model = Path(path).name
    return folder / "ward", said


def test_the_tutorial_goes_from_a_folder_to_the_page_of_a_patient(ward):
    folder, said = ward
    assert [command[0] for command in list_commands()] == [
        "simulate", "init", "check", "run", "fit", "simulate", "predict",
    ]  # fmt: skip
    assert read_study(folder / "mine.toml").tasks["disease"].positive == ("patient",)
    assert "not a medical device" in said
    answers = folder / "answers"
    table = read_table(answers / "predictions.tsv")
    assert table["status"].tolist() == ["answered"]
    assert table["age"].tolist() == [52.0]
    page = (answers / "sub-001.html").read_text(encoding="utf-8")
    assert "What the EEG says" in page
    assert sorted(path.name for path in answers.iterdir()) == [
        "predictions.tsv", "recordings.tsv", "sub-001.html",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def served(ward):
    """The local page of that folder; its address, process and links."""
    with Served(ward[0]) as server:
        yield server


class Served:
    """A server in a process of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.visits = folder / ".neurograft-app" / "visits"
        words = [sys.executable, "-m", "neurograft", "serve", str(folder), "--port=0"]
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        self.read_link()
        self.process.stdout.readline()  # how to end it

    def list_files(self):
        """List what visits hold, also while one of them is being deleted."""
        return {
            Path(around) / name
            for around, folders, files in os.walk(self.visits)
            for name in (*folders, *files)
        }

    def read_link(self):
        self.link = self.process.stdout.readline().split()[-1]
        self.origin = self.link.split("/enter")[0]
        return self.link

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def browser():
    if shutil.which("chromium") is None:
        pytest.skip("there is no chromium")
    with sync_playwright() as started:
        opened = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield opened
        opened.close()


@pytest.fixture
def visit(served, browser):
    """A page that came by the link, and that complains of nothing."""
    pages = []

    def enter(width=1280):
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.complaints = []
        page.on("console", lambda told: page.complaints.append(told.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(served.link)
        page.wait_for_url("**/")
        served.read_link()
        pages.append(page)
        return page

    yield enter
    for page in pages:
        page.close()
        assert page.complaints == []


@pytest.fixture(scope="module")
def visit_file(ward):
    """The recording of a new person."""
    found = sorted((ward[0].parent).rglob("*.vhdr"))
    assert found
    header = found[-1]
    return [header, header.with_suffix(".eeg"), header.with_suffix(".vmrk")]


def drop(page, files):
    """Drop files on the form, as from a window of the system."""
    told = [(path.name, base64.b64encode(path.read_bytes()).decode()) for path in files]
    dropped = page.evaluate_handle(
        """told => {
            const dropped = new DataTransfer();
            for (const [name, text] of told) {
                const bytes = Uint8Array.from(atob(text), one => one.charCodeAt(0));
                dropped.items.add(new File([bytes], name));
            }
            return dropped;
        }""",
        told,
    )
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#drop", kind, {"dataTransfer": dropped})


def send(page, files, *, is_dropped=False):
    if is_dropped:
        drop(page, files)
    else:
        page.set_input_files("#files", files)
    page.click("#send")
    page.wait_for_url("**/patients/*")


def list_faults(page):
    """List the faults that axe-core finds, and whether the page is too wide."""
    found = Axe().run(page).response["violations"]
    faults = [(one["id"], one["nodes"][0]["html"]) for one in found]
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return faults + (["too wide"] if wide else [])


@pytest.mark.parametrize("width", [1280, 390])
def test_a_clinician_reads_the_page_of_a_patient(
    visit, visit_file, served, width, tmp_path
):
    page = visit(width)
    assert list_faults(page) == []
    page.fill("#age", "52")
    page.select_option("#sex", "F")
    page.fill("#label", "P-17")
    send(page, visit_file, is_dropped=width > 1000)
    page.wait_for_selector("text=Read the page")
    assert page.locator("h2").inner_text() == "P-17"
    assert list_faults(page) == []
    with page.expect_download() as download:
        page.click("text=Download the page")
    assert download.value.suggested_filename == "P-17.html"
    place = page.url
    for link in page.locator("main a").all():
        answer = page.request.get(served.origin + link.get_attribute("href"))
        assert answer.status == 200
    page.click("text=Read the page")
    assert "What the EEG says" in page.content()
    page.goto(place)
    page.click("text=Delete recordings and answer")
    page.wait_for_url(served.origin + "/")
    assert not list(served.visits.rglob("recording-*"))
    page.click("text=Delete everything and leave")
    assert "deleted" in page.locator("h1").inner_text()
    assert list(served.visits.iterdir()) == []


def test_the_keyboard_is_enough(visit, visit_file):
    page = visit(390)
    names = []
    for _ in range(30):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.id || document.activeElement.type")
        names.append(name)
        if name == "age":
            page.keyboard.type("52")
        if name == "sex":
            page.keyboard.type("f")
        if name == "files":
            page.set_input_files("#files", visit_file)
        if name == "send":
            page.keyboard.press("Enter")
            break
    order = [names.index(name) for name in ("age", "sex", "files", "send")]
    assert order == sorted(order)
    page.wait_for_url("**/patients/*")
    page.wait_for_selector("text=Read the page")


def test_every_page_of_the_studies_opens_and_is_sound(visit, served):
    page = visit()
    page.goto(served.origin + "/studies")
    seen, waiting = set(), [page.url]
    while waiting:
        place = waiting.pop()
        seen.add(place)
        assert page.goto(place).status == 200
        if "/files/" in place:
            continue
        assert "?" in place or list_faults(page) == [], place
        found = [one.get_attribute("href") for one in page.locator("a").all()]
        new = {urljoin(place, one).split("#")[0] for one in found}
        waiting += [one for one in new - seen - set(waiting) if "&down" not in one]
    assert sum("/tables/" in place for place in seen) > 10
    assert any(place.endswith("report.html") for place in seen)


def test_a_study_is_checked_and_the_page_says_that_it_works(visit, served):
    page = visit()
    page.goto(served.origin + "/studies")
    page.locator("main a[href^='/studies/']").first.click()
    page.wait_for_url("**/studies/*")  # loaded, with what listens to the form
    place = page.url
    # Held back, so that the page can be looked at while it would wait.
    page.evaluate(
        "const form = document.querySelector('form[data-wait]');"
        "form.addEventListener('submit', (event) => event.preventDefault());"
        "form.requestSubmit()"
    )
    assert "takes some seconds" in page.get_by_role("status").inner_text()
    assert page.get_by_role("button", name="Check").is_disabled()
    assert list_faults(page) == []
    page.goto(place)
    page.get_by_role("button", name="Check").click()
    page.wait_for_selector("text=The check has passed", timeout=120_000)
    assert list_faults(page) == []


def test_a_recording_that_is_none_is_refused_in_the_words_of_the_command(
    visit, run_command, ward, tmp_path
):
    broken = tmp_path / "Jane Doe.edf"
    broken.write_bytes(b"no EDF at all" * 100)
    model = next(ward[0].rglob("predictor.json")).parent
    said = run_command("predict", model, broken, "--out", tmp_path / "out", "--quiet")
    page = visit()
    send(page, broken)
    page.wait_for_selector("text=Read the page")
    told = page.locator("section p").first.inner_text()
    assert told
    assert told in said
    page.click("text=Read the page")
    assert "Jane" not in page.content()


def measure_memory(process):
    """Measure the memory of a process and of those that it started, MiB."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid=,rss="], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    family = {process}
    for _ in range(4):
        family |= {pid for pid, parent, _ in rows if parent in family}
    return sum(rss for pid, _, rss in rows if pid in family) / 1024


def test_fifty_uploads_leave_memory_and_disk_as_they_were(served):
    with httpx2.Client(base_url=served.origin, timeout=120) as client:
        client.get(served.link)
        served.read_link()
        page = client.get("/").text
        form = {
            name: page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0]
            for name in ("token", "model")
        }
        told = {"data": form, "headers": {"origin": served.origin}}
        files = served.list_files()
        memory = []
        for _ in range(50):
            sent = {"files": ("a.edf", b"no EDF at all" * 100_000)}
            place = client.post("/patients", files=sent, **told).headers["location"]
            wait_until(lambda at=place: "trigger" not in client.get(f"{at}/state").text)
            assert "There is no answer" in client.get(place).text
            assert client.post(f"{place}/delete", **told).status_code == 303
            memory.append(measure_memory(served.process.pid))
        assert served.list_files() == files
    # The first ones fill what is kept; the last must add next to nothing to it.
    assert max(memory[-5:]) - max(memory[10:20]) < 10, memory


def test_a_connection_that_is_lost_leaves_nothing(visit, served):
    page = visit()
    (cookie,) = page.context.cookies()
    host = served.origin.removeprefix("http://")
    head = (
        f"POST /patients HTTP/1.1\r\nHost: {host}\r\nOrigin: {served.origin}\r\n"
        f"Cookie: {cookie['name']}={cookie['value']}\r\nContent-Length: 1000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    )
    before = served.list_files()
    with socket.create_connection(tuple(host.split(":"))) as lost:
        lost.sendall(head.encode())
        wait_until(lambda: served.list_files() != before)
    wait_until(lambda: served.list_files() == before)
    page.reload()
    assert "A patient" in page.content()


def wait_until(is_so):
    for _ in range(1000):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to be")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_server_that_ends_leaves_no_file_of_a_visit(ward, tmp_path, sign):
    folder = tmp_path / "folder"
    folder.mkdir()
    with Served(folder) as server:
        with urllib.request.urlopen(server.link) as answer:
            assert answer.status == 200
        assert list(server.visits.iterdir())
        server.process.send_signal(sign)
        server.process.wait(20)
    if sign == signal.SIGKILL:
        with Served(folder) as server:  # the next start sweeps up
            pass
    assert list(server.visits.iterdir()) == []
