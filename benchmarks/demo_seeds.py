"""Does the demo find its planted disease with few labels, and nothing in shuffled ones?

    python benchmarks/demo_seeds.py [--seeds 20] [--first 0] [--encoder tiny] [--jobs 2]

Every seed simulates the clinic of `neurograft demo --seed SEED`, embeds it with the
encoder and with the same untrained, and draws the low-label curve of its two tasks. The
table holds what pretraining gains with 5 and 10 labelled people of each group, and the
mean of both, each with the 95 % interval over people that the report gives. A planted
disease is found where the interval of the mean lies above 0.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from neurograft.config.study import read_study
from neurograft.config.tasks import View
from neurograft.evaluation.cross_validation import cross_validate
from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.evaluation.prepared_task import (
    PreparedTask,
    prepare_task,
    restrict_task,
)
from neurograft.evaluation.results.label_curves import average_gains
from neurograft.features.window_summary import summarise_windows
from neurograft.harmonising.processes import close_workers
from neurograft.models.saving import find_encoder
from neurograft.simulation.demo_study import simulate_study
from neurograft.simulation.options import SimulationConfig
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import run_harmonise
from neurograft.study.stages.pretrain import load_start
from neurograft.tasks.task import Task
from neurograft.transfer.embedding import embed_windows, make_encoder_pool
from neurograft.types import Arrays

PLANTED, SHUFFLED = "disease", "shuffled_labels"
FEW = (5, 10)
OVERRIDES = (
    "evaluation.methods=['random-encoder', 'encoder']",
    f"evaluation.labels_per_class={list(FEW)}",
)
# The mean gain: what a seed is judged by.
MEAN = "5 and 10"
LISTED = (("5", (5,)), ("10", (10,)), (MEAN, FEW))
Gain = Mapping[str, float]
Gains = Mapping[str, Gain]


def measure_seed(seed: int, encoder: Path, *, n_jobs: int) -> dict[str, Gains]:
    """Simulate the clinic of the demo, and return the gains of both tasks."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = SimulationConfig(n_source=2, seed=seed)
        path = simulate_study(Path(folder), sizes, n_jobs=n_jobs)
        study = Study(read_study(path, OVERRIDES))
        run_harmonise(study, "clinic", n_jobs=n_jobs)
        close_workers()
        tasks = [one for one in study.build_tasks() if one.name in (PLANTED, SHUFFLED)]
        return measure_tasks(study, tasks, encoder, n_jobs=n_jobs)


def measure_tasks(
    study: Study, tasks: Sequence[Task], encoder: Path, *, n_jobs: int
) -> dict[str, Gains]:
    """Return the gains of tasks, by name and number of labels."""
    settings = study.settings
    embedded = {
        view: embed_twins(study, view, encoder)
        for view in dict.fromkeys(view for task in tasks for view in task.views)
    }
    wanted = settings.evaluation.all_features
    reader = FeatureReader(
        study.view, embedded.__getitem__, wanted, n_times=study.n_times
    )
    prepared = [
        prepare_task(
            restrict_task(task, reader),
            reader,
            settings.evaluation,
            {},
            seed=settings.seed,
        )
        for task in tasks
    ]
    evaluated = cross_validate(
        [drop_all_labels(one) for one in prepared], n_jobs=n_jobs
    )
    how = {"n_bootstraps": settings.evaluation.n_bootstraps, "seed": settings.seed}
    return {
        one.task.name: {
            name: average_gains(one, budgets, **how) for name, budgets in LISTED
        }
        for one in evaluated
    }


def drop_all_labels(one: PreparedTask) -> PreparedTask:
    """Leave one repeat with all labels and no shuffles: only the curve is asked."""
    first = [split for split in one.splits if split.repeat == 0]
    return replace(one, splits=first, permuted=one.permuted[:0])


def embed_twins(study: Study, view: View, encoder: Path) -> Arrays:
    """Embed the people of a view with an encoder and with the same untrained."""
    trained, untrained, _ = load_start(study, encoder)
    store, chosen, _ = study.view(view)
    arrays = {"participant_id": np.array([one.participant_id for one in chosen])}
    for name, network in (("encoder", trained), ("random-encoder", untrained)):
        windows = embed_windows(
            store, chosen, make_encoder_pool(network), n_times=study.n_times
        )
        arrays[name] = np.stack([summarise_windows(one) for one in windows])
    return arrays


def count_gains(gains: Sequence[Gain]) -> tuple[int, int]:
    """Count the intervals above 0, and those below."""
    above = sum(one["ci_low"] > 0 for one in gains)
    return above, sum(one["ci_high"] < 0 for one in gains)


def say_row(seed: int, found: Mapping[str, Gains]) -> str:
    """Write the row of a seed."""
    cells = [
        f"{gain['value']:+.3f} [{gain['ci_low']:+.3f}, {gain['ci_high']:+.3f}]"
        for task in (PLANTED, SHUFFLED)
        for gain in found[task].values()
    ]
    return f"| {seed} | {' | '.join(cells)} |"


def say_counts(found: Sequence[Mapping[str, Gains]]) -> list[str]:
    """Write in how many seeds the mean gain was found, by task."""
    lines = []
    for task in (PLANTED, SHUFFLED):
        above, below = count_gains([one[task][MEAN] for one in found])
        mean = np.mean([one[task][MEAN]["value"] for one in found])
        lines.append(
            f"{task}: the interval of the mean gain over 5 and 10 labels lies above 0 "
            f"in {above} of {len(found)} seeds, below 0 in {below}; mean over seeds "
            f"{mean:+.3f}."
        )
    return lines


def main() -> None:
    """Print the table as Markdown, seed by seed, and the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--encoder", default="tiny")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    encoder = find_encoder(given.encoder)
    heads = [f"{task}, {n}" for task in (PLANTED, SHUFFLED) for n, _ in LISTED]
    print(f"| seed | {' | '.join(heads)} |\n|{'---|' * (1 + len(heads))}")
    found, began = [], time.monotonic()
    for seed in range(given.first, given.first + given.seeds):
        found.append(measure_seed(seed, encoder, n_jobs=given.jobs))
        print(say_row(seed, found[-1]), flush=True)
    print()
    print("\n".join(say_counts(found)))
    print(f"{(time.monotonic() - began) / len(found):.0f} s a seed.")


if __name__ == "__main__":
    main()
