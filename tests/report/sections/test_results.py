"""Results of a task: figures of what was computed, and how the study was run."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from neurograft.report.blocks import (
    Figure,
    Folded,
    PageWords,
    Paragraph,
    Statements,
    Table,
)
from neurograft.report.sections.drawn import draw
from neurograft.report.sections.gain import show_gain
from neurograft.report.sections.people_figures import draw_quality, draw_way
from neurograft.report.sections.result_figures import draw_results
from neurograft.report.sections.results import show_results
from neurograft.report.sections.task_tables import TaskTables

WORDS = PageWords("en")
REASON = {"code": "NG301", "factor": "sfreq_hz", "what": "group",
          "measure": "Cramer's V", "value": 1.0, "smallest_cell": 0}  # fmt: skip


def list_names(section, kind=Figure):
    return [one.name for one in section.blocks if isinstance(one, kind)]


def list_texts(section):
    return [one.text for one in section.blocks if isinstance(one, Paragraph)]


@pytest.fixture
def detailed(stored, change):
    """The study with the tables that stand behind its results."""
    row = {"task": "disease", "method": "encoder"}
    grid = np.linspace(0, 1, 11)
    roc = pd.DataFrame(
        {"false_positive_rate": grid, "sensitivity": np.sqrt(grid), "ci_low": grid,
         "ci_high": grid ** 0.3, "n_positive": 5, "n_negative": 4}
    ).assign(**row)  # fmt: skip
    calibration = pd.DataFrame(
        {"bin": [1, 2], "n": [6, 5], "stated": [0.3, 0.7], "observed": [0.2, 0.75],
         "ci_low": [0.1, 0.4], "ci_high": [0.5, 0.9]}
    ).assign(**row)  # fmt: skip
    answers = pd.DataFrame(
        {"cohort": "clinic", "participant_id": ["sub-02", "sub-03"], "view": 0,
         "group": ["control", "patient"], "label": [0.0, 1.0], "answer": [0.25, 0.9],
         "spread": 0.05, "decision": ["control", "patient"], "is_reference": True}
    ).assign(**row)  # fmt: skip
    results = stored.results.copy()
    results.loc[results["method"] == "encoder", "value"] = 0.8
    change("summary", "results", results)
    change("summary", "roc", roc)
    change("summary", "calibration", calibration)
    return change("summary", "answers", answers)


def test_what_was_not_computed_is_not_drawn(stored):
    assert list_names(show_results(stored, WORDS)) == ["forest-disease"]


def test_what_was_computed_is_drawn(detailed):
    section = show_results(detailed, WORDS)
    assert list_names(section) == [
        "forest-disease", "roc-disease", "calibration-disease",
    ]  # fmt: skip
    folded = [one for one in section.blocks if isinstance(one, Folded)]
    (people,) = [one for one in folded if one.title == WORDS("answers_of_people")]
    assert people.blocks[0].rows[1][1:4] == ("sub-03", "patient", "0.90")


def test_losses_are_drawn_where_parts_were_hidden_and_else_it_is_told(
    stored, change, losses_of
):
    assert any(
        "occlusion = true" in one for one in list_texts(show_results(stored, WORDS))
    )
    section = show_results(change("summary", "occlusion", losses_of("disease")), WORDS)
    assert list_names(section) == ["forest-disease", "occlusion-disease"]
    folded = [one for one in section.blocks if isinstance(one, Folded)]
    (table,) = [one.blocks[0] for one in folded if one.title == WORDS("losses")]
    assert table.name == "occlusion-disease"
    assert not any("occlusion = true" in text for text in list_texts(section))


def test_a_study_without_the_encoder_is_not_told_of_occlusion(stored, change):
    results = stored.results[stored.results["method"] != "encoder"]
    section = show_results(change("summary", "results", results), WORDS)
    assert not any("occlusion = true" in text for text in list_texts(section))


def test_calibration_of_a_few_people_is_not_drawn_but_told(detailed, change):
    few = detailed.read(detailed.summary, "calibration").assign(n=[3, 2])
    section = show_results(change("summary", "calibration", few), WORDS)
    assert "calibration-disease" not in list_names(section)
    assert any("of 5 people" in text and "2\u20133" in text
               for text in list_texts(section))  # fmt: skip


def test_a_refused_claim_stands_before_values_that_look_good(stored, change):
    verdicts = stored.read(stored.summary, "verdicts")[:1]
    refused = verdicts.assign(
        answer="refused", code="NG130", values=json.dumps({"reason": REASON})
    )
    blocks = show_results(change("summary", "verdicts", refused), WORDS).blocks
    kinds = [one.kind for one in blocks]
    (warned,) = [one for one in blocks if isinstance(one, Statements)]
    assert warned.rows[0].state == "refused"
    assert kinds.index("statements") < kinds.index("figure")


def test_people_of_a_contrast_are_counted_once(detailed, change):
    subjects = detailed.subjects
    change("evaluation", "subjects", pd.concat([subjects, subjects]))
    told = detailed.tasks.assign(kind="contrast")
    section = show_results(change("evaluation", "tasks", told), WORDS)
    figures = {one.name: one.svg for one in section.blocks if isinstance(one, Figure)}
    assert "n = 9 people" in figures["forest-disease"]
    assert "n = 5 recordings of one condition" in figures["roc-disease"]
    assert "n = 11 recordings" in figures["calibration-disease"]
    assert any("Each of the 9 people" in text for text in list_texts(section))


def test_all_figures_of_a_task_have_names_and_captions(detailed):
    tables = TaskTables(detailed, detailed.tasks.to_dict("records")[0])
    for name, svg, caption in draw_results(tables, WORDS):
        assert name.endswith("-disease")
        assert svg.startswith("<svg")
        assert caption.endswith(".")


def test_drawings_that_show_the_same_have_ids_of_their_own(detailed):
    tables = TaskTables(detailed, detailed.tasks.to_dict("records")[0])
    _, svg, caption = next(iter(draw_results(tables, WORDS)))
    ids = [
        set(re.findall(r' id="([^"]+)"', one.svg))
        for name in ("first", "second")
        for one in draw(name, svg, caption)
    ]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_nothing_drawn_is_no_figure():
    assert list(draw("x", "", "A caption.")) == []


def test_the_author_is_told_of_openings_means_and_methods_not_run(stored, change):
    told = {
        "holdout_openings": 2,
        "knows_mean": "encoder@known-mean",
        "not_run": "lora: no windows",
        "adapts_to_tested": True,
    }
    study = change("evaluation", "tasks", stored.tasks.assign(**told))
    texts = list_texts(show_results(study, WORDS))
    assert WORDS("openings", n=2) in texts
    assert WORDS("no_confirmation") in texts
    assert WORDS("adapts") in texts
    assert WORDS("not_run", said="lora: no windows") in texts
    assert WORDS("knows_mean", said="encoder@known-mean") in texts
    once = change("evaluation", "tasks", stored.tasks.assign(holdout_openings=1))
    assert WORDS("no_confirmation") not in list_texts(show_results(once, WORDS))


def test_gains_of_years_and_points_have_axes_of_their_own(stored, change):
    kinds = {"disease": ("classification", None), "age": ("regression", "age"),
             "mmse": ("regression", "mmse")}  # fmt: skip
    parts, gains = [], []
    for name, (kind, target) in kinds.items():
        parts.append(stored.tasks.assign(task=name, kind=kind, target=target))
        metric = "AUROC" if kind == "classification" else "mean absolute error"
        known = stored.read(stored.summary, "comparisons")
        gains.append(known.assign(task=name, metric=metric))
    change("evaluation", "tasks", pd.concat(parts))
    section = show_gain(change("summary", "comparisons", pd.concat(gains)), WORDS)
    assert list_names(section) == ["gains", "gains-years", "gains-points"]
    points = next(
        one for one in section.blocks if getattr(one, "name", "")[-6:] == "points"
    )
    assert "points" in points.svg
    assert "age" not in points.svg


def test_a_gain_where_no_claim_is_made_is_not_drawn_and_that_is_told(stored, change):
    gains = stored.read(stored.summary, "comparisons")
    change("summary", "comparisons", pd.concat([gains, gains.assign(task="other")]))
    both = pd.concat([stored.tasks, stored.tasks.assign(task="other")])
    change("evaluation", "tasks", both)
    verdicts = stored.read(stored.summary, "verdicts")
    gain = verdicts[verdicts["question"] == "pretraining"]
    refused = gain.assign(
        task="other", answer="refused", code="NG205", values=json.dumps(REASON)
    )
    study = change("summary", "verdicts", pd.concat([verdicts, refused]))
    (figure,) = [
        one for one in show_gain(study, WORDS).blocks
        if getattr(one, "name", "") == "gains"
    ]  # fmt: skip
    assert "disease" in figure.svg
    assert "other" not in re.sub("<desc.*?</desc>", "", figure.svg)
    assert figure.caption.endswith("are not drawn: other.")
    whole = show_gain(change("summary", "verdicts", verdicts), WORDS).blocks
    assert not [one for one in whole if "not drawn" in getattr(one, "caption", "")]


def test_a_study_without_our_encoder_is_told_that_nothing_was_asked(stored, change):
    verdicts = stored.read(stored.summary, "verdicts")
    study = change("summary", "verdicts", verdicts[:1])
    assert WORDS("gain_not_asked") in list_texts(show_gain(study, WORDS))


def test_whom_the_encoder_was_compared_with_is_said_once(stored, change):
    tasks = [stored.tasks.assign(task=name) for name in ("disease", "again")]
    study = change("evaluation", "tasks", pd.concat(tasks))
    assert list_texts(show_gain(study, WORDS)).count("No match was found.") == 1
    tasks[1] = tasks[1].assign(leak_check="Nobody was compared.")
    study = change("evaluation", "tasks", pd.concat(tasks))
    texts = list_texts(show_gain(study, WORDS))
    assert "disease: No match was found." in texts
    assert "again: Nobody was compared." in texts


def test_the_way_counts_people_and_reasons(stored):
    ((_, svg, _),) = draw_way(stored, WORDS)
    for said in ("70 people, 70 recordings", "68 people, 68 recordings", "9 people",
                 "no usable recording"):  # fmt: skip
        assert said in svg


def test_quality_is_that_of_recordings_that_were_kept(stored):
    drawn = {name: svg for name, svg, _ in draw_quality(stored, WORDS)}
    assert "clinic (9 recordings)" in drawn["kept"]
    assert "T7" in drawn["bads"]


def test_tables_of_results_stand_below_their_figures(detailed):
    kinds = [type(one) for one in show_results(detailed, WORDS).blocks]
    assert kinds.index(Figure) < kinds.index(Table)
