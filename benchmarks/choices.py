"""Do adapters that are chosen without a label of the tested help, or do they gamble?

    python benchmarks/choices.py [--draws 20] [--people 500] [--seed 2026]

People as in `shift.py`: a model of the disease learns at one site and is tested at a
new one that is shifted. Prints the AUROC after every candidate, and after what each
rule chose (docs/shift.md).
"""

import argparse
import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd
from shift import Pool, draw_pair, make_pools, say
from sklearn.metrics import roc_auc_score

from neurograft.config.method_table import CHOOSERS
from neurograft.evaluation.methods.adapter_choice import CANDIDATES
from neurograft.evaluation.methods.linear_fold import LinearFold
from neurograft.evaluation.methods.problem import Question
from neurograft.tasks.splits import Split

SHIFTS = ("none", "gain", "band-limit", "prevalence", "together")
RULES = [rule for rule in CHOOSERS if rule != "auto-site"]  # one site to learn from
BLOCKS = [f"X@{one}" if one else "X" for one in (*CANDIDATES, *RULES)]


def score_pair(source: Pool, target: Pool) -> dict[str, float]:
    """AUROC at the target after every candidate and every choice."""
    both = pd.concat([source.people, target.people], ignore_index=True)
    n_source, n_all = len(source.X), len(both)
    is_new = np.arange(n_all) >= n_source
    patient = np.asarray((both["group"] == "patient").astype(float))
    fold = LinearFold(
        {"X": np.concatenate([source.X, target.X])},
        patient[None],
        Split(0, 0, np.flatnonzero(~is_new), np.flatnonzero(is_new)),
        Question(
            "classification", 2, np.arange(n_all), 5,
            both[["age", "sex"]].assign(domain=1 + is_new),
        ),
    )  # fmt: skip
    return {
        block.partition("@")[2] or "none": float(
            roc_auc_score(patient[is_new], fold.fit(block).outputs[0])
        )
        for block in BLOCKS
    }


def compare_choices(pools: Mapping[str, Pool], n: int, n_draws: int) -> pd.DataFrame:
    """Mean AUROC over draws, a row per shift."""
    rows = []
    for name, draw in itertools.product(SHIFTS, range(n_draws)):
        rng = np.random.default_rng([17, draw])
        source, target, *_ = draw_pair(name, pools, n, rng)
        rows.append({"shift": name} | score_pair(source, target))
    return pd.DataFrame(rows).groupby("shift", sort=False).mean().reset_index()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    names = ("here", "gain", "band-limit", "together")
    pools = make_pools(options.people, n_jobs=1, names=names, seed=options.seed)
    print(say(compare_choices(pools, options.people // 2, options.draws)))


if __name__ == "__main__":
    main()
