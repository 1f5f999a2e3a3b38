"""Is what a verdict says true? Small studies in which everything was planted.

    python benchmarks/truth.py FOLDER [--tables 150] [--eeg 50] [--jobs 1]

Every study has an effect or none, and a cause of error or none: a column that goes with
the label wholly or in part, a site, the order of recording, or copies of people. Every
row of its verdicts is held against that truth. Studies that are done lie in FOLDER and
are not repeated. The plan and the table stand in docs/statistics.md.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import neurograft as ng
from neurograft.errors import LeakageError
from neurograft.types import FloatArray

SIZES = (8, 12, 16, 24, 40, 60, 80, 120)
EEG_SIZES = (8, 16, 24)
CAUSES = ("none", "column", "weak column", "site", "weak site", "order", "leak")
KINDS = ("classification", "regression", "contrast")
# Differences of means in standard deviations: of the label, and of a cause.
EFFECT, CAUSE = 1.2, 2.0
# Share of people whose weak cause is that of their label.
WEAK = 0.75


class Planted(NamedTuple):
    """What a study holds.

    Attributes:
        number: Of the study; it decides everything random.
        kind: Of the task.
        n: People.
        has_effect: Whether the label is in the signals.
        cause: What else is.
    """

    number: int
    kind: str
    n: int
    has_effect: bool
    cause: str


def list_tables(n_studies: int) -> Iterator[Planted]:
    """List studies given as tables of features; half of them without an effect."""
    for number in range(n_studies):
        rng = np.random.default_rng([number, 1])
        kind = KINDS[number % 3]
        causes = ("none", "leak") if kind == "contrast" else CAUSES
        yield Planted(
            number, kind, int(rng.choice(SIZES)), number // 3 % 2 == 0,
            str(rng.choice(causes)),
        )  # fmt: skip


def list_eeg(n_studies: int) -> Iterator[Planted]:
    """List studies given as recordings."""
    causes = ("none", "column", "site", "order", "leak")
    for number in range(n_studies):
        rng = np.random.default_rng([number, 2])
        yield Planted(
            1000 + number, "classification", int(rng.choice(EEG_SIZES)),
            number % 2 == 0, causes[number // 2 % len(causes)],
        )  # fmt: skip


def judge_table(planted: Planted) -> pd.DataFrame:
    """Evaluate a study that is a table of features."""
    rng = np.random.default_rng([planted.number, 3])
    n, is_number = planted.n, planted.kind == "regression"
    label, people, X, columns = draw_people(planted, rng)
    if planted.kind == "contrast":
        X = np.concatenate([X - EFFECT * planted.has_effect * np.eye(1, 8), X])
        label, people = np.repeat([0.0, 1.0], n), np.tile(people, 2)
        columns = {name: np.tile(cells, 2) for name, cells in columns.items()}
    if planted.cause == "leak":
        label, people, X, columns = copy_people(label, people, X, columns)
    y = label if is_number else np.where(label > 0, "patient", "control")
    model = make_pipeline(
        StandardScaler(), Ridge() if is_number else LogisticRegression()
    )
    features = {"own": X} | {
        name: X + 0.3 * rng.normal(size=X.shape)
        for name in ("encoder", "random-encoder")
    }
    return ng.evaluate(
        dict.fromkeys(features, model), features, y, people, **columns,
        cv=min(5, n // 2), n_repeats=2, n_permutations=199, n_bootstraps=500,
        random_state=planted.number,
    ).verdicts  # fmt: skip


def draw_people(
    planted: Planted, rng: np.random.Generator
) -> tuple[FloatArray, Any, FloatArray, dict[str, Any]]:
    """Draw labels, names, features and columns of a study."""
    n = planted.n
    side = np.asarray(np.repeat([0.0, 1.0], [n // 2, n - n // 2]))
    if planted.cause != "order":
        side = rng.permutation(side)
    label = side
    if planted.kind == "regression":
        label = np.asarray(10 + 20 * side + rng.normal(0, 3, n))
    cause = side if planted.cause not in ("none", "leak") else 0 * side
    if planted.cause.startswith("weak"):
        cause = np.where(rng.random(n) < WEAK, side, 1 - side)
    X = rng.normal(size=(n, 8))
    X[:, :2] += EFFECT * planted.has_effect * (side - 0.5)[:, None]
    X[:, 2:4] += CAUSE * cause[:, None]
    columns: dict[str, Any] = {
        "age": rng.uniform(20, 70, n),
        "sex": rng.choice(["F", "M"], n),
    }
    names = np.where(cause > 0, "A", "B")
    if "site" in planted.cause:
        columns["site"] = names
    if "column" in planted.cause:
        columns["covariates"] = pd.DataFrame(
            {"ward": names, "noise": rng.normal(size=n)}
        )
    return label, np.array([f"p{i:03d}" for i in range(n)]), X, columns


def copy_people(
    label: FloatArray, people: Any, X: FloatArray, columns: dict[str, Any]
) -> tuple[FloatArray, Any, FloatArray, dict[str, Any]]:
    """Return the people, with a quarter of them once more under other names."""
    copied = np.isin(people, np.unique(people)[::4])
    others = np.char.add("copy-", people[copied])
    return (
        np.concatenate([label, label[copied]]),
        np.concatenate([people, others]),
        np.concatenate([X, X[copied]]),
        {
            name: np.concatenate([cells, cells[copied]])
            for name, cells in columns.items()
        },
    )


def judge_eeg(planted: Planted, folder: Path) -> pd.DataFrame:
    """Simulate recordings, plant the cause in them, and run the study."""
    half = planted.n // 2
    effect = 2.0 if planted.has_effect else 0.0
    run_command(
        "simulate", folder, "--n-source", 2, "--n-patients", half, "--n-controls", half,
        "--duration-s", 40, "--channels", 19, "--size", "nano", "--steps", 2,
        "--effect", effect, "--seed", planted.number, "-j", 1, "--quiet",
    )  # fmt: skip
    clinic = folder / "cohorts" / "clinic"
    plant_cause(planted, clinic)
    (folder / "small.toml").write_text(STUDY)
    run_command("run", folder / "small.toml", "-j", 1, "--quiet")
    return pd.read_csv(folder / "results" / "summary" / "verdicts.tsv", sep="\t")


STUDY = """name = "Planted"
data_folder = "cohorts"
output_folder = "results"
[cohorts.clinic]
folder = "clinic"
[pretraining]
shipped = "tiny"
[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]
[evaluation]
methods = ["dummy", "band-power", "random-encoder", "encoder"]
n_splits = 2
n_repeats = 1
n_bootstraps = 500
n_permutations = 199
controls = false
[shift]
n_permutations = 19
"""


def run_command(*words: object) -> None:
    """Run a command of the package in a process of its own.

    Raises:
        LeakageError: If it stopped for a leak.
        RuntimeError: If it stopped for something else.
    """
    done = subprocess.run(
        [sys.executable, "-m", "neurograft", *map(str, words)],
        capture_output=True, text=True, check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.strip()
        raise (LeakageError if "copy" in said else RuntimeError)(said)


def plant_cause(planted: Planted, clinic: Path) -> None:
    """Add a rhythm to those who share a cause, and the column that tells of it."""
    path = clinic / "participants.tsv"
    # Groups in random order may go with the label by chance, which nobody planted.
    table = pd.read_csv(path, sep="\t", dtype=str).drop(columns="shuffled_group")
    if planted.cause in ("column", "site"):
        table["ward" if planted.cause == "column" else "site"] = table["group"].map(
            {"patient": "A", "control": "B"}
        )
    if planted.cause == "order":
        ordered = table.sort_values("group", kind="stable")["participant_id"]
        days = pd.date_range("2024-01-01", periods=len(ordered), freq="D")
        for who, day in zip(ordered, days, strict=True):
            name = find_signal(clinic, who).name
            (clinic / who / f"{who}_scans.tsv").write_text(
                f"filename\tacq_time\neeg/{name}\t{day:%Y-%m-%d}T09:00:00\n"
            )
    table.to_csv(path, sep="\t", index=False, na_rep="n/a")
    patients = table.loc[table["group"] == "patient", "participant_id"]
    if planted.cause in ("column", "site", "order"):
        for who in patients:
            add_rhythm(find_signal(clinic, who))
    if planted.cause == "leak":
        for one, other in zip(patients[:-1:2], patients[1::2], strict=False):
            x = np.frombuffer(find_signal(clinic, one).read_bytes(), "<i2")
            louder = np.clip(np.round(1.2 * x.astype(float)), -32767, 32767)
            find_signal(clinic, other).write_bytes(louder.astype("<i2").tobytes())


def find_signal(clinic: Path, who: str) -> Path:
    """Return the file of a person's samples."""
    return next((clinic / who).glob("eeg/*.eeg"))


