"""One cohort under two simulated devices: what is lost on real EEG, and what returns.

    python benchmarks/shift_real.py RESULTS [--repeats 10]

RESULTS is the output folder of examples/shift.toml (harmonised cohorts, encoder). Half
of the people with Alzheimer's disease and controls are learned from as they were
recorded; the other half are tested as if another device had recorded them (referenced
to T7 and T8, low-pass at 25 Hz, twice the gain), then the halves are swapped. Only
unlabelled recordings of the tested half are used to adapt. Prints a table of
docs/shift.md.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import torch

from neurograft.config.method_table import CHOOSERS
from neurograft.config.methods import parse_method
from neurograft.evaluation.methods.fold import predict_fold
from neurograft.evaluation.methods.problem import Question
from neurograft.features.band_power import describe_band_power
from neurograft.features.covariances import describe_covariance
from neurograft.features.window_facts import Facts
from neurograft.features.window_summary import summarise_windows
from neurograft.files.tables import read_table
from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.models.saving import load_encoder
from neurograft.montage.regions import weigh_regions
from neurograft.store.acquisition import read_facts
from neurograft.store.signal_store import SignalStore
from neurograft.store.window_choice import choose_windows
from neurograft.tasks.splits import Split
from neurograft.transfer.embedding import make_encoder_pool
from neurograft.types import FloatArray, IntArray

COHORT, N_WINDOWS, SECONDS = "ds004504_dementia", 12, 10
REFERENCE, LOW_PASS_HZ, GAIN = ("T7", "T8"), 25.0, 2.0
RULES = tuple(rule for rule in CHOOSERS if rule != "auto-site")  # one site is known
VECTORS = ("none", "recentre", "rescale", "coral", "linear-ot", "combat",
           "discriminator", *RULES)  # fmt: skip
MATRICES = ("none", "recentre", "rescale", "euclid")
# Features, device tested under, remedy.
Key: TypeAlias = tuple[str, str, str]


def read_people(folder: Path) -> tuple[FloatArray, FloatArray, dict[str, FloatArray]]:
    """Windows `(n_people, n_windows, n_channels, n_times)`, labels, other facts."""
    store = SignalStore.open(folder / "cohorts" / COHORT)
    n_times = int(SECONDS * store.sfreq)
    chosen, _ = choose_windows(store, n_windows=N_WINDOWS, n_times=n_times)
    subjects = read_table(folder / "evaluation" / "subjects.tsv")
    own = subjects[subjects["task"] == "alzheimer_vs_control"]
    labels = dict(zip(own["participant_id"], own["label"], strict=True))
    kept = [one for one in chosen if labels.get(one.participant_id, np.nan) >= 0]
    windows = np.stack(
        [np.stack([store.read(n, start, n_times) for n, start in one.windows])
         for one in kept]
    ).astype(float)  # fmt: skip
    first = store.recordings[kept[0].windows[0][0]]
    facts = read_facts(store)
    known = {
        "positions": np.array(first.positions, dtype=np.float32),
        "acquisition": np.array([facts[one.windows[0][0]].acquisition for one in kept]),
        "reference": np.array([first.ch_names.index(name) for name in REFERENCE]),
        "sfreq": np.array(store.sfreq),
    }
    return windows, np.array([labels[one.participant_id] for one in kept]), known


def change_device(windows: FloatArray, known: dict[str, FloatArray]) -> FloatArray:
    """What another device would have recorded."""
    n_times = windows.shape[-1]
    frequencies = np.fft.rfftfreq(n_times, 1 / float(known["sfreq"]))
    response = 1 / np.sqrt(1 + (frequencies / LOW_PASS_HZ) ** 4)
    spectrum = np.fft.rfft(windows, axis=-1) * response * GAIN
    changed = np.fft.irfft(spectrum, n=n_times, axis=-1)
    return np.asarray(
        changed - changed[..., known["reference"], :].mean(-2)[..., None, :]
    )


def describe(
    windows: FloatArray, known: dict[str, FloatArray], encoder: Encoder
) -> dict[str, FloatArray]:
    """Embedding, band power and covariances of people."""
    facts = Facts(float(known["sfreq"]), known["positions"], True)
    pool, regions = make_encoder_pool(encoder), weigh_regions(known["positions"])
    embedded = []
    for person, acquisition in zip(windows, known["acquisition"], strict=True):
        n = len(person)
        scale = float(np.median(person.std(-1)))
        batch = WindowBatch(
            torch.from_numpy(person.astype(np.float32)),
            torch.from_numpy(np.repeat(known["positions"][None], n, 0)),
            torch.full((n,), scale),
            torch.from_numpy(np.repeat(acquisition[None], n, 0).astype(np.float32)),
        )
        with torch.inference_mode():
            found = regions @ pool(batch).numpy()
        embedded.append(np.append(summarise_windows(found), np.log(scale)))
    return {
        "encoder": np.stack(embedded).astype(float),
        "band-power": np.stack([describe_band_power(one, facts) for one in windows]),
        "riemann": np.stack([describe_covariance(one, facts) for one in windows]),
    }


def predict(
    name: str,
    remedies: Sequence[str],
    train: FloatArray,
    y: FloatArray,
    test: FloatArray,
) -> dict[str, FloatArray]:
    """Learn from one device, predict people of the other as a study does; by remedy."""
    both = np.concatenate([train, test])
    is_new = np.arange(len(both)) >= len(train)
    blocks = {one: name if one == "none" else f"{name}@{one}" for one in remedies}
    unknown = np.zeros(len(test))
    found = predict_fold(
        [parse_method(block) for block in blocks.values()],
        {name: both},
        np.concatenate([y, unknown])[None],
        Split(0, 0, np.flatnonzero(~is_new), np.flatnonzero(is_new)),
        Question(
            "classification", 2, np.arange(len(both)), 5,
            pd.DataFrame({"domain": 1 + is_new, "age": np.nan, "sex": None}),
        ),
    )  # fmt: skip
    return {one: found.predicted[block][0, :, 0] for one, block in blocks.items()}


def find_auroc(y: FloatArray, p: FloatArray, weights: FloatArray) -> FloatArray:
    """Area for every row of weights."""
    higher = (p[y == 1][:, None] > p[y == 0]) + 0.5 * (p[y == 1][:, None] == p[y == 0])
    one, other = weights[:, y == 1], weights[:, y == 0]
    total = one.sum(1) * other.sum(1)
    won = np.einsum("bi,ij,bj->b", one, higher, other)
    return np.asarray(won / np.maximum(total, 1e-12))


def find_balanced(
    y: FloatArray, p: FloatArray, threshold: float, weights: FloatArray
) -> FloatArray:
    """Balanced accuracy at a threshold, for every row of weights."""
    right = (p > threshold) == (y == 1)
    shares = [
        (weights * (right & (y == group))).sum(1)
        / np.maximum((weights * (y == group)).sum(1), 1e-12)
        for group in (0, 1)
    ]
    return np.asarray(np.mean(shares, axis=0))


def cut_in_halves(y: FloatArray, seed: int) -> FloatArray:
    """Half of everybody: 0 or 1, groups spread evenly."""
    halves = np.zeros(len(y), int)
    for group in (0, 1):
        rows = np.random.default_rng([seed, group]).permutation(
            np.flatnonzero(y == group)
        )
        halves[rows[: len(rows) // 2]] = 1
    return halves


def list_remedies(name: str, device: str) -> tuple[str, ...]:
    """Remedies that are tried on features tested under a device."""
    if device == "two devices":
        return MATRICES if name == "riemann" else VECTORS
    return ("none", "recentre") if device == "common reference" else ("none",)


def test_half(
    seen: dict[str, dict[str, FloatArray]],
    y: FloatArray,
    half: IntArray,
    rest: IntArray,
) -> dict[Key, FloatArray]:
    """Predictions of the people of one half by what was learned from the other."""
    tested = {
        device: {name: values[rest] for name, values in found.items()}
        for device, found in seen.items()
    }
    known = seen["one device"]
    return {
        (name, device, remedy): p
        for name in known
        for device, features in tested.items()
        for remedy, p in predict(
            name, list_remedies(name, device), known[name][half], y[half],
            features[name],
        ).items()
    }  # fmt: skip


def say(values: FloatArray, *, signed: bool = False) -> str:
    """Value with the interval of its resamples."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    if signed:
        return f"{values[0]:+.2f} [{low:+.2f}, {high:+.2f}]"
    return f"{values[0]:.2f} [{low:.2f}, {high:.2f}]"


