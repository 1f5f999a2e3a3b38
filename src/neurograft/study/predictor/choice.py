"""Choose what is fitted: a task with evidence, and a method that can be saved."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from neurograft.config.methods import Method, parse_method
from neurograft.errors import ConfigError, DesignError
from neurograft.kinds import Kind
from neurograft.prediction.learned.fitted_method import check_method
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.study.opened_study import Study


def choose_task(study: Study, verdicts: pd.DataFrame) -> str:
    """Choose the only task with evidence for something that is no control.

    Raises:
        ConfigError: If there is none, or several.
    """
    asked = verdicts[verdicts["question"] == "evidence"]
    shown = asked.loc[asked["answer"] == "evidence", "task"]
    known = study.settings.all_tasks
    fitting = [
        name for name in shown if name in known and known[name].kind != "contrast"
    ]
    if len(fitting) != 1:
        found = ", ".join(fitting) or "none"
        raise ConfigError(
            f"Say which task with --task: with evidence are {found}; "
            f"the study has {', '.join(known)}."
        )
    return str(fitting[0])


def find_verdict(study: Study, task: str, verdicts: pd.DataFrame) -> Mapping[Any, Any]:
    """Find what the study says of a task.

    Raises:
        ConfigError: If it has no such task, or it is a contrast.
    """
    known = study.with_controls.settings.all_tasks
    if task not in known:
        raise ConfigError(f"There is no task {task!r}; found {', '.join(known)}.")
    if known[task].kind == "contrast":
        raise ConfigError(
            f"The task {task!r} compares two recordings of the same people; there is "
            "nothing to say of a new person. Name a task of groups or of a number."
        )
    own = verdicts[(verdicts["task"] == task) & (verdicts["question"] == "evidence")]
    return dict(own.iloc[0])


def list_cautions(task: str, verdicts: pd.DataFrame) -> list[dict[str, Any]]:
    """List what the study warns of in a task: what else goes with the label.

    Returns:
        Codes with their values; what is only noted of the design is not among them.
    """
    own = verdicts[verdicts["task"] == task]
    is_caution = (own["question"] == "confound") | (
        (own["question"] == "design") & (own["answer"] == "warning")
    )
    return [
        {"code": str(row["code"])} | json.loads(row["values"])
        for row in own[is_caution].to_dict("records")
    ]


def check_verdict(
    study: Study, task: str, verdict: Mapping[Any, Any], *, anyway: bool
) -> None:
    """Check that the study allows to fit a task.

    Args:
        study: The study.
        task: Name of the task.
        verdict: Of the study on it.
        anyway: Whether to fit it without evidence.

    Raises:
        DesignError: If its design refuses any claim.
        ConfigError: If there is no evidence, and nobody wants it anyway.
    """
    if verdict["answer"] == "refused":
        raise DesignError(
            f"The task {task!r} is not fitted, for the design of {study.settings.name} "
            f"allows no claim: {verdict['sentence']}"
        )
    if verdict["answer"] != "evidence" and not anyway:
        raise ConfigError(
            f"The task {task!r} is not fitted, for the study shows no evidence that it "
            f"can be answered: {verdict['sentence']} With --anyway it is fitted, and "
            "every output says so."
        )


def choose_method(
    study: Study,
    task: str,
    wanted: str,
    results: pd.DataFrame,
    verdict: Mapping[Any, Any],
) -> Method:
    """Choose the method: the one asked for, else the best that can be saved.

    Args:
        study: The study.
        task: Name of the task.
        wanted: Name of the method; empty takes the best.
        results: Table of the study.
        verdict: Of the study on the task.

    Raises:
        ConfigError: If it was not evaluated, or cannot be saved.
    """
    kind = study.with_controls.settings.all_tasks[task].kind
    metrics = find_primary(results, task, kind)
    if wanted:
        if wanted not in set(metrics["method"]):
            raise ConfigError(
                f"The method {wanted!r} was not evaluated on {task!r}; found "
                f"{', '.join(metrics['method'])}."
            )
        method = parse_method(wanted)
        check_method(method)
        return _check_source(study, method)
    best = json.loads(verdict["values"]).get("best", {}).get("method", "")
    order = metrics.sort_values("value", ascending=kind == "regression")[
        "method"
    ].tolist()
    for name in dict.fromkeys([best, *order]):
        if name in order and _can_save(study, parse_method(name)):
            return parse_method(name)
    raise ConfigError(
        f"None of the methods of {task!r} can be saved as a predictor; add `encoder`, "
        "`band-power`, `riemann` or `blend` to evaluation.methods and run again."
    )


def _can_save(study: Study, method: Method) -> bool:
    try:
        check_method(method)
        _check_source(study, method)
    except ConfigError:
        return False
    return True


def _check_source(study: Study, method: Method) -> Method:
    """Check that the encoder can be saved, if there is need of one.

    Raises:
        ConfigError: If it is a class of the user's own.
    """
    source = study.settings.pretraining.source
    if source and any("encoder" in name for name in method.features):
        raise ConfigError(
            f"The method {method.name!r} needs the encoder {source}, which is your own "
            "class and cannot be saved in a bundle; take `band-power` or `riemann`."
        )
    return method


def find_primary(results: pd.DataFrame, task: str, kind: Kind) -> pd.DataFrame:
    """Return the rows of a task's primary metric, one per method with a value.

    Args:
        results: Table of the study.
        task: Name of the task.
        kind: Of the task.
    """
    primary = next(iter(choose_metrics(kind)))
    own = results["metric"] == primary
    return results[(results["task"] == task) & own & results["value"].notna()]
