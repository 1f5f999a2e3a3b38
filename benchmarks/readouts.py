"""Which readout serves an untrained encoder best, at few labels and at all?

    python benchmarks/readouts.py STUDY.toml [STUDY.toml ...] --folder FOLDER

Every task of the studies is predicted from embeddings by untrained encoders, with every
readout, the same folds and the same draws of labelled people. The tasks are none of
those on which pretraining is judged. What is fitted without labels of the tested people
is fitted to the training people, or to people of the other cohorts of the study.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.cross_decomposition import PLSRegression

from neurograft.config.study import read_study
from neurograft.config.tasks import View
from neurograft.evaluation.methods.reduction import SubjectPCA
from neurograft.features.window_summary import summarise_windows
from neurograft.files.tables import write_table
from neurograft.pretraining.build import build_encoder
from neurograft.statistics.linear.solvers import LOGISTIC, fit_tuned, solve_logistic
from neurograft.statistics.metrics.classification import auroc
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.store.views import ReadView
from neurograft.study.comparison.compare import compute_baselines, score_features
from neurograft.study.comparison.comparison_task import Compared, list_compared
from neurograft.study.comparison.variants import list_left_out, open_corpus_without
from neurograft.study.opened_study import Study
from neurograft.tasks.splits import Split
from neurograft.transfer.embedding import embed_windows, make_encoder_pool
from neurograft.types import FloatArray

N_SEEDS = 4
PENALTIES = {"C = .0003": 1 / 0.0003, "C = .003": 1 / 0.003, "C = .03": 1 / 0.03,
             "C = .3": 1 / 0.3}  # fmt: skip
# Share of the mean variance that is added to the covariance within people.
WITHIN_FLOOR = 0.1


class Fold(NamedTuple):
    """Standardised features of a fold, and what is known without labels.

    Attributes:
        train: Of the training rows.
        labels: Of the training rows, 0 or 1.
        test: Of the test rows.
        public: Directions of the people of other cohorts, most variance first.
        split: The fold.
    """

    train: FloatArray
    labels: FloatArray
    test: FloatArray
    public: FloatArray
    split: Split


def rotate(train: FloatArray, test: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rotate to the space that training rows span: a linear model loses nothing."""
    centre = train.mean(0)
    _, _, directions = np.linalg.svd(train - centre, full_matrices=False)
    return (train - centre) @ directions.T, (test - centre) @ directions.T


def predict_logistic(penalty: float) -> Callable[[Fold], FloatArray]:
    """Make a readout: logistic regression without reduction, one penalty."""

    def predict(fold: Fold) -> FloatArray:
        train, test = rotate(fold.train, fold.test)
        weights = solve_logistic(train, fold.labels[None], np.array([penalty]))[0, 0]
        return np.asarray(test @ weights[:-1] + weights[-1])

    return predict


def predict_tuned(train: FloatArray, test: FloatArray, fold: Fold) -> FloatArray:
    """Predict by logistic regression whose penalty inner folds choose."""
    fit = fit_tuned(train, fold.labels[None], LOGISTIC, n_inner=5, seed=fold.split.seed)
    return np.asarray(fit.predict(test)[0])


def predict_third(fold: Fold) -> FloatArray:
    """Predict from a third as many components as people."""
    reduce = SubjectPCA()
    train = reduce.fit_transform(fold.train)
    return predict_tuned(train, reduce.transform(fold.test), fold)


def predict_public(n_components: int) -> Callable[[Fold], FloatArray]:
    """Make a readout: components of people of other cohorts."""

    def predict(fold: Fold) -> FloatArray:
        directions = fold.public[:n_components].T
        train, test = fold.train @ directions, fold.test @ directions
        return predict_tuned(train, test, fold)

    return predict


