"""Describe a predictor: its method, how recordings must be, whom it learned from."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.methods import Method
from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.prediction.card import ChosenMethod, LearnedFrom, Taken
from neurograft.prediction.facts import describe_facts
from neurograft.prediction.quantiles import find_quantiles
from neurograft.store.recordings_table import read_recorded
from neurograft.study.opened_study import Study
from neurograft.study.predictor.choice import find_primary
from neurograft.tasks.seen_people import RecordedPerson, describe_seen
from neurograft.tasks.task import Task
from neurograft.types import FloatArray, IntArray

# Ages are told in steps of so many years, so that nobody's is told.
AGE_STEP_YEARS = 5
KEYS = ["cohort", "participant_id"]
# What the quantiles, the mean and the covariance of a bundle leave to be inferred.
INFERRED = (
    "The bundle holds no row of a person. Whoever has a recording of somebody can tell "
    "whether that recording was learned from, by its fingerprint; that is meant to be "
    "so. Weights, means, covariances and quantiles describe the people as a whole; "
    "from few people, the values of single ones could be guessed in part."
)


def describe_method(
    method: Method,
    results: pd.DataFrame,
    verdict: Mapping[Any, Any],
    cautions: Sequence[Mapping[str, Any]],
    prepared: PreparedTask,
    *,
    is_asked_for: bool,
) -> ChosenMethod:
    """Describe the method, and why it was taken.

    Args:
        method: The method.
        results: Of the study.
        verdict: Of the study on the task.
        cautions: Of the study in the task.
        prepared: The task.
        is_asked_for: Whether the user named it.
    """
    own = find_primary(results, prepared.task.name, prepared.task.kind)
    row = own[own["method"] == method.name].iloc[0]
    best = json.loads(verdict["values"]).get("best", {})
    is_best = best.get("method") == method.name
    why = "best" if is_best else "best_saved"
    return ChosenMethod(
        name=method.name,
        why="asked_for" if is_asked_for else why,
        metric=str(row["metric"]),
        value=float(row["value"]),
        ci_low=float(best["ci_low"] if is_best else row["ci_low"]),
        ci_high=float(best["ci_high"] if is_best else row["ci_high"]),
        n_methods=int(best.get("n_methods", len(own))),
        is_shown=verdict["answer"] == "evidence",
        code=str(verdict["code"]),
        values=json.loads(verdict["values"]),
        cautions=tuple(map(dict, cautions)),
    )


def describe_taken(study: Study, task: Task, reader: FeatureReader) -> Taken:
    """Describe how recordings have to be.

    Args:
        study: The study.
        task: Its people have signals.
        reader: Of their features.
    """
    settings = study.settings
    first = settings.cohorts[task.views[0].cohort]
    told = _list_recorded(study, task)["condition"].dropna()
    conditions = sorted({part for one in told for part in str(one).split("+")})
    asked = dict.fromkeys(name for view in task.views for name in view.bids_tasks)
    return Taken(
        harmonise=settings.harmonise,
        reading=first.signal_settings,
        has_microvolts=reader.has_scale(task),
        window_s=settings.pretraining.window_s,
        n_windows=min(map(study.count_windows, task.views)),
        bids_tasks=tuple(asked),
        conditions=tuple(conditions),
        channels=reader.find_channels(task),
        demographics=_name_demographics(task),
        table=first.people_settings,
    )


def _list_recorded(study: Study, task: Task) -> pd.DataFrame:
    """List how the people of a task were recorded."""
    everybody = pd.concat([study.everybody(view) for view in task.views])
    return everybody.merge(task.subjects[KEYS].drop_duplicates())


def _name_demographics(task: Task) -> tuple[str, ...]:
    """Name the columns that `collect_demographics` takes."""
    people = task.covariates
    return tuple(name for name in ("age", "sex") if people[name].nunique() > 1)


def describe_learned_from(study: Study, task: Task, rows: IntArray) -> LearnedFrom:
    """Describe the people learned from, without a row of anybody.

    Args:
        study: The study.
        task: Its people have signals.
        rows: Of the people learned from.
    """
    people = task.subjects.iloc[rows]
    ages = people["age"].to_numpy(dtype=float)
    known = ages[np.isfinite(ages)]
    own = _list_recorded(study, task).merge(people[KEYS].drop_duplicates())
    devices = own[["n_channels", "sfreq_hz"]].dropna().drop_duplicates()
    references = {
        part for one in own["reference"].dropna() for part in str(one).split("+")
    }
    step = AGE_STEP_YEARS
    counts = people["label"].value_counts()
    return LearnedFrom(
        n=len(people[KEYS].drop_duplicates()),
        groups={
            name: int(counts.get(float(label), 0))
            for label, name in enumerate(task.classes)
        },
        youngest=float(step * np.floor(known.min() / step)) if len(known) else None,
        oldest=float(step * np.ceil(known.max() / step)) if len(known) else None,
        ages=find_quantiles(known),
        sexes={str(k): int(n) for k, n in people["sex"].value_counts().items()},
        n_sites=int(people.groupby(["cohort", "site"], dropna=False).ngroups),
        devices=tuple(
            (int(n), float(hz)) for n, hz in sorted(devices.to_numpy().tolist())
        ),
        references=tuple(sorted(references)),
        seen=dict(_describe_seen(study, people)),
    )


def _describe_seen(study: Study, people: pd.DataFrame) -> dict[str, object]:
    """Describe people so that they are recognised and not named."""
    recorded = []
    for cohort, own in people.groupby("cohort"):
        marks: dict[str, tuple[bytes, ...]] = dict.fromkeys(own["participant_id"], ())
        for one in study.store(str(cohort)).recordings:
            who = one.key.participant_id
            if who in marks and one.fingerprint:
                marks[who] += (one.fingerprint,)
        data_set = study.name_data_set(str(cohort))
        recorded += [
            RecordedPerson(str(cohort), who, data_set, found)
            for who, found in marks.items()
        ]
    return {**describe_seen(recorded), "n_subjects": len(recorded)}


def describe_rows(study: Study, task: Task, reader: FeatureReader) -> FloatArray:
    """Describe all rows of a task by facts that a reader can name.

    Args:
        study: The study.
        task: Its people have signals.
        reader: Of their features.
    """
    parts = []
    for view in task.views:
        recorded = read_recorded(study.folder("cohorts", view.cohort))
        parts.append(describe_facts(reader.read(view), recorded, n_times=study.n_times))
    return np.stack([parts[view][row] for view, row in reader.find_rows(task)])
