"""How long an evaluation takes, and how much memory: features given, no signals.

    python benchmarks/evaluating.py [--people 100] [--permutations 1000] [-j 2]

Five methods that are not networks, 5 repeats of 5 nested folds, 1 000 bootstraps, 1 000
permutations of the outer loop: the time a user waits after features are there.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import resource
import time

import numpy as np
import pandas as pd

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.methods import parse_method
from neurograft.config.tasks import View
from neurograft.evaluation.cross_validation import cross_validate
from neurograft.evaluation.guard import UNGUARDED
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.evaluation.results.summary import summarise
from neurograft.tasks.label_shuffles import permute_labels
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.task import Task

METHODS = ("demographics", "band-power", "riemann", "random-encoder", "encoder")


def make_features(n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Features of the sizes that 19 channels and `tiny` give."""
    mixed = rng.standard_normal((n, 6, 18, 40))
    return {
        "demographics": rng.standard_normal((n, 2)),
        "band-power": rng.standard_normal((n, 456)),
        "riemann": mixed @ mixed.swapaxes(-1, -2) / 40,
        "random-encoder": rng.standard_normal((n, 3073)),
        "encoder": rng.standard_normal((n, 3073)),
    }


def main() -> None:
    """Time the evaluation and print a line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--permutations", type=int, default=1000)
    parser.add_argument("-j", type=int, default=2)
    options = parser.parse_args()
    n, rng = options.people, np.random.default_rng(0)
    settings = EvaluationConfig(
        methods=METHODS, n_splits=5, n_repeats=5, n_bootstraps=1000,
        n_permutations=options.permutations,
    )  # fmt: skip
    people = pd.DataFrame(
        {
            "cohort": "c", "participant_id": [f"sub-{i:03d}" for i in range(n)],
            "view": 0, "label": (np.arange(n) % 2).astype(float), "site": "a",
            "sex": rng.choice(["F", "M"], n), "age": rng.uniform(20, 80, n),
            "is_reference": True,
            "group": np.where(np.arange(n) % 2, "case", "control"),
        }
    ).assign(cluster=lambda table: table["participant_id"])  # fmt: skip
    task = Task("t", "classification", ("control", "case"), (View("c"),), people, {})
    methods = tuple(parse_method(name) for name in METHODS)
    splits = make_protocol_splits(task, settings, seed=0)
    permuted = permute_labels(
        task, splits, n_permutations=settings.n_permutations, seed=0
    )
    one = PreparedTask(
        task, methods, make_features(n, rng), splits, {}, permuted,
        guarded=UNGUARDED, not_run={}, n_inner=5, curve_methods=(),
        factors={},
    )  # fmt: skip
    start = time.perf_counter()
    evaluated = cross_validate([one], n_jobs=options.j)
    summarise(evaluated, n_bootstraps=settings.n_bootstraps)
    seconds = time.perf_counter() - start
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(
        f"{n} people, 5 x 5 folds, {len(METHODS)} methods, 1000 bootstraps, "
        f"{options.permutations} permutations: {seconds:.0f} s with -j {options.j}; "
        f"largest process {peak / 2**20:.2f} GiB"
    )


if __name__ == "__main__":
    main()
