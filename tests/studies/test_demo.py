"""The whole path on simulated people: planted truth is recovered, its absence too."""

import re
import shutil
import subprocess

import pytest

from neurograft.files.tables import read_table

pytestmark = [pytest.mark.study, pytest.mark.slow]


FEW_METHODS = ["dummy", "band-power", "random-encoder", "encoder"]


def read_verdicts(folder):
    table = read_table(folder / "results/summary/verdicts.tsv")
    return table.set_index(["task", "question"])["answer"].to_dict()


def read_values(folder, task, metric):
    table = read_table(folder / "results/summary/results.tsv")
    rows = table[(table["task"] == task) & (table["metric"] == metric)]
    return rows.set_index("method")


def test_a_planted_disease_is_found_and_age_is_predicted(planted):
    verdicts = read_verdicts(planted)
    assert verdicts["disease", "evidence"] == "evidence"
    assert verdicts["age", "evidence"] == "evidence"
    errors = read_values(planted, "age", "mean absolute error")
    assert errors.loc["encoder", "ci_high"] < errors.loc["dummy", "value"]
    areas = read_values(planted, "disease", "AUROC")
    for method in ("band-power", "tokens", "random-encoder", "stack"):
        assert areas.loc[method, "ci_low"] > 0.5
    assert areas.loc["band-power", "p_holm"] < 0.05
    assert areas.loc["duration", "value"] == pytest.approx(0.5, abs=0.01)


def test_without_a_disease_there_is_no_evidence(run_demo, tmp_path):
    folder = tmp_path / "demo"
    run_demo(folder, "--effect", 0, "--set", f"evaluation.methods={FEW_METHODS}")
    assert read_verdicts(folder)["disease", "evidence"] == "no evidence"
    areas = read_values(folder, "disease", "AUROC")
    assert areas.loc["encoder", "ci_low"] < 0.5 < areas.loc["encoder", "ci_high"]
    page = (folder / "results/report.html").read_text()
    table = read_table(folder / "results/evaluation/subjects.tsv")
    kept = table[(table["task"] == "disease") & table["left_out"].isna()]
    n = kept["group"].value_counts()
    named = f"control ({n['control']}) and patient ({n['patient']})"
    assert f"No evidence that {named} can be told apart" in page


def test_few_labels_are_answered_first_for_the_disease_and_for_shuffled_labels(planted):
    table = read_table(planted / "results/summary/verdicts.tsv")
    for task in ("disease", "shuffled_labels"):
        asked = table.loc[table["task"] == task, "question"].tolist()
        assert asked.count("few labels") == 2
        assert asked.index("few labels") < asked.index("pretraining")
    curves = read_table(planted / "results/summary/curves.tsv")
    gains = curves[curves["method"] == "pretraining gain"]
    assert set(gains["task"]) == {"disease", "shuffled_labels", "age"}
    page = (planted / "results/report.html").read_text()
    assert page.index("disease, with few labels") < page.index("With all labels")
    assert "With 5 labelled people of each group, " in page


def test_the_report_is_one_page_with_nothing_from_elsewhere(planted, find_references):
    page = (planted / "results/report.html").read_text()
    assert find_references(page) == []
    assert len(page) < 2_000_000
    for words in ("From recordings to tasks", "predicting the mean", "people left out"):
        assert words in page
    assert "How different are the populations?</h2>" in page
    # Of the people flow, ages by task, quality and bad channels; spectra by task and
    # two topographies; a forest by task, of groups ROC curve, calibration and net
    # benefit, true and predicted ages, patterns and occlusion by task; curves by task,
    # two gains, learning and what was filled in; of the shift four.
    assert page.count("<figure>") == 6 + 5 + 3 + 6 + 1 + 3 + 3 + 3 + 2 + 2 + 4


@pytest.mark.parametrize("broken", [False, True])
def test_the_report_opens_in_a_browser_without_an_error(planted, tmp_path, broken):
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium here: the report was not opened in a browser")
    page = (planted / "results/report.html").read_text()
    if broken:  # the check itself must notice an error
        page = page.replace("</body>", "<script>throw Error('x')</script></body>")
    path = tmp_path / "report.html"
    path.write_text(page)
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
            "--enable-logging=stderr", "--v=0", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update",
            "--timeout=20000", f"--user-data-dir={tmp_path / 'profile'}", path.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "In one minute</h2>" in done.stdout
    console = re.findall(r"CONSOLE.*", done.stderr)
    assert bool(console) == broken, console


def test_no_table_names_a_file_or_a_date(planted):
    results = planted / "results"
    for path in [*results.rglob("*.tsv"), results / "report.html"]:
        text = path.read_text().split("<footer>")[0]  # which tells when it was made
        assert str(planted) not in text, path
        assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text), path
