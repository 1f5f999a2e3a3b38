"""Tables of evaluated tasks: written by `evaluate`, read by `summarise`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.tasks import View
from neurograft.evaluation.evaluated_task import (
    EvaluatedTask,
    Learned,
    RecordingResults,
)
from neurograft.evaluation.method_result import MethodResult, find_test_share
from neurograft.features.hidden_parts import HiddenPart
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.design_audit import Factor
from neurograft.tasks.task import EXCLUDED, Task
from neurograft.types import Arrays, FloatArray

Tables = dict[str, list[pd.DataFrame]]
KEYS = ["cohort", "participant_id", "view"]
# Columns that are text whatever stands in them.
TEXT = ("group", "site", "cluster", "value", "recording", "condition")
NO_PARTS = pd.DataFrame(columns=list(HiddenPart._fields))
# Chosen here: the number of labels that stands for all.
ALL_LABELS = 0


def tabulate_evaluated(evaluated: Sequence[EvaluatedTask]) -> Tables:
    """Tabulate the predictions of every person; all statistics follow from them.

    Returns:
        Parts of `predictions` (one row per person, method and repeat), `few_labels`
        (the same with few labelled people), `few_learned` (who those were, of every
        draw), `single_recordings` (the same of every recording alone), `occluded` (the
        same of everybody without a part of the EEG), `folds`
        (training and test people, and the primary metric, larger is better),
        `subjects` (who is in the task, and why others are not), `factors` (what might
        go with the label), `choices` (adapters that were chosen, shares of blends) and
        `tasks` (what was asked). Of more than two groups, `score` is the probability
        of the group predicted, and `score_<group>` that of each.
    """
    tables: Tables = {}
    for one in evaluated:
        for name, table in _tabulate(one):
            table.insert(0, "task", one.task.name)
            tables.setdefault(name, []).append(table)
    return tables


def collect_permuted(evaluated: Sequence[EvaluatedTask]) -> Arrays:
    """Collect the primary metric of the first repeat: observed, then permuted."""
    return {
        f"{one.task.name}:{name}": np.array([result.observed, *result.permuted])
        for one in evaluated
        for name, result in one.full.items()
        if len(result.permuted)
    }


def _tabulate(one: EvaluatedTask) -> Iterator[tuple[str, pd.DataFrame]]:
    task, people = one.task, one.task.subjects[KEYS]
    yield "predictions", _tabulate_methods(one.full, people, task.classes, one.folds)
    for n_labelled, results in one.few.items():
        table = _tabulate_methods(results, people, task.classes)
        table.insert(0, "labels_per_class", n_labelled)
        yield "few_labels", table
    for n_labelled, learned in one.learned.items():
        table = _tabulate_learned(learned, people)
        table.insert(0, "labels_per_class", n_labelled)
        yield "few_learned", table
    if one.recordings is not None:
        alone = one.recordings
        rows = people.iloc[alone.row].assign(
            recording=alone.names, condition=alone.condition
        )
        yield (
            "single_recordings",
            _tabulate_methods(alone.results, rows, task.classes),
        )
    for part, results in one.occluded.items():
        table = _tabulate_methods(results, people, task.classes, one.folds)
        yield "occluded", pd.concat([_repeat(part, len(table)), table], axis=1)
    yield "folds", _tabulate_folds(one)
    yield "subjects", _tabulate_subjects(task)
    yield "factors", _tabulate_factors(one)
    yield "choices", one.choices.copy()
    yield "tasks", _describe_task(one)


def _tabulate_methods(
    results: Mapping[str, MethodResult],
    rows: pd.DataFrame,
    classes: Sequence[str],
    folds: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return a row per method, repeat and predicted row; none if all were refused."""
    parts = []
    for method, result in results.items():
        p = result.predictions
        n_repeats, n_rows = p.folds.shape
        flat = p.scores.reshape(n_repeats * n_rows, -1)
        own = p.folds if folds is None else folds[:n_repeats]
        table = pd.DataFrame(
            {
                "method": method,
                "repeat": np.repeat(np.arange(n_repeats), n_rows),
                "split": own.ravel(),
                **{name: np.tile(rows[name], n_repeats) for name in rows},
                "label": np.tile(p.labels, n_repeats),
                "score": flat.max(1) if flat.shape[1] > 1 else flat[:, 0],
                "decision": p.decisions.ravel(),
            }
        )
        if flat.shape[1] > 1:
            for name, column in zip(classes, flat.T, strict=True):
                table[f"score_{name}"] = column
        parts.append(table[table["score"].notna()])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _repeat(part: HiddenPart, n: int) -> pd.DataFrame:
    return pd.DataFrame([part] * n, columns=list(HiddenPart._fields))


