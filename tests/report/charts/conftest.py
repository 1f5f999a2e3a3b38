"""Small tables to draw, with names as long as anybody's."""

import numpy as np
import pandas as pd
import pytest

from neurograft.montage.regions import REGIONS
from neurograft.report.charts.calibration import draw_calibration
from neurograft.report.charts.cohort_differences import (
    draw_adapters,
    draw_cohort_differences,
    draw_cohort_spectra,
    draw_variance_shares,
)
from neurograft.report.charts.flow import FlowStep, draw_flow
from neurograft.report.charts.forest import draw_age_gaps, draw_forest, draw_gains
from neurograft.report.charts.label_curves import draw_label_curves
from neurograft.report.charts.learning import draw_learning
from neurograft.report.charts.net_benefit import draw_net_benefit
from neurograft.report.charts.occlusion import draw_losses
from neurograft.report.charts.patterns import draw_patterns
from neurograft.report.charts.reconstruction import draw_reconstruction
from neurograft.report.charts.roc import draw_roc
from neurograft.report.charts.true_and_predicted import (
    draw_ages,
    draw_answer_gaps,
    draw_true_and_predicted,
)
from neurograft.report.figures.quality_overview import (
    draw_bad_channels,
    draw_kept_shares,
)

METHODS = ("dummy", "band-power", "random-encoder", "encoder")
BANDS = ("delta", "theta", "alpha", "beta", "gamma")


def make_results(methods=METHODS, *, values=(), metric="AUROC", n=72):
    rng = np.random.default_rng(0)
    shown = list(values) or list(rng.uniform(0.5, 0.9, len(methods)))
    ends = {"ci_low": [v - 0.08 for v in shown], "ci_high": [v + 0.05 for v in shown]}
    return pd.DataFrame(
        {"task": "t", "method": methods, "metric": metric, "value": shown}
        | ends
        | {"n_subjects": n}
    )


