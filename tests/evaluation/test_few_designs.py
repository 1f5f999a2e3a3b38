"""The low-label curve of every kind of label, under every protocol, by default."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.methods import parse_method
from neurograft.config.tasks import View
from neurograft.evaluation import prepared_task
from neurograft.evaluation.cross_validation import cross_validate
from neurograft.evaluation.guard import UNGUARDED
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.evaluation.results.label_curves import tabulate_curves
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.task import Task

METHODS = ("random-encoder", "encoder")
CLASSES = {
    "classification": ("control", "case"),
    "multiclass": ("control", "one", "other"),
    "contrast": ("closed", "open"),
    "regression": (),
}


def make_task(kind, n):
    """A task of `n` people of two sites and cohorts, and what the encoder sees."""
    rng = np.random.default_rng(0)
    n_rows = 2 * n if kind == "contrast" else n
    people = np.repeat(np.arange(n), n_rows // n)
    site, sex = np.array(["a", "b"])[people % 2], np.array(["F", "M"])[people // 2 % 2]
    age = 40.0 + people // 4 % 20
    n_classes = max(2, len(CLASSES[kind]))
    labels = (np.arange(n_rows) // (1 if kind == "contrast" else 4)) % n_classes
    if kind == "regression":
        labels = rng.normal(0, 1, n_rows)
    table = pd.DataFrame(
        {
            "cohort": np.array(["x", "y"])[people % 2], "view": 0, "site": site,
            "participant_id": [f"p{i}" for i in people], "sex": sex, "age": age,
            "label": labels.astype(float), "cluster": [f"p{i}" for i in people],
            "group": labels.astype(str), "confound": rng.normal(0, 1, n_rows),
            "is_reference": True,
        }
    )  # fmt: skip
    task = Task("t", kind, CLASSES[kind], (View("x"),), table, {})
    noise = rng.normal(0, 1, (n_rows, 8))
    features = {"random-encoder": noise, "encoder": noise + labels[:, None]}
    return task, features


def evaluate(kind, n, **settings):
    config = EvaluationConfig(
        methods=METHODS, n_repeats=1, n_draws=2, n_splits=4, **settings
    )
    task, features = make_task(kind, n)
    splits = make_protocol_splits(task, config, seed=0)
    few = prepared_task._draw_few(task, splits, config, 0)
    one = PreparedTask(
        task, tuple(parse_method(name) for name in METHODS), features, splits, few,
        np.empty((0, len(task.labels))), UNGUARDED, {}, 3, config.curve_methods, {},
    )  # fmt: skip
    (evaluated,) = cross_validate([one])
    return tabulate_curves(evaluated, n_bootstraps=100, seed=0)


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("protocol", ["repeated-cv", "leave-one-site-out", "hold-out"])
def test_every_kind_has_a_curve_under_every_protocol(kind, protocol):
    curves = evaluate(kind, 96, protocol=protocol)
    gains = curves[curves["method"] == "pretraining gain"]
    # Learned from: 72 or 66 people; with a site left out, 48.
    is_by_site = protocol == "leave-one-site-out"
    n_points = {"contrast": 4, "multiclass": 2 if is_by_site else 3}
    wanted = [5, 10, 20, 40][: n_points.get(kind, 3)]
    assert gains["labels_per_class"].tolist() == wanted
    assert np.isfinite(gains[["value", "ci_low", "ci_high"]]).all(axis=None)


@pytest.mark.parametrize("protocol", ["matched-draws", "confound-isolating"])
def test_groups_have_a_curve_where_people_are_matched_or_thinned_out(protocol):
    curves = evaluate("classification", 96, protocol=protocol)
    assert {5, 10} <= set(curves["labels_per_class"])
    assert (curves["ci_low"] <= curves["ci_high"]).all()


@pytest.mark.parametrize("kind", CLASSES)
def test_a_dozen_people_have_no_point_that_does_not_fit(kind):
    assert set(evaluate(kind, 12).get("labels_per_class", ())) <= {5}
    asked = evaluate(kind, 12, labels_per_class=(2, 40))
    assert set(asked["labels_per_class"]) == {2}