def predict_discriminant(fold: Fold) -> FloatArray:
    """Predict by linear discriminant analysis, shrunk as Ledoit and Wolf (2004) do."""
    means = np.stack([fold.train[fold.labels == k].mean(0) for k in (0, 1)])
    within = fold.train - means[fold.labels.astype(int)]
    n, d = within.shape
    gram = within @ within.T / n
    squared, mu = (gram**2).sum(), np.trace(gram) / d
    spread = (squared - d * mu**2) / d
    noise = ((np.diag(gram) * n) ** 2).sum() / n**2 - squared / n
    shrink = float(np.clip(noise / d / spread, 0, 1))
    u, s, _ = np.linalg.svd(within.T, full_matrices=False)
    variances = (1 - shrink) * s**2 / n + shrink * mu
    difference = means[1] - means[0]
    inside = u.T @ difference
    weights = u @ (inside / variances) + (difference - u @ inside) / (
        shrink * mu + 1e-9
    )
    return np.asarray((fold.test - means.mean(0)) @ weights)


def predict_least_squares(fold: Fold) -> FloatArray:
    """Predict by two components of partial least squares."""
    train, test = rotate(fold.train, fold.test)
    model = PLSRegression(2, scale=False).fit(train, fold.labels)
    return np.asarray(model.predict(test)).ravel()


READOUTS: Mapping[str, Callable[[Fold], FloatArray]] = {
    "PCA to a third": predict_third,
    **{f"L2, {name}": predict_logistic(value) for name, value in PENALTIES.items()},
    "PCA of other people, 16": predict_public(16),
    "PCA of other people, 64": predict_public(64),
    "discriminant, Ledoit-Wolf": predict_discriminant,
    "partial least squares, 2": predict_least_squares,
}
WITHIN = "whitened within people, L2, C = .003"


def score(
    task: Compared, features: FloatArray, public: FloatArray, whitened: FloatArray
) -> list[dict[str, object]]:
    """Score every readout on a task, for every number of labels."""
    rows: list[dict[str, object]] = []
    readouts = {name: (readout, features) for name, readout in READOUTS.items()}
    readouts[WITHIN] = predict_logistic(PENALTIES["C = .003"]), whitened
    for budget, splits in task.splits.items():
        for name, (readout, matrix) in readouts.items():
            shape = (1 + max(s.repeat for s in splits), len(task.labels))
            scores, folds = np.zeros(shape), np.full(shape, -1)
            for split in splits:
                centre = matrix[split.train].mean(0)
                scale = matrix[split.train].std(0) + 1e-9
                train, test = (
                    (matrix[part] - centre) / scale
                    for part in (split.train, split.test)
                )
                fold = Fold(train, task.labels[split.train], test, public, split)
                scores[split.repeat, split.test] = readout(fold)
                folds[split.repeat, split.test] = split.fold
            predicted = Predictions(task.labels, scores, scores, folds)
            value = float(auroc(predicted, np.ones((1, len(task.labels))))[0])
            rows.append({"readout": name, "labels": budget or "all", "auroc": value})
    return rows


def embed(study: Study, seed: int) -> dict[View, FloatArray]:
    """Embed the windows of everybody in every cohort by an untrained encoder."""
    (left_out,) = list_left_out(study.settings)
    settings = study.settings.pretraining
    corpus = open_corpus_without(study, left_out, settings, seed=seed)
    h_freq = study.settings.harmonise.h_freq
    encoder = build_encoder(corpus, settings, h_freq=h_freq, seed=seed)
    found: dict[View, FloatArray] = {}
    views = dict.fromkeys([*study.views, *map(View, study.settings.cohorts)])
    for view in views:
        read: ReadView = study.view(view)
        found[view] = embed_windows(
            read.store, read.chosen, make_encoder_pool(encoder), n_times=study.n_times
        )
    return found


def whiten(windows: Iterable[FloatArray], others: Iterable[FloatArray]) -> FloatArray:
    """Summarise windows that are white within the people of other cohorts."""
    within = np.concatenate(
        [
            one.reshape(len(one), -1) - one.reshape(len(one), -1).mean(0)
            for one in others
        ]
    )
    covariance = np.cov(within.T)
    values, vectors = np.linalg.eigh(covariance)
    floor = WITHIN_FLOOR * values.mean()
    transform = vectors / np.sqrt(np.maximum(values, 0) + floor)
    return np.stack(
        [
            summarise_windows((w.reshape(len(w), -1) @ transform)[:, None])
            for w in windows
        ]
    )


