"""Measure how the time and the size of a report grow with the number of tasks.

    neurograft demo neurograft-demo
    python benchmarks/reporting.py neurograft-demo/study.toml

The tasks of a finished study are repeated under other names, and the page is built of
them twice in one process. Time that grows faster than the tasks is a fault: 10 tasks of
a small demo took 4.0 s and .72 MB, 40 took 17.7 s and 2.12 MB (1.09 times a task).
"""

import argparse
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

from neurograft.config.study import read_study
from neurograft.files.tables import read_table, write_table
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.page import build_page
from neurograft.study.opened_study import Study
from neurograft.study.stages.report import locate_tables


def repeat_tasks(stored: StoredStudy, n_tasks: int, folder: Path) -> StoredStudy:
    """Write a copy of a study's tables that has `n_tasks` tasks."""
    names = stored.tasks["task"].tolist()
    origins = {f"task {n}": names[n % len(names)] for n in range(n_tasks)}
    copies = {}
    for part in ("evaluation", "summary"):
        copies[part] = folder / part
        shutil.copytree(getattr(stored, part), copies[part])
        for path in copies[part].glob("*.tsv"):
            table = read_table(path)
            if "task" in table and set(table["task"]) & set(names):
                parts = [
                    table[table["task"] == origin].assign(task=task)
                    for task, origin in origins.items()
                ]
                write_table(path, pd.concat(parts))
    evaluation, summary = copies["evaluation"], copies["summary"]
    return replace(stored, evaluation=evaluation, summary=summary, _opened={})


def measure(study: Study, n_tasks: int) -> tuple[float, int]:
    """Return the seconds of processor that a page of so many tasks takes, and bytes."""
    sources = locate_tables(study)
    with tempfile.TemporaryDirectory() as folder:
        stored = repeat_tasks(sources.study, n_tasks, Path(folder))
        started = time.process_time()
        page = build_page(sources._replace(study=stored), {})
        return time.process_time() - started, len(page.encode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--tasks", type=int, nargs=2, default=(10, 40))
    asked = parser.parse_args()
    opened = Study(read_study(asked.study))
    measure(opened, 1)  # what is loaded once is not counted
    (few_s, few), (many_s, many) = (measure(opened, n) for n in asked.tasks)
    for n, seconds, size in zip(asked.tasks, (few_s, many_s), (few, many), strict=True):
        print(f"{n} tasks: {seconds:.1f} s, {size / 1e6:.2f} MB")
    growth = (many_s / few_s) / (asked.tasks[1] / asked.tasks[0])
    print(f"time of a task among {asked.tasks[1]}, to that among fewer: {growth:.2f}")
