"""What splitting by window pretends: the leak that most published numbers contain.

    python benchmarks/segments.py STUDY

Windows of the study's two-group tasks, spectral tokens without an encoder, five folds:
once cut by window, once by person. neurograft itself never sees windows as rows.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from neurograft.config.study import read_study
from neurograft.evaluation.prepared_task import restrict_task
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import make_reader

MODELS = {
    "logistic": lambda: LogisticRegression(C=0.01, max_iter=300),
    "5 neighbours": lambda: KNeighborsClassifier(5),
}


def main() -> None:
    """Print the areas of both ways to split."""
    parser = argparse.ArgumentParser()
    parser.add_argument("study", type=Path)
    study = Study(read_study(parser.parse_args().study))
    reader = make_reader(study)
    print("| task | model | split by window | split by person |\n|---|---|---|---|")
    for task in study.build_tasks():
        if task.kind != "classification":
            continue
        task = restrict_task(task, reader)
        embedded = study.read_embedded(task.views[0])
        rows = [row for _, row in reader.find_rows(task)]
        windows = embedded["tokens_windows"][rows]
        n_people, n_windows = windows.shape[:2]
        X = windows.reshape(n_people * n_windows, -1)
        y = np.repeat(task.labels, n_windows)
        people = np.repeat(np.arange(n_people), n_windows)
        for name, make in MODELS.items():
            areas = []
            for cutter in (StratifiedKFold, StratifiedGroupKFold):
                folds = cutter(5, shuffle=True, random_state=0).split(X, y, people)
                own = []
                for train, test in folds:
                    model = make_pipeline(StandardScaler(), make())  # type: ignore[no-untyped-call]
                    p = model.fit(X[train], y[train]).predict_proba(X[test])[:, 1]
                    own.append(roc_auc_score(y[test], p))
                areas.append(np.mean(own))
            print(f"| {task.name} | {name} | {areas[0]:.2f} | {areas[1]:.2f} |")


if __name__ == "__main__":
    main()
