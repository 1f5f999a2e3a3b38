"""Every number on the page is a cell of a table: traced from the page to the tables."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from neurograft.files.tables import read_table

pytestmark = [pytest.mark.study, pytest.mark.slow]
PEAKS = {"Alpha peak, Hz": "alpha_hz", "Aperiodic exponent": "exponent",
         "Height of the alpha peak, log10 above the slope": "alpha_height"}  # fmt: skip
RATES = {"Sensitivity": "sensitivity", "Specificity": "specificity",
         "Positive predictive value": "PPV",
         "Negative predictive value": "NPV"}  # fmt: skip


def read_cells(text):
    return [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in text]


@pytest.fixture(scope="session")
def results(planted):
    return planted / "results"


@pytest.fixture(scope="module")
def shown(results):
    """Tables of the page: rows by name, each with its headers and its caption."""
    page = (results / "report.html").read_text()
    found = {}
    for name, body in re.findall(
        r'<div class="table" data-name="([^"]+)">(.*?)</table>', page, re.DOTALL
    ):
        caption = re.search(r'<p class="caption"[^>]*>(.*?)</p>', body, re.DOTALL)
        heads = read_cells(re.findall(r"<th\b.*?</th>", body, re.DOTALL))
        rows = [
            dict(zip(heads, read_cells(re.findall(r"<td.*?</td>", row)), strict=True))
            for row in re.findall(r"<tr>(<td.*?)</tr>", body, re.DOTALL)
        ]
        said = read_cells([caption[1]])[0] if caption else ""
        found[unescape(name)] = (said, rows)
    return found


@pytest.fixture(scope="module")
def pick(results):
    """One row of a table of a stage; more or fewer than one are an error."""
    tables = {}

    def find(name, **keys):
        if name not in tables:
            tables[name] = read_table(results / f"{name}.tsv")
        rows = tables[name]
        for column, value in keys.items():
            rows = rows[rows[column].astype(str) == str(value)]
        assert len(rows) == 1, (name, keys)
        return rows.iloc[0]

    return find


def write(row):
    """Write a value as the page does; the test knows no other rounding."""
    if pd.isna(row["value"]):
        return ""
    text = f"{row['value']:z.2f}"
    if pd.notna(row["ci_low"]):
        text += f" [{row['ci_low']:z.2f}, {row['ci_high']:z.2f}]"
    return text


def trace_metrics(shown, pick):
    for name, (_, rows) in shown.items():
        part, _, task = name.partition("-")
        if part not in ("results", "metrics"):
            continue
        for row in rows:
            for head, cell in row.items():
                metric = re.sub(r", years$", "", head)
                if "[" in cell and "baseline" not in head:
                    keys = {"task": task, "method": row["Method"], "metric": metric}
                    yield name, head, cell, write(pick("summary/results", **keys))


def trace_details(shown, pick):
    for name, (caption, rows) in shown.items():
        part, _, task = name.partition("-")
        method = re.search(r"[Aa]nswer of ([\w-]+)", caption)
        for row in rows:
            if part == "peaks":
                keys = {"measure": PEAKS[row["Measure"]], "group": row["Group"]}
                known = pick("summary/peak_groups", task=task, **keys)
                yield name, keys, row["Mean [95 % interval]"], write(known)
                yield name, keys, row["People"], str(known["n"])
            elif part == "confusion":
                for head in list(row)[1:]:
                    known = pick(
                        "summary/confusion", task=task, method=method[1],
                        true_group=row["True group"].removeprefix("is "),
                        predicted_group=head.removeprefix("answered "),
                    )  # fmt: skip
                    yield name, head, row[head], str(int(known["n"]))
            elif part == "people":
                keys = {"method": method[1], "participant_id": row["Person"]}
                known = pick("summary/answers", task=task, **keys)
                digits = 1 if task == "age" else 2
                yield name, keys, row["Answer"], f"{known['answer']:.{digits}f}"


def trace_rates(shown, pick, results):
    verdicts = read_table(results / "summary/operating.tsv")
    for name, (_, rows) in shown.items():
        part, _, task = name.partition("-")
        if part != "thresholds":
            continue
        (_, counted) = shown[f"confusion-{task}"]
        assert counted
        method = re.search(r"answer of ([\w-]+),", shown[f"confusion-{task}"][0])[1]
        assert method in set(verdicts["method"])
        for row in rows:
            keys = {"method": method, "measure": RATES[row["Measure"]]}
            known = pick("summary/operating", task=task, **keys)
            yield name, keys, row["Value [95 % interval]"], write(known)


def trace_losses(shown, pick):
    for name, (caption, rows) in shown.items():
        part, _, task = name.partition("-")
        for row in rows if part == "occlusion" else ():
            for method in list(row)[2:]:
                keys = {"kind": row["Hidden"], "part": row["Part"], "method": method}
                known = pick("summary/occlusion", task=task, **keys)
                ends = f"[{known['ci_low']:+.2f}, {known['ci_high']:+.2f}]"
                star = " *" if known["family_low"] > 0 else ""
                yield name, keys, row[method], f"{known['loss']:+.2f} {ends}{star}"
                intact = f"{method} {known['intact']:.2f}"
                yield name, keys, intact in caption, True


def trace_shift(shown, pick):
    for row in shown["distances"][1]:
        keys = {"source": row["Source"], "target": row["Target"],
                "representation": row["Representation"]}  # fmt: skip
        known = pick("shift/shift", measure="domain accuracy", **keys)
        yield "distances", keys, row["Told apart"], write(known)
        known = pick("shift/shift", measure="MMD2", **keys)
        yield "distances", keys, row["MMD squared"], f"{known['value']:.2f}"


def test_a_hundred_numbers_are_cells_of_tables(shown, pick, results):
    traced = [
        *trace_metrics(shown, pick),
        *trace_details(shown, pick),
        *trace_rates(shown, pick, results),
        *trace_losses(shown, pick),
        *trace_shift(shown, pick),
    ]
    kinds = {name.partition("-")[0] for name, *_ in traced}
    assert kinds == {"results", "metrics", "peaks", "confusion", "people", "thresholds",
                     "occlusion", "distances"}  # fmt: skip
    assert len(traced) >= 100
    rng = np.random.default_rng(0)
    sample = rng.permutation(len(traced))[: max(100, len(traced) // 2)]
    wrong = [traced[place] for place in sample if traced[place][2] != traced[place][3]]
    assert wrong == []


def test_figures_write_the_values_of_their_tables(results):
    known = read_table(results / "summary/results.tsv")
    for task, metric in (("disease", "AUROC"), ("age", "mean absolute error")):
        svg = (results / f"report/forest-{task}.svg").read_text()
        texts = [unescape(one) for one in re.findall(r"<text[^>]*>([^<]+)<", svg)]
        own = known[(known["task"] == task) & (known["metric"] == metric)]
        digits = 2 if metric == "AUROC" else 1
        for row in own.to_dict("records"):
            ends = f"{row['ci_low']:.{digits}f}, {row['ci_high']:.{digits}f}"
            assert f"{row['value']:.{digits}f} [{ends}]" in texts


def test_sentences_are_those_of_the_verdicts(results):
    page = (results / "report.html").read_text()
    plain = " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())
    verdicts = read_table(results / "summary/verdicts.tsv")
    assert len(verdicts) > 5
    for sentence in verdicts["sentence"]:
        assert " ".join(sentence.split()) in plain
