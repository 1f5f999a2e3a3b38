"""Table of decisions: how many of each group are said to be of which."""

import numpy as np
import pandas as pd

from neurograft.evaluation.details.once import THRESHOLD, decide_once, has_two_groups
from neurograft.evaluation.evaluated_task import EvaluatedTask


def count_decisions(one: EvaluatedTask) -> pd.DataFrame:
    """Count the people of every group by the group they are said to be of.

    Everybody counts once, however many repeats tested them; of a contrast, once in
    each condition.

    Args:
        one: A task of groups.

    Returns:
        `task`, `method`, `threshold` (probability from which on somebody is called a
        case; missing for more than two groups), `true_group`, `predicted_group`, `n`.
    """
    classes = one.task.classes
    threshold = THRESHOLD if has_two_groups(one) else np.nan
    rows = []
    for method, result in one.full.items():
        said, p = decide_once(result), result.predictions
        counted = p.is_tested & np.isfinite(said)
        rows += [
            {
                "task": one.task.name,
                "method": method,
                "threshold": threshold,
                "true_group": true_group,
                "predicted_group": predicted,
                "n": int((counted & (p.labels == number) & (said == other)).sum()),
            }
            for number, true_group in enumerate(classes)
            for other, predicted in enumerate(classes)
        ]
    return pd.DataFrame(rows)
