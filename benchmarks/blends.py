"""Which fixed mean serves `blend`, on tasks that judge no pretraining?

    python benchmarks/blends.py STUDY.toml [STUDY.toml ...] --encoder tiny

The candidates stand in the plan of docs/pretraining.md. Every part of a fold is fitted
once; the blends differ in the weights towards which the learned ones are shrunk.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from neurograft.config.study import read_study
from neurograft.evaluation.methods.blending import blend
from neurograft.evaluation.methods.linear_fold import LinearFold
from neurograft.evaluation.methods.problem import Question
from neurograft.models.encoder import Encoder
from neurograft.models.saving import find_shipped, load_encoder
from neurograft.pretraining.build import build_encoder
from neurograft.statistics.metrics.classification import auroc
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.study.comparison.compare import compute_baselines
from neurograft.study.comparison.comparison_task import Compared, list_compared
from neurograft.study.comparison.variants import (
    embed_people,
    list_left_out,
    open_corpus_without,
)
from neurograft.study.opened_study import Study
from neurograft.types import FloatArray

PARTS = ("encoder", "random-encoder", "band-power", "riemann")
# Shares of the parts, in this order.
MEANS: Mapping[str, tuple[float, ...]] = {
    "equal": (1, 1, 1, 1),
    "half, sixths": (3, 1, 1, 1),
    "thirds, sixths": (2, 2, 1, 1),
    "the two encoders": (1, 1, 0, 0),
    "half, quarter, eighths": (4, 2, 1, 1),
}
# Seeds of the untrained encoder.
N_SEEDS = 4


def score(task: Compared, features: Mapping[str, FloatArray]) -> pd.DataFrame:
    """Score every part and every blend on a task, for every number of labels."""
    rows: list[dict[str, object]] = []
    question = Question(task.task.kind, len(task.task.classes), task.task.clusters, 5)
    for budget, splits in task.splits.items():
        shape = (1 + max(s.repeat for s in splits), len(task.labels))
        scores = {name: np.zeros(shape) for name in (*PARTS, *MEANS)}
        folds = np.full(shape, -1)
        for split in splits:
            fold = LinearFold(features, task.labels[None], split, question)
            parts = [fold.fit(name) for name in PARTS]
            own = task.labels[split.train]
            smallest = np.array([float(min(own.sum(), len(own) - own.sum()))])
            found = {n: p.outputs for n, p in zip(PARTS, parts, strict=True)}
            for name, shares in MEANS.items():
                mixed, _ = blend(parts, own[None], smallest, np.array(shares))
                found[name] = mixed.outputs
            for name, outputs in found.items():
                scores[name][split.repeat, split.test] = outputs[0]
            folds[split.repeat, split.test] = split.fold
        once = np.ones((1, len(task.labels)))
        for name, values in scores.items():
            predicted = Predictions(task.labels, values, values, folds)
            value = float(auroc(predicted, once)[0])
            rows.append({"name": name, "labels": budget or "all", "auroc": value})
    return pd.DataFrame(rows)


def run(path: Path, encoder: Encoder) -> pd.DataFrame:
    """Score all tasks of a study."""
    study = Study(read_study(path))
    views = {view: study.view(view) for view in study.views}
    people = {
        v: [one.participant_id for one in read.chosen] for v, read in views.items()
    }
    (left_out,) = list_left_out(study.settings)
    computed = compute_baselines(study, views)
    tables = []
    for seed in range(N_SEEDS):
        settings = study.settings.pretraining
        corpus = open_corpus_without(study, left_out, settings, seed=seed)
        untrained = build_encoder(
            corpus, settings, h_freq=study.settings.harmonise.h_freq, seed=seed
        )
        for name, one in (("encoder", encoder), ("random-encoder", untrained)):
            computed[name] = {
                v: dict(
                    zip(
                        people[v],
                        embed_people(one, read, n_times=study.n_times),
                        strict=True,
                    )
                )
                for v, read in views.items()
            }
        for task in list_compared(study, people):
            features = {name: task.gather(computed[name]) for name in PARTS}
            tables.append(score(task, features).assign(task=task.name, seed=seed))
    return pd.concat(tables)


def main() -> None:
    """Score and print the table, the largest mean first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", type=Path, nargs="+")
    parser.add_argument("--encoder", default="tiny")
    asked = parser.parse_args()
    encoder = load_encoder(find_shipped(asked.encoder))
    table = pd.concat([run(path, encoder) for path in asked.studies])
    by_task = table.groupby(["name", "task", "labels"])["auroc"].mean()
    by_labels = by_task.groupby(["name", "labels"]).mean().unstack("labels")
    shown = by_labels.assign(mean=by_labels.mean(axis=1))
    shown = shown.join(by_task.groupby(["name", "task"]).mean().unstack("task"))
    print(shown.sort_values("mean", ascending=False).round(3).to_string())


if __name__ == "__main__":
    main()
