"""Whole runs as a user starts them: in a process of their own."""

import os
import subprocess
import sys

import pytest

# Two runs at a time, each with a thread: more would wait for each other.
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def run_command():
    """Run the command line; fails with what it said."""

    def run(*arguments) -> str:
        command = [sys.executable, "-m", "neurograft", *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=ENVIRONMENT
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
