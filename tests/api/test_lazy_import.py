"""Importing the package is quick, and its public names are one list."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import neurograft as ng

PROBE = "import sys, neurograft; print(sorted({'torch', 'mne'} & set(sys.modules)))"


def test_importing_loads_neither_torch_nor_mne():
    found = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_running_a_study_loads_no_matplotlib():
    probe = "import sys, neurograft.study.run; print('matplotlib' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"


def test_every_list_of_public_names_is_the_same():
    tree = ast.parse(Path(ng.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    checked = {
        name.name: f"{part.module}"
        for part in block.body
        if isinstance(part, ast.ImportFrom)
        for name in part.names
    }
    assert checked == {k: f"neurograft.{home}" for k, home in ng.PUBLIC.items()}
    assert sorted(ng.__all__) == sorted(ng.PUBLIC)
    assert {*ng.__all__, "__version__"} == set(dir(ng))


@pytest.mark.parametrize("name", ng.__all__)
def test_every_public_name_is_there_and_described(name):
    assert getattr(ng, name).__doc__


def test_other_names_are_refused_as_python_does():
    assert ng.__version__
    with pytest.raises(AttributeError, match="no attribute 'evaluat'"):
        _ = ng.evaluat