def _tabulate_learned(learned: Learned, people: pd.DataFrame) -> pd.DataFrame:
    """Tabulate whom every draw learned from, a row for each person."""
    draws, rows = np.nonzero(learned.is_learned)
    table = people.iloc[rows].reset_index(drop=True)
    return table.assign(repeat=learned.repeat[draws], split=learned.fold[draws])


def _tabulate_folds(one: EvaluatedTask) -> pd.DataFrame:
    """Tabulate the people of every method's folds, and its primary metric there."""
    parts = []
    for method, result in one.full.items():
        n_splits = len(result.fold_scores) // result.n_repeats
        scores = pd.DataFrame(
            {
                "method": method,
                "repeat": np.repeat(np.arange(result.n_repeats), n_splits),
                "split": np.tile(np.arange(n_splits), result.n_repeats),
                "score": result.fold_scores,
            }
        )
        parts.append(scores.merge(one.sizes, on=["repeat", "split"], how="left"))
    return pd.concat(parts, ignore_index=True)


def _tabulate_subjects(task: Task) -> pd.DataFrame:
    """Tabulate the people of a task with their labels, or the reason without."""
    columns = [*KEYS, "group", "label", "age", "sex", "site", "cluster",
               "is_reference", "left_out"]  # fmt: skip
    kept = task.subjects.assign(left_out="")
    lost = pd.DataFrame(
        [
            {"cohort": cohort, "participant_id": who, "left_out": why}
            for (cohort, who), why in task.left_out.items()
        ]
    )
    if len(lost) and len(task.excluded):
        lost = lost.merge(task.excluded, on=["cohort", "participant_id"], how="left")
    everybody = pd.concat([kept, lost]) if len(lost) else kept
    return everybody[columns].replace("", None)


