"""What is measured is on disk at once, and in TensorBoard where asked."""

import sys

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from neurograft.errors import ConfigError
from neurograft.files.tables import read_table
from neurograft.pretraining.metrics_file import MetricsWriter

ROWS = [{"step": step, "loss": 1 / (1 + step), "rank": 9.0} for step in (0, 20, 40)]


def read_losses(folder):
    events = EventAccumulator(str(folder / "tensorboard")).Reload()
    return [(one.step, one.value) for one in events.Scalars("loss")]


def test_every_look_is_written_as_soon_as_it_is_made(tmp_path):
    write = MetricsWriter(tmp_path, has_events=True)
    for seen in (1, 2, 3):
        write(ROWS[:seen])
        table = read_table(tmp_path / "metrics.tsv")
        assert table["step"].tolist() == [0, 20, 40][:seen]
        expected = [(row["step"], row["loss"]) for row in ROWS[:seen]]
        for found, wanted in zip(read_losses(tmp_path), expected, strict=True):
            assert found == pytest.approx(wanted)


def test_what_an_interrupted_run_wrote_too_much_is_taken_back(tmp_path):
    write = MetricsWriter(tmp_path, has_events=True)
    for seen in (1, 2, 3):
        write(ROWS[:seen])
    resumed = MetricsWriter(tmp_path, has_events=True)
    again = [*ROWS[:1], {"step": 20, "loss": 0.5, "rank": 8.0}]
    resumed(again)
    assert read_losses(tmp_path) == [(0, 1.0), (20, 0.5)]
    assert read_table(tmp_path / "metrics.tsv")["loss"].tolist() == [1.0, 0.5]


def test_without_tensorboard_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    MetricsWriter(tmp_path)(ROWS)
    assert not (tmp_path / "tensorboard").exists()
    with pytest.raises(ConfigError, match=r"install neurograft\[tensorboard\]"):
        MetricsWriter(tmp_path, has_events=True)
