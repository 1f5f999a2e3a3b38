"""Every example runs, on data that it simulates or finds here, and prints a table."""

import subprocess
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


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_runs_and_prints_a_table(path, tmp_path):
    found = subprocess.run(
        [sys.executable, str(path)],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=300,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr[-2000:]
    assert len(found.stdout.splitlines()) > 3
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.real_data
def test_brain_age_is_learned_at_one_hospital_and_predicted_at_another(tmp_path):
    if not CHILDREN.is_dir():
        pytest.skip(f"{CHILDREN} is not here: ages of children are not tested")
    found = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{REAL}.py"), str(CHILDREN)],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=300,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr[-2000:]
    rows = {line.split()[0]: line.split()[-1] for line in found.stdout.splitlines()[:8]}
    assert float(rows["quantile"]) == pytest.approx(0.74, abs=0.02)
    assert "re-centring would remove part of the label" in found.stdout
