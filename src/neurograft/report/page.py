"""The report: one HTML page with everything inside, written from the tables alone."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from neurograft.files.stage import PROVENANCE_FILE
from neurograft.files.tables import read_table
from neurograft.files.writing import read_arrays
from neurograft.report.choice_words import describe_choices
from neurograft.report.documents.stored_study import StoredStudy
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
    condense_design,
    condense_recordings,
    condense_subgroups,
    count_flow,
    describe_gaps,
    describe_groups,
    tabulate_bands,
    tabulate_cohorts,
    tabulate_details,
    tabulate_methods,
    tabulate_results,
)
from neurograft.report.transfer_figures import (
    describe_curve,
    plot_calibration,
    plot_curves,
    plot_gaps,
)

EXAMPLE_FILE = "example.npz"
# Answers that a reader must not miss.
CAUTIONS = ("harmed", "refused", "warning", "undecided")
NOTHING = pd.DataFrame({"task": [], "question": []})


class PageSources(NamedTuple):
    """A finished study, its encoder, and the settings that the text of its page names.

    Attributes:
        study: The tables.
        pretraining: Folder of the encoder.
        words: Settings.
    """

    study: StoredStudy
    pretraining: Path
    words: Mapping[str, Any]


def build_page(sources: PageSources, figures: dict[str, str]) -> str:
    """Fill the page; the figures drawn on the way are added to `figures`."""
    study, pretraining, words = sources
    tables = _read_tables(study)
    recordings = pd.concat(
        [read_table(folder / "recordings.tsv") for folder in study.cohorts.values()]
    )
    card = study.card
    gains = tables["comparisons"].query("question == 'pretraining'")
    tasks = tables["tasks"].to_dict("records")
    history = pretraining / "metrics.tsv"
    if history.is_file():
        figures["learning"] = render(plot_learning(read_table(history)))
    target = words["target"]
    if (pretraining / EXAMPLE_FILE).is_file():
        example = read_arrays(pretraining / EXAMPLE_FILE)
        figures["reconstruction"] = render(plot_reconstruction(example, target=target))
    if len(gains):
        figures["gains"] = render(plot_gains(gains))
    shown = [_describe_task(task, tables, figures) for task in tasks]
    return _fill(
        words,
        tasks=shown,
        shift=describe_shift_section(study.shift, figures),
        gains=Markup(figures.get("gains", "")),
        cohorts=tabulate_cohorts(recordings, study.roles),
        flow=count_flow(recordings),
        card=card,
        sources=", ".join(card["cohorts"]),
        target_words=target.capitalize(),
        overlap=_describe_overlap(tasks),
        learning=Markup(figures.get("learning", "")),
        reconstruction=Markup(figures.get("reconstruction", "")),
        methods=tabulate_methods(list(tables["results"]["method"].unique())),
        software=_describe_software(study.evaluation),
    )


def _read_tables(study: StoredStudy) -> dict[str, pd.DataFrame]:
    """Read the tables of evaluation and summary; missing ones are empty."""
    found = {
        name: read_table(folder / f"{name}.tsv")
        for folder, names in (
            (study.summary, ("results", "verdicts")),
            (study.evaluation, ("subjects", "tasks", "predictions")),
        )
        for name in names
    }
    optional = {
        study.summary: (
            "comparisons",
            "curves",
            "brain_age",
            "brain_age_bands",
            "design",
            "subgroups",
            "recordings",
        ),
        study.evaluation: ("choices",),
    }
    for folder, names in optional.items():
        for name in names:
            table = study.read(folder, name)
            found[name] = table if "task" in table else NOTHING
    return found


def _fill(words: Mapping[str, Any], **content: Any) -> str:
    environment = Environment(
        loader=PackageLoader("neurograft.report", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("page.html").render(**words, **content)


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
    unit = ""
    if task["kind"] == "regression":
        unit = "years" if task["target"] == "age" else "points"
    figures[f"forest-{name}"] = render(plot_forest(primary, unit=unit))
    return {
        "name": name,
        "transductive": bool(task["transductive"]),
        "leak_caution": _read_text(task, "leak_caution"),
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
        "few": _read_few(of_task["verdicts"]),
        "groups": describe_groups(
            evaluation["subjects"],
            name,
            classes=str(task["classes"]).split(", ")
            if task["kind"] != "regression"
            else (),
        ),
        "forest": Markup(figures[f"forest-{name}"]),
        "results": tabulate_results(results, of_task["comparisons"], unit=unit),
        "details": tabulate_details(results),
        "design": condense_design(of_task["design"]),
        "subgroups": condense_subgroups(of_task["subgroups"]),
        "choices": describe_choices(of_task["choices"]),
        "recordings": condense_recordings(of_task["recordings"]),
        **_draw_transfer(task, of_task, figures),
    }


def _draw_transfer(
    task: Mapping[Any, Any],
    of_task: Mapping[str, pd.DataFrame],
    figures: dict[str, str],
) -> dict[str, Any]:
    """Draw low-label curve, calibration and brain age of a task, where known."""
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
            figures[f"calibration-{name}"] = render(
                plot_calibration(shown, group=str(task["classes"]).split(", ")[-1])
            )
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


def _read_few(verdicts: pd.DataFrame) -> list[str]:
    """Read the answers with few labels; none where the groups are large."""
    return verdicts.loc[verdicts["question"] == "few labels", "sentence"].tolist()


def _choose_css(verdict: Mapping[Any, Any]) -> str:
    if verdict["question"] == "confound" or verdict["answer"] in CAUTIONS:
        return "warning"
    return "found" if verdict["answer"] in ("evidence", "helped") else "nothing"


def _describe_overlap(tasks: Sequence[Mapping[Any, Any]]) -> list[dict[str, str]]:
    """Say of every task whom the encoder was compared with; equal sentences once."""
    said: dict[str, list[str]] = {}
    for task in tasks:
        said.setdefault(_read_text(task, "leak_check"), []).append(str(task["task"]))
    return [
        {"tasks": ", ".join(names) if len(said) > 1 else "", "sentence": sentence}
        for sentence, names in said.items()
        if sentence
    ]


def _read_text(task: Mapping[Any, Any], column: str) -> str:
    """Read a text of a table; empty where it is missing."""
    text = task.get(column)
    return text if isinstance(text, str) else ""


def _describe_software(folder: Path) -> str:
    record = json.loads((folder / PROVENANCE_FILE).read_text(encoding="utf-8"))
    return ", ".join(f"{name} {v}" for name, v in sorted(record["software"].items()))
