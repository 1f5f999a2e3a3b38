"""Every combination of defensible choices, evaluated on the same question."""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pydantic import ValidationError

from neurograft.config.study import StudyConfig
from neurograft.config.study_file.explanations import explain
from neurograft.errors import ConfigError, DataError
from neurograft.files.tables import read_table, write_tables
from neurograft.files.writing import digest, read_arrays
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.statistics.specification_curve import (
    judge_specifications,
    sort_specifications,
)
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import PERMUTED_FILE
from neurograft.types import Arrays

# Columns of a result that stand in the curve.
KEPT = ("metric", "value", "ci_low", "ci_high", "p_permutation", "n_subjects")


class Specification(NamedTuple):
    """One combination of choices.

    Attributes:
        choices: Value of every setting that varies.
        settings: The study with these settings; combinations that harmonise alike share
            a folder, so that it is done once.
    """

    choices: dict[str, Any]
    settings: StudyConfig


class Found(NamedTuple):
    """Results of one combination of choices.

    Attributes:
        results: Rows of the primary metric.
        permuted: By task and method, the metric under permuted labels.
        people: By task, who was in it.
    """

    results: pd.DataFrame
    permuted: Arrays
    people: dict[str, tuple[str, ...]]


def list_specifications(settings: StudyConfig) -> list[Specification]:
    """List every combination, those that harmonise alike one after the other.

    Raises:
        ConfigError: If there is no choice, or a value is not valid.
    """
    wanted = settings.specification
    if not wanted.choices:
        raise ConfigError(
            "There is nothing to specify; name choices in [specification], "
            '{ "harmonise.l_freq" = [0.5, 1.0] }.'
        )
    if settings.evaluation.protocol == "hold-out":
        raise ConfigError(
            "A specification looks at the same people once for every combination, and "
            "would open the hold-out as often; use --set "
            "evaluation.protocol=repeated-cv with the sealed people left out of the "
            "cohort's table, or ask without a specification."
        )
    names = sorted(wanted.choices, key=lambda name: not name.startswith("harmonise"))
    return [
        _specify(settings, dict(zip(names, values, strict=True)))
        for values in itertools.product(*(wanted.choices[name] for name in names))
    ]


def _specify(base: StudyConfig, choices: dict[str, Any]) -> Specification:
    settings = base.model_dump()
    settings["evaluation"] |= {
        "methods": base.specification.methods,
        "n_permutations": base.specification.n_permutations,
        "labels_per_class": (),
        "controls": False,
    }
    for name, value in choices.items():
        *sections, key = name.split(".")
        table = settings
        for section in sections:
            table = table[section]
        table[key] = value
    harmonised = digest([settings["harmonise"], settings["pretraining"]])[:12]
    settings["output_folder"] = (
        base.output_folder / "specification" / "runs" / harmonised
    )
    try:
        return Specification(choices, StudyConfig.model_validate(settings))
    except ValidationError as error:
        where = f"specification.choices ({say_choices(choices)})"
        raise ConfigError(explain(error, StudyConfig, where)) from error


def say_choices(choices: Mapping[str, Any]) -> str:
    """Write the choices of a combination in words.

    Example:
        >>> say_choices({"harmonise.l_freq": 0.5, "evaluation.montage": "common"})
        'l_freq = 0.5, montage = common'
    """
    return ", ".join(f"{name.split('.')[-1]} = {v}" for name, v in choices.items())


def read_specification(specification: Specification) -> Found:
    """Read the results of a combination."""
    study = Study(specification.settings)
    results = read_table(study.folder("summary") / "results.tsv")
    primary = results.groupby("task", sort=False)["metric"].transform("first")
    kept = results[results["metric"] == primary]
    folder = study.folder("evaluation")
    subjects = read_table(folder / "subjects.tsv")
    here = subjects[subjects["left_out"].isna() | (subjects["left_out"] == "")]
    people = {
        str(task): tuple(own["cohort"] + "/" + own["participant_id"])
        for task, own in here.groupby("task", sort=False)
    }
    return Found(
        kept[["task", "method", *KEPT]], read_arrays(folder / PERMUTED_FILE), people
    )


def write_specifications(
    folder: Path, specifications: Sequence[Specification], found: Sequence[Found]
) -> None:
    """Write `specifications.tsv` and `tests.tsv`.

    Raises:
        DataError: If no result was compared with permuted labels.
    """
    table = pd.concat(
        [
            done.results.assign(**{name: str(v) for name, v in spec.choices.items()})
            for spec, done in zip(specifications, found, strict=True)
        ],
        ignore_index=True,
    )
    table = table[table["p_permutation"].notna()]
    if table.empty:
        raise DataError(
            "There is no specification curve: no method could be scored and compared "
            "with permuted labels in any combination; choose a protocol that tests "
            "both groups, or other methods in [specification]."
        )
    curves = [sort_specifications(own) for _, own in table.groupby("task", sort=False)]
    tests = [_judge(str(task), found) for task in table["task"].unique()]
    write_tables(folder, {"specifications": curves, "tests": [pd.DataFrame(tests)]})


def _judge(task: str, found: Sequence[Found]) -> dict[str, Any]:
    """Test the curve of a task as a whole, if all combinations have the same people."""
    is_same = len({done.people[task] for done in found}) == 1
    observed, permuted = [], []
    for done in found:
        own = done.results[done.results["task"] == task]
        for method in own.loc[own["p_permutation"].notna(), "method"]:
            null = done.permuted.get(f"{task}:{method}", np.empty(0))
            if len(null) > 1:
                observed.append(null[0])
                permuted.append(null[1:])
    metric = found[0].results.query("task == @task")["metric"].iloc[0]
    sign = -1 if metric in LOWER_IS_BETTER else 1
    said: dict[str, Any] = {
        "task": task,
        "n_specifications": len(observed),
        "same_people": is_same,
        "median": sign * float(np.median(observed)) if observed else np.nan,
        "p_median": np.nan,
        "share_significant": np.nan,
        "p_share": np.nan,
    }
    if is_same and observed:
        test = judge_specifications(np.array(observed), np.stack(permuted, axis=1))
        said |= test._asdict() | {"median": said["median"]}
    return said
