"""Describe what was learned and tested, as codes of sentences with their values."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from neurograft.config.methods import Method, parse_method, split_block
from neurograft.report.documents.preparation_steps import Said
from neurograft.report.documents.stored_study import StoredStudy

# Publications of objectives, by a word of the card's objective.
OBJECTIVES = {
    "mae": ("he2022", "fu2024"),
    "lejepa": ("balestriero2025",),
    "jepa": ("assran2023",),
    "latent": ("tobin2017",),
}
# Publications of features, remedies, learners and networks.
CITED = {
    "recentre": "zanini2018", "rescale": "rodrigues2019", "euclid": "hewu2020",
    "coral": "sun2016", "linear-ot": "flamary2019", "combat": "johnson2007",
    "erase": "belrose2023", "kernel-mean": "huang2006", "geodesic": "mellot2024",
    "known-mean": "mellot2024", "handcrafted": "engemann2022",
    "shallownet": "schirrmeister2017", "deep4": "schirrmeister2017",
    "eegnet": "lawhern2018", "lora": "hu2022", "adversarial": "ganin2016",
}  # fmt: skip
REWEIGHTED = ("svm", "kernel")


def describe_encoder_steps(study: StoredStudy) -> Iterator[Said]:
    """Yield how the encoder was trained, on whom, and what it is compared with."""
    card = study.card
    if "pretraining" not in " ".join(study.roles.values()):
        yield "encoder-shipped", {}
    objective = str(card.get("objective", ""))
    if not card.get("n_subjects"):
        yield "encoder-unknown", {"objective": objective}
    else:
        names = ", ".join(card["cohorts"])
        yield "encoder-people", dict(card) | {"cohorts": names}
        yield "objective", {"objective": objective, "cites": _cite(objective)}
    tasks = study.tasks
    if len(tasks) and tasks["transductive"].any():
        told = ", ".join(tasks.loc[tasks["transductive"], "task"])
        yield "transductive", {"tasks": told}
    for sentence, seen_by in list_seen(study).items():
        yield "seen", {"task": ", ".join(seen_by), "sentence": sentence}
    if "random-encoder" in study.methods:
        yield "twin", {}


def list_seen(study: StoredStudy) -> dict[str, list[str]]:
    """List sentences on whom the encoder has seen, each with the tasks it is of."""
    said: dict[str, list[str]] = {}
    tasks = study.tasks
    if "leak_check" in tasks:
        for task in tasks[tasks["leak_check"].notna()].to_dict("records"):
            said.setdefault(str(task["leak_check"]), []).append(str(task["task"]))
    return said


def describe_models(study: StoredStudy) -> Iterator[Said]:
    """Yield how people were split, and what was fitted inside the folds."""
    settings = study.settings(study.evaluation).get("evaluation", {})
    if not settings or not study.methods:
        return
    yield f"protocol-{settings['protocol']}", settings
    yield "inside", settings
    yield "methods", {"methods": ", ".join(study.methods)}
    parsed = [parse_method(name) for name in study.methods]
    if any("riemann" in method.features for method in parsed):
        yield "riemann", {}
    for part, key in _list_cited(parsed):
        yield "cited-methods", {"method": part, "key": key}
    is_linear = any(method.is_linear and method.features for method in parsed)
    has_groups = study.has_kind("classification") or study.has_kind("contrast")
    if is_linear and has_groups:
        yield "pls", {}
    if is_linear and study.has_kind("regression"):
        yield "ridge", {}
    if has_groups and not any(m.learner in REWEIGHTED for m in parsed):
        yield "imbalance", {}
    curves = study.read(study.summary, "curves")
    if len(curves):
        points = sorted(set(curves["labels_per_class"].dropna().astype(int)))
        labels = ", ".join(map(str, points))
        yield "curve", {"labels": labels, "n_draws": settings["n_draws"]}


def describe_statistics(study: StoredStudy) -> Iterator[Said]:
    """Yield the intervals, tests and corrections of which results are stored."""
    results, summary = study.results, study.settings(study.summary)
    evaluation = study.settings(study.evaluation).get("evaluation", {})
    if results.empty or not summary:
        return
    comparisons = study.read(study.summary, "comparisons")
    margin = {"margin": summary.get("equivalence_margin")}
    said: tuple[tuple[bool, str, dict[str, Any]], ...] = (
        (len(study.of_metric("AUROC")) > 0, "auroc", {}),
        (_has(results, "ci_low"), "intervals", summary),
        (_has(results, "p_permutation"), "permutation", evaluation),
        (_has(results, "p_holm"), "holm", {}),
        (len(comparisons) > 0, "comparisons", {}),
        (_has(comparisons, "p_equivalence"), "equivalence", margin),
        (len(study.of_metric("calibration slope")) > 0, "calibration", {}),
        (study.has_rows(study.summary, "occlusion"), "occlusion", {}),
        (study.has_rows(study.summary, "design"), "design", {}),
        (study.has_rows(study.summary, "recordings"), "reliability", {}),
        (study.has_rows(study.summary, "brain_age"), "brain-age", {}),
    )
    yield from ((code, values) for is_stored, code, values in said if is_stored)


def describe_shift_steps(study: StoredStudy) -> Iterator[Said]:
    """Yield how cohorts were compared."""
    settings = study.settings(study.shift).get("shift")
    # A single cohort is probed for age and sex, and compared with none.
    if study.has_rows(study.shift, "shift"):
        if settings and study.has_rows(study.shift, "probes"):
            yield "probes", settings
        yield "mmd", {}
    if study.has_rows(study.shift, "transferability"):
        yield "logme", {}


def describe_software(study: StoredStudy) -> Iterator[Said]:
    """Yield the versions of the software, and the seed."""
    software = study.software
    if software:
        named = {"sklearn": software["scikit-learn"]}
        yield "software", software | named
    seed = study.settings(study.evaluation).get("seed")
    if seed is not None:
        yield "seed", {"seed": seed}


def _has(table: pd.DataFrame, column: str) -> bool:
    return column in table and bool(table[column].notna().any())


def _cite(objective: str) -> str:
    words = set(objective.replace("(", " ").replace(",", " ").split())
    keys = [key for name, own in OBJECTIVES.items() if name in words for key in own]
    return f" [{'; '.join(f'@{key}' for key in keys)}]" if keys else ""


def _list_cited(methods: list[Method]) -> Iterator[tuple[str, str]]:
    parts: dict[str, Any] = {}
    for method in methods:
        for block in method.blocks:
            parts |= dict.fromkeys(split_block(block))
        parts[method.learner] = None
    yield from ((part, CITED[part]) for part in parts if part in CITED)
