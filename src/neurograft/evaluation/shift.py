"""The shift stage: how far populations are apart, in what, and what makes them alike.

Looks at everybody at once and therefore chooses nothing: no model that is evaluated
sees a number of this stage.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from neurograft.adaptation.label_shift import suspect_label_shift
from neurograft.config import StudyConfig
from neurograft.evaluation.representations import (
    Cohort,
    describe_cohorts,
    join_features,
)
from neurograft.evaluation.shifts import (
    compare_cohorts,
    probe_factors,
    tabulate_adapters,
    tabulate_factors,
    tabulate_identity,
    tabulate_spectra,
)
from neurograft.evaluation.statistics import holm, say_p
from neurograft.evaluation.tasks import build_tasks
from neurograft.evaluation.transferred import tabulate_transferability
from neurograft.pretraining.stage import describe_pretraining
from neurograft.provenance import Stage, read_fingerprint
from neurograft.tables import write_tables
from neurograft.types import Progress, no_progress

ALPHA = 0.05


def describe_shift(study: StudyConfig) -> Stage:
    """The stage: its settings, and the fingerprints of cohorts, encoder and results."""
    root, name = study.output_folder, study.pretraining.name
    cohorts = {name: root / "cohorts" / name for name in study.used_cohorts}
    inputs = {c: str(read_fingerprint(folder)) for c, folder in cohorts.items()}
    inputs["encoder"] = str(read_fingerprint(root / "pretraining" / name))
    inputs["evaluation"] = str(read_fingerprint(root / "evaluation"))
    settings = {
        "shift": study.shift.model_dump(mode="json"),
        "tasks": sorted(study.all_tasks),
        "seed": study.seed,
    }
    return Stage(root / "shift", settings, inputs)


def run_shift(study: StudyConfig, *, progress: Progress = no_progress) -> None:
    """Measure the shift between the study's cohorts and write its tables.

    Raises:
        DataError: If the encoder or a cohort is missing or out of date.
    """
    describe_pretraining(study).require("pretrain first")
    stage = describe_shift(study)
    stage.begin()
    cohorts = describe_cohorts(study, study.used_cohorts, progress=progress)
    labels = _collect_labels(study, cohorts)
    named = {one.name: one for one in cohorts}
    pairs = [(named[one], named[other]) for one, other in list_pairs(study)]
    tables: dict[str, list[pd.DataFrame]] = {}
    for done, (source, target) in enumerate(pairs, start=1):
        factors, measures = compare_cohorts(source, target, study)
        tables.setdefault("covariates", []).append(factors)
        tables.setdefault("shift", []).append(measures)
        verdict = judge_pair(source, target, factors, measures)
        tables.setdefault("verdicts", []).append(verdict)
        progress("comparing cohorts", done, len(pairs))
    tables |= _look_inside(study, cohorts, labels, progress)
    tables["adapters"] = [tabulate_adapters(cohorts, study.shift)]
    tables["transferability"] = [tabulate_transferability(study)]
    write_tables(stage.folder, tables)
    stage.finish()


def list_pairs(study: StudyConfig) -> list[tuple[str, str]]:
    """Every source with every target; without a source, targets among themselves.

    Every cohort with every other where the study asks for all.
    """
    if study.shift.all_cohorts:
        return list(combinations(study.used_cohorts, 2))
    targets = study.target_cohorts
    sources = [name for name in study.source_cohorts if name not in targets]
    if sources:
        return list(product(sources, targets))
    return list(combinations(targets, 2))


def _collect_labels(
    study: StudyConfig, cohorts: Sequence[Cohort]
) -> dict[str, dict[str, pd.Series]]:
    """Labels of every cohort's people by task, NaN of those outside it."""
    found: dict[str, dict[str, pd.Series]] = {one.name: {} for one in cohorts}
    for task in build_tasks(study):
        if task.kind == "contrast":
            continue
        for one in cohorts:
            own = task.subjects[task.subjects["cohort"] == one.name]
            if len(own):
                labels = dict(zip(own["participant_id"], own["label"], strict=True))
                found[one.name][task.name] = one.people["participant_id"].map(labels)
    return found


