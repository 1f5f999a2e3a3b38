"""Simulate pools of people once, of whom `benchmarks/prediction.py` draws cohorts.

    nice -n 15 python benchmarks/prediction_pool.py FOLDER [--jobs 2] [--people 1000]

The home pool is the simulated clinic; the others differ from it in one thing: in age,
device, electrodes, gain, or the size of the disease. Everybody is recorded, harmonised
and embedded as a study does it, and only features and facts are kept, in files of
twenty people. Started again, it goes on where it ended.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import DataError
from neurograft.evaluation.feature_reader import select_embedded
from neurograft.features.feature_sets import DESCRIBERS, compute_baseline_features
from neurograft.features.window_summary import summarise_windows
from neurograft.files.keys import RecordingKey
from neurograft.files.writing import write_arrays
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.writing import write_recording
from neurograft.models.saving import find_encoder, load_encoder
from neurograft.montage.channels import canonical_name, template_positions
from neurograft.prediction.facts import describe_facts
from neurograft.prediction.person.limits import MAX_MISSING, find_bare_regions
from neurograft.recordings.recording import Recording
from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.cohorts import draw_people
from neurograft.simulation.person import Person
from neurograft.simulation.sites import DEVICES, MONTAGES, TEN_TWENTY, Site
from neurograft.store.recordings_table import Recorded
from neurograft.store.signal_store import SignalStore, StoredRecording, write_index
from neurograft.store.views import ReadView
from neurograft.store.window_choice import choose_windows
from neurograft.transfer.embedding import embed_windows, make_encoder_pool
from neurograft.types import Arrays

HOME = "clinic"
# Such that the groups are told apart with an AUROC of about .8 by 80 people.
EFFECT = 1.2
AGES = (25.0, 80.0)
DURATION_S, WINDOW_S, N_WINDOWS = 60, 10.0, 5
SHARD = 20
FEATURES = ("band-power", "encoder")
CHANNELS = tuple(map(canonical_name, TEN_TWENTY))
FEW_CHANNELS = {
    10: ("Fp1", "Fp2", "C3", "C4", "T7", "T8", "P3", "P4", "O1", "O2"),
    8: ("Fp1", "Fp2", "C3", "C4", "T7", "T8", "O1", "O2"),
}


@dataclass(frozen=True)
class Pool:
    """People who are recorded alike.

    Attributes:
        name: Of the pool.
        kind: `home`, `stranger` or `population`.
        about: What differs from home, and by how much.
        device: Key of `DEVICES`.
        n_channels: Of the cap.
        kept: Electrodes that are kept; empty, all.
        ages: Youngest and oldest, years.
        effect: Of the disease.
        gain: Factor of the recorded signals.
        changed: Attributes of the site that differ.
        seed: Of everybody.
    """

    name: str
    kind: str = "stranger"
    about: str = ""
    device: str = HOME
    n_channels: int = 19
    kept: tuple[str, ...] = ()
    ages: tuple[float, float] = AGES
    effect: float = EFFECT
    gain: float = 1.0
    changed: dict[str, Any] = field(default_factory=dict)
    seed: int = 0

    def make_site(self, n: int) -> Site:
        """Make the site where so many people are recorded, half of them patients."""
        site = Site(
            self.name, self.n_channels, *DEVICES[self.device], self.ages, 0.55,
            n - n // 2, n // 2, self.effect,
        )  # fmt: skip
        return replace(site, **self.changed)


STRANGERS = (
    Pool("children", about="age 5-10", ages=(5.0, 10.0)),
    Pool("gain_10", about="gain x 10", gain=10.0),
    Pool("gain_0.1", about="gain x 0.1", gain=0.1),
    Pool("new_device", about="device: new of the clinic", device="clinic_new_device"),
    Pool("students", about="device: students", device="students"),
    Pool("community", about="device: community", device="community"),
    Pool("cap_32", about="32 electrodes", n_channels=32),
    Pool("cap_64", about="64 electrodes", n_channels=64),
    Pool("cap_10", about="10 electrodes", kept=FEW_CHANNELS[10]),
    Pool("cap_8", about="8 electrodes", kept=FEW_CHANNELS[8]),
)
POPULATIONS = (
    Pool("effect_0", "population", "disease x 0", effect=0.0),
    Pool("effect_2", "population", "disease x 2", effect=2 * EFFECT),
    Pool("effect_3", "population", "disease x 3", effect=3 * EFFECT),
    Pool("older_10", "population", "mean age + 10 years", ages=(35.0, 90.0)),
    Pool("older_20", "population", "mean age + 20 years", ages=(55.0, 90.0)),
    Pool("older_30", "population", "mean age + 30 years", ages=(75.0, 90.0)),
    Pool("younger_20", "population", "mean age - 20 years", ages=(18.0, 47.0)),
    Pool("gain_1.25", "population", "gain x 1.25", gain=1.25),
    Pool("gain_1.5", "population", "gain x 1.5", gain=1.5),
    Pool("gain_2", "population", "gain x 2", gain=2.0),
    Pool("gain_3", "population", "gain x 3", gain=3.0),
    Pool("high_pass_0.5", "population", "high-pass 0.5 Hz", changed={"high_pass": 0.5}),
    Pool("high_pass_1", "population", "high-pass 1 Hz", changed={"high_pass": 1.0}),
    Pool("low_pass_30", "population", "low-pass 30 Hz", changed={"low_pass": 30.0}),
)
POOLS = {one.name: one for one in (Pool(HOME, "home"), *STRANGERS, *POPULATIONS)}


def list_people(pool: Pool, n: int) -> list[tuple[Person, int]]:
    """Draw people of a pool, with the number each is recorded with."""
    own = zlib.crc32(pool.name.encode())
    people = draw_people(pool.make_site(n), np.random.default_rng([pool.seed, own]))
    return [(person, number) for number, person in enumerate(people)]


def record(person: Person, number: int, pool: Pool) -> Recording:
    """Record a person at the site of a pool."""
    site = pool.make_site(2)
    rng = np.random.default_rng([pool.seed, zlib.crc32(pool.name.encode()), number])
    signals = simulate_recording(person, site, duration_s=DURATION_S, rng=rng)
    names = tuple(map(canonical_name, MONTAGES[site.n_channels]))
    kept = [i for i, name in enumerate(names) if not pool.kept or name in pool.kept]
    names = tuple(names[i] for i in kept)
    return Recording(
        RecordingKey(pool.name, f"sub-{number:04d}", task="rest"),
        pool.gain * signals[kept],
        float(site.sfreq),
        names,
        np.array([template_positions()[name] for name in names]),
        line_freq=site.line_freq,
        reference="+".join(site.reference),
    )


def describe_shard(pool: Pool, people: list[tuple[Person, int]]) -> Arrays:
    """Record, harmonise and describe people; those refused are rows of NaN."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stored, recorded, why = harmonise(folder, pool, people)
        found: dict[str, dict[str, Any]] = {}
        if stored:
            write_index(folder, stored, sfreq=128.0, has_microvolts=True)
            found = dict(describe(SignalStore.open(folder), recorded, pool))
    labels = [f"sub-{number:04d}" for _, number in people]
    size = {"facts": 0, "encoder": 0, "band-power": 0}
    for one in found.values():
        size |= {name: len(values) for name, values in one.items()}
    arrays = {
        name: np.array([found.get(who, {}).get(name, np.full(n, np.nan))
                        for who in labels])
        for name, n in size.items()
    }  # fmt: skip
    return arrays | {
        "age": np.array([person.age for person, _ in people]),
        "is_patient": np.array([float(person.is_patient) for person, _ in people]),
        "is_female": np.array([float(person.sex == "F") for person, _ in people]),
        "refused": np.array([why.get(who, "") for who in labels]),
    }


