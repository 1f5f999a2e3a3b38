"""Tasks of two groups with the scores of several repeats."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def make_groups(evaluate_by_hand):
    """Two groups, one method better than chance, and one that says the same of all."""

    def make(sizes=(26, 17), effect=1.2, n_repeats=3, seed=0, n_folds=4, **changes):
        rng = np.random.default_rng(seed)
        labels = rng.permutation(np.repeat([0.0, 1.0], sizes))
        n = len(labels)
        logits = effect * (labels - 0.5) + rng.standard_normal((n_repeats, n))
        scores = {
            "riemann": np.round(1 / (1 + np.exp(-logits)), 2),
            "dummy": np.full((n_repeats, n), 0.4),
        }
        in_fold = rng.integers(0, n_folds, (n_repeats, n))
        given = {"in_fold": in_fold} | changes
        return evaluate_by_hand("classification", labels, scores, **given)

    return make
