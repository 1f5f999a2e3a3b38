"""Every example runs, on data that it simulates or finds here, and prints a table."""

import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
REAL = "brain_age_at_a_second_site"
SCRIPTS = sorted(
    path
    for path in EXAMPLES.glob("*.py")
    if path.stem not in ("simulated_people", REAL)
)
CHILDREN = Path(__file__).parents[3] / "shared/data/reference/child_brain_age"


@pytest.fixture
def run_example(tmp_path, monkeypatch, capsys):
    """Run a script from an empty folder, which it leaves empty; returns its lines."""

    def run(path, *arguments) -> list[str]:
        monkeypatch.syspath_prepend(EXAMPLES)
        monkeypatch.setattr(sys, "argv", [str(path), *map(str, arguments)])
        monkeypatch.chdir(tmp_path)
        runpy.run_path(str(path), run_name="__main__")
        assert not list(tmp_path.iterdir())
        return capsys.readouterr().out.splitlines()

    return run


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_runs_and_prints_a_table(path, run_example):
    assert len(run_example(path)) > 3


@pytest.mark.slow
@pytest.mark.real_data
def test_brain_age_is_learned_at_one_hospital_and_predicted_at_another(run_example):
    if not CHILDREN.is_dir():
        pytest.skip(f"{CHILDREN} is not here: ages of children are not tested")
    lines = run_example(EXAMPLES / f"{REAL}.py", CHILDREN)
    rows = {line.split()[0]: line.split()[-1] for line in lines[:8]}
    assert float(rows["quantile"]) == pytest.approx(0.74, abs=0.02)
    assert any("re-centring would remove part of the label" in line for line in lines)
