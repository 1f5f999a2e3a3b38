"""Facts that checklists ask for, found in stored tables and never in settings."""

import pandas as pd

from neurograft.report.documents.analysis_steps import describe_models
from neurograft.report.documents.preparation_steps import DROPPED
from neurograft.report.documents.stored_study import StoredStudy

# Codes that tell which effect the people of a task could have shown.
DETECTABLE = ("NG192", "NG193")
CLUSTERS = ("site", "cohort")


def list_kept(study: StoredStudy) -> pd.DataFrame:
    """Return the recordings that were kept."""
    table = study.recordings
    return table[table["status"] != DROPPED] if len(table) else table


def list_tested(study: StoredStudy) -> pd.DataFrame:
    """Return the people of the tasks who were not left out."""
    table = study.subjects
    return table[table["left_out"].isna()] if len(table) else table


def has_recordings(study: StoredStudy) -> bool:
    """Return whether recordings were kept."""
    return len(list_kept(study)) > 0


def knows_why_data_are_missing(study: StoredStudy) -> bool:
    """Return whether every recording that was dropped has its reason."""
    table = study.recordings
    if table.empty or "reason" not in table:
        return False
    return bool(table.loc[table["status"] == DROPPED, "reason"].notna().all())


def has_results(study: StoredStudy) -> bool:
    """Return whether a method has a value."""
    return len(study.results) > 0 and bool(study.results["value"].notna().any())


def has_intervals(study: StoredStudy) -> bool:
    """Return whether a value has an interval."""
    return has_results(study) and bool(study.results["ci_low"].notna().any())


def has_groups(study: StoredStudy) -> bool:
    """Return whether a task tells groups apart."""
    return study.has_kind("classification") or study.has_kind("contrast")


def has_calibration(study: StoredStudy) -> bool:
    """Return whether calibration was computed in every task with groups."""
    if not has_groups(study):
        return has_results(study)
    tasks = study.tasks
    asked = set(tasks.loc[tasks["kind"] != "regression", "task"])
    slopes = study.of_metric("calibration slope")
    return len(slopes) > 0 and asked <= set(slopes["task"])


def has_subgroups(study: StoredStudy) -> bool:
    """Return whether there are results by subgroup."""
    return study.has_rows(study.summary, "subgroups")


def has_clusters(study: StoredStudy) -> bool:
    """Return whether the people of a task come from several sites or cohorts."""
    tested = list_tested(study)
    if tested.empty:
        return False
    by_task = tested.groupby("task")
    return any(bool((by_task[name].nunique() > 1).any()) for name in CLUSTERS)


def has_cluster_results(study: StoredStudy) -> bool:
    """Return whether there are results by site or cohort."""
    table = study.read(study.summary, "subgroups")
    return len(table) > 0 and bool(table["factor"].isin(CLUSTERS).any())


def compares_cohorts(study: StoredStudy) -> bool:
    """Return whether people learned from were compared with those tested."""
    return study.has_rows(study.shift, "covariates")


def tells_imbalance(study: StoredStudy) -> bool:
    """Return whether the methods text says how unequal groups were handled."""
    return any(code == "imbalance" for code, _ in describe_models(study))


def tells_detectable(study: StoredStudy) -> bool:
    """Return whether a verdict says which effect could have been found."""
    table = study.read(study.summary, "verdicts")
    if "values" not in table:
        return False
    values = table["values"].astype(str)
    return any(bool(values.str.contains(code).any()) for code in DETECTABLE)


def count_known(study: StoredStudy) -> int:
    """Count which of age and sex are known of somebody tested."""
    tested = list_tested(study)
    names = [name for name in ("age", "sex") if name in tested]
    return sum(bool(tested[name].notna().any()) for name in names)


def knows(study: StoredStudy, column: str) -> str:
    """Return whether all, some or none of the recordings kept tell something."""
    kept = list_kept(study)
    if column not in kept or kept[column].isna().all():
        return "none"
    return "all" if kept[column].notna().all() else "some"
