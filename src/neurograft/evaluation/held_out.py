"""Predict other rows of people by the models of the folds that held these people out.

Other rows are single recordings, or people whose EEG lacks a part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from joblib import Parallel, delayed

from neurograft.config.methods import Method
from neurograft.evaluation.cross_validation import evaluate_fold
from neurograft.evaluation.method_result import MethodResult, gather_method
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.tasks.leak_guard import check_no_leakage
from neurograft.types import FloatArray, IntArray, Progress, no_progress


def predict_held_out(
    prepared: PreparedTask,
    methods: Sequence[Method],
    row: IntArray,
    features: Mapping[str, FloatArray],
    *,
    about: str,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> dict[str, MethodResult]:
    """Predict other rows in the folds that test their person, by method.

    Models are trained on people, each once: they are those that the person-level
    results are made with. Without any method, or any row of a tested person, there are
    no results.

    Args:
        prepared: Task with features and splits.
        methods: Methods that learn from features.
        row: Row of the task that each other row belongs to, `(n_others,)`.
        features: Of the other rows, by feature set, `(n_others, n_features)`.
        about: What the other rows are, for the progress.
        n_jobs: Number of processes.
        progress: Called after every fold.

    Raises:
        LeakageError: If a fold learns from a person whose other rows it would predict.
    """
    wanted = {name for method in methods for name in method.features}
    both = {
        name: np.concatenate([prepared.features[name], features[name]])
        for name in wanted
    }
    n_rows = len(prepared.task.labels)
    everything = np.concatenate([np.arange(n_rows), row])
    labels = prepared.task.labels[everything]
    question = _ask_of(prepared.question, everything)
    splits = [
        split._replace(test=n_rows + tested)
        for split in prepared.splits
        if len(tested := np.flatnonzero(np.isin(row, split.test)))
    ]
    if not methods or not splits:
        return {}
    people = prepared.task.subjects["cluster"].astype(str).to_numpy()[everything]
    for split in splits:
        check_no_leakage(people[split.train], people[split.test])
    nothing = np.empty((0, len(labels)))
    calls = (
        delayed(evaluate_fold)(methods, both, labels, nothing, split, question)
        for split in splits
    )
    outputs = []
    for output in Parallel(n_jobs=n_jobs, return_as="generator")(calls):
        outputs.append(output)
        progress(f"{prepared.task.name}: {about}", len(outputs), len(splits))
    judged, others = prepared.judged[everything], np.arange(n_rows, len(labels))
    results = {}
    for method in methods:
        if any(method.name in output.refused for output in outputs):
            continue
        of_folds = [output.predicted[method.name] for output in outputs]
        result = gather_method(labels, nothing, splits, of_folds, question, judged)
        predictions = result.predictions.rows(others)
        results[method.name] = replace(result, predictions=predictions)
    return results


def _ask_of(question: Question, rows: IntArray) -> Question:
    """Return the same question about other rows."""
    people = question.known_people.iloc[rows].reset_index(drop=True)
    return question._replace(clusters=question.clusters[rows], people=people)
