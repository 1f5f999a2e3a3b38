"""The page: questions in their order, whole in itself, nothing without a reason."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from tests.report.figures.conftest import tabulate_spectra, tabulate_topographies

from neurograft.config.report import ReportConfig
from neurograft.files.sentences import read_words
from neurograft.files.tables import write_table
from neurograft.montage.channels import template_positions
from neurograft.report.page import PageSources, build_page
from neurograft.report.rendering import embed_drawing

FOOT = {"date": "today", "version": "0.1", "study_file": "Pain", "seed": "3",
        "fingerprint": "abc"}  # fmt: skip
ORDER = ("answers", "people", "results", "pretraining", "shift", "done", "author",
         "checklists", "model-card", "terms")  # fmt: skip


class _Anchors(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.links, self.headings = [], [], []

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if "id" in told:
            self.ids.append(told["id"])
        if tag == "a" and told.get("href", "").startswith("#"):
            self.links.append(told["href"][1:])
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))


def read(page):
    parser = _Anchors()
    parser.feed(page)
    return parser


def build(stored, figures=None):
    return build_page(PageSources(stored, FOOT), {} if figures is None else figures)


def unlink(page):
    """Take links away that stand inside sentences."""
    return re.sub(r"</?a\b[^>]*>", "", page)


@pytest.fixture
def reread(stored):
    """The study opened anew, after its tables were changed."""
    return lambda **changes: replace(stored, _opened={}, **changes)


def test_questions_stand_in_their_order_and_the_contents_name_them_all(stored):
    page = build(stored)
    sections = re.findall(r'<section id="([\w-]+)">', page)
    assert tuple(sections) == ORDER
    contents = page[page.index("<nav") : page.index("</nav>")]
    assert re.findall(r'href="#([\w-]+)"', contents) == sections


def test_every_link_leads_somewhere_and_no_anchor_stands_twice(stored):
    found = read(build(stored))
    assert len(found.ids) == len(set(found.ids))
    assert set(found.links) <= set(found.ids)


def test_headings_leave_out_no_level(stored):
    levels = read(build(stored)).headings
    assert levels[0] == 1
    steps = np.diff(levels)
    assert steps.max() == 1


def test_a_card_has_answer_number_code_and_what_is_needed(stored):
    page = build(stored)
    card = page[page.index("<article") : page.index("</article>")]
    assert "No evidence" in card
    assert "0.70 [0.60, 0.80], n = 9" in re.sub(r"<[^>]+>", "", card)
    assert 'href="#code-NG111"' in card
    assert "What was not recorded cannot be ruled out." in card


def test_text_of_tables_cannot_become_markup(stored, reread):
    path = stored.evaluation / "tasks.tsv"
    table = stored.tasks.assign(leak_check="<b>Beware</b>", not_run="<i>x</i>: why")
    write_table(path, table)
    page = build(reread())
    assert "<b>Beware" not in page
    assert "&lt;b&gt;Beware&lt;/b&gt;" in page
    assert "<i>x" not in page


def test_a_page_loads_nothing_from_elsewhere(stored, find_references):
    figures = {}
    page = build(stored, figures)
    assert "forest-disease" in figures
    assert all(str(embed_drawing(svg)) in page for svg in figures.values())
    assert find_references(page) == []


def test_every_figure_has_a_title_a_description_and_a_caption(stored):
    page = build(stored)
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) == page.count("<figure")
    for figure in figures:
        assert re.search(r"<title[^>]*>[^<]+</title>", figure)
        assert re.search(r"<desc[^>]*>[^<]+</desc>", figure)
        assert re.search(r"<figcaption>[^<]+", figure)


def test_what_is_said_elsewhere_is_said_by_code_and_explained_below(stored):
    page = build(stored)
    known = read_words("codes")
    for code in ("NG111", "NG204"):
        assert f'<dt id="code-{code}">' in page
        first_words = known[code]["pitfall"][:30]
        assert first_words in page
    assert '<dt id="code-NG101">' not in page


def test_the_foot_tells_what_made_the_page(stored):
    foot = build(stored).split("<footer>")[1]
    for told in FOOT.values():
        assert told in foot


def test_few_labels_come_before_all_of_them(stored, reread):
    rows = [
        ("encoder", 5, 0.65, 0.55, 0.75),
        ("random-encoder", 5, 0.6, 0.5, 0.7),
        ("pretraining gain", 5, 0.05, -0.01, 0.11),
    ]
    columns = ["method", "labels_per_class", "value", "ci_low", "ci_high"]
    curves = pd.DataFrame(rows, columns=columns)
    path = stored.summary / "curves.tsv"
    write_table(path, curves.assign(task="disease", metric="AUROC"))
    large = unlink(build(reread()))
    # Without an answer to few labels, the curve stands with the other results.
    assert large.index("Few labels: the same") < large.index('id="pretraining"')
    few = {
        "task": "disease", "question": "few labels", "answer": "helped",
        "code": "NG210", "sentence": "-",
        "values": '{"labelled": {"code": "NG293", "n_labelled": 5}, "of": "", '
        '"value": 0.05, "ci_low": 0.01, "ci_high": 0.1, "metric": "AUROC", '
        '"twin": "the same encoder untrained", "n": 9}',
    }  # fmt: skip
    table = stored.read(stored.summary, "verdicts")
    write_table(
        stored.summary / "verdicts.tsv", pd.concat([table, pd.DataFrame([few])])
    )
    small = unlink(build(reread()))
    places = [
        small.index(words)
        for words in ('id="pretraining"', "disease, with few labels",
                      "pretraining gained",
                      "Few labels: the same", "With all labels")
    ]  # fmt: skip
    assert places == sorted(places)
    assert small.count("Few labels: the same") == 1


def test_a_study_of_one_cohort_has_no_section_on_shift(stored, reread):
    for name in ("probes", "covariates", "shift"):
        (stored.shift / f"{name}.tsv").unlink()
    page = build(reread())
    assert 'id="shift"' not in page
    assert "How different are the populations?" not in page


def test_without_ages_and_sexes_they_are_called_unknown(stored, reread):
    for folder in stored.cohorts.values():
        table = pd.read_csv(folder / "recordings.tsv", sep="\t", na_values="n/a")
        write_table(folder / "recordings.tsv", table.assign(age=np.nan, sex=None))
    write_table(stored.evaluation / "subjects.tsv",
                stored.subjects.assign(age=np.nan, sex=None))  # fmt: skip
    page = build(reread())
    assert "unknown" in page
    assert "nan" not in re.sub(r"<[^>]+>", " ", page).split()


def test_a_refused_claim_is_called_so(stored, reread):
    table = stored.read(stored.summary, "verdicts")
    reason = (
        '{"reason": {"code": "NG301", "factor": "sfreq_hz", "what": "group", '
        '"measure": "Cramer\'s V", "value": 1.0, "smallest_cell": 0}}'
    )
    refused = table.assign(answer="refused", code="NG130", values=reason)
    write_table(stored.summary / "verdicts.tsv", refused[:1])
    page = build(reread())
    assert "No claim can be made" in page
    assert "sampling rate all but gives the group away" in re.sub(r"<[^>]+>", "", page)
    assert "sfreq_hz" not in re.sub(r"<[^>]+>", "", page)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_is_of_one_language(stored, reread, language):
    page = build(reread(author=ReportConfig(language=language)))
    assert f'<html lang="{language}">' in page
    title = read_words("page", language)["answers"]
    assert f"<h2>{title}</h2>" in page


def repeat_tasks(stored, n):
    folders = {"tasks": stored.evaluation, "subjects": stored.evaluation,
               "results": stored.summary, "comparisons": stored.summary,
               "verdicts": stored.summary}  # fmt: skip
    for name, folder in folders.items():
        table = stored.read(folder, name)
        many = [table.assign(task=f"task {number}") for number in range(n)]
        write_table(folder / f"{name}.tsv", pd.concat(many))


@pytest.mark.slow
def test_forty_tasks_make_a_page_below_three_megabytes(stored, reread):
    repeat_tasks(stored, 40)
    page = build(reread())
    assert page.count("<article") == 40
    assert len(page.encode()) < 3_000_000


@pytest.mark.slow
def test_forty_tasks_with_64_channels_stay_below_three_megabytes(stored, reread):
    """Every task has people of its own, so that no figure stands for another."""
    repeat_tasks(stored, 40)
    names = tuple(sorted(template_positions()))[:64]
    rng = np.random.default_rng(0)
    spectra, heads = tabulate_spectra(), tabulate_topographies(channels=names)
    powers = ["log10_power", "ci_low", "ci_high"]
    parts: dict[str, list[pd.DataFrame]] = {"spectra": [], "topographies": []}
    for number in range(40):
        noise = rng.normal(0, 0.03, (len(spectra), 3))
        own = spectra.assign(task=f"task {number}")
        own[powers] += noise
        parts["spectra"].append(own)
        own = heads.assign(task=f"task {number}")
        parts["topographies"].append(own.assign(value=own["value"] * rng.normal()))
    for name, tables in parts.items():
        write_table(stored.summary / f"{name}.tsv", pd.concat(tables))
    figures = {}
    page = build(reread(), figures)
    for kind in ("spectra", "topographies"):
        drawn = [svg for name, svg in figures.items() if name.startswith(kind)]
        assert len(drawn) == 40
        # Half of what the page may hold, for the two figures that are largest.
        assert sum(map(len, drawn)) < 1_000_000
    assert len(page.encode()) < 3_000_000
