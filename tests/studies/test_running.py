"""A whole run can be repeated, stopped, killed, gone on with; few people are enough."""

import hashlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from neurograft.cli.application import main
from neurograft.files.tables import read_table
from neurograft.simulation.demo_study import simulate_study
from neurograft.simulation.options import SimulationConfig

from .conftest import ENVIRONMENT

pytestmark = [pytest.mark.study, pytest.mark.slow]
SIZES = SimulationConfig(
    n_source=6, n_patients=8, n_controls=8, duration_s=30, channels=19, size="nano",
    steps=12, repeats=1, permutations=19,
)  # fmt: skip
METHODS = ["dummy", "riemann", "random-encoder", "encoder"]


def simulate(folder: Path) -> str:
    """Cohorts and a study file; its name."""
    path = simulate_study(folder, SIZES)
    text = path.read_text()
    text = text.replace("steps = 12", "steps = 12\nbatch_size = 8")
    few = f"[evaluation]\nn_draws = 3\nn_bootstraps = 200\nmethods = {METHODS}"
    text = text.replace("[evaluation]", few)
    path.write_text(text)
    return str(path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory, run_process) -> Path:
    """A folder with a finished study, made by two processes; not to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    run_process("run", simulate(folder), "--quiet", "-j", 2)
    return folder


@pytest.fixture
def copied(finished, tmp_path) -> Path:
    """A copy of it, with the times of its files."""
    folder = tmp_path / "demo"
    shutil.copytree(finished, folder, copy_function=shutil.copy2)
    return folder


def hash_tables(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "results").rglob("*"))
        if path.suffix in (".tsv", ".npy", ".npz", ".html", ".svg")
        or path.name == "encoder.safetensors"
    }


def test_the_same_seed_gives_the_same_tables_bit_for_bit(
    finished, run_process, tmp_path
):
    first = hash_tables(finished)
    run_process("run", simulate(tmp_path), "--quiet", "-j", 1)
    assert hash_tables(tmp_path) == first
    assert any(name.endswith("predictions.tsv") for name in first)


def test_a_finished_study_is_not_done_again_and_a_forced_stage_is(copied, capsys):
    folder = copied
    study = str(folder / "study.toml")
    before = {p: p.stat().st_mtime_ns for p in (folder / "results").rglob("*.*")}
    main(["run", study, "--quiet"])
    assert before == {
        p: p.stat().st_mtime_ns for p in (folder / "results").rglob("*.*")
    }
    assert f"Report: {folder / 'results/report.html'}" in capsys.readouterr().out
    main(["run", study, "--dry-run", "--set", "evaluation.n_repeats=2"])
    plan = [line.split()[:3] for line in capsys.readouterr().out.splitlines()]
    assert [words[-1] for words in plan if words[0] == "would"] == [
        "evaluate",
        "summarise",
        "shift",
        "report",
    ]
    main(["run", study, "--quiet", "--force", "report"])
    after = {p: p.stat().st_mtime_ns for p in (folder / "results").rglob("*.*")}
    redone = {p.name for p in before if after.get(p) != before[p]}
    assert "report.html" in redone
    assert "predictions.tsv" not in redone


def test_a_killed_run_goes_on_to_the_same_result(copied, run_process):
    folder = copied
    expected = hash_tables(folder)
    shutil.rmtree(folder / "results")
    study = str(folder / "study.toml")
    often = ["--set", "pretraining.checkpoint_every=3"]
    command = [sys.executable, "-m", "neurograft", "run", study, *often]
    command += ["--quiet", "-j", "1"]
    for milestone in ("signals/sub-003_task-rest.json", "checkpoints/last.safetensors"):
        running = subprocess.Popen(command, env=ENVIRONMENT)
        while running.poll() is None and not list(
            folder.glob(f"results/*/*/{milestone}")
        ):
            time.sleep(0.02)
        running.kill()
        assert running.wait() == -9, "it was done before it could be killed"
        assert not (folder / "results/report.html").exists()
    run_process("run", study, "--quiet", "-j", 1)
    assert hash_tables(folder) == expected


QUOTA = """
import errno, os
from pathlib import Path

real, results = os.fsync, Path(os.environ["QUOTA_FOLDER"])

def fsync(file):
    used = sum(p.stat().st_size for p in results.rglob("*") if p.is_file())
    if used > int(os.environ["QUOTA_BYTES"]):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    real(file)

