"""How much pretraining gains with the number of people pretrained on, simulated.

    neurograft simulate sim --n-source 100 --n-patients 60 --n-controls 60 \
        --channels 32 --truth
    neurograft compare-pretraining examples/comparison-simulated.toml
    python benchmarks/scaling.py examples/comparison-simulated.toml

Endless people of half a minute each are drawn from the simulator into stores of growing
size; the same number of steps on each, so that only the number of people differs. The
encoder is tested on the simulated clinic, whose device and ages it has never seen,
beside the same encoder untrained.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from neurograft.config.study import StudyConfig, read_study
from neurograft.config.tasks import View
from neurograft.files.keys import RecordingKey
from neurograft.models.encoder import Encoder
from neurograft.pretraining.build import build_encoder
from neurograft.pretraining.corpus import open_corpus
from neurograft.pretraining.pretrain import Place, pretrain
from neurograft.simulation.windows import simulate_windows
from neurograft.statistics.intervals import percentile_interval
from neurograft.store.signal_store import SignalStore, StoredRecording, write_index
from neurograft.store.views import ReadView
from neurograft.study.comparison.compare import score_features
from neurograft.study.comparison.comparison_task import (
    ALL_LABELS,
    Compared,
    list_compared,
    list_counted,
)
from neurograft.study.comparison.variants import embed_people
from neurograft.study.opened_study import Study
from neurograft.types import FloatArray

N_CHANNELS, SECONDS, BATCH = 19, 30, 50
STEPS_PER_SD = 320.0


def write_people(folder: Path, n: int, *, sfreq: float, seed: int) -> None:
    """Write a store of simulated people, one recording each."""
    (folder / "signals").mkdir(parents=True)
    rng = np.random.default_rng(seed)
    entries = []
    for first in range(0, n, BATCH):
        drawn = simulate_windows(
            min(BATCH, n - first), n_channels=N_CHANNELS, n_times=int(SECONDS * sfreq),
            sfreq=sfreq, band=(0.5, 45.0), rng=rng,
        )  # fmt: skip
        for row, signals in enumerate(drawn.signals):
            step = float(drawn.scale[row] / STEPS_PER_SD)
            entry = StoredRecording(
                key=RecordingKey("people", f"sub-{first + row:05d}", task="rest"),
                n_times=signals.shape[1],
                ch_names=tuple(f"E{i}" for i in range(N_CHANNELS)),
                positions=tuple(map(tuple, drawn.positions[row].tolist())),
                steps_uv=(step,) * N_CHANNELS,
                scale_uv=float(drawn.scale[row]),
                segments=((0, signals.shape[1]),),
                sha256="",
            )
            counts = np.clip(np.rint(signals.T / step), -32767, 32767)
            np.save(folder / entry.file, counts.astype("<i2"))
            entries.append(entry)
    write_index(folder, entries, sfreq=sfreq, has_microvolts=True)


def train_on(study: StudyConfig, n_people: int, seed: int) -> tuple[Encoder, Encoder]:
    """Encoder pretrained on so many people, and its untrained twin."""
    settings = study.pretraining
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        sfreq = study.harmonise.sfreq
        write_people(folder / "people", n_people, sfreq=sfreq, seed=seed)
        corpus = open_corpus(
            [SignalStore.open(folder / "people")],
            n_times=int(settings.window_s * sfreq), validation_share=0.1,
            temperature=0.5, seed=seed,
        )  # fmt: skip
        twin, encoder = (
            build_encoder(corpus, settings, h_freq=study.harmonise.h_freq, seed=seed)
            for _ in range(2)
        )
        pretrain(
            encoder, corpus, settings, seed=seed, l_freq=study.harmonise.l_freq,
            place=Place(folder / "c", "x"),
        )  # fmt: skip
    return encoder, twin


def score(
    study: StudyConfig,
    encoder: Encoder,
    views: dict[View, ReadView],
    tasks: list[Compared],
) -> dict[tuple[str, int], FloatArray]:
    """Metric of every task and budget: everybody once, then resamples."""
    n_times = int(study.pretraining.window_s * study.harmonise.sfreq)
    features = {
        view: dict(
            zip(
                [one.participant_id for one in read.chosen],
                embed_people(encoder, read, n_times=n_times),
                strict=True,
            )
        )
        for view, read in views.items()
    }
    return {
        (task.name, budget): values
        for task in tasks
        for budget, values in score_features(
            task, task.gather(features), method="encoder", n_inner=5
        ).items()
    }


def main() -> None:
    """Print the table: mean gain by objective, people and labelled people."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--people", type=int, nargs="+", default=[30, 300, 3000, 10000])
    parser.add_argument("--objectives", nargs="+", default=["mae"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", nargs="*", default=[])
    arguments = parser.parse_args()
    study = read_study(arguments.study, arguments.set)
    opened = Study(study)
    views = {view: opened.view(view) for view in opened.views}
    people = {view: read.people for view, read in views.items()}
    tasks = list_compared(opened, people)
    rows = []
    for objective in arguments.objectives:
        stages = ({objective: 1.0},)
        own = study.model_copy(
            update={
                "pretraining": study.pretraining.model_copy(
                    update={"objectives": stages}
                )
            }
        )
        for n_people in arguments.people:
            gains: dict[tuple[str, int], list[FloatArray]] = {}
            for seed in range(arguments.seeds):
                trained, twin = (
                    score(own, one, views, tasks)
                    for one in train_on(own, n_people, seed)
                )
                for key in trained:
                    gains.setdefault(key, []).append(trained[key] - twin[key])
            for budget in (ALL_LABELS, *study.comparison.labels_per_class):
                for is_classification in (True, False):
                    counted = list_counted(
                        study, tasks, is_classification=is_classification
                    )
                    found = [
                        np.mean(gains[task.name, budget], axis=0) for task in counted
                    ]
                    mean = np.mean(found, axis=0)
                    low, high = percentile_interval(mean[1:])
                    rows.append(
                        {
                            "objective": objective, "people": n_people,
                            "labels_per_class": budget or "all",
                            "metric": "AUROC" if is_classification else "R2",
                            "gain": mean[0], "ci_low": low, "ci_high": high,
                        }
                    )  # fmt: skip
            print(pd.DataFrame(rows[-8:]).round(3).to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