def tabulate(measured: dict[Key, dict[str, FloatArray]]) -> pd.DataFrame:
    """Metrics with intervals, and paired differences from doing nothing."""
    rows = []
    for (name, device, remedy), metrics in measured.items():
        row = {"features": name, "tested under": device, "remedy": remedy}
        for metric, values in metrics.items():
            before = measured[name, "two devices", "none"][metric]
            row[metric] = say(values)
            row[f"{metric} gained"] = say(values - before, signed=True)
        rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--encoder", default="tiny")
    options = parser.parse_args()
    windows, y, known = read_people(options.results)
    encoder = load_encoder(options.results / "pretraining" / options.encoder)
    changed = change_device(windows, known)
    common = changed - changed.mean(-2, keepdims=True)
    seen = {
        "one device": describe(windows, known, encoder),
        "two devices": describe(changed, known, encoder),
        "common reference": describe(common, known, encoder),
    }
    n = len(y)
    resampled = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), 1000)
    weights = np.concatenate([np.ones((1, n)), resampled])
    found: dict[Key, dict[str, list[FloatArray]]] = {}
    for repeat in range(options.repeats):
        halves = cut_in_halves(y, repeat)
        for side in (0, 1):
            half, rest = np.flatnonzero(halves == side), np.flatnonzero(halves != side)
            for key, p in test_half(seen, y, half, rest).items():
                one = found.setdefault(key, {"AUROC": [], "balanced accuracy": []})
                own = weights[:, rest]
                one["AUROC"].append(find_auroc(y[rest], p, own))
                one["balanced accuracy"].append(
                    find_balanced(y[rest], p, float(y[half].mean()), own)
                )
    table = tabulate(
        {
            key: {metric: np.mean(rows, axis=0) for metric, rows in metrics.items()}
            for key, metrics in found.items()
        }
    )
    print("| " + " | ".join(table.columns) + " |\n" + "|" + "---|" * table.shape[1])
    for row in table.to_numpy():
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