os.fsync = fsync
"""


def test_a_disk_that_fills_up_stops_a_run_and_loses_nothing(copied, tmp_path):
    expected = hash_tables(copied)
    results = copied / "results"
    whole = sum(p.stat().st_size for p in results.rglob("*") if p.is_file())
    shutil.rmtree(results)
    quota = tmp_path / "quota"
    quota.mkdir()
    (quota / "sitecustomize.py").write_text(QUOTA)
    command = [sys.executable, "-m", "neurograft", "run", str(copied / "study.toml")]
    command += ["--quiet", "-j", "1"]
    before: set[Path] = set()
    for share in (0.05, 0.9):
        full = ENVIRONMENT | {
            "PYTHONPATH": str(quota), "QUOTA_FOLDER": str(results),
            "QUOTA_BYTES": str(int(share * whole)),
        }  # fmt: skip
        ended = subprocess.run(
            command, env=full, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 2, ended.stderr
        assert "No space left on device; free some space" in ended.stderr
        assert "Traceback" not in ended.stderr
        left = {path for path in results.rglob("*") if path.is_file()}
        assert not [path for path in left if path.name.endswith(".part")]
        assert left > before, "what was finished was lost"
        before = {p for p in left if p.name.endswith((".npy", ".safetensors"))}
    assert not (results / "report.html").exists()
    ended = subprocess.run(command, env=ENVIRONMENT, check=False)
    assert ended.returncode == 0
    assert hash_tables(copied) == expected


def test_recordings_that_are_too_short_stop_a_run_before_it_learns(copied, capsys):
    study = str(copied / "study.toml")
    encoders = sorted((copied / "results" / "pretraining").rglob("*.safetensors"))
    before = [path.read_bytes() for path in encoders]
    with pytest.raises(SystemExit) as stopped:
        main(["run", study, "--quiet", "--set", "pretraining.steps=41",
              "--set", "evaluation.windows_per_subject=50"])  # fmt: skip
    assert stopped.value.code == 2
    assert re.search(
        r"\d windows of 10 s, 50 are taken from everybody", capsys.readouterr().err
    )
    assert before
    assert [path.read_bytes() for path in encoders] == before


def test_a_stage_alone_refuses_inputs_that_are_out_of_date(copied, capsys):
    before = hash_tables(copied)
    study = str(copied / "study.toml")
    for command, change in (
        ("embed", "pretraining.steps=41"),
        ("evaluate", "evaluation.windows_per_subject=2"),
    ):
        with pytest.raises(SystemExit) as stopped:
            main([command, study, "--set", change, "--quiet"])
        assert stopped.value.code == 2
        assert "is missing or out of date" in capsys.readouterr().err
    assert hash_tables(copied) == before


def test_ctrl_c_says_that_the_same_command_goes_on(finished, monkeypatch, capsys):
    from neurograft.study.opened_study import Study

    def interrupt(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(Study, "build_tasks", interrupt)
    with pytest.raises(SystemExit) as stopped:
        main(["run", str(finished / "study.toml"), "--quiet"])
    assert stopped.value.code == 130
    assert "the same command goes on" in capsys.readouterr().err


def fail(study, arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["run", study, *arguments])
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_pretraining_on_the_patients_is_refused_or_labelled(copied, capsys):
    study = str(copied / "study.toml")
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
    assert "hold the same people: one folder is read twice" in message
    main(["run", study, *leaky, *fast, "--set", "pretraining.allow_transductive=true"])
    page = (copied / "results/report.html").read_text()
    assert (
        "Pretraining saw recordings of people it is tested on (transductive)." in page
    )


def test_checklists_and_methods_text_lie_beside_the_report(copied):
    folder = copied / "results" / "report"
    own = read_table(folder / "checklist.tsv")
    tripod = own[own["checklist"] == "tripod"]
    assert tripod["status"].value_counts().to_dict() == {
        "reported": 18, "partly": 10, "author": 19, "not applicable": 5,
    }  # fmt: skip
    text = (folder / "methods.txt").read_text()
    assert "28 recordings of 28 people were found" in text
    cited = set(
        re.findall(r"^@\w+\{(\w+),", (folder / "references.bib").read_text(), re.M)
    )
    assert len(cited) == text.count("\n", text.index("\nReferences\n") + 1) - 1
    assert (folder / "checklist.md").read_text().startswith("## TRIPOD+AI")


def test_the_report_is_written_from_the_tables_alone(copied):
    folder = copied
    page = (folder / "results/report.html").read_text()
    shutil.rmtree(folder / "cohorts")
    shutil.rmtree(folder / "results/embeddings")
    for path in (folder / "results").rglob("*.npy"):
        path.unlink()
    main(["report", str(folder / "study.toml"), "--quiet"])
    assert (folder / "results/report.html").read_text() == page


def test_a_comparison_of_ways_to_pretrain_runs_from_the_command_line(copied, capsys):
    study = str(copied / "study.toml")
    with pytest.raises(SystemExit) as stopped:
        main(["compare-pretraining", study, "--quiet"])
    assert stopped.value.code == 2
    assert "There is nothing to compare" in capsys.readouterr().err
    main([
        "compare-pretraining", study, "--quiet",
        "--set", "comparison.variants={mae={objectives=[{mae=1.0}]}, latent={}}",
        "--set", "comparison.n_seeds=1", "--set", "comparison.n_repeats=1",
        "--set", "comparison.n_draws=2", "--set", "pretraining.steps=2",
        "--set", "comparison.labels_per_class=[3]",
    ])  # fmt: skip
    results = copied / "results/comparison"
    assert f"Comparison: {results}" in capsys.readouterr().out
    variants = set(read_table(results / "gains.tsv")["variant"])
    assert variants == {"mae", "latent", "chosen on the other tasks"}
    assert "| latent |" in (results / "comparison.md").read_text()
