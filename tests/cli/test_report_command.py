"""`neurograft report`: the page is written, then opened or printed if asked."""

import webbrowser

import pytest

from neurograft.cli import report_command
from neurograft.cli.application import main
from neurograft.files import browser

STUDY = """
name = "Pain"
data_folder = "{folder}"
output_folder = "{folder}/results"
[cohorts.clinic]
folder = "clinic"
[pretraining]
name = "tiny"
shipped = "tiny"
[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]
"""


@pytest.fixture
def study(tmp_path, monkeypatch):
    path = tmp_path / "study.toml"
    path.write_text(STUDY.format(folder=tmp_path))
    (tmp_path / "clinic").mkdir()
    monkeypatch.setattr(report_command, "run_stage", lambda *_: None)
    return path


def test_the_page_is_opened_only_if_asked(study, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    main(["report", str(study)])
    assert opened == []
    main(["report", str(study), "--open"])
    assert opened == [(study.parent / "results/report.html").as_uri()]


def test_the_pdf_is_named_and_without_a_browser_the_exit_code_is_two(
    study, monkeypatch, capsys
):
    monkeypatch.setattr(browser, "print_page", lambda page: page.with_suffix(".pdf"))
    main(["report", str(study), "--pdf"])
    assert f"PDF: {study.parent}/results/report.pdf" in capsys.readouterr().out
    monkeypatch.undo()
    monkeypatch.setattr(report_command, "run_stage", lambda *_: None)
    monkeypatch.setenv("PATH", str(study.parent))
    with pytest.raises(SystemExit) as ended:
        main(["report", str(study), "--pdf"])
    assert ended.value.code == 2
    assert "No browser that prints was found" in capsys.readouterr().err
