"""Make the tables of a task that follow from its predictions alone."""

import pandas as pd

from neurograft.evaluation.details.answers import list_answers
from neurograft.evaluation.details.calibration import tabulate_calibration
from neurograft.evaluation.details.confusion import count_decisions
from neurograft.evaluation.details.losses import tabulate_losses
from neurograft.evaluation.details.net_benefit import tabulate_net_benefit
from neurograft.evaluation.details.once import has_two_groups, resample_tested
from neurograft.evaluation.details.operating import tabulate_operating
from neurograft.evaluation.details.roc import tabulate_roc
from neurograft.evaluation.evaluated_task import EvaluatedTask


def make_detail_tables(
    one: EvaluatedTask, *, prevalence: float | None, n_bootstraps: int, seed: int
) -> dict[str, pd.DataFrame]:
    """Tabulate answers, decisions, curves and probabilities of a task.

    Args:
        one: The task.
        prevalence: Share of cases that the author declares; None, not declared.
        n_bootstraps: Number of resamples of people.
        seed: Seed of the resamples.

    Returns:
        `answers`; where parts were hidden `occlusion`; of groups `confusion`; of two
        groups also `roc`, `operating`, `calibration`, and with a prevalence
        `net_benefit`.
    """
    tables = {"answers": list_answers(one)}
    losses = tabulate_losses(one, n_bootstraps=n_bootstraps, seed=seed)
    if len(losses):
        tables["occlusion"] = losses
    if one.task.is_classification:
        tables["confusion"] = count_decisions(one)
    if not has_two_groups(one):
        return tables
    drawn = resample_tested(one, n_bootstraps=n_bootstraps, seed=seed)
    tables["roc"] = tabulate_roc(one, drawn)
    tables["operating"] = tabulate_operating(one, drawn, prevalence)
    tables["calibration"] = tabulate_calibration(one)
    if prevalence is not None:
        tables["net_benefit"] = tabulate_net_benefit(one, drawn, prevalence)
    return tables
