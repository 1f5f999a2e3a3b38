"""Evaluated tasks whose predictions, and people whose spectra, are given by hand."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config.tasks import View
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.spectra.measured_task import MeasuredTask
from neurograft.features.person_spectra import CLINICAL_BANDS
from neurograft.montage.channels import template_positions
from neurograft.montage.regions import REGIONS
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.design_audit import Factor
from neurograft.tasks.task import Task

CLASSES = {
    "classification": ("control", "case"),
    "contrast": ("rest", "count"),
    "multiclass": ("a", "b", "c"),
    "regression": (),
}
CHANNELS = (
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7",
    "P3", "Pz", "P4", "P8", "O1", "O2",
)  # fmt: skip


@pytest.fixture(scope="session")
def evaluate_by_hand():
    """An evaluated task: every method predicts the scores that are given."""

    def make(
        kind, labels, scores, *, factors=None, in_fold=None, **columns
    ) -> EvaluatedTask:
        labels = np.asarray(labels, dtype=float)
        n = len(labels)
        people = pd.DataFrame(
            {
                "cohort": "clinic",
                "participant_id": [f"p{row:03d}" for row in range(n)],
                "view": 0,
                "label": labels,
                "group": labels.astype(str),
                "age": np.nan,
                "sex": None,
                "site": None,
                "cluster": [f"p{row:03d}" for row in range(n)],
                "is_reference": True,
            }
        ).assign(**columns)
        task = Task("hand", kind, CLASSES[kind], (View("clinic"),), people, {})
        judged = people["is_reference"].to_numpy(dtype=bool)
        full, folds = {}, np.empty(0)
        own = np.arange(n) // 2 % 4 if in_fold is None else in_fold
        for name, given in scores.items():
            given = np.atleast_2d(np.asarray(given, dtype=float))
            folds = np.tile(own, (len(given), 1)) if np.ndim(own) == 1 else own
            unknown = np.isnan(given).reshape(*folds.shape, -1).any(-1)
            folds = np.where(unknown, -1, folds)
            decided = (given > 0.5).astype(float) if CLASSES[kind] else given
            if given.ndim == 3:
                decided = np.nan_to_num(given).argmax(-1).astype(float)
            predicted = Predictions(
                labels,
                given,
                np.where(folds < 0, np.nan, decided),
                np.where(judged, folds, -1),
            )
            full[name] = MethodResult(kind, predicted, np.empty(0), 1 / 3)
        sizes = pd.DataFrame(
            {"repeat": 0, "split": range(4), "n_learned": 30, "n_tested": 10}
        )
        known = {
            name: Factor(pd.Series(values), False)
            for name, values in (factors or {}).items()
        }
        return EvaluatedTask(
            task=task,
            full=full,
            few={},
            folds=folds,
            sizes=sizes,
            factors=known,
            facts={"adapts_to_tested": False, "transductive": False},
        )

    return make


@pytest.fixture(scope="session")
def make_measured():
    """Groups that differ by `effect` in alpha at the back of the head."""

    def make(sizes=(14, 16), effect=0.0, seed=0, is_within=False, **changes):
        rng = np.random.default_rng(seed)
        n, n_channels = sum(sizes), len(CHANNELS)
        groups = np.repeat(np.arange(len(sizes)), sizes)
        person = np.arange(n) % sizes[0] if is_within else np.arange(n)
        bands = 0.1 * rng.standard_normal((n, len(CLINICAL_BANDS), n_channels))
        bands += 0.6 * rng.standard_normal(person.max() + 1)[person, None, None]
        places = np.array([template_positions()[name] for name in CHANNELS])
        posterior = places[:, 1] < -0.5
        alpha = list(CLINICAL_BANDS).index("alpha")
        bands[np.ix_(groups == len(sizes) - 1, [alpha], posterior)] += effect
        frequencies = np.arange(1, 91) / 2
        facts = {
            "name": "t",
            "classes": tuple("ABCDEF"[: len(sizes)]),
            "people": pd.DataFrame(
                {
                    "cohort": "c",
                    "participant_id": [f"sub-{i}" for i in person],
                    "view": groups if is_within else 0,
                }
            ),
            "groups": groups,
            "clusters": person,
            "blocks": person if is_within else np.zeros(n, dtype=int),
            "is_within": is_within,
            "is_relative": False,
            "frequencies_hz": frequencies,
            "log_power": rng.standard_normal((n, len(REGIONS), 90)),
            "alpha_hz": np.full(n, 10.0),
            "alpha_height": np.full(n, 0.5),
            "exponent": np.full(n, 1.0),
            "channels": CHANNELS,
            "positions": places,
            "band_power": bands,
        }
        return MeasuredTask(**(facts | changes))

    return make
