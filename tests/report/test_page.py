"""The page: self-contained, and without sections of which there is nothing to show."""

import json

import numpy as np
import pandas as pd
import pytest

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.files.tables import read_table, write_table
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.page import PageSources, _describe_overlap, build_page

CARD = {
    "cohorts": ["public"],
    "objective": "latent",
    "settings": {"size": "tiny"},
    "n_subjects": 54,
    "n_watched": 6,
    "hours": 1.8,
    "steps": 150,
    "warnings": ["It knows less than band power."],
}
WORDS = {
    "title": "Pain",
    "targets": "clinic",
    "target": "log spectrum",
    "n_repeats": 10,
    "n_splits": 5,
    "n_inner": 5,
    "windows": 12,
    "window_s": 10,
    "n_bootstraps": 2000,
    "n_permutations": 500,
    "harmonise": HarmoniseConfig(),
}
TASK = {
    "task": "t",
    "kind": "classification",
    "classes": "controls, cases",
    "transductive": False,
    "adapts_to_tested": False,
    "knows_mean": None,
    "not_run": None,
    "holdout_openings": np.nan,
}


@pytest.fixture
def sources(tmp_path, results, comparisons, recordings, subjects, metrics):
    folders = {
        name: tmp_path / name
        for name in ("evaluation", "summary", "shift", "pretraining", "cohort")
    }
    for folder in folders.values():
        folder.mkdir()
    verdicts = pd.DataFrame(
        {
            "task": "t",
            "question": ["evidence", "pretraining", "confound"],
            "answer": ["evidence", "undecided", "none"],
            "sentence": ["It works.", "Nobody knows.", "<b>Beware</b>"],
        }
    )
    predictions = pd.DataFrame(
        {
            "task": "t",
            "method": "encoder",
            "participant_id": np.arange(20),
            "label": np.arange(20) % 2,
            "score": np.linspace(0.1, 0.9, 20),
        }
    )
    for folder, tables in {
        "summary": {
            "results": results,
            "comparisons": comparisons,
            "verdicts": verdicts,
        },
        "evaluation": {
            "subjects": subjects,
            "tasks": pd.DataFrame([TASK]),
            "predictions": predictions,
        },
        "cohort": {"recordings": recordings},
        "pretraining": {"metrics": metrics},
    }.items():
        for name, table in tables.items():
            write_table(folders[folder] / f"{name}.tsv", table)
    software = json.dumps({"software": {"torch": "2.6", "numpy": "2.1"}})
    (folders["evaluation"] / "provenance.json").write_text(software)
    study = StoredStudy(
        evaluation=folders["evaluation"],
        summary=folders["summary"],
        shift=folders["shift"],
        cohorts={"a": folders["cohort"]},
        roles={"a": "tasks"},
        card=CARD,
    )
    return PageSources(study, folders["pretraining"], WORDS)


def test_a_page_answers_first_and_warns_in_colour(sources):
    page = build_page(sources, {})
    assert page.index('id="answers"') < page.index('id="people"')
    assert '<li class="found">It works.</li>' in page
    assert '<li class="warning">Nobody knows.</li>' in page
    assert '<p class="warning">It knows less than band power.</p>' in page


def test_text_of_tables_cannot_become_markup(sources):
    page = build_page(sources, {})
    assert '<li class="warning">&lt;b&gt;Beware&lt;/b&gt;</li>' in page


def test_a_page_contains_its_figures_and_refers_to_nothing(sources, find_references):
    figures = {}
    page = build_page(sources, figures)
    assert set(figures) == {"learning", "gains", "forest-t", "calibration-t"}
    assert all(figure in page for figure in figures.values())
    assert not find_references(page)


def test_what_a_study_lacks_is_absent(sources):
    page = build_page(sources, {})
    for words in (
        "Population shift",
        "Few labels:",
        "Brain-age gap",
        "Every recording alone",
        "For whom it works",
        "Sealed hold-out",
        "Transductive",
        "test-time adaptation",
        "Not run:",
        "with its predictions filled in",
    ):
        assert words not in page


def test_what_a_study_has_is_shown(sources, curves):
    write_table(sources.study.summary / "curves.tsv", curves)
    told = {
        "transductive": True,
        "leak_check": "Two people were found.",
        "leak_caution": "The same data set.",
        "adapts_to_tested": True,
        "not_run": "lora: no windows",
        "holdout_openings": 2,
    }
    write_table(sources.study.evaluation / "tasks.tsv", pd.DataFrame([TASK | told]))
    verdicts = pd.DataFrame(
        {"answer": ["shift"], "sentence": ["They differ."], "label_shift": [None]}
    )
    write_table(sources.study.shift / "verdicts.tsv", verdicts)
    figures = {}
    page = build_page(sources, figures)
    assert "curve-t" in figures
    for words in (
        "Population shift",
        "They differ.",
        "Few labels:",
        "10 people: +0.050 [+0.010, +0.090]",
        "<p>Two people were found.</p>",
        '<li class="warning">The same data set.</li>',
        "Transductive: pretraining saw recordings of people it is tested on.",
        "Sealed hold-out: opened for 2 different\nanalyses",
        "It is no longer a confirmation.",
        "test-time adaptation",
        "Not run: lora: no windows.",
    ):
        assert words in page


def test_in_small_groups_few_labels_are_shown_before_all_of_them(sources, curves):
    write_table(sources.study.summary / "curves.tsv", curves)
    large = build_page(sources, {})
    assert "with few labels</h3>" not in large
    assert large.index('id="results"') < large.index("Few labels:")
    verdicts = read_table(sources.study.summary / "verdicts.tsv")
    said = {"task": "t", "question": "few labels", "answer": "helped",
            "sentence": "With 5 labelled people, it gained."}  # fmt: skip
    parts = [verdicts[:1], pd.DataFrame([said]), verdicts[1:]]
    write_table(sources.study.summary / "verdicts.tsv", pd.concat(parts))
    small = build_page(sources, {})
    assert small.count("Few labels:") == 1
    order = [
        '<li class="found">With 5 labelled people, it gained.</li>',
        "Did pretraining help?</h2>",
        "t, with few labels</h3>",
        "Few labels: the same people tested at every number of labels.\n"
        "With 5 labelled people, it gained.",
        "With all labels</h3>",
        'id="results"',
    ]
    places = [small.index(words) for words in order]
    assert places == sorted(places)


def test_the_page_names_people_software_and_settings(sources):
    page = build_page(sources, {})
    assert "54 people (6 left out to" in page
    assert "numpy 2.1, torch 2.6" in page
    assert "Harmonised to 0.5-45 Hz" in page


def test_the_page_claims_nothing_of_people_who_were_not_compared(sources):
    page = build_page(sources, {})
    assert "None of the people" not in page
    rows = [
        TASK | {"task": name, "leak_check": said}
        for name, said in (("t", "No match was found."), ("u", "Nobody was compared."))
    ]
    assert _describe_overlap(rows) == [
        {"tasks": "t", "sentence": "No match was found."},
        {"tasks": "u", "sentence": "Nobody was compared."},
    ]
    alike = [row | {"leak_check": "No match was found."} for row in rows]
    assert _describe_overlap(alike) == [
        {"tasks": "", "sentence": "No match was found."}
    ]


def test_references_would_be_found(find_references):
    assert find_references('<img src="https://x/y.png">')
    assert not find_references('<use xlink:href="#m"/><link href="data:,">')