def _look_inside(
    study: StudyConfig,
    cohorts: Sequence[Cohort],
    labels: Mapping[str, Mapping[str, pd.Series]],
    progress: Progress,
) -> dict[str, list[pd.DataFrame]]:
    """Variance shares, probes, identity and spectra: of each target, and of all."""
    tables: dict[str, list[pd.DataFrame]] = {"factors": [], "probes": [], "spectra": []}
    targets = [one for one in cohorts if one.name in study.target_cohorts]
    for done, one in enumerate(targets, start=1):
        own = labels[one.name]
        people = one.people
        groups = next((own[n] for n in own if own[n].nunique() <= 6), None)
        if groups is not None:
            people = people.assign(group=groups)
        people = people.drop(columns="cohort")
        tables["factors"].append(
            tabulate_factors(one.name, people, one.features["embedding"], study.shift)
        )
        tables["probes"] += [
            probe_factors(one.name, people, join_features([one]), own, study.shift),
            tabulate_identity(one),
        ]
        progress("looking into cohorts", done, len(targets))
    tables["spectra"] = [tabulate_spectra(one) for one in cohorts]
    if len(cohorts) > 1:
        whole = pd.concat([one.people for one in cohorts], ignore_index=True)
        X = join_features(cohorts)
        tables["factors"].append(
            tabulate_factors("all cohorts", whole, X["embedding"], study.shift)
        )
        tables["probes"].append(probe_factors("all cohorts", whole, X, {}, study.shift))
    return tables


def judge_pair(
    source: Cohort, target: Cohort, factors: pd.DataFrame, measures: pd.DataFrame
) -> pd.DataFrame:
    """Say whether two cohorts differ, and in what first."""
    own = measures[measures["representation"] == "embedding"]
    p, first = find_shift(factors, own)
    clear = factors[factors["p_bh"] < ALPHA]
    row: dict[str, Any] = {
        "source": source.name,
        "target": target.name,
        "answer": "shift" if p < ALPHA else "no shift shown",
        "p": p,
        "first_factor": first or None,
        "sentence": _say_pair(source, target, own.set_index("measure"), clear, p),
        "label_shift": _say_label_shift(source, target),
    }
    return pd.DataFrame([row])


def find_shift(factors: pd.DataFrame, measures: pd.DataFrame) -> tuple[float, str]:
    """Whether two sets of people differ at all, and in which factor most.

    Three families of tests, after Holm: factors (the smallest p after Benjamini and
    Hochberg), the domain classifier and the discrepancy.

    Args:
        factors: From `compare_factors`.
        measures: Of one representation, from `measure_pair`.

    Returns:
        The smallest p, and the first of the factors that differ; empty if none does.
    """
    own = measures.set_index("measure")
    found = [
        float(factors["p_bh"].min()),
        _get(own, "domain accuracy", "p"),
        _get(own, "MMD2", "p"),
    ]
    p = np.array([1.0 if np.isnan(value) else value for value in found])
    clear = factors[factors["p_bh"] < ALPHA]
    return float(holm(p).min()), str(clear["factor"].iloc[0]) if len(clear) else ""


def _get(table: pd.DataFrame, measure: str, column: str) -> float:
    return float(table[column].get(measure, np.nan))


def _say_pair(
    source: Cohort,
    target: Cohort,
    own: pd.DataFrame,
    clear: pd.DataFrame,
    p: float,
) -> str:
    if p >= ALPHA:
        return (
            f"{source.name} and {target.name}: no difference shown ({say_p(p)}); few "
            "people can hide one."
        )
    accuracy = (
        f"told apart by their embeddings with balanced accuracy "
        f"{_get(own, 'domain accuracy', 'value'):.2f} "
        f"[{_get(own, 'domain accuracy', 'ci_low'):.2f}, "
        f"{_get(own, 'domain accuracy', 'ci_high'):.2f}]"
    )
    if clear.empty:
        return (
            f"{source.name} and {target.name} are {accuracy} ({say_p(p)}); nothing "
            "that is known of people or devices explains it."
        )
    named = ", ".join(
        f"{row['factor']} ({row['in_source']} against {row['in_target']}; size "
        f"{row['size']:.2f})"
        for row in clear.head(3).to_dict("records")
    )
    return (
        f"{source.name} and {target.name} are {accuracy} ({say_p(p)}). They differ "
        f"most in {named}."
    )


def _say_label_shift(source: Cohort, target: Cohort) -> str | None:
    """Warn that aligning the two would remove a difference in age."""
    ages = [
        one.people["age"].dropna().to_numpy(dtype=float) for one in (source, target)
    ]
    if min(map(len, ages)) < 5:
        return None
    domain = np.repeat([1, -1], [len(one) for one in ages])
    found = suspect_label_shift(np.concatenate(ages), domain)
    return f"Age: {found.sentence}" if found.is_suspect else None
