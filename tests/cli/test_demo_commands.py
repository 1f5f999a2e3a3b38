"""The demo ends with a person: a predictor, an answer, a page, or why there is none."""

import pytest

from neurograft.cli import demo_commands
from neurograft.cli.demo_commands import run_demo
from neurograft.cli.options import Options
from neurograft.errors import ConfigError
from neurograft.files.tables import read_table
from neurograft.simulation.demo_study import NEW_FOLDER, simulate_new_person
from neurograft.simulation.options import SimulationConfig

SIZES = SimulationConfig(n_source=2, n_patients=5, n_controls=5, duration_s=20)


@pytest.fixture
def quick(monkeypatch):
    """A demo whose study and answers cost nothing; gives what they were asked."""
    asked = []
    monkeypatch.setattr(demo_commands, "run_stages", lambda *a, **k: None)
    monkeypatch.setattr(
        demo_commands,
        "fit_and_say",
        lambda study, *_, **__: study.parent / "results/models/disease/encoder",
    )
    monkeypatch.setattr(
        demo_commands, "predict_new_people", lambda *a, **k: asked.append((a, k))
    )
    return asked


def test_the_demo_asks_about_somebody_who_is_new(quick, tmp_path):
    run_demo(tmp_path / "demo", sizes=SIZES, options=Options(quiet=True, jobs=1))
    ((model, recordings), options) = quick[0]
    assert model.name == "encoder"
    assert recordings[0].is_relative_to(tmp_path / "demo" / NEW_FOLDER)
    assert options["asking"].out == tmp_path / "demo" / "predictions"


def test_without_evidence_the_demo_says_so_and_ends(
    quick, tmp_path, monkeypatch, capsys
):
    def refuse(*_, **__):
        raise ConfigError("no evidence")

    monkeypatch.setattr(demo_commands, "fit_and_say", refuse)
    run_demo(tmp_path / "demo", sizes=SIZES, options=Options(quiet=True, jobs=1))
    assert "no evidence" in capsys.readouterr().out
    assert quick == []


def test_the_new_person_is_a_patient_and_nobody_of_the_study(tmp_path):
    folder = simulate_new_person(tmp_path, SIZES)
    table = read_table(folder / "participants.tsv")
    assert table["group"].tolist() == ["patient"]
    again = simulate_new_person(tmp_path / "again", SIZES)
    files = sorted(folder.rglob("*.eeg"))
    assert files[0].read_bytes() == sorted(again.rglob("*.eeg"))[0].read_bytes()
