"""Damaged files of every kind are rows with reasons, or sentences."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

PATH = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"


def load_fuzz():
    spec = spec_from_file_location("fuzz", PATH)
    module = module_from_spec(spec)
    sys.modules["fuzz"] = module
    spec.loader.exec_module(module)
    return module


def test_three_hundred_damaged_files_end_nothing():
    module = load_fuzz()
    found = module.fuzz(300, seed=1)
    wrong = {k: set(counts) - module.GOOD for k, counts in found.items()}
    assert {kind: what for kind, what in wrong.items() if what} == {}
    assert min(sum(counts.values()) for counts in found.values()) == 30