def add_rhythm(path: Path) -> None:
    """Add 10 Hz to the last channels, as a device or a ward might."""
    x = np.frombuffer(path.read_bytes(), "<i2").reshape(-1, 19).astype(float)
    x[:, -4:] += 600 * np.sin(2 * np.pi * 10 * np.arange(len(x)) / 500)[:, None]
    path.write_bytes(np.clip(np.round(x), -32767, 32767).astype("<i2").tobytes())


def check_truth(planted: Planted, verdicts: pd.DataFrame | None) -> dict[str, Any]:
    """Hold every row of the verdicts against what was planted.

    Args:
        planted: The truth.
        verdicts: None where a leak was refused before anything was said.
    """
    row: dict[str, Any] = planted._asdict()
    if verdicts is None:
        return row | {"answer": "leak refused", "cautioned": True}
    asked = verdicts.groupby("question")["answer"].agg(list).to_dict()
    sentences = " ".join(verdicts["sentence"])
    words = {
        "column": "ward",
        "site": "site",
        "order": "order of labels|day",
        "leak": "copy",
    }
    named = words.get(planted.cause.removeprefix("weak "), "")
    found = pd.Series([sentences]).str.contains(rf"\b(?:{named})\b").iloc[0]
    alarms = verdicts.loc[verdicts["question"].isin(["design", "confound"]), "sentence"]
    return row | {
        "answer": asked["evidence"][0],
        "cautioned": bool(named) and bool(found),
        "alarm": planted.cause == "none" and (len(alarms) > 0),
        "warning": planted.cause == "none" and "warning" in asked.get("design", []),
        "pretraining": asked.get("pretraining", [""])[0],
    }


