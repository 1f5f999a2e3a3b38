"""Find the healthy people of a task, and what is usual in them at every age."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from neurograft.errors import ConfigError
from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.files.text import fold, fold_all
from neurograft.prediction.card import NormCard
from neurograft.prediction.learned.calibration import NumberCalibration
from neurograft.prediction.learned.held_out import collect_held_out
from neurograft.prediction.norms.measures import Measures, measure_people
from neurograft.prediction.norms.norms import MIN_HEALTHY, DeviceKind, fit_norms
from neurograft.prediction.predictor import Predictor
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.store.acquisition import classify_reference
from neurograft.study.opened_study import Study
from neurograft.tasks.task import Task
from neurograft.types import BoolArray, FloatArray, IntArray


def add_norms(
    predictor: Predictor,
    study: Study,
    prepared: PreparedTask,
    reader: FeatureReader,
    rows: IntArray,
    predictions: Predictions,
) -> Predictor:
    """Return a predictor that knows what is usual in healthy people at every age.

    Args:
        predictor: That was fitted.
        study: The study.
        prepared: The task.
        reader: Of its features.
        rows: Of the people learned from.
        predictions: Of cross-validation, by the method of the predictor.

    Raises:
        ConfigError: If nobody has a value that is said to mean healthy.
    """
    task = prepared.task
    if not study.settings.prediction.healthy:
        return _note(predictor, NormCard(reason="NG740"))
    is_used = find_healthy_people(study, task) & np.isin(
        np.arange(len(task.labels)), rows
    )
    is_used &= np.isfinite(task.subjects["age"].to_numpy(dtype=float))
    kinds = _list_kinds(study, task)
    counts = Counter(
        kind for kind, used in zip(kinds, is_used, strict=True) if used and kind
    )
    kind, n = counts.most_common(1)[0] if counts else (None, 0)
    if kind is None or n < MIN_HEALTHY:
        return _note(predictor, NormCard(reason="NG741", n=n))
    is_used &= np.array([one == kind for one in kinds])
    healthy = np.flatnonzero(is_used)
    card, norms = fit_norms(
        _measure(study, task, reader, healthy, predictor),
        task.subjects["age"].to_numpy(dtype=float)[healthy],
        _find_gaps(predictor, predictions, is_used),
        kind,
        is_relative=not predictor.card.taken.has_microvolts,
        seed=study.settings.seed,
    )
    return replace(_note(predictor, card), norms=norms)


def _note(predictor: Predictor, card: NormCard) -> Predictor:
    told = predictor.card.model_copy(update={"norms": card})
    return replace(predictor, card=told)


def find_healthy_people(study: Study, task: Task) -> BoolArray:
    """Find the people of a task who are healthy, as the study file says.

    Raises:
        ConfigError: If there is no such column, or nobody has such a value.
    """
    settings = study.settings.prediction
    column = fold(settings.healthy_column) or _name_column(study, task)
    written: dict[tuple[str, str], str] = {}
    for view in task.views:
        people = study.cohort(view.cohort).people
        table = people.first_written
        if column not in table:
            raise ConfigError(
                f"The table of {view.cohort!r} has no column {column!r}; name one that "
                "tells who is healthy with prediction.healthy_column."
            )
        cells = zip(table["participant_id"], table[column], strict=True)
        written |= {(view.cohort, str(who)): str(cell) for who, cell in cells}
    values = fold_all(settings.healthy)
    unknown = [one for one in values if one not in written.values()]
    if unknown:
        raise ConfigError(
            f"prediction.healthy names {column} = {unknown[0]!r}, which nobody of the "
            f"task {task.name!r} has; name another value, or another column with "
            "prediction.healthy_column."
        )
    names = zip(task.subjects["cohort"], task.subjects["participant_id"], strict=True)
    return np.array([written.get((c, str(who)), "") in values for c, who in names])


def _name_column(study: Study, task: Task) -> str:
    """Name the column that tells who is healthy, where the study file does not."""
    settings = study.settings.all_tasks.get(task.name)
    reference = fold(settings.reference_column) if settings else ""
    return reference or fold(task.column)


def _list_kinds(study: Study, task: Task) -> list[DeviceKind | None]:
    """List the kind of device of every row; None where recordings differ in it."""
    known: dict[tuple[int, str], DeviceKind | None] = {}
    for number, view in enumerate(task.views):
        for row in study.everybody(view).to_dict("records"):
            known[number, str(row["participant_id"])] = _read_kind(row)
    rows = zip(task.subjects["view"], task.subjects["participant_id"], strict=True)
    return [known.get((int(view), str(who))) for view, who in rows]


def _read_kind(row: dict[Any, Any]) -> DeviceKind | None:
    if pd.isna(row["n_channels"]) or pd.isna(row["sfreq_hz"]):
        return None
    text = "" if pd.isna(row["reference"]) else str(row["reference"])
    references = {classify_reference(part) for part in text.split("+")}
    if len(references) > 1:
        return None
    device = int(row["n_channels"]), round(float(row["sfreq_hz"]))
    return DeviceKind(*device, references.pop())


def _measure(
    study: Study,
    task: Task,
    reader: FeatureReader,
    rows: IntArray,
    predictor: Predictor,
) -> list[Measures]:
    """Measure people in the windows that the method saw."""
    places = reader.find_rows(task)
    found = []
    for row in rows.tolist():
        view, person = places[row]
        read = reader.read(task.views[view])
        found += measure_people(
            read,
            [read.chosen[person]],
            predictor.card.taken,
            n_times=study.n_times,
        )
    return found


def _find_gaps(
    predictor: Predictor, predictions: Predictions, is_used: BoolArray
) -> FloatArray:
    """Find predicted minus true age of people left out; nothing if age is not asked."""
    calibration = predictor.calibration
    if predictor.card.target != "age" or not isinstance(calibration, NumberCalibration):
        return np.zeros(0)
    held_out = collect_held_out(predictions, is_used)
    labels, means = held_out.average()
    return calibration.remove_bias(means[:, 0], labels) - labels
