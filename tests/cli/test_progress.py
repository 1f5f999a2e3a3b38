"""Progress: log lines where there is no terminal, a bar where there is one."""

import logging
import warnings

import pytest
from rich.progress import Progress

from neurograft.cli.progress import _Bars, watch


def test_lines_mark_the_start_and_the_end(caplog):
    with caplog.at_level(logging.INFO, "neurograft"), watch() as show:
        for done in range(1, 6):
            show(f"pretraining ({done} windows/s)", done, 5)
        show("embedding", 1, 9)
    assert [record.getMessage() for record in caplog.records] == [
        "pretraining (1 windows/s): 1 of 5",
        "pretraining (5 windows/s): 5 of 5",
        "embedding: 1 of 9",
    ]


def test_quiet_says_nothing(caplog):
    with caplog.at_level(logging.INFO), watch(quiet=True) as show:
        show("pretraining", 1, 5)
    assert caplog.records == []


def test_there_is_one_bar_per_thing_done():
    bars = Progress(disable=True)
    shown = _Bars(bars)
    for done in (1, 2):
        shown.show(f"pretraining ({done} windows/s)", done, 2)
    shown.show("embedding", 3, 9)
    assert [(task.description, task.completed, task.total) for task in bars.tasks] == [
        ("pretraining (2 windows/s)", 2, 2),
        ("embedding", 3, 9),
    ]


def test_a_terminal_gets_bars(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with watch() as show:
        show("pretraining", 1, 1)
    assert "pretraining" in capsys.readouterr().err


def test_nobody_is_frightened_by_a_worker_that_was_replaced():
    with watch(quiet=True):
        warnings.warn("A worker stopped while some jobs were given", stacklevel=1)
    with pytest.raises(UserWarning, match="something else"), watch(quiet=True):
        warnings.warn("something else", stacklevel=1)
