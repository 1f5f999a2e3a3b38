"""Studies of the folder are seen, checked, started and stopped; nothing else is."""

import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from neurograft.app.study import runs
from neurograft.app.study.study_pages import TITLES
from neurograft.files.lock import hold_folder
from neurograft.files.progress_note import note_progress
from neurograft.files.tables import write_table
from neurograft.report.parts import read_part

STUDY = """
name = "Pain clinic"
data_folder = "."
[cohorts.clinic]
folder = "clinic"
[pretraining]
shipped = "tiny"
[tasks.pain]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]
"""
HOLD = """
import sys, time
from pathlib import Path
from neurograft.files.lock import hold_folder
from neurograft.files.progress_note import note_progress
folder = Path(sys.argv[1])
with hold_folder(folder, "neurograft run"), note_progress(folder, lambda *_: None) as n:
    n("embedding (tiny)", 0, 8)
    time.sleep(1.1)
    n("embedding (tiny)", 2, 8)
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def study(server):
    """The folder of a study, beside the model."""
    folder = server.settings.root / "pain"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY)
    (folder / "results").mkdir()
    return folder


def find_place(server):
    """Return the address of the only study."""
    page = server.first.get("/studies").text
    return "/studies/" + page.split('href="/studies/')[1].split('"')[0]


def test_an_empty_folder_offers_the_demo(server):
    assert "Run the demo" in server.first.get("/studies").text


def test_a_study_is_shown_with_what_it_found(server, study):
    rows = [("pain", "evidence", "No evidence of pain."), ("pain", "needed", "Hidden.")]
    table = pd.DataFrame(rows, columns=["task", "question", "sentence"])
    (study / "results" / "summary").mkdir()
    write_table(study / "results" / "summary" / "verdicts.tsv", table)
    for place in ("/studies", find_place(server)):
        page = server.first.get(place).text
        assert "Pain clinic" in page
        assert "pain: No evidence of pain." in page
        assert "Hidden." not in page


def test_a_broken_study_file_is_a_card_with_its_sentence(server, study):
    (study / "study.toml").write_text(STUDY + "\n[evaluation]\nn_repeat = 3\n")
    page = server.first.get("/studies").text
    assert "n_repeat" in page
    assert "Start" not in server.first.get(find_place(server)).text


def test_results_and_people_are_not_taken_for_studies(server, study):
    (study / "results" / ".lock").touch()
    (study / "results" / "settings.toml").write_text(STUDY)
    inside = server.settings.root / "sub-01"
    inside.mkdir()
    (inside / "study.toml").write_text(STUDY)
    (server.settings.root / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert server.first.get("/studies").text.count("<section") == 1


def test_a_run_is_shown_with_its_progress_and_stopped(server, study):
    command = [sys.executable, "-c", HOLD, str(study / "results")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "held\n"
            place = find_place(server)
            page = server.first.get(f"{place}/state").text
            assert "Running since" in page
            assert "Embedding (tiny)" in page
            assert "2 of 8" in page
            assert "less than a minute left" in page
            assert server.post(server.first, f"{place}/stop").status_code == 303
            assert process.wait(10) == -signal.SIGTERM
        finally:
            process.kill()
    assert "Running since" not in server.first.get(place).text
    assert server.post(server.first, f"{place}/stop").status_code == 409


def test_why_the_last_run_ended_is_told(server, study):
    (study / "results" / "cohorts").mkdir()
    held = hold_folder(study / "results", "neurograft run")
    with (
        pytest.raises(OSError, match="disk"), held,
        note_progress(study / "results", lambda *_: None),
    ):  # fmt: skip
        raise OSError("The disk is full.")
    assert "The disk is full." in server.first.get(find_place(server)).text


@pytest.fixture
def replace_command(monkeypatch, tmp_path):
    """Let a script stand in for `neurograft`."""

    def replace(text):
        script = tmp_path / "command.py"
        script.write_text(text)
        monkeypatch.setattr(runs, "COMMAND", (sys.executable, str(script)))

    return replace


def wait_for_end(server, place):
    """Return the page of a study once its run has ended."""
    for _ in range(200):
        page = server.first.get(place).text
        if "Ended before its end" in page:
            break
        time.sleep(0.05)
    return page


def test_only_what_check_passed_is_started(server, study, replace_command):
    replace_command(
        "import sys, pathlib, time\n"
        "words = sys.argv[1:]\n"
        "if words[0] == 'check':\n"
        "    text = pathlib.Path(words[1]).read_text()\n"
        "    print('cohort clinic: <b>2 people</b>')\n"
        "    sys.exit(2 if 'wrong' in text else 0)\n"
        "pathlib.Path(words[1]).with_name('started').touch()\n"
        "time.sleep(60)\n"
    )
    place = find_place(server)
    assert server.post(server.first, f"{place}/start").status_code == 409
    (study / "study.toml").write_text(STUDY + "# wrong\n")
    server.post(server.first, f"{place}/check")
    page = server.first.get(place).text
    assert "The check has not passed" in page
    assert "&lt;b&gt;2 people" in page
    assert server.post(server.first, f"{place}/start").status_code == 409
    (study / "study.toml").write_text(STUDY)
    server.post(server.first, f"{place}/check")
    assert "The check has passed" in server.first.get(place).text
    # A file that was changed since has to be checked again.
    (study / "study.toml").write_text(STUDY + "\n")
    assert server.post(server.first, f"{place}/start").status_code == 409
    server.post(server.first, f"{place}/check")
    assert server.post(server.first, f"{place}/start").status_code == 303
    for _ in range(200):
        if (study / "started").exists():
            break
        time.sleep(0.05)
    assert "Starting" in server.first.get(place).text
    assert server.post(server.first, f"{place}/start").status_code == 409
    assert server.post(server.first, f"{place}/stop").status_code == 303
    page = wait_for_end(server, place)
    assert "The run was stopped; started again, it goes on." in page


def test_a_run_that_fails_says_how(server, study, replace_command):
    replace_command(
        "import sys\n"
        "if sys.argv[1] == 'run':\n"
        "    print('neurograft: No such column.', file=sys.stderr)\n"
        "    sys.exit(2)\n"
    )
    place = find_place(server)
    server.post(server.first, f"{place}/check")
    server.post(server.first, f"{place}/start")
    page = wait_for_end(server, place)
    assert "No such column." in page


@pytest.fixture
def report(study):
    """A report with the script of ours, and the page of a person."""
    script = f"const said = {{}};\n{read_part('script.js')}"
    page = f"<p>report</p><script>\n{script}\n</script>"
    (study / "results" / "report.html").write_text(page)
    people = study / "results" / "subjects" / "clinic"
    people.mkdir(parents=True)
    (people / "sub-01.html").write_text("<p>person</p>")
    return study


def test_the_report_is_shown_as_it_is_and_its_own_script_runs(server, report):
    place = find_place(server)
    answer = server.first.get(f"{place}/files/report.html")
    assert answer.text == (report / "results" / "report.html").read_text()
    policy = answer.headers["content-security-policy"]
    assert "script-src 'sha256-" in policy
    person = server.first.get(f"{place}/files/subjects/clinic/sub-01.html")
    assert person.text == "<p>person</p>"
    assert "script-src 'none'" in person.headers["content-security-policy"]


def test_a_script_that_is_not_ours_does_not_run(server, report):
    (report / "results" / "report.html").write_text("<script>alert(1)</script>")
    answer = server.first.get(f"{find_place(server)}/files/report.html")
    assert "script-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "page",
    [
        "../study.toml", "..%2fstudy.toml", "%2e%2e/study.toml", "subjects/../../x",
        "/etc/passwd", "%2fetc%2fpasswd", "evaluation/predictions.tsv", "subjects",
    ],
)  # fmt: skip
def test_no_other_file_can_be_read(server, report, page):
    (report / "x").write_text("secret")
    assert server.first.get(f"{find_place(server)}/files/{page}").status_code == 404


def test_people_and_recordings_are_sorted_by_every_column(server, study):
    rows = pd.DataFrame(
        {
            "cohort": "clinic",
            "participant_id": ["sub-01", "sub-02", "sub-02", "sub-03"],
            "status": ["kept", "kept", "dropped", "kept"],
            "reason": [None, None, "<i>flat</i>", None],
            "age": [50.0, 9.0, 9.0, 70.0],
            "sex": ["F", "M", "M", None],
            "usable_s": [60.0, 100.0, None, 5.0],
        }
    )
    folder = study / "results" / "cohorts" / "clinic"
    folder.mkdir(parents=True)
    write_table(folder / "recordings.tsv", rows)
    place = find_place(server) + "/tables"

    def list_people(query):
        page = server.first.get(f"{place}/people{query}").text
        body = page.split("<tbody>")[1]
        return [part[:6] for part in body.split("<td>") if part.startswith("sub-")]

    assert list_people("") == ["sub-01", "sub-02", "sub-03"]
    assert list_people("?by=age") == ["sub-02", "sub-01", "sub-03"]
    assert list_people("?by=age&down") == ["sub-03", "sub-01", "sub-02"]
    assert list_people("?by=nothing") == ["sub-01", "sub-02", "sub-03"]
    page = server.first.get(f"{place}/recordings?by=age").text
    for name, title in TITLES.items():
        assert title in page
        assert f">{name}<" not in page
    assert "&lt;i&gt;flat" in page
    assert server.first.get(f"{place}/x").status_code == 404


def test_the_demo_begins_once(server, replace_command):
    replace_command("import time; time.sleep(60)")
    assert server.post(server.first, "/demo").status_code == 303
    assert "The demo runs" in server.first.get("/studies").text
    assert server.post(server.first, "/demo").status_code == 409
    (server.settings.root / "neurograft-demo").mkdir()
    assert server.post(server.first, "/demo").status_code == 409
