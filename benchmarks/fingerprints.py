"""Error rates of the fingerprints by which copies of a recording are found.

    python benchmarks/fingerprints.py DATA [--simulated 1000] [--jobs 2]

DATA holds the folders of five cohorts. Of every person's recordings a part of 60 to
90 s is copied, disturbed in every way of `WAYS`, harmonised again and looked for among
the whole recordings of everybody. Then all whole recordings are compared with each
other, and 1 000 simulated people (every fifth recorded twice) with each other and with
the real ones: whatever is found there is false, but for copies that are known. Prints
the tables of docs/transfer.md.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from joblib import Parallel, delayed
from scipy.ndimage import uniform_filter1d
from scipy.signal import resample_poly

from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.config.cohort import CohortConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.one_recording import make_rules
from neurograft.harmonising.quality import robust_sd
from neurograft.montage.channels import canonical_name, template_positions
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.reading import read_found
from neurograft.recordings.recording import Recording
from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.cohorts import draw_people
from neurograft.simulation.sites import MONTAGES, default_sites
from neurograft.store.fingerprint_matching import ENOUGH, find_copies
from neurograft.store.signal_fingerprint import make_fingerprint, thin_fingerprint
from neurograft.types import FloatArray

COHORTS = (
    "ds004504_dementia", "eegmat", "ssvep_exo", "adhd_children",
    "guinea_bissau_epilepsy",
)  # fmt: skip
# Stated by the data set: the same recording under two names.
KNOWN = {("ssvep_exo sub-03", "ssvep_exo sub-07")}
SHORTEST_S, LONGEST_S = 60, 90
LOWEST_SCORE = 6.0  # strangers are listed from here on
OTHER_SETTINGS = {"sfreq": 100.0, "l_freq": 1.0, "h_freq": 35.0}
Way: TypeAlias = Callable[[Recording, np.random.Generator], Recording]


class Person(NamedTuple):
    """Somebody's fingerprint, and those of disturbed copies by way."""

    name: str
    recording: str
    whole: bytes
    copies: dict[str, bytes]


def change(recording: Recording, signals: FloatArray, **facts: object) -> Recording:
    """Return the recording with other signals, and whatever else differs."""
    return replace(recording, signals=signals, segments=(), **facts)  # type: ignore[arg-type]


def as_array(recording: Recording) -> FloatArray:
    """Return all the signals."""
    return np.asarray(recording.signals[:, :], dtype=float)


def swap_sides(recording: Recording, _: np.random.Generator) -> Recording:
    """Name every second electrode as its mirror image."""
    x = recording.positions * [-1, 1, 1]
    mirror = [int(((p - recording.positions) ** 2).sum(1).argmin()) for p in x]
    return change(recording, as_array(recording)[mirror])


def shuffle_names(recording: Recording, rng: np.random.Generator) -> Recording:
    """Give the electrodes' names to other electrodes."""
    signals = as_array(recording)
    return change(recording, signals[rng.permutation(len(signals))])


