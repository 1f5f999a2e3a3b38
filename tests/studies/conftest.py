"""Whole runs as a user starts them: in a process of their own."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def run_command():
    """Run the command line; fails with what it said."""

    def run(*arguments) -> str:
        command = [sys.executable, "-m", "neurograft", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
