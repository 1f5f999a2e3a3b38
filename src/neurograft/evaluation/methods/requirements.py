"""Name the remedies against a shift that a task has no use for, and why."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from neurograft.adaptation.residuals import list_known
from neurograft.config.methods import Method, split_block
from neurograft.files.sentences import say
from neurograft.tasks.splits import Split
from neurograft.tasks.task import Task
from neurograft.types import IntArray


def explain_remedies(
    methods: Sequence[Method],
    task: Task,
    splits: Sequence[Split],
    domain: IntArray,
    covariates: pd.DataFrame,
) -> dict[str, str]:
    """Name the methods whose remedy cannot be run on a task, with the reason.

    Args:
        methods: Those asked for.
        task: The task.
        splits: Its folds.
        domain: Number of everybody's site.
        covariates: Age and sex.
    """
    is_new = all(not np.isin(domain[s.test], domain[s.train]).any() for s in splits)
    n_sites = min(len(np.unique(domain[s.train])) for s in splits)
    found = {}
    for method in methods:
        remedies = {split_block(block)[1] for block in method.blocks}
        if method.knows_mean and task.is_classification:
            found[method.name] = say("NG504", {})
        elif method.learner == "geodesic" and not is_new:
            found[method.name] = say("NG505", {})
        elif remedies & {"auto-entropy", "auto-neighbourhood"} and (
            not task.is_classification
        ):
            found[method.name] = say("NG506", {})
        elif "auto-site" in remedies and n_sites < 2:
            found[method.name] = say("NG507", {})
        elif remedies & {"propensity", "residualise"} and not list_known(covariates):
            found[method.name] = say("NG501", {})
    return found