def make_comparisons(tasks=("one", "two", "three")):
    rows = [
        (task, "encoder", question, metric, 0.1 * (place + 1))
        for place, task in enumerate(tasks)
        for question in ("pretraining", "best baseline")
        for metric in ["mean absolute error" if place == 2 else "AUROC"]
    ]
    columns = ["task", "method", "question", "metric", "difference"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(
        ci_low=table["difference"] - 0.2, ci_high=table["difference"] + 0.2
    )


def make_curves(methods=METHODS, *, metric="AUROC", counts=(5, 10, 20)):
    rows = [
        (n, method, 0.5 + 0.05 * order + 0.04 * place)
        for place, n in enumerate(counts)
        for order, method in enumerate((*methods, "pretraining gain"))
    ]
    rows.append((counts[-1], "labels saved", 7.0))
    table = pd.DataFrame(rows, columns=["labels_per_class", "method", "value"])
    return table.assign(
        ci_low=table["value"] - 0.1,
        ci_high=table["value"] + 0.1,
        task="t",
        metric=metric,
    )


def make_roc(methods=METHODS):
    rate = np.linspace(0, 1, 101)
    parts = []
    for order, method in enumerate(methods):
        found = rate ** (1 / (1 + order))
        ends = {"ci_low": (found - 0.1).clip(0), "ci_high": (found + 0.1).clip(max=1)}
        columns = {"false_positive_rate": rate, "sensitivity": found} | ends
        parts.append(pd.DataFrame({"task": "t", "method": method} | columns))
    return pd.concat(parts).assign(n_positive=30, n_negative=42)


def make_calibration(methods=("random-encoder", "encoder"), *, observed=None):
    stated = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    true = stated if observed is None else np.array(observed)
    columns = {"bin": range(5), "n": [14, 14, 15, 14, 15], "stated": stated}
    ends = {"ci_low": (true - 0.2).clip(0), "ci_high": (true + 0.2).clip(max=1)}
    parts = [
        pd.DataFrame({"task": "t", "method": m, "observed": true} | columns | ends)
        for m in methods
    ]
    return pd.concat(parts, ignore_index=True)


def make_net_benefit(methods=("random-encoder", "encoder"), prevalence=0.3):
    threshold = np.arange(1, 100) / 100
    weight = threshold / (1 - threshold)
    parts = []
    for order, method in enumerate(methods):
        benefit = prevalence * (0.6 + 0.1 * order) - (1 - prevalence) * 0.1 * weight
        ends = {"ci_low": benefit - 0.05, "ci_high": benefit + 0.05}
        columns = {"threshold": threshold, "net_benefit": benefit} | ends
        parts.append(pd.DataFrame({"task": "t", "method": method} | columns))
    whole = pd.concat(parts, ignore_index=True)
    weights = whole["threshold"] / (1 - whole["threshold"])
    everybody = prevalence - (1 - prevalence) * weights
    return whole.assign(prevalence=prevalence, treat_all=everybody)


def make_answers(n=30, *, groups=("control", "patient"), method="encoder", error=5.0):
    rng = np.random.default_rng(1)
    label = rng.uniform(20, 80, n)
    named = [groups[place % len(groups)] if groups else None for place in range(n)]
    return pd.DataFrame(
        {
            "task": "t", "method": method, "cohort": "c", "view": 0,
            "participant_id": [f"sub-{i}" for i in range(n)], "group": named,
            "label": label, "answer": label + rng.normal(0, error, n), "spread": 1.0,
        }
    )  # fmt: skip


def make_subjects(n=30, *, groups=("control", "patient")):
    answers = make_answers(n, groups=groups)
    return answers[["task", "group"]].assign(age=answers["label"], left_out=None)


def make_patterns(method="encoder", *, found=()):
    rng = np.random.default_rng(2)
    rows = [
        (band, region, rng.uniform(-0.4, 0.4), 0.01 if (band, region) in found else 0.5)
        for region in REGIONS
        for band in BANDS
    ]
    table = pd.DataFrame(rows, columns=["band", "region", "value", "p"])
    ends = {"ci_low": table["value"] - 0.2, "ci_high": table["value"] + 0.2}
    return table.assign(task="t", method=method, measure="correlation", n=72, **ends)


def make_losses(*, found=(), metric="AUROC"):
    rng = np.random.default_rng(4)
    parts = [("band", b) for b in BANDS] + [("region", r) for r in REGIONS]
    rows = [
        (kind, part, method, intact, rng.normal(0.02, 0.05))
        for method, intact in (("random-encoder", 0.71), ("encoder", 0.86))
        for kind, part in parts
    ]
    table = pd.DataFrame(rows, columns=["kind", "part", "method", "intact", "loss"])
    ends = {"ci_low": table["loss"] - 0.04, "ci_high": table["loss"] + 0.06}
    pairs = zip(table["method"], table["part"], strict=True)
    low = [0.01 if pair in found else -0.05 for pair in pairs]
    return table.assign(
        task="t", metric=metric, n=72, **ends, family_low=low, family_high=0.2,
        occluded=table["intact"] - table["loss"],
    )  # fmt: skip


def make_example(n_channels=8, n_patches=10):
    rng = np.random.default_rng(3)
    hidden = rng.random((n_channels, n_patches)) < 0.5
    original = rng.normal(size=(n_channels, n_patches, 12))
    return {
        "signals": rng.normal(size=(n_channels, n_patches * 64)).cumsum(1),
        "hidden": hidden,
        "original": original,
        "predicted": original + 0.1 * hidden[..., None],
    }


def make_covariates(cohorts=("a", "b", "c"), factors=("age", "sex", "sfreq_hz")):
    rows = [
        (factor, source, target, 0.2 * (1 + place), 0.01 if place else 0.4)
        for i, source in enumerate(cohorts)
        for target in cohorts[i + 1 :]
        for place, factor in enumerate(factors)
    ]
    columns = ["factor", "source", "target", "size", "p_bh"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(size=table["size"].clip(upper=1.0))


def make_cohort_spectra(cohorts=("a", "b")):
    bands = ("2-4", "4-8", "8-10", "10-13", "13-20", "20-30", "30-40")
    rows = [
        (cohort, region, f"{band} Hz", -0.4 - 0.15 * place + 0.05 * order)
        for order, cohort in enumerate(cohorts)
        for region in REGIONS
        for place, band in enumerate(bands)
    ]
    table = pd.DataFrame(rows, columns=["cohort", "region", "band", "median"])
    return table.assign(q25=table["median"] - 0.05, q75=table["median"] + 0.05)


def make_recordings(n=20, *, cohorts=("a", "b")):
    reason = "(like no other channel, correlation 0.38)"
    bads = [f"T8 {reason}, P8 {reason}", f"P8 {reason}", None, None]
    return pd.DataFrame(
        {
            "cohort": [cohorts[i % len(cohorts)] for i in range(n)],
            "status": "kept",
            "duration_s": 100.0,
            "usable_s": [100.0 - i for i in range(n)],
            "bads": [bads[i % 4] for i in range(n)],
        }
    )


def make_metrics():
    steps = np.arange(0, 1000, 100)
    return pd.DataFrame(
        {
            "step": steps, "stage": (steps >= 500).astype(int),
            "loss": 1 / (1 + steps / 300), "watched_loss": 1 / (1 + steps / 400),
            "predict_mean_loss": 0.6, "spectral_r2": 0.7, "age_r2": -0.1,
            "sex_r2": 0.2, "recognised": 0.9,
        }
    )  # fmt: skip


def make_gaps():
    rows = [
        ("Beheshti", "raw gap (biased: do not interpret)", 4.0),
        ("Beheshti", "bias-corrected gap", 2.0),
        ("Cole", "bias-corrected gap", 2.5),
        ("Beheshti", "adjusted for age, age squared, sex", 1.0),
        ("Cole", "adjusted for age, age squared, sex", 1.0),
        ("Cole", "not possible: too few", np.nan),
    ]
    table = pd.DataFrame(rows, columns=["correction", "analysis", "estimate"])
    ends = {"ci_low": table["estimate"] - 1, "ci_high": table["estimate"] + 1}
    return table.assign(n=36, **ends)


def make_factors(places=("clinic", "all cohorts")):
    rows = [
        (place, factor, 0.1 * (order + 1))
        for place in places
        for order, factor in enumerate(("age", "sfreq_hz"))
    ]
    table = pd.DataFrame(rows, columns=["where", "factor", "value"])
    ends = {"ci_low": table["value"] - 0.02, "ci_high": table["value"] + 0.02}
    return table.assign(n=40, **ends)


def make_adapters():
    rows = [
        (representation, adapter, value)
        for representation in ("embedding", "band power")
        for adapter, value in ((None, 0.9), ("recentre", 0.4), ("coral", 0.35))
    ]
    table = pd.DataFrame(rows, columns=["representation", "adapter", "value"])
    ends = {"ci_low": table["value"] - 0.1, "ci_high": table["value"] + 0.1}
    return table.assign(chance=1 / 3, n=90, **ends)


@pytest.fixture(scope="session")
def draw_all():
    """Draw every chart of a study whose methods, groups and cohorts have names."""

    def draw(words, methods=METHODS, groups=("control", "patient"), n=30):
        method = methods[-1]
        step = FlowStep(groups[0], n, n, [(groups[-1], 3), ("too short", 1)])
        answers = make_answers(n, groups=groups, method=method)
        recordings = make_recordings(n, cohorts=groups)
        told = {"words": words}
        return {
            "forest": draw_forest(make_results(methods), **told),
            "gains": draw_gains(
                make_comparisons(groups), n_subjects={groups[0]: 9}, **told
            ),
            "age_gaps": draw_age_gaps(make_gaps(), **told),
            "variance": draw_variance_shares(make_factors(groups), **told),
            "adapters": draw_adapters(make_adapters(), **told),
            "curves": draw_label_curves(make_curves(methods), n=n, **told),
            "roc": draw_roc(make_roc(methods), results=make_results(methods), **told),
            "calibration": draw_calibration(
                make_calibration(methods), group=groups[0], **told
            ),
            "benefit": draw_net_benefit(make_net_benefit(methods), **told),
            "predicted": draw_true_and_predicted(answers, method=method, **told),
            "answer_gaps": draw_answer_gaps(answers, method=method, **told),
            "ages": draw_ages(make_subjects(n, groups=groups), **told),
            "patterns": draw_patterns(make_patterns(method), method=method, **told),
            "losses": draw_losses(make_losses(), **told),
            "learning": draw_learning(make_metrics(), **told),
            "reconstruction": draw_reconstruction(
                make_example(), target="log-spectrum", **told
            ),
            "flow": draw_flow([step, step], [step, step], **told),
            "differences": draw_cohort_differences(make_covariates(groups), **told),
            "spectra": draw_cohort_spectra(make_cohort_spectra(groups), **told),
            "kept": draw_kept_shares(recordings, **told),
            "bad": draw_bad_channels(recordings, **told),
        }

    return draw