def keep_half(recording: Recording, rng: np.random.Generator) -> Recording:
    """Keep half of the electrodes, any."""
    n = len(recording.ch_names)
    kept = np.sort(rng.permutation(n)[: max(4, n // 2)])
    return change(
        recording,
        as_array(recording)[kept],
        ch_names=tuple(recording.ch_names[i] for i in kept),
        positions=recording.positions[kept],
        bads=(),
    )


def add_noise(share: float) -> Way:
    """Make a way that adds white noise of a share of the deviation of the EEG."""

    def add(recording: Recording, rng: np.random.Generator) -> Recording:
        signals = as_array(recording)
        noise = rng.standard_normal(signals.shape)
        return change(recording, signals + share * find_sd(signals) * noise)

    return add


def find_sd(signals: FloatArray) -> float:
    """Return the median of the channels' robust deviations in average reference."""
    referenced = signals - signals.mean(0)
    return float(np.median(robust_sd(referenced - uniform_filter1d(referenced, 301))))


def requantise(recording: Recording, _: np.random.Generator) -> Recording:
    """Round to half of the deviation of the EEG."""
    signals = as_array(recording)
    step = 0.5 * find_sd(signals) + 1e-12
    return change(recording, step * np.rint(signals / step))


def resample_file(recording: Recording, _: np.random.Generator) -> Recording:
    """Bring the file to four fifths of its rate."""
    signals = resample_poly(as_array(recording), 4, 5, axis=1)
    return change(recording, signals, sfreq=recording.sfreq * 0.8)


def cut_out(recording: Recording, _: np.random.Generator) -> Recording:
    """Cut a second out of the middle, as cleaning does."""
    signals, second = as_array(recording), round(recording.sfreq)
    middle = signals.shape[1] // 2
    return change(recording, np.delete(signals, np.s_[middle : middle + second], 1))


def append(recording: Recording, rng: np.random.Generator) -> Recording:
    """Go on with as much of something else: the phases of it are drawn anew."""
    signals = as_array(recording)
    spectrum = np.abs(np.fft.rfft(signals, axis=1))
    phases = np.exp(2j * np.pi * rng.random(spectrum.shape))
    other = np.fft.irfft(spectrum * phases, signals.shape[1], axis=1)
    return change(recording, np.concatenate([other, signals], axis=1))


def remove_components(recording: Recording, _: np.random.Generator) -> Recording:
    """Remove the two strongest principal components, as harsh cleaning does."""
    u, s, v = np.linalg.svd(as_array(recording), full_matrices=False)
    s[:2] = 0
    return change(recording, (u * s) @ v)


def do_all(recording: Recording, rng: np.random.Generator) -> Recording:
    """Amplify, invert, swap, resample, round and add noise, one after the other."""
    recording = swap_sides(change(recording, -3.7 * as_array(recording)), rng)
    return requantise(add_noise(0.1)(resample_file(recording, rng), rng), rng)


WAYS: dict[str, Way] = {
    "cropped": lambda r, _: r,
    "amplified": lambda r, _: change(r, 12.5 * as_array(r)),
    "inverted": lambda r, _: change(r, -as_array(r)),
    "sides swapped": swap_sides,
    "names shuffled": shuffle_names,
    "referenced to an electrode": lambda r, _: change(
        r, as_array(r) - as_array(r)[-1:], reference=r.ch_names[-1]
    ),
    "half of the electrodes": keep_half,
    "another band and rate": lambda r, _: r,
    "file resampled": resample_file,
    "noise of 20 %": add_noise(0.2),
    "rounded to half a deviation": requantise,
    "a second cut out": cut_out,
    "behind another recording": append,
    "all at once, another band and rate": do_all,
    "(noise of 50 %)": add_noise(0.5),
    "(two components removed)": remove_components,
}


def fingerprint(recording: Recording, **settings: float) -> bytes:
    """Harmonise a recording and make its fingerprint; nothing if it is not usable."""
    harmonise = HarmoniseConfig().model_copy(update=settings)
    try:
        found = harmonise_recording(recording, harmonise, has_microvolts=False)
    except DataError:
        return b""
    signals = found.signals.T
    read = lambda start, n_times: signals[:, start : start + n_times]  # noqa: E731
    return make_fingerprint(read, signals.shape[1], found.sfreq)


def crop(recording: Recording, rng: np.random.Generator) -> Recording:
    """Take a part of 60 to 90 s from anywhere."""
    seconds = rng.uniform(SHORTEST_S, LONGEST_S)
    n_times = min(recording.n_times, int(seconds * recording.sfreq))
    start = int(rng.integers(0, recording.n_times - n_times + 1))
    return change(recording, recording.signals[:, start : start + n_times])


def describe(recording: Recording, person: str, ways: Sequence[str]) -> Person:
    """Make the fingerprints of a recording and of its copies."""
    name = f"{person} {recording.key.name}"
    copies = {}
    for way in ways:
        rng = np.random.default_rng([zlib.crc32(name.encode()), list(WAYS).index(way)])
        copy = WAYS[way](crop(recording, rng), rng)
        other = OTHER_SETTINGS if "another band" in way else {}
        copies[way] = fingerprint(copy, **other)
    return Person(person, recording.key.name, fingerprint(recording), copies)


def describe_file(found: FoundRecording, settings: CohortConfig) -> Person | None:
    """Describe a real recording; None if it cannot be used."""
    try:
        recording = read_found(found, make_rules(settings))
    except DataError:
        return None
    person = f"{found.key.cohort} {found.key.participant_id}"
    one = describe(recording, person, list(WAYS))
    return one if one.whole else None


def simulate_person(number: int, visit: int) -> Person:
    """Simulate somebody at one of three sites; the alpha of every third is strong."""
    site = default_sites()[number % 3]
    rng = np.random.default_rng([20, number])
    one = replace(draw_people(replace(site, n_controls=1, n_patients=0), rng)[0])
    if number % 3 == 1:
        one = replace(one, alpha=one.alpha + 1.2, alpha_hz=10.0)
    signals = simulate_recording(
        one, site, duration_s=120, rng=np.random.default_rng([21, number, visit])
    )
    names = tuple(map(canonical_name, MONTAGES[site.n_channels]))
    places = np.array([template_positions()[name] for name in names])
    key = RecordingKey("simulated", f"sub-{number:04d}", session=str(visit))
    recording = Recording(key, signals, site.sfreq, names, places)
    return describe(recording, f"simulated {number}", [list(WAYS)[number % len(WAYS)]])


def list_real(folder: Path) -> Iterator[tuple[FoundRecording, CohortConfig]]:
    """List the recordings of the real cohorts."""
    for name in COHORTS:
        settings = CohortConfig.model_validate({"folder": name, "card": name})
        for found in OpenedCohort(name, folder / name, settings).recordings:
            yield found, settings


def print_copies(title: str, people: Sequence[Person]) -> None:
    """Print by way how many copies are found, and how many are taken for another's."""
    thinned = [thin_fingerprint(one.whole) for one in people]
    print(f"\n| {title} | found | of | share | taken for another's | lowest score |")
    print("|---|---|---|---|---|---|")
    for way in WAYS:
        own = [(i, one.copies[way]) for i, one in enumerate(people)
               if one.copies.get(way)]  # fmt: skip
        if not own:
            continue
        copies = find_copies([copy for _, copy in own], thinned)
        hits: dict[int, float] = {}
        wrong = set()
        for copy in copies:
            one, other = people[own[copy.own][0]], people[copy.seen]
            if one.name == other.name:
                hits[copy.own] = max(copy.score, hits.get(copy.own, 0))
            elif tuple(sorted((one.name, other.name))) not in KNOWN:
                wrong.add(copy.own)
        n, least = len(own), min(hits.values(), default=0)
        print(f"| {way} | {len(hits)} | {n} | {len(hits) / n:.1%} | {len(wrong)} "
              f"| {least:.1f} |", flush=True)  # fmt: skip


def print_strangers(
    title: str, own: Sequence[Person], others: Sequence[Person], *, same: bool
) -> None:
    """Print how alike whole recordings are that are no copies of each other.

    Args:
        title: What is compared.
        own: Looked for.
        others: Looked in.
        same: Whether both are the same people.
    """
    began = time.perf_counter()
    thinned = [thin_fingerprint(one.whole) for one in others]
    found = find_copies([o.whole for o in own], thinned, enough=LOWEST_SCORE)
    took = time.perf_counter() - began
    scores: dict[str, list[float]] = {"strangers": [], "one person": [], "known": []}
    for copy in found:
        one, other = own[copy.own], others[copy.seen]
        pair = tuple(sorted((one.name, other.name)))
        is_itself = same and copy.own == copy.seen
        if not is_itself:
            kind = "known" if pair in KNOWN else "strangers"
            kind = "one person" if one.name == other.name else kind
            scores[kind].append(copy.score)
    most = {kind: max(values, default=0) for kind, values in scores.items()}
    false = sum(score >= ENOUGH for score in scores["strangers"])
    print(f"| {title} | {len(own)} x {len(others)} | {false} | {most['strangers']:.1f} "
          f"| {most['one person']:.1f} | {most['known']:.1f} | {took:.0f} s |",
          flush=True)  # fmt: skip


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--simulated", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    run = Parallel(n_jobs=asked.jobs)
    calls = [delayed(describe_file)(*one) for one in list_real(asked.data)]
    real = [one for one in run(calls) if one is not None]
    print(f"{len(real)} recordings of {len({one.name for one in real})} people")
    visits = [(i, v) for i in range(asked.simulated) for v in range(1 + (i % 5 == 0))]
    simulated = list(run(delayed(simulate_person)(*visit) for visit in visits))
    print("\n| no copies | recordings | found (false) | highest score | one person "
          "twice | known copies | time |\n|---|---|---|---|---|---|---|")  # fmt: skip
    names = sorted({one.name for one in real})
    half = set(names[::2])
    parts = [[o for o in real if (o.name in half) == is_in] for is_in in (True, False)]
    print_strangers("simulated (chosen on)", simulated, simulated, same=True)
    print_strangers("half of the real (chosen on)", parts[0], parts[0], same=True)
    print_strangers("other half (confirmed on)", parts[1], parts[1], same=True)
    print_strangers("between the halves", parts[0], parts[1], same=False)
    print_strangers("real and simulated", real, simulated, same=False)
    print_copies("real people: a copy that is", real)
    print_copies("simulated people: a copy that is", simulated)


if __name__ == "__main__":
    main()
