"""The report: one HTML page with everything inside, written from the tables alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from neurograft.config.study import StudyConfig
from neurograft.files.stage import PROVENANCE_FILE
from neurograft.files.tables import read_table
from neurograft.files.writing import read_arrays
from neurograft.report.evaluation_figures import (
    plot_forest,
    plot_gains,
    plot_learning,
    plot_reconstruction,
)
from neurograft.report.shift_section import describe_shift_section
from neurograft.report.style import render
from neurograft.report.summaries import (
    PRIMARY,
    count_flow,
    describe_cohorts,
    describe_gaps,
    describe_groups,
    tabulate_bands,
    tabulate_design,
    tabulate_details,
    tabulate_recordings,
    tabulate_results,
    tabulate_subgroups,
)
from neurograft.report.transfer_figures import (
    describe_curve,
    plot_calibration,
    plot_curves,
    plot_gaps,
)

EXAMPLE_FILE = "example.npz"
CAUTIONS = ("harmed", "refused", "warning", "undecided")
NOTHING = pd.DataFrame({"task": []})
METHOD_WORDS = (
    "dummy (share of cases, or median); demographics (age, sex); duration (log "
    "length of the recordings); acquisition (site, day, hour, device, reference and "
    "other columns of the table); amplitude and artefact (what eyes, muscles and "
    "amplifiers leave behind); band-power (log power in 12 bands per channel); "
    "aperiodic (exponent, offset, alpha peak by channel); handcrafted (Engemann "
    "2022); connectivity (debiased wPLI, imaginary coherence, envelope "
    "correlation); riemann (filter-bank covariances in tangent space); tokens (the "
    "encoder's spectral tokens, pooled, no encoder); random-encoder (the same "
    "encoder, never trained); surrogate (the encoder on phase-randomised windows); "
    "encoder (pretrained, frozen); encoder-covariance (how embeddings vary "
    "together, in tangent space); a+b and stack (combined by their out-of-fold "
    "outputs); fine-tuned, adversarial, partial, lora (the encoder goes on learning: "
    "all of it, all of it against the site, its last two blocks, low-rank "
    "adapters), scratch (the same network from random weights), attentive and "
    "random-attentive (a frozen encoder, pretrained and not, whose tokens are "
    "pooled by learned attention), shallownet, deep4, eegnet, tcn (networks from "
    "scratch). After an @: how sites were made alike. After "
    "a colon: the learner; otherwise PCA to a third as many components as people, "
    "then logistic or ridge regression."
)


def build_page(study: StudyConfig, figures: dict[str, str]) -> str:
    """Fill the page; the figures drawn on the way are added to `figures`."""
    root = study.output_folder
    evaluation = _read_evaluation(root / "evaluation")
    recordings = pd.concat(
        [
            read_table(root / "cohorts" / cohort / "recordings.tsv")
            for cohort in study.used_cohorts
        ]
    )
    pretraining = root / "pretraining" / study.pretraining.name
    card = json.loads((pretraining / "encoder.json").read_text(encoding="utf-8"))
    gains = evaluation["comparisons"].query("question == 'pretraining'")
    tasks = evaluation["tasks"].to_dict("records")
    figures["learning"] = render(plot_learning(read_table(pretraining / "metrics.tsv")))
    if (pretraining / EXAMPLE_FILE).is_file():
        example = read_arrays(pretraining / EXAMPLE_FILE)
        figures["reconstruction"] = render(
            plot_reconstruction(example, target=study.pretraining.target)
        )
    if len(gains):
        figures["gains"] = render(plot_gains(gains))
    shown = [_describe_task(task, evaluation, figures) for task in tasks]
    shift = describe_shift_section(root / "shift", figures)
    return _fill(
        study,
        title=study.name,
        tasks=shown,
        shift=shift,
        gains=Markup(figures.get("gains", "")),
        cohorts=describe_cohorts(recordings, _name_roles(study)),
        flow=count_flow(recordings),
        card=card,
        overlap=_describe_overlap(tasks),
        learning=Markup(figures["learning"]),
        reconstruction=Markup(figures.get("reconstruction", "")),
        software=_describe_software(root / "evaluation"),
    )


def _read_evaluation(folder: Path) -> dict[str, pd.DataFrame]:
    """Tables of the evaluation; those that some studies lack are empty."""
    needed = ("results", "comparisons", "verdicts", "subjects", "tasks")
    found = {name: read_table(folder / f"{name}.tsv") for name in needed}
    for name in ("curves", "brain_age", "brain_age_bands", "predictions", "design",
                 "subgroups", "recordings"):  # fmt: skip
        path = folder / f"{name}.tsv"
        found[name] = read_table(path) if path.is_file() else NOTHING
    return found


def _fill(study: StudyConfig, **content: Any) -> str:
    environment = Environment(
        loader=PackageLoader("neurograft.report", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    settings = study.evaluation
    return environment.get_template("page.html").render(
        **content,
        sources=", ".join(content["card"]["cohorts"]),
        targets=", ".join(study.target_cohorts),
        target_words=study.pretraining.target.capitalize(),
        harmonise=study.harmonise,
        windows=settings.windows_per_subject,
        window_s=study.pretraining.window_s,
        n_repeats=settings.n_repeats,
        n_splits=settings.n_splits,
        n_inner=settings.n_inner,
        n_bootstraps=settings.n_bootstraps,
        n_permutations=settings.n_permutations,
        method_words=METHOD_WORDS,
    )


def _describe_task(
    task: Mapping[Any, Any],
    evaluation: Mapping[str, pd.DataFrame],
    figures: dict[str, str],
) -> dict[str, Any]:
    name = str(task["task"])
    of_task = {
        table: evaluation[table][evaluation[table]["task"] == name]
        for table in evaluation
        if table not in ("subjects", "tasks")
    }
    results = of_task["results"]
    primary = results[results["metric"].isin(PRIMARY)]
    figures[f"forest-{name}"] = render(plot_forest(primary))
    return {
        "name": name,
        "transductive": bool(task["transductive"]),
        "adapts_to_tested": bool(task["adapts_to_tested"]),
        "knows_mean": "" if pd.isna(task["knows_mean"]) else task["knows_mean"],
        "not_run": "" if pd.isna(task["not_run"]) else task["not_run"],
        "openings": 0
        if pd.isna(task["holdout_openings"])
        else task["holdout_openings"],
        "verdicts": [
            {"sentence": row["sentence"], "css": _choose_css(row)}
            for row in of_task["verdicts"].to_dict("records")
        ],
        "groups": describe_groups(
            evaluation["subjects"],
            name,
            classes=str(task["classes"]).split(", ")
            if task["kind"] != "regression"
            else (),
        ),
        "forest": Markup(figures[f"forest-{name}"]),
        "results": tabulate_results(results, of_task["comparisons"]),
        "details": tabulate_details(results),
        "design": tabulate_design(of_task["design"]),
        "subgroups": tabulate_subgroups(of_task["subgroups"]),
        "recordings": tabulate_recordings(of_task["recordings"]),
        **_draw_transfer(task, of_task, figures),
    }


def _draw_transfer(
    task: Mapping[Any, Any],
    of_task: Mapping[str, pd.DataFrame],
    figures: dict[str, str],
) -> dict[str, Any]:
    """Low-label curve, calibration and brain age of one task, where there are any."""
    name, curves, gaps = str(task["task"]), of_task["curves"], of_task["brain_age"]
    found: dict[str, Any] = {
        **dict.fromkeys(
            ("curve", "curve_words", "calibration", "gaps", "gap_words"), ""
        ),
        "bands": pd.DataFrame(),
    }
    if len(curves):
        figures[f"curve-{name}"] = render(plot_curves(curves))
        found["curve"] = Markup(figures[f"curve-{name}"])
        found["curve_words"] = describe_curve(curves)
    if task["kind"] == "classification":
        shown = of_task["predictions"]
        shown = shown[shown["method"].isin(["encoder", "band-power"])]
        if len(shown):
            figures[f"calibration-{name}"] = render(plot_calibration(shown))
            found["calibration"] = Markup(figures[f"calibration-{name}"])
    if len(gaps):
        method = (
            "encoder" if "encoder" in set(gaps["method"]) else gaps["method"].iloc[0]
        )
        own = gaps[gaps["method"] == method]
        if own["estimate"].notna().any():
            figures[f"gap-{name}"] = render(plot_gaps(own))
            found["gaps"] = Markup(figures[f"gap-{name}"])
        bands = of_task["brain_age_bands"]
        found["gap_words"] = describe_gaps(own, str(method))
        found["bands"] = tabulate_bands(bands[bands["method"] == method])
    return found


def _choose_css(verdict: Mapping[Any, Any]) -> str:
    if verdict["question"] == "confound" or verdict["answer"] in CAUTIONS:
        return "warning"
    return "found" if verdict["answer"] in ("evidence", "helped") else "nothing"


def _name_roles(study: StudyConfig) -> dict[str, str]:
    roles: dict[str, list[str]] = {}
    for cohort in study.source_cohorts:
        roles.setdefault(cohort, []).append("pretraining")
    for cohort in study.target_cohorts:
        roles.setdefault(cohort, []).append("tasks")
    return {
        cohort: ", ".join(roles.get(cohort, ["comparison"]))
        for cohort in study.used_cohorts
    }


def _describe_overlap(tasks: list[dict[Any, Any]]) -> str:
    seen = [str(task["task"]) for task in tasks if task["transductive"]]
    if seen:
        return f"It saw people it is tested on in: {', '.join(seen)} (transductive)."
    return "None of the people of any task was in it (compared by label and by signal)."


def _describe_software(folder: Path) -> str:
    record = json.loads((folder / PROVENANCE_FILE).read_text(encoding="utf-8"))
    return ", ".join(f"{name} {v}" for name, v in sorted(record["software"].items()))
