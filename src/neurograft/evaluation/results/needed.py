"""Say what would be needed to say more: people, sites, or a confirmation."""

from statistics import NormalDist

import numpy as np

from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.results.evidence import Verdict, count_tested
from neurograft.files.sentences import code_verdict
from neurograft.statistics.power import (
    find_needed_for_auroc,
    find_needed_for_correlation,
    find_needed_pairs,
)
from neurograft.tasks.label_shuffles import find_exchangeable

# Medium effects (Cohen 1988, tables 2.2.1 and 3.3): difference in SDs, correlation.
MEDIUM_D, MEDIUM_R = 0.5, 0.3
# The area under the ROC curve of two normal groups so far apart (Green and Swets 1966).
MEDIUM_AUROC = NormalDist().cdf(MEDIUM_D / np.sqrt(2))


def judge_need(
    evaluated: EvaluatedTask, evidence: Verdict, alpha: float
) -> list[Verdict]:
    """Say what would be needed after evidence, or after none.

    Where a claim is refused or undecided, that verdict itself says what to do.

    Args:
        evaluated: The task.
        evidence: The verdict on it.
        alpha: Level of the tests.
    """
    if evidence["answer"] == "evidence":
        return _need_of_sites(evaluated)
    if evidence["answer"] == "no evidence":
        return _need_of_people(evaluated, alpha)
    return []


def _need_of_sites(evaluated: EvaluatedTask) -> list[Verdict]:
    """Ask for another site, for a test on sites left out, or for a confirmation.

    Nothing is asked for where no site has two groups: a site left out tests nothing.
    """
    subjects = evaluated.task.subjects
    n_sites = int(subjects["site"].nunique())
    n = count_tested(evaluated)
    if n_sites < 2:
        return [code_verdict("needed", "sites", "NG141", n=n)]
    if _tests_new_sites(evaluated):
        return [code_verdict("needed", "confirmation", "NG143", n_sites=n_sites)]
    if subjects.groupby("site")["label"].nunique().max() < 2:
        return []
    return [code_verdict("needed", "sites", "NG142", n_sites=n_sites)]


def _tests_new_sites(evaluated: EvaluatedTask) -> bool:
    """Return whether nobody was learned from at a site where people were tested."""
    sites = evaluated.task.subjects["site"].fillna("").to_numpy()
    folds = evaluated.folds[0]
    return all(
        set(sites[folds == fold]).isdisjoint(sites[(folds != fold) & (folds >= 0)])
        for fold in np.unique(folds[folds >= 0])
    )


def _need_of_people(evaluated: EvaluatedTask, alpha: float) -> list[Verdict]:
    """Say how many people a medium effect needs, beside how many there are."""
    task = evaluated.task
    rows = find_exchangeable(task, evaluated.folds[0]).rows
    n = len(set(task.clusters[rows]))
    if task.kind == "regression":
        needed = find_needed_for_correlation(MEDIUM_R, alpha=alpha)
        codes, effect = ("NG145", "NG146"), MEDIUM_R
    elif task.is_classification and task.is_within:
        needed = find_needed_pairs(MEDIUM_D, alpha=alpha)
        codes, effect = ("NG147", "NG148"), MEDIUM_D
    elif task.kind == "classification":
        labels = task.labels[rows]
        n = int(min((labels == 0).sum(), (labels == 1).sum()))
        needed = find_needed_for_auroc(MEDIUM_AUROC, alpha=alpha)
        codes, effect = ("NG144", "NG149"), MEDIUM_AUROC
    else:
        return []
    answer = "people" if n < needed else "enough"
    code = codes[n >= needed]
    return [code_verdict("needed", answer, code, n=n, n_needed=needed, effect=effect)]
