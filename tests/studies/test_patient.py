"""The page about new patients holds commands that lead from a folder to a person."""

import re
import shlex
from pathlib import Path

import pytest

from neurograft.config.study import read_study
from neurograft.files.tables import read_table

pytestmark = [pytest.mark.study, pytest.mark.slow]
PAGE = Path(__file__).parents[2] / "docs" / "prediction.md"
MARK = "<!-- tested: tests/studies/test_patient.py -->"


def list_commands():
    """List the commands behind the mark, up to the next text."""
    rest = PAGE.read_text(encoding="utf-8").split(MARK)[1]
    block = re.match(r"\s*((?:    .*\n)+)", rest)[1]
    return [shlex.split(line)[1:] for line in block.strip().splitlines()]


def test_the_tutorial_goes_from_a_folder_to_the_page_of_a_patient(
    run_command, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    commands = list_commands()
    assert [command[0] for command in commands] == [
        "simulate", "init", "check", "run", "fit", "simulate", "predict",
    ]  # fmt: skip
    model, said = "", ""
    for command in commands:
        said = run_command(*(word.replace("MODEL", model) for word in command))
        if command[0] == "fit":
            (folder,) = re.findall(r"^Predictor: (.+)$", said, re.MULTILINE)
            model = Path(folder).name
    assert read_study("ward/mine.toml").tasks["disease"].positive == ("patient",)
    answers = Path("ward/answers")
    assert "not a medical device" in said
    table = read_table(answers / "predictions.tsv")
    assert table["status"].tolist() == ["answered"]
    assert table["age"].tolist() == [52.0]
    page = (answers / "sub-001.html").read_text(encoding="utf-8")
    assert "What the EEG says" in page
    assert sorted(path.name for path in answers.iterdir()) == [
        "predictions.tsv", "recordings.tsv", "sub-001.html",
    ]  # fmt: skip
