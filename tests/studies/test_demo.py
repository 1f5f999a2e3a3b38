"""The whole path on simulated people: planted truth is recovered, its absence too."""

import hashlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from neurograft.cli import main
from neurograft.tables import read_table

pytestmark = pytest.mark.study
SIZES = (
    "--n-source 8 --n-patients 20 --n-controls 20 --duration-s 40 --channels 19 "
    "--size nano --steps 40 --repeats 2 --permutations 199 --quiet"
)
SMALL = [*SIZES.split(" "), "-j", "2"]
PLANTED, ABSENT = "2.5", "0"


@pytest.fixture(scope="session")
def run_demo(tmp_path_factory):
    """Run the demo once for every effect, and return its folder."""
    folders: dict[str, Path] = {}

    def run(effect: str) -> Path:
        if effect not in folders:
            folders[effect] = tmp_path_factory.mktemp("demo")
            main(["demo", str(folders[effect]), *SMALL, "--effect", effect])
        return folders[effect]

    return run


def read_verdicts(folder):
    table = read_table(folder / "results/evaluation/verdicts.tsv")
    return table.set_index(["task", "question"])["answer"].to_dict()


def read_values(folder, task, metric):
    table = read_table(folder / "results/evaluation/results.tsv")
    rows = table[(table["task"] == task) & (table["metric"] == metric)]
    return rows.set_index("method")


def test_a_planted_disease_is_found_and_age_is_predicted(run_demo):
    folder = run_demo(PLANTED)
    verdicts = read_verdicts(folder)
    assert verdicts["disease", "evidence"] == "evidence"
    assert verdicts["age", "evidence"] == "evidence"
    errors = read_values(folder, "age", "mean absolute error")
    assert errors.loc["encoder", "ci_high"] < errors.loc["dummy", "value"]
    areas = read_values(folder, "disease", "AUROC")
    for method in ("band-power", "tokens", "random-encoder", "stack"):
        assert areas.loc[method, "ci_low"] > 0.5
    assert areas.loc["band-power", "p_holm"] < 0.05
    assert areas.loc["duration", "value"] == pytest.approx(0.5, abs=0.01)


def test_without_a_disease_there_is_no_evidence(run_demo):
    folder = run_demo(ABSENT)
    assert read_verdicts(folder)["disease", "evidence"] == "no evidence"
    areas = read_values(folder, "disease", "AUROC")
    assert areas.loc["encoder", "ci_low"] < 0.5 < areas.loc["encoder", "ci_high"]
    page = (folder / "results/report.html").read_text()
    assert "No evidence that the groups can be told apart" in page


def hash_tables(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "results").rglob("*"))
        if path.suffix in (".tsv", ".npy", ".npz", ".html", ".svg")
        or path.name == "encoder.safetensors"
    }


def test_the_same_seed_gives_the_same_tables_bit_for_bit(run_demo, tmp_path):
    first = hash_tables(run_demo(PLANTED))
    main(["demo", str(tmp_path), *SIZES.split(" "), "-j", "1", "--effect", PLANTED])
    assert hash_tables(tmp_path) == first
    assert any(name.endswith("predictions.tsv") for name in first)


def test_a_finished_study_is_not_done_again_and_a_forced_stage_is(
    run_demo, tmp_path, capsys
):
    folder = tmp_path / "demo"
    shutil.copytree(run_demo(PLANTED), folder, copy_function=shutil.copy2)
    study = str(folder / "study.toml")
    before = {p: p.stat().st_mtime_ns for p in (folder / "results").rglob("*.*")}
    main(["run", study, "--quiet"])
    assert before == {
        p: p.stat().st_mtime_ns for p in (folder / "results").rglob("*.*")
    }
    assert f"Report: {folder / 'results/report.html'}" in capsys.readouterr().out
    main(["run", study, "--dry-run", "--set", "evaluation.n_repeats=1"])
    plan = [line.split()[:3] for line in capsys.readouterr().out.splitlines()]
    assert [words[-1] for words in plan if words[0] == "would"] == [
        "evaluate",
        "shift",
        "report",
    ]
    main(["run", study, "--quiet", "--force", "report"])
    after = {p: p.stat().st_mtime_ns for p in (folder / "results").rglob("*.*")}
    redone = {p.name for p in before if after.get(p) != before[p]}
    assert "report.html" in redone
    assert "predictions.tsv" not in redone


