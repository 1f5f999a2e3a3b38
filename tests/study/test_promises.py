"""What `check` lets through, `run` finishes; what it refuses is one sentence.

Small studies are drawn: folders as people have them, settings that may contradict.
"""

import json
import os
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from edfio import Edf, EdfSignal
from pydantic import ValidationError

from neurograft.config.study import StudyConfig
from neurograft.errors import PackageError
from neurograft.harmonising import processes
from neurograft.harmonising.one_recording import harmonise_one, inspect_one, show_one
from neurograft.study.check import check_study
from neurograft.study.opened_study import Study
from neurograft.study.run import run_study

CHANNELS = ("Fz", "Cz", "Pz", "Oz", "C3", "C4", "F3", "F4")
SFREQ = 100
METHODS = (
    "dummy", "demographics", "duration", "band-power", "riemann", "tokens",
    "random-encoder", "encoder", "encoder@recentre", "band-power@residualise",
    "encoder+band-power", "stack", "acquisition", "band-power@auto-site", "handcrafted",
)  # fmt: skip
PROTOCOLS = (
    "repeated-cv", "repeated-cv", "repeated-cv", "leave-one-site-out", "hold-out",
    "leave-one-cohort-out", "confound-isolating", "matched-draws",
)  # fmt: skip
OBJECTIVES = (
    ({"latent": 1.0},), ({"mae": 1.0},), ({"jepa": 1.0},), ({"lejepa": 1.0},),
    ({"classical": 1.0},), ({"window-spectrum": 1.0},),
    ({"mae": 1.0, "window-spectrum": 0.5}, {"latent": 1.0}),
)  # fmt: skip
# Studies of every kind: those that a check refuses take no time.
REFUSED = (1, 3, 5, 7, 8, 9, 10, 13, 14, 15, 17, 19, 22, 23, 26, 29, 38)
QUICK = (16, 39)
# `make fuzz` draws 200.
N_DRAWN = int(os.environ.get("NEUROGRAFT_DRAWN_STUDIES", "20"))
DURATIONS = ((60, 60), (30, 30), (15, 70), (22, 45), (12, 25))


class Drawer:
    """Draws values; the same seed draws the same study."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def choose(self, *options):
        """Choose one of several values."""
        return options[self.rng.integers(len(options))]

    def happens(self, share: float) -> bool:
        """Return whether something rare happens."""
        return bool(self.rng.random() < share)

    def subset(self, options, least=1):
        """Choose some values, in their order."""
        kept = [one for one in options if self.happens(0.4)]
        return tuple(kept) if len(kept) >= least else tuple(options[:least])


def write_recording(path: Path, seconds: int, n_channels: int, rng) -> None:
    """Write a background of few sources, so that channels resemble each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    n_times = seconds * SFREQ
    frequencies = np.fft.rfftfreq(n_times, 1 / SFREQ)
    shape = 1 / np.maximum(frequencies, 1)
    noise = rng.standard_normal((2, n_channels + 3, frequencies.size))
    waves = np.fft.irfft((noise[0] + 1j * noise[1]) * shape, n=n_times)
    mixing = rng.standard_normal((n_channels, 3)) * 0.2 + 1
    signals = waves[3:] * 0.5 + mixing @ waves[:3]
    signals *= 12 / signals.std()
    limit = float(np.ceil(np.abs(signals).max() + 1))
    Edf(
        [
            EdfSignal(one, SFREQ, label=name, physical_dimension="uV",
                      physical_range=(-limit, limit))
            for name, one in zip(CHANNELS[:n_channels], signals, strict=False)
        ]
    ).write(path)  # fmt: skip


def draw_people(draw: Drawer, n_people: int) -> pd.DataFrame:
    """Draw a table of people, with gaps, sites and groups of any size."""
    groups = draw.choose(
        ["A", "B"], ["A", "B"], ["A", "B", "C"], ["A", "B", "A", "B", "C"]
    )
    sites = draw.choose([], ["x"], ["x", "y"], ["x", "y", "z"], ["of group"])
    rows = []
    for number in range(1, n_people + 1):
        group = groups[number % len(groups)]
        row = {
            "participant_id": f"sub-{number:02d}",
            "age": draw.choose(*range(20, 80)),
            "sex": draw.choose("F", "M"),
            "group": group,
            "score": draw.choose(*range(30)),
        }
        if sites:
            row["site"] = group if sites == ["of group"] else draw.choose(*sites)
        for column in ("age", "sex", "group", "site"):
            if column in row and draw.happens(0.05):
                row[column] = "n/a"
        rows.append(row)
    return pd.DataFrame(rows)


