"""Summarise evaluated tasks: every statistic, table and sentence from predictions."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from neurograft.evaluation.details.tables import make_detail_tables
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.prediction_tables import Tables
from neurograft.evaluation.results.brain_age_tables import tabulate_brain_age
from neurograft.evaluation.results.comparisons import tabulate_comparisons
from neurograft.evaluation.results.design_table import tabulate_design
from neurograft.evaluation.results.label_curves import tabulate_curves
from neurograft.evaluation.results.recording_tables import tabulate_recordings
from neurograft.evaluation.results.subgroups import tabulate_subgroups
from neurograft.evaluation.results.verdicts import draw_verdicts
from neurograft.types import Progress, no_progress


def summarise(
    evaluated: Sequence[EvaluatedTask],
    *,
    n_bootstraps: int,
    equivalence_margin: float = 0.05,
    prevalence: Mapping[str, float] = MappingProxyType({}),
    seed: int = 0,
    progress: Progress = no_progress,
) -> Tables:
    """Make every table of every task from stored predictions; nothing is fitted.

    Args:
        evaluated: Results of cross-validation.
        n_bootstraps: Resamples of people.
        equivalence_margin: Difference that does not matter (see `EvaluationConfig`).
        prevalence: Share of cases that the author declares, by task.
        seed: Of resamples.
        progress: Called after every task.
    """
    tables: Tables = {}
    for done, one in enumerate(evaluated, start=1):
        found = summarise_task(
            one,
            n_bootstraps=n_bootstraps,
            equivalence_margin=equivalence_margin,
            prevalence=prevalence.get(one.task.name),
            seed=seed,
        )
        for name, parts in found.items():
            tables.setdefault(name, []).extend(parts)
        progress("summarising tasks", done, len(evaluated))
    return tables


def summarise_task(
    one: EvaluatedTask,
    *,
    n_bootstraps: int,
    equivalence_margin: float,
    seed: int,
    prevalence: float | None = None,
) -> Mapping[str, list[pd.DataFrame]]:
    """Make every table of one task; those without rows are missing.

    Args:
        one: Results of cross-validating the task.
        n_bootstraps: Number of resamples of people.
        equivalence_margin: Difference in the primary metric that does not matter.
        seed: Seed of the resamples.
        prevalence: Share of cases that the author declares; None, not declared.
    """
    task = one.task
    values, comparisons = tabulate_comparisons(
        one,
        n_bootstraps=n_bootstraps,
        equivalence_margin=equivalence_margin,
        seed=seed,
    )
    curves = tabulate_curves(one, n_bootstraps=n_bootstraps, seed=seed)
    tables = {
        "results": [values],
        "comparisons": [comparisons],
        "design": [tabulate_design(one, seed=seed)],
        "subgroups": [tabulate_subgroups(one, seed=seed)],
        "verdicts": [draw_verdicts(one, values, comparisons, curves)],
        "curves": [curves],
    }
    details = make_detail_tables(
        one, prevalence=prevalence, n_bootstraps=n_bootstraps, seed=seed
    )
    tables |= {name: [table] for name, table in details.items()}
    if one.recordings is not None:
        tables["recordings"] = [
            tabulate_recordings(
                task, one.recordings, n_bootstraps=n_bootstraps, seed=seed
            )
        ]
    if not task.subjects["is_reference"].all():
        for name, method in one.methods.items():
            if not method.is_blind:
                for table, part in tabulate_brain_age(one, name).items():
                    tables.setdefault(table, []).append(part)
    kept = {name: [p for p in parts if len(p)] for name, parts in tables.items()}
    return {name: parts for name, parts in kept.items() if parts}
