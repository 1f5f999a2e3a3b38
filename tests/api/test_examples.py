"""Every example runs on data that it simulates itself, and prints a table."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(
    path for path in EXAMPLES.glob("*.py") if path.stem != "simulated_people"
)


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