def write_recordings(folder: Path, draw: Drawer, names: list[Path]) -> None:
    """Write recordings under these names; some are missing, some copies."""
    shortest, longest = draw.choose(*DURATIONS)
    says_duration, n_channels = draw.happens(0.5), draw.choose(4, 6, 8)
    last = b""
    for path in (folder / name for name in names):
        seconds = int(draw.rng.integers(shortest, longest + 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = draw.choose(*["new"] * 36, "missing", "missing", "copy")
        if kind == "copy" and last:
            path.write_bytes(last)
        elif kind != "missing":
            write_recording(path, seconds, n_channels, draw.rng)
            last = path.read_bytes()
            if says_duration:
                sidecar = {"RecordingDuration": seconds}
                path.with_suffix(".json").write_text(json.dumps(sidecar))


def write_cohort(folder: Path, draw: Drawer, n_people: int) -> list[str]:
    """Write a cohort of any layout, and return its BIDS tasks."""
    people = draw_people(draw, n_people)
    tasks = draw.choose([], ["rest"], ["rest"], ["restEC", "restEO"])
    labels = people["participant_id"]
    plain = labels.str.removeprefix("sub-")
    names = [Path(f"{who}_visit1.edf") for who in plain]
    if tasks:
        names = [
            Path(who) / "eeg" / f"{who}_task-{task}_eeg.edf"
            for who, task in product(labels, tasks)
        ]
    folder.mkdir(parents=True)
    write_recordings(folder, draw, names)
    if not tasks or draw.happens(0.3):
        people = people.assign(participant_id=plain)
    if draw.happens(0.02):
        people = people.iloc[:0]
    people.to_csv(folder / "participants.tsv", sep="\t", index=False)
    if draw.happens(0.02):
        (folder / "participants.tsv").write_bytes(b"")
    return tasks


def draw_task(draw: Drawer, bids_tasks, cohorts) -> dict[str, object]:
    """Draw a task of any kind, sometimes one that the table cannot answer."""
    kinds = ["classification", "classification", "regression"]
    kinds += ["contrast"] if len(bids_tasks) > 1 or draw.happens(0.1) else []
    kinds += ["multiclass"] if draw.happens(0.3) else []
    kind = draw.choose(*kinds)
    task: dict[str, object] = {"kind": kind, "cohort": "clinic"}
    if kind == "contrast":
        return task | {
            "bids_tasks": bids_tasks[:1] or ["restEC"],
            "against_tasks": bids_tasks[1:] or ["restEO"],
        }
    rare = {
        "bids_tasks": bids_tasks[:1],
        "more_cohorts": [one for one in cohorts if one == "second"],
        "confound": draw.choose("age", "site", "score"),
    }
    task |= {name: value for name, value in rare.items() if draw.happens(0.2)}
    task |= {"where": {"sex": ["F"]}} if draw.happens(0.1) else {}
    healthy = {"reference_column": "group", "reference": ["A"]}
    return task | {
        "regression": {"column": draw.choose("age", "score")}
        | (healthy if draw.happens(0.3) else {}),
        "classification": {"column": "group", "positive": ["A"], "negative": ["B"],
                           "matched": draw.happens(0.2)},
        "multiclass": {"column": "group", "classes": {name: [name] for name in "ABC"}},
    }[kind]  # fmt: skip


def draw_pretraining(draw: Drawer, has_holdout: bool) -> dict[str, object]:
    """Draw settings of the encoder: mostly the one that comes with the package."""
    settings: dict[str, object] = {
        "window_s": draw.choose(10, 10, 10, 2, 5, 30, 60),
        "allow_transductive": draw.happens(0.2),
    }
    if draw.happens(0.5):
        shipped = {"shipped": "tiny"}
        return settings | shipped | ({} if draw.happens(0.2) else {"window_s": 10})
    return settings | {
        "size": "nano",
        "steps": 2,
        "objectives": draw.choose(*OBJECTIVES),
        "tokens": draw.choose("waveform", "spectrum", "both"),
        "mask": draw.choose("random", "block", "channel", "future", "mixed"),
        "mask_ratio": draw.choose(0.1, 0.5, 0.75, 0.95),
        "n_queries": draw.choose(1, 8, 64),
        "batch_size": draw.choose(2, 8, 32),
        "validation_share": draw.choose(0.05, 0.2, 0.45),
        "without_sealed": has_holdout and draw.happens(0.5),
        "cohorts": draw.choose((), (), (), ("public",), ("clinic",)),
    }


def draw_evaluation(draw: Drawer) -> dict[str, object]:
    """Draw a protocol, methods and numbers that may not fit the people."""
    protocol = draw.choose(*PROTOCOLS)
    holdout = {}
    if protocol == "hold-out" and draw.happens(0.5):
        holdout = draw.choose({"site": ["x"]}, {"sex": ["F"]})
    return {
        "methods": draw.subset(METHODS, least=2),
        "protocol": protocol,
        "holdout": holdout,
        "n_splits": draw.choose(2, 2, 2, 3),
        "n_repeats": draw.choose(1, 2),
        "n_inner": draw.choose(2, 3),
        "windows_per_subject": draw.choose("auto", "auto", "auto", 2, 6),
        "montage": draw.choose("common", "template"),
        "controls": draw.happens(0.4),
        "labels_per_class": draw.choose((), (5, 10, 20, 40), (1,), (2, 40)),
        "n_draws": 2,
        "network_draws": 2,
        "n_bootstraps": 100,
        "n_permutations": 19,
    }


def draw_study(folder: Path, seed: int) -> StudyConfig:
    """Write the cohorts of a study, and draw its settings.

    Raises:
        ValidationError: If they contradict each other within the study file.
    """
    draw = Drawer(seed)
    cohorts = draw.choose(["clinic"], ["clinic", "public"], ["clinic", "public"],
                          ["clinic", "public", "second"])  # fmt: skip
    bids_tasks: list[str] = []
    for name in cohorts:
        sizes = (3, 12, 16, 20) if name == "clinic" else (1, 4, 7, 7)
        n_people = draw.choose(*sizes)
        found = write_cohort(folder / name, draw, n_people)
        bids_tasks = found if name == "clinic" else bids_tasks
    evaluation = draw_evaluation(draw)
    tasks = {
        f"task{number}": draw_task(draw, bids_tasks, cohorts)
        for number in range(draw.choose(1, 1, 2))
    }
    return StudyConfig.model_validate(
        {
            "name": "drawn",
            "data_folder": folder,
            "output_folder": folder / "results",
            "seed": seed,
            "cohorts": {name: {"folder": name} for name in cohorts},
            "harmonise": {"min_duration_s": draw.choose(20.0, 20.0, 5.0)},
            "pretraining": draw_pretraining(draw, bool(evaluation["holdout"])),
            "tasks": tasks,
            "evaluation": evaluation,
            "shift": {"n_permutations": 19, "n_bootstraps": 50,
                      "adapters": ["recentre"],
                      "windows_per_subject": draw.choose(2, 6),
                      "all_cohorts": draw.happens(0.3)},
        }
    )  # fmt: skip


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Read recordings in this process: here no reader crashes."""
    do = {"harmonise": harmonise_one, "inspect": inspect_one, "show": show_one}
    monkeypatch.setattr(processes, "run_isolated", lambda one: do[one["do"]](one))


def keep_promise(folder: Path, seed: int) -> str:
    """Check and run a study; return `refused` or `ran`, or fail."""
    try:
        settings = draw_study(folder, seed)
    except ValidationError:
        return "refused"
    try:
        said = list(check_study(Study(settings)))
    except PackageError as error:
        sentence = str(error)
        if "\n" in sentence or not sentence.endswith("."):
            pytest.fail(f"study {seed} was refused in other words: {sentence}")
        return "refused"
    try:
        page = run_study(Study(settings))
    except PackageError as error:
        pytest.fail(f"study {seed} was refused after its check: {error}\n{said}")
    assert page.is_file()
    return "ran"


@pytest.mark.parametrize("seed", REFUSED)
def test_a_refusal_is_one_sentence(tmp_path, seed):
    assert keep_promise(tmp_path, seed) == "refused"


@pytest.mark.parametrize("seed", QUICK)
def test_what_check_lets_through_is_run(tmp_path, seed):
    assert keep_promise(tmp_path, seed) == "ran"


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 1000 + N_DRAWN, 20))
def test_many_drawn_studies_keep_their_promise(tmp_path, start):
    for seed in range(start, start + 20):
        keep_promise(tmp_path / str(seed), seed)