def harmonise(
    folder: Path, pool: Pool, people: list[tuple[Person, int]]
) -> tuple[list[StoredRecording], dict[str, Recorded], dict[str, str]]:
    """Harmonise people; return what is stored, how, and who is refused why."""
    stored, recorded, why = [], {}, {}
    for person, number in people:
        recording = record(person, number, pool)
        who = recording.key.participant_id
        try:
            done = harmonise_recording(recording, HarmoniseConfig())
        except DataError as error:
            why[who] = f"NG701 {error}"
            continue
        one = write_recording(folder, done)
        done.rows.close()
        recorded[one.key.name] = Recorded(
            float(f"{done.recorded_scale:.4g}"),
            recording.sfreq,
            len(recording.ch_names),
        )
        stored.append(one)
        if find_bare_regions(CHANNELS, np.array(one.positions)):
            why[who] = "NG704"
        elif len(set(CHANNELS) - set(one.ch_names)) > MAX_MISSING * len(CHANNELS):
            why[who] = "NG703"
    return stored, recorded, why


def describe(
    store: SignalStore, recorded: dict[str, Recorded], pool: Pool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield everybody with enough signal: features and facts."""
    n_times = round(WINDOW_S * store.sfreq)
    try:
        chosen, left_out = choose_windows(store, n_windows=N_WINDOWS, n_times=n_times)
    except DataError:
        return
    read = ReadView(store, chosen, left_out)
    encode = make_encoder_pool(load_encoder(find_encoder("tiny")))
    windows = embed_windows(store, chosen, encode, n_times=n_times)
    embedded = {"encoder": np.stack([summarise_windows(one) for one in windows])}
    found = select_embedded(embedded, read, ("encoder",), has_scale=True)
    if not pool.kept:
        wanted = [name for name in FEATURES if name in DESCRIBERS]
        found |= compute_baseline_features(
            store, chosen, n_times=n_times, wanted=wanted, channels=CHANNELS
        )
    found["facts"] = describe_facts(read, recorded, n_times=n_times)
    for row, who in enumerate(read.people):
        yield who, {name: values[row] for name, values in found.items()}


def write_shard(
    folder: Path, pool: Pool, number: int, people: list[tuple[Person, int]]
) -> None:
    """Write a shard of a pool."""
    write_arrays(folder / pool.name / f"{number:03d}.npz", describe_shard(pool, people))


def read_pool(folder: Path, name: str) -> Arrays:
    """Read what was written of a pool so far, all shards together."""
    parts = [dict(np.load(path)) for path in sorted((folder / name).glob("*.npz"))]
    return {
        key: np.concatenate([part[key] for part in parts if part[key].size])
        for key in parts[0]
        if any(part[key].size for part in parts)
    }


def main() -> None:
    """Write all pools that are not there yet, home first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=1000, help="of the home pool")
    parser.add_argument("--others", type=int, default=60, help="of every other pool")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    jobs = []
    for pool in POOLS.values():
        pool = replace(pool, seed=given.seed)
        people = list_people(pool, given.people if pool.name == HOME else given.others)
        for number in range(len(people) // SHARD):
            own = people[number * SHARD : (number + 1) * SHARD]
            if not (given.folder / pool.name / f"{number:03d}.npz").exists():
                jobs.append((given.folder, pool, number, own))
    written = Parallel(n_jobs=given.jobs, return_as="generator")(
        delayed(write_shard)(*job) for job in jobs
    )
    for done, _ in enumerate(written, start=1):
        print(f"{done} of {len(jobs)} shards", flush=True)


if __name__ == "__main__":
    main()