def judge(planted: Planted, folder: Path) -> dict[str, Any]:
    """Judge a study, or read how it was judged before."""
    path = folder / f"{planted.number:04d}.json"
    if not path.is_file():
        try:
            if planted.number < 1000:
                verdicts = judge_table(planted)
            else:
                verdicts = judge_eeg(planted, folder / f"study-{planted.number}")
        except LeakageError:
            verdicts = None
        row = check_truth(planted, verdicts)
        said = [] if verdicts is None else verdicts["sentence"].tolist()
        path.write_text(json.dumps(row | {"said": said}, indent=1))
    return dict(json.loads(path.read_text()))


def report(rows: pd.DataFrame) -> None:
    """Print the tables of docs/statistics.md."""
    rows["found"] = rows["answer"] == "evidence"
    rows["bare"] = rows["found"] & ~rows["cautioned"]
    without = rows[~rows["has_effect"]]
    print(f"{len(rows)} studies, {len(without)} without an effect")
    print(f"evidence without effect and without caution: {without['bare'].sum()}")
    whole = rows[rows["cause"].isin(["column", "site", "order", "leak"])]
    print(whole.groupby("cause")[["found", "cautioned", "bare"]].sum().to_string())
    print("weak causes that were named, by n:")
    weak = rows[rows["cause"].str.startswith("weak")]
    print(weak.groupby("n")["cautioned"].agg(["sum", "size"]).T.to_string())
    clean = rows[rows["cause"] == "none"]
    print("found by n, where nothing but an effect was planted:")
    told = clean[clean["has_effect"]]
    print(told.groupby("n")["found"].agg(["sum", "size"]).T.to_string())
    print(f"nothing beside planted: {len(clean)}; {clean['warning'].sum()} warnings")
    print("pretraining:", rows["pretraining"].value_counts().to_dict())
    table = pd.crosstab([rows["cause"], rows["has_effect"]], rows["answer"])
    print(table.to_string())


def main() -> None:
    """Judge all studies, and print what came of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tables", type=int, default=150)
    parser.add_argument("--eeg", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    studies = [*list_tables(asked.tables), *list_eeg(asked.eeg)]
    rows = Parallel(n_jobs=asked.jobs)(
        delayed(judge)(one, asked.folder) for one in studies
    )
    report(pd.DataFrame(rows))


if __name__ == "__main__":
    main()
