"""Does `blend` hold what it promises: no worse than its best part, and no harm?

    neurograft compare-pretraining STUDY.toml
    python benchmarks/judging_blend.py STUDY.toml=VARIANT [STUDY.toml=VARIANT ...]

Every study is a comparison whose variant and untrained seeds are finished; the tasks
are those of its people left out. A blend is made with every untrained seed, and their
scores are averaged. The plan stands in docs/pretraining.md.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from neurograft.config.methods import BLENDS
from neurograft.config.study import read_study
from neurograft.evaluation.methods.linear_fold import LinearFold
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.results.estimates import Estimate
from neurograft.evaluation.results.scores import estimate
from neurograft.statistics.intervals import percentile_interval
from neurograft.statistics.metrics.classification import auroc
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.statistics.metrics.regression import r2
from neurograft.study.comparison.compare import compute_baselines
from neurograft.study.comparison.comparison_task import Compared, list_compared
from neurograft.study.comparison.gains import average_seeds
from neurograft.study.comparison.variants import list_variants, read_embeddings
from neurograft.study.opened_study import Study
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray

BLEND, UNTRAINED = "blend", "random-encoder"
PARTS = BLENDS[BLEND]
Scores = dict[int, Estimate]
Values = Mapping[tuple[str, str, int], FloatArray]


def score(
    task: Compared, known: Mapping[str, FloatArray], untrained: Sequence[FloatArray]
) -> dict[tuple[str, int], Scores]:
    """Score the parts, and the blend with every untrained encoder.

    What does not depend on the untrained encoder is fitted once in every fold.

    Args:
        task: A task of the comparison.
        known: Features of all other parts.
        untrained: Features of untrained encoders, by seed.

    Returns:
        By method and seed; parts that have no seed have seed 0.
    """
    question = Question(task.task.kind, len(task.task.classes), task.task.clusters, 5)
    metric = auroc if task.is_classification else r2
    names = [(name, 0) for name in known]
    names += [(name, k) for k in range(len(untrained)) for name in (UNTRAINED, BLEND)]
    found: dict[tuple[str, int], Scores] = {name: {} for name in names}
    for budget, splits in task.splits.items():
        shape = (1 + max(one.repeat for one in splits), len(task.labels))
        scores = {name: np.zeros(shape) for name in names}
        folds = np.full(shape, -1)
        for split in splits:
            folds[split.repeat, split.test] = split.fold
            said = fit_fold(known, untrained, task.labels, split, question)
            for name, own in said.items():
                scores[name][split.repeat, split.test] = own
        for name, own in scores.items():
            predicted = Predictions(task.labels, own, own, folds)
            learned = task.learned.get(budget)
            found[name][budget] = estimate(predicted, metric, task.resampling, learned)
    return found


def fit_fold(
    known: Mapping[str, FloatArray],
    untrained: Sequence[FloatArray],
    labels: FloatArray,
    split: Split,
    question: Question,
) -> dict[tuple[str, int], FloatArray]:
    """Return the outputs of a fold, by method and seed."""
    first = LinearFold(known, labels[None], split, question)
    said = {(name, 0): first.predict([name])[0, 0] for name in known}
    for seed, features in enumerate(untrained):
        own = {**known, UNTRAINED: features}
        fold = LinearFold(own, labels[None], split, question)
        fold.done |= first.done
        said[UNTRAINED, seed] = fold.predict([UNTRAINED])[0, 0]
        said[BLEND, seed] = fold.predict_blend(BLEND, PARTS)[0, 0]
    return said


def judge(path: Path, name: str, *, n_jobs: int) -> dict[tuple[str, str, int], Scores]:
    """Score the tasks of a study, by method, task and seed of the untrained encoder."""
    study = Study(read_study(path))
    views = {view: study.view(view) for view in study.views}
    tasks = list_compared(study, {view: read.people for view, read in views.items()})
    variants = list_variants(study.settings)
    (trained,) = (one for one in variants if one.name == name and one.seed == 0)
    known = {
        part: own
        for part, own in compute_baselines(study, views).items()
        if part in PARTS
    }
    known["encoder"] = read_embeddings(study, trained, views)
    untrained = [
        read_embeddings(study, one, views)
        for one in variants
        if not one.is_trained and one.left_out == trained.left_out
    ]
    outputs = Parallel(n_jobs=n_jobs)(
        delayed(score)(
            task,
            {part: task.gather(own) for part, own in known.items()},
            [task.gather(own) for own in untrained],
        )
        for task in tasks
    )
    return {
        (method, task.name, seed): scores
        for task, by_method in zip(tasks, outputs, strict=True)
        for (method, seed), scores in by_method.items()
    }


def say(values: FloatArray) -> dict[str, float]:
    """Return the value on everybody, and the interval over resamples."""
    low, high = percentile_interval(values[1:])
    return {"value": float(values[0]), "low": low, "high": high}


def list_rows(values: Values, tasks: Sequence[str]) -> list[dict[str, object]]:
    """List levels, and the blend less each part, by task and for the mean of tasks."""
    rows: list[dict[str, object]] = []
    budgets = sorted({budget for _, _, budget in values}, key=lambda b: b or 1000)
    for budget in budgets:
        own = [task for task in tasks if (BLEND, task, budget) in values]
        for task in (*own, "mean"):
            counted = own if task == "mean" else [task]
            level = {
                name: np.mean([values[name, one, budget] for one in counted], axis=0)
                for name in (*PARTS, BLEND)
            }
            said = {"task": task, "n": len(counted), "labels": budget or "all"}
            for name, one in level.items():
                rows.append({**said, "what": name, **say(one)})
            for name in PARTS:
                gain = level[BLEND] - level[name]
                rows.append({**said, "what": f"{BLEND} - {name}", **say(gain)})
    return rows


def main() -> None:
    """Score, and print every task by itself and the means that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="+")
    parser.add_argument(
        "--tasks",
        nargs="+",
        action="append",
        help="tasks of a mean, may be repeated; by default all",
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, help="a table to write")
    asked = parser.parse_args()
    scores: dict[tuple[str, str, int], Scores] = {}
    for one in asked.studies:
        path, _, name = one.partition("=")
        scores |= judge(Path(path), name, n_jobs=asked.jobs)
    scored = average_seeds(scores, seed=0)
    values = {key: one.mean.everything for key, one in scored.items()}
    names = dict.fromkeys(task for _, task, _ in values)
    rows = [row for row in list_rows(values, list(names)) if row["task"] != "mean"]
    for counted in asked.tasks or [list(names)]:
        means = [row for row in list_rows(values, counted) if row["task"] == "mean"]
        rows += [row | {"task": f"mean of {', '.join(counted)}"} for row in means]
    table = pd.DataFrame(rows)
    if asked.out:
        table.to_csv(asked.out, sep="\t", index=False)
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