def _tabulate_factors(one: EvaluatedTask) -> pd.DataFrame:
    """Return a row per person and known factor."""
    people = one.task.subjects[KEYS].reset_index(drop=True)
    parts = [
        people.assign(
            factor=name,
            refuses=factor.refuses,
            is_number=pd.api.types.is_numeric_dtype(factor.values),
            value=factor.values.astype(object).to_numpy(),
        )
        for name, factor in one.factors.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _describe_task(one: EvaluatedTask) -> pd.DataFrame:
    """Return a row that describes the task."""
    task = one.task
    judged = task.subjects["is_reference"].to_numpy(dtype=bool)
    given = [name for name, method in one.methods.items() if method.knows_mean]
    return pd.DataFrame(
        {
            "kind": [task.kind],
            "cohort": task.cohort,
            "classes": ", ".join(task.classes) or None,
            "views": ", ".join(view.name for view in task.views),
            "n_subjects": task.count_people(),
            "n_tested": int(((one.folds >= 0).any(0) & judged).sum()),
            "is_paired": task.is_paired,
            "n_left_out": len(task.left_out),
            "knows_mean": ", ".join(given) or None,
            "column": task.column or None,
            "target": task.target or None,
            **{key: [value] for key, value in one.facts.items()},
        }
    )


def parse_evaluated(
    tables: Mapping[str, pd.DataFrame], permuted: Arrays
) -> list[EvaluatedTask]:
    """Parse the tables of `tabulate_evaluated`.

    Args:
        tables: By name; those without rows are missing.
        permuted: As `collect_permuted` gives them.
    """
    found = []
    for row in tables["tasks"].to_dict("records"):
        name = str(row["task"])
        own = {key: table[table["task"] == name] for key, table in tables.items()}
        task = _parse_task(row, own["subjects"])
        full = _parse_methods(
            own["predictions"], task, own["folds"], _select(permuted, name)
        )
        few, learned = (
            own.get(table, pd.DataFrame({"labels_per_class": []}))
            for table in ("few_labels", "few_learned")
        )
        facts = (
            "transductive", "leak_check", "leak_caution", "adapts_to_tested",
            "holdout_openings", "not_run",
        )  # fmt: skip
        found.append(
            EvaluatedTask(
                task=task,
                full=full,
                few={
                    int(str(n)): _parse_methods(part, task)
                    for n, part in few.groupby("labels_per_class", sort=False)
                },
                learned={
                    int(str(n)): _parse_learned(part, task)
                    for n, part in learned.groupby("labels_per_class", sort=False)
                },
                occluded=_parse_occluded(own.get("occluded", NO_PARTS), task),
                folds=_parse_folds(own["predictions"], task),
                sizes=own["folds"][["repeat", "split", "n_learned", "n_tested"]]
                .drop_duplicates()
                .reset_index(drop=True),
                factors=_parse_factors(own.get("factors", pd.DataFrame()), task),
                facts={key: _read_cell(row[key]) for key in facts if key in row},
                choices=own.get("choices", pd.DataFrame()).drop(
                    columns="task", errors="ignore"
                ),
                recordings=_parse_recordings(
                    own.get("single_recordings", pd.DataFrame()), task
                ),
            )
        )
    return found


def _read_cell(cell: Any) -> Any:
    return None if not isinstance(cell, str) and pd.isna(cell) else cell


def _select(permuted: Arrays, task: str) -> dict[str, FloatArray]:
    """Select the permuted metrics of a task, by method."""
    start = f"{task}:"
    return {
        name.removeprefix(start): values[1:]
        for name, values in permuted.items()
        if name.startswith(start)
    }


def _parse_task(row: Mapping[Any, Any], subjects: pd.DataFrame) -> Task:
    is_in = subjects["left_out"].isna()
    lost = subjects[~is_in]
    kept = subjects[is_in].drop(columns=["task", "left_out"]).reset_index(drop=True)
    kept["view"] = kept["view"].astype(int)
    kept["is_reference"] = kept["is_reference"].astype(bool)
    kept["label"] = kept["label"].astype(float)
    names = _read_cell(row["classes"])
    return Task(
        name=str(row["task"]),
        kind=row["kind"],
        classes=tuple(names.split(", ")) if names else (),
        views=tuple(View.parse(name) for name in str(row["views"]).split(", ")),
        subjects=kept,
        left_out={
            (cohort, who): why
            for cohort, who, why in lost[
                ["cohort", "participant_id", "left_out"]
            ].itertuples(index=False)
        },
        excluded=lost.loc[lost["label"].notna(), EXCLUDED].reset_index(drop=True),
        column=_read_cell(row["column"]) or "",
        target=_read_cell(row["target"]) or "",
    )


def _find_rows(table: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """Return the number of the row that every line of a table is about."""
    index = pd.MultiIndex.from_frame(rows)
    return index.get_indexer(pd.MultiIndex.from_frame(table[list(rows)]))


def _parse_folds(table: pd.DataFrame, task: Task) -> np.ndarray:
    """Return the fold of every row, of the method with the most repeats."""
    folds = np.full((int(table["repeat"].max()) + 1, len(task.subjects)), -1)
    rows = _find_rows(table, task.subjects[KEYS])
    folds[table["repeat"], rows] = table["split"]
    return folds


def _parse_methods(
    table: pd.DataFrame,
    task: Task,
    folds: pd.DataFrame | None = None,
    permuted: Mapping[str, FloatArray] | None = None,
) -> dict[str, MethodResult]:
    """Parse the results by method, for the rows of a task."""
    people = task.subjects[KEYS]
    judged = task.subjects["is_reference"].to_numpy(dtype=bool)
    found = {}
    for name, own in table.groupby("method", sort=False):
        p = _parse_predictions(own, people, task.labels, task.classes)
        p = Predictions(p.labels, p.scores, p.decisions, np.where(judged, p.folds, -1))
        share = np.nan
        if folds is not None:
            share = find_test_share(folds[folds["method"] == name])
        null = (permuted or {}).get(str(name), np.empty(0))
        found[str(name)] = MethodResult(task.kind, p, null, share)
    return found


def _parse_occluded(
    table: pd.DataFrame, task: Task
) -> dict[HiddenPart, dict[str, MethodResult]]:
    parts = table.groupby(list(HiddenPart._fields), sort=False)
    return {
        HiddenPart(str(kind), str(part)): _parse_methods(own, task)
        for (kind, part), own in parts
    }


def _parse_predictions(
    table: pd.DataFrame,
    rows: pd.DataFrame,
    labels: FloatArray,
    classes: Sequence[str],
) -> Predictions:
    shape = (int(table["repeat"].max()) + 1, len(rows))
    places = (table["repeat"].to_numpy(), _find_rows(table, rows))
    columns = [f"score_{name}" for name in classes] if len(classes) > 2 else ["score"]
    scores = np.full((*shape, len(columns)), np.nan)
    scores[places] = table[columns].to_numpy(dtype=float)
    decisions, folds = np.full(shape, np.nan), np.full(shape, -1)
    decisions[places] = table["decision"]
    folds[places] = table["split"]
    return Predictions(
        labels, scores if len(columns) > 1 else scores[..., 0], decisions, folds
    )


def _parse_learned(table: pd.DataFrame, task: Task) -> Learned:
    draws = table[["repeat", "split"]].drop_duplicates(ignore_index=True)
    is_learned = np.zeros((len(draws), len(task.subjects)), dtype=bool)
    at = _find_rows(table, draws), _find_rows(table, task.subjects[KEYS])
    is_learned[at] = True
    return Learned(draws["repeat"].to_numpy(), draws["split"].to_numpy(), is_learned)


def _parse_factors(table: pd.DataFrame, task: Task) -> dict[str, Factor]:
    found = {}
    for name, own in table.groupby("factor", sort=False) if len(table) else ():
        cells = own["value"].where(own["value"].notna(), None)
        is_number = bool(own["is_number"].iloc[0])
        values = cells.astype(float) if is_number else cells.astype(object)
        ordered = values.set_axis(_find_rows(own, task.subjects[KEYS])).sort_index()
        found[str(name)] = Factor(ordered, bool(own["refuses"].iloc[0]))
    return found


def _parse_recordings(table: pd.DataFrame, task: Task) -> RecordingResults | None:
    if table.empty:
        return None
    keys = [*KEYS, "recording", "condition"]
    rows = table[keys].drop_duplicates().reset_index(drop=True)
    of_task = _find_rows(rows, task.subjects[KEYS])
    judged = task.subjects["is_reference"].to_numpy(dtype=bool)[of_task]
    results = {}
    for name, own in table.groupby("method", sort=False):
        p = _parse_predictions(own, rows, task.labels[of_task], task.classes)
        p = Predictions(p.labels, p.scores, p.decisions, np.where(judged, p.folds, -1))
        results[str(name)] = MethodResult(task.kind, p, np.empty(0), np.nan)
    conditions = tuple(rows["condition"].fillna("").astype(str))
    return RecordingResults(of_task, conditions, tuple(rows["recording"]), results)