def test_a_killed_run_goes_on_to_the_same_result(run_demo, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(run_demo(PLANTED), folder, copy_function=shutil.copy2)
    expected = hash_tables(folder)
    shutil.rmtree(folder / "results")
    study = str(folder / "study.toml")
    often = ["--set", "pretraining.checkpoint_every=3"]
    command = [sys.executable, "-m", "neurograft", "run", study, *often, "--quiet"]
    for milestone in ("signals/sub-003_task-rest.json", "checkpoints/last.safetensors"):
        running = subprocess.Popen(command)
        while running.poll() is None and not list(
            folder.glob(f"results/*/*/{milestone}")
        ):
            time.sleep(0.02)
        running.kill()
        assert running.wait() == -9, "it was done before it could be killed"
        assert not (folder / "results/report.html").exists()
    main(["run", study, "--quiet"])
    assert hash_tables(folder) == expected


def test_a_stage_alone_refuses_inputs_that_are_out_of_date(run_demo, tmp_path, capsys):
    folder = tmp_path / "demo"
    shutil.copytree(run_demo(PLANTED), folder, copy_function=shutil.copy2)
    before = hash_tables(folder)
    study = str(folder / "study.toml")
    for command, change in (
        ("embed", "pretraining.steps=41"),
        ("evaluate", "evaluation.windows_per_subject=3"),
    ):
        with pytest.raises(SystemExit) as stopped:
            main([command, study, "--set", change, "--quiet"])
        assert stopped.value.code == 2
        assert "is missing or out of date" in capsys.readouterr().err
    assert hash_tables(folder) == before


def test_ctrl_c_says_that_the_same_command_goes_on(run_demo, monkeypatch, capsys):
    from neurograft import stages

    def interrupt(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(stages, "build_tasks", interrupt)
    with pytest.raises(SystemExit) as stopped:
        main(["run", str(run_demo(PLANTED) / "study.toml"), "--quiet"])
    assert stopped.value.code == 130
    assert "the same command goes on" in capsys.readouterr().err


def fail(study, arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["run", study, *arguments])
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_pretraining_on_the_patients_is_refused_or_labelled(run_demo, tmp_path, capsys):
    folder = tmp_path / "demo"
    shutil.copytree(run_demo(PLANTED), folder, copy_function=shutil.copy2)
    study = str(folder / "study.toml")
    leaky = ["--set", "pretraining.cohorts=['students', 'clinic']", "--quiet"]
    fast = ["--set", "evaluation.methods=['dummy', 'encoder']"]
    fast += ["--set", "pretraining.steps=2"]
    assert "'clinic' is pretrained on and belongs to a task" in fail(
        study, leaky, capsys
    )
    renamed = [
        "--set", "cohorts.copy={folder='clinic'}", "--quiet",
        "--set", "pretraining.cohorts=['students', 'copy']",
    ]  # fmt: skip
    message = fail(study, [*renamed, *fast], capsys)
    assert "pretrained on 40 of the people of 'clinic'" in message
    main(["run", study, *leaky, *fast, "--set", "pretraining.allow_transductive=true"])
    page = (folder / "results/report.html").read_text()
    assert "Transductive: pretraining saw recordings of people it is tested on." in page


def test_the_report_is_one_page_with_nothing_from_elsewhere(run_demo, find_references):
    page = (run_demo(PLANTED) / "results/report.html").read_text()
    assert find_references(page) == []
    assert "<script" not in page
    assert len(page) < 2_000_000
    for words in ("Flow of recordings", "predicting the mean", "people left out"):
        assert words in page
    # Gains, learning, two forests, calibration; of the shift four.
    assert page.count("<svg") == 9
    assert "Population shift" in page


def test_the_report_is_written_from_the_tables_alone(run_demo, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(run_demo(PLANTED), folder, copy_function=shutil.copy2)
    page = (folder / "results/report.html").read_text()
    shutil.rmtree(folder / "cohorts")
    shutil.rmtree(folder / "results/embeddings")
    for path in (folder / "results").rglob("*.npy"):
        path.unlink()
    main(["report", str(folder / "study.toml"), "--quiet"])
    assert (folder / "results/report.html").read_text() == page


@pytest.mark.parametrize("broken", [False, True])
def test_the_report_opens_in_a_browser_without_an_error(run_demo, tmp_path, broken):
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium here: the report was not opened in a browser")
    page = (run_demo(PLANTED) / "results/report.html").read_text()
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
    assert "Answers</h2>" in done.stdout
    console = re.findall(r"CONSOLE.*", done.stderr)
    assert bool(console) == broken, console


def test_no_table_names_a_file_or_a_date(run_demo):
    results = run_demo(PLANTED) / "results"
    for path in [*results.rglob("*.tsv"), results / "report.html"]:
        text = path.read_text()
        assert str(run_demo(PLANTED)) not in text, path
        assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text), path


def test_a_comparison_of_ways_to_pretrain_runs_from_the_command_line(
    run_demo, tmp_path, capsys
):
    study = str(run_demo(PLANTED) / "study.toml")
    with pytest.raises(SystemExit) as stopped:
        main(["compare-pretraining", study, "--quiet"])
    assert stopped.value.code == 2
    assert "There is nothing to compare" in capsys.readouterr().err
    folder = tmp_path / "demo"
    shutil.copytree(run_demo(PLANTED), folder, copy_function=shutil.copy2)
    main([
        "compare-pretraining", str(folder / "study.toml"), "--quiet",
        "--set", "comparison.variants={mae={objectives=[{mae=1.0}]}, latent={}}",
        "--set", "comparison.n_seeds=1", "--set", "comparison.n_repeats=1",
        "--set", "comparison.n_draws=2", "--set", "pretraining.steps=2",
        "--set", "comparison.budgets=[10]",
    ])  # fmt: skip
    results = folder / "results/comparison"
    assert f"Comparison: {results}" in capsys.readouterr().out
    assert set(read_table(results / "gains.tsv")["variant"]) == {"mae", "latent"}
    assert "| latent |" in (results / "comparison.md").read_text()