def run(path: Path, seed: int) -> pd.DataFrame:
    """Score all readouts on the tasks of a study."""
    study = Study(read_study(path))
    embedded = embed(study, seed)
    people = {v: [one.participant_id for one in study.view(v).chosen] for v in embedded}
    (left_out,) = list_left_out(study.settings)
    others = [w for v, ws in embedded.items() if v.cohort not in left_out for w in ws]
    outside = np.stack([summarise_windows(one) for one in others])
    outside = (outside - outside.mean(0)) / (outside.std(0) + 1e-9)
    public = np.linalg.svd(outside, full_matrices=False)[2]
    summaries = {
        v: dict(zip(people[v], map(summarise_windows, ws), strict=True))
        for v, ws in embedded.items()
    }
    white = {
        v: dict(zip(people[v], whiten(embedded[v], others), strict=True))
        for v in study.views
    }
    tasks = list_compared(study, {v: people[v] for v in study.views})
    calls = (
        delayed(score)(task, task.gather(summaries), public, task.gather(white))
        for task in tasks
    )
    return pd.concat(
        [
            pd.DataFrame(rows).assign(study=path.stem, task=task.name, seed=seed)
            for task, rows in zip(tasks, Parallel(n_jobs=1)(calls), strict=True)
        ]
    )


def run_baselines(path: Path) -> pd.DataFrame:
    """Score features that owe nothing to an encoder, with two learners."""
    study = Study(read_study(path))
    views = {view: study.view(view) for view in study.views}
    computed = compute_baselines(study, views)
    rows = []
    for task in list_compared(study, {v: read.people for v, read in views.items()}):
        for name in ("band-power", "riemann"):
            features = task.gather(computed[name])
            for method in (name, f"{name}:reduced"):
                scores = score_features(task, features, method=method, n_inner=5)
                rows += [
                    {"readout": method, "task": task.name, "labels": budget or "all",
                     "auroc": one.value}
                    for budget, one in scores.items()
                ]  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    """Score, go on where it was stopped, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", type=Path, nargs="+")
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    tables, baselines = [], []
    for path in arguments.studies:
        for seed in range(N_SEEDS):
            done = arguments.folder / f"{path.stem}-{seed}.tsv"
            if not done.exists():
                write_table(done, run(path, seed))
            tables.append(pd.read_csv(done, sep="\t"))
        done = arguments.folder / f"{path.stem}-baselines.tsv"
        if not done.exists():
            write_table(done, run_baselines(path))
        baselines.append(pd.read_csv(done, sep="\t"))
    print(tabulate(pd.concat(tables)))
    print(tabulate(pd.concat(baselines)))


def tabulate(table: pd.DataFrame) -> str:
    """Write the mean over tasks for every number of labels, and the tasks, as a table.

    Args:
        table: Scores of every readout, number of labels, task and seed.
    """
    by_task = table.groupby(["readout", "task", "labels"])["auroc"].mean()
    by_labels = by_task.groupby(["readout", "labels"]).mean().unstack("labels")
    tasks = by_task.groupby(["readout", "task"]).mean().unstack("task")
    numbers = sorted(map(str, by_labels), key=lambda n: (n == "all", len(n), n))
    shown = by_labels[numbers]
    shown = shown.assign(mean=by_labels.mean(axis=1)).join(tasks)
    shown = shown.sort_values("mean", ascending=False)
    head = " | ".join(["readout", *map(str, shown)])
    lines = [f"| {head} |", "|---" * (1 + shown.shape[1]) + "|"]
    for name, values in shown.iterrows():
        cells = [f"{value:.3f}".removeprefix("0") for value in values]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
