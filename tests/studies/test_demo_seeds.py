"""The table over the seeds of the demo counts what its intervals say."""

import importlib.util
from pathlib import Path

import pytest

from neurograft.models.saving import find_encoder
from neurograft.simulation.options import SimulationConfig

PATH = Path(__file__).parents[2] / "benchmarks" / "demo_seeds.py"

pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def seeds():
    spec = importlib.util.spec_from_file_location("demo_seeds", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_gain(low, high):
    return {"value": (low + high) / 2, "ci_low": low, "ci_high": high}


GAIN, NOTHING, LOSS = (
    make_gain(0.01, 0.09),
    make_gain(-0.02, 0.04),
    make_gain(-0.3, -0.1),
)


def test_a_gain_is_an_interval_above_zero_and_touching_is_none(seeds):
    found = [GAIN, NOTHING, LOSS, GAIN, make_gain(0.0, 0.1), make_gain(-0.1, 0.0)]
    assert seeds.count_gains(found) == (2, 1)
    assert seeds.count_gains([]) == (0, 0)


def test_seeds_are_counted_by_their_mean_gain_alone(seeds):
    planted = {"5": LOSS, "10": LOSS, seeds.MEAN: GAIN}
    shuffled = {"5": GAIN, "10": GAIN, seeds.MEAN: NOTHING}
    found = [{"disease": planted, "shuffled_labels": shuffled}] * 3
    first, second = seeds.say_counts(found)
    assert first.startswith("disease: ")
    assert "above 0 in 3 of 3 seeds, below 0 in 0; mean over seeds +0.050." in first
    assert second.startswith("shuffled_labels: ")
    assert "above 0 in 0 of 3 seeds" in second


def test_a_row_has_a_cell_for_every_heading(seeds):
    gains = {"5": GAIN, "10": NOTHING, seeds.MEAN: LOSS}
    row = seeds.say_row(7, {"disease": gains, "shuffled_labels": gains})
    assert row.startswith("| 7 | +0.050 [+0.010, +0.090] | +0.010 [-0.020, +0.040] |")
    assert row.count("|") == 8


@pytest.mark.slow
def test_a_seed_gives_gains_of_both_tasks_with_intervals(seeds, monkeypatch):
    few = {"n_patients": 8, "n_controls": 8, "duration_s": 30}
    monkeypatch.setattr(
        seeds, "SimulationConfig", lambda **own: SimulationConfig(**few, **own)
    )
    monkeypatch.setattr(seeds, "FEW", (2, 4))
    monkeypatch.setattr(
        seeds,
        "OVERRIDES",
        ("evaluation.methods=['random-encoder', 'encoder']",
         "evaluation.labels_per_class=[2, 4, 5]", "evaluation.n_draws=2"),
    )  # fmt: skip
    monkeypatch.setattr(seeds, "LISTED", (("5", (2,)), (seeds.MEAN, (2, 4))))
    found = seeds.measure_seed(3, find_encoder("tiny"), n_jobs=1)
    assert set(found) == {"disease", "shuffled_labels"}
    for gains in found.values():
        for gain in gains.values():
            assert gain["ci_low"] <= gain["value"] <= gain["ci_high"]
