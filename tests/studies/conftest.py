"""Whole runs: in this process, or as a user starts them in one of their own."""

import contextlib
import io
import os
import subprocess
import sys

import pytest

from neurograft.cli.application import main

DEMO = (
    "--n-source 6 --n-patients 20 --n-controls 20 --duration-s 30 --channels 19 "
    "--size nano --steps 10 --repeats 2 --permutations 199 --quiet -j 1 "
    "--set evaluation.n_draws=4"
)
MORE = (
    "--effect 2.5 --set evaluation.occlusion=true "
    "--set report.prevalence=0.02 --set report.prevalence_source=guessed"
)

# Two runs at a time, each with a thread: more would wait for each other.
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session", autouse=True)
def _readers_stay(keep_readers):
    """Do so in all tests of this folder."""


@pytest.fixture(scope="session")
def run_command(watching_little):
    """Run a command in this process, which has loaded it all; returns what it said."""

    def run(*arguments) -> str:
        said = io.StringIO()
        with (
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
            watching_little(),
        ):
            try:
                main([*map(str, arguments)])
            except SystemExit as ended:
                raise AssertionError(said.getvalue()) from ended
        return said.getvalue()

    return run


@pytest.fixture(scope="session")
def run_process():
    """Run a command in a process of its own, as a user does; returns what it said."""

    def run(*arguments) -> str:
        command = [sys.executable, "-m", "neurograft", *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=ENVIRONMENT
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="session")
def run_demo(run_command):
    """Run a small demo into a folder, with an effect and more options."""

    def run(folder, *options):
        run_command("demo", folder, *DEMO.split(), *options)

    return run


@pytest.fixture(scope="session")
def planted(build_once, run_demo):
    """A demo whose patients differ, with everything that a report can hold."""
    return build_once("planted", lambda folder: run_demo(folder, *MORE.split()))
