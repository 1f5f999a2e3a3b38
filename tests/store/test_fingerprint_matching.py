"""A copy under another name is found however it was disturbed, and nobody else."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import butter, resample_poly, sosfiltfilt

from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.person import draw_person
from neurograft.simulation.sites import default_sites
from neurograft.store.fingerprint_matching import ENOUGH, find_copies
from neurograft.store.signal_fingerprint import make_fingerprint, thin_fingerprint

SITE = default_sites()[0]
SFREQ = SITE.sfreq


def simulate(seed, duration_s=120, visit=0, **traits):
    rng = np.random.default_rng([seed, 0])
    person = replace(draw_person(rng, age=40 + seed % 50, sex="F"), **traits)
    rng = np.random.default_rng([seed, 1 + visit])
    return simulate_recording(person, SITE, duration_s=duration_s, rng=rng)


def mark(signals, sfreq=SFREQ):
    signals = signals - signals.mean(0)
    return make_fingerprint(
        lambda start, n: signals[:, start : start + n], signals.shape[1], sfreq
    )


def look_for(own, seen, **settings):
    thinned = [thin_fingerprint(one) for one in seen]
    return [(c.own, c.seen) for c in find_copies(own, thinned, **settings)]


@pytest.fixture(scope="module")
def people():
    return [simulate(seed) for seed in range(12)]


@pytest.fixture(scope="module")
def marks(people):
    return [mark(one) for one in people]


def band(signals):
    sos = butter(4, [1, 30], "band", fs=SFREQ, output="sos")
    return sosfiltfilt(sos, signals, axis=1)


def add_noise(signals, rng):
    sd = band(signals - signals.mean(0)).std()
    return signals + 0.2 * sd * rng.standard_normal(signals.shape)


# Every way takes signals and chance, and gives signals at the same rate.
WAYS = {
    "nothing": lambda x, rng: x,
    "amplified": lambda x, rng: x * rng.uniform(0.01, 100),
    "inverted": lambda x, rng: -x,
    "swapped": lambda x, rng: x[rng.permutation(len(x))],
    "another reference": lambda x, rng: x - x[rng.integers(len(x))],
    "half of the electrodes": lambda x, rng: x[rng.permutation(len(x))[:10]],
    "filtered": lambda x, rng: band(x),
    "noise": add_noise,
    "rounded": lambda x, rng: np.rint(x / (0.3 * x.std())) * 0.3 * x.std(),
}


def crop(signals, rng, seconds=60):
    start = rng.integers(0, signals.shape[1] - seconds * SFREQ + 1)
    return signals[:, start : start + seconds * SFREQ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_minute_of_somebody_is_found_however_disturbed(people, marks, way, seed):
    rng = np.random.default_rng([seed, len(way)])
    copy = WAYS[way](crop(people[4 + seed], rng), rng)
    assert look_for([mark(copy)], marks) == [(0, 4 + seed)]


@pytest.mark.parametrize("seed", range(6))
def test_ways_are_found_in_any_combination(people, marks, seed):
    rng = np.random.default_rng(seed)
    copy = crop(people[seed], rng, seconds=80)
    mild = [name for name in WAYS if name != "half of the electrodes"]
    for way in rng.choice(mild, 4, replace=False):
        copy = WAYS[way](copy, rng)
    sfreq = SFREQ
    if seed % 2:
        copy, sfreq = resample_poly(copy, 25, 64, axis=1), 100.0
    assert look_for([mark(copy, sfreq)], marks) == [(0, seed)]


def test_parts_that_were_cut_and_joined_are_found(people, marks):
    pieces = [people[3][:, s * SFREQ : (s + 30) * SFREQ] for s in (80, 5)]
    other = simulate(99, 30)
    joined = np.concatenate([pieces[0], other, pieces[1]], axis=1)
    assert look_for([mark(joined)], marks) == [(0, 3)]
    both = np.concatenate([people[1], people[2]], axis=1)
    assert sorted(look_for([mark(both)], marks)) == [(0, 1), (0, 2)]


def test_a_rate_that_is_a_little_wrong_is_no_hiding_place(people, marks):
    slow = np.arange(0, people[0].shape[1] - 1, 1.002)
    times = np.arange(people[0].shape[1])
    stretched = np.array([np.interp(slow, times, channel) for channel in people[0]])
    assert look_for([mark(stretched)], marks) == [(0, 0)]


def test_strangers_are_far_from_enough(people, marks):
    thinned = [thin_fingerprint(one) for one in marks]
    scores = {
        (one.own, one.seen): one.score for one in find_copies(marks, thinned, enough=5)
    }
    assert all((i, i) in scores for i in range(len(people)))
    others = [score for (i, j), score in scores.items() if i != j]
    assert max(others, default=0) < ENOUGH - 1.5


def test_one_person_recorded_twice_is_no_copy(marks):
    again = [mark(simulate(seed, visit=1)) for seed in range(12)]
    assert look_for(again, marks) == []


def pump(n_times, every_s):
    times = np.arange(n_times) / SFREQ
    return 60 * np.sin(2 * np.pi * 11 * times) * ((times % every_s) < every_s / 3)


@pytest.mark.parametrize(
    "shared",
    [
        lambda n: 40 * np.sin(2 * np.pi * 10 * np.arange(n) / SFREQ),
        lambda n: 200 * np.sin(2 * np.pi * 50 * np.arange(n) / SFREQ),
        lambda n: pump(n, 1.0),
        lambda n: pump(n, 3.0),
        lambda n: pump(n, 8.0),
        lambda n: np.repeat(np.arange(n // SFREQ) % 20 < 10, SFREQ) * 1e-3,
    ],
    ids=["alpha", "mains", "pump 1 s", "pump 3 s", "pump 8 s", "steps"],
)
def test_what_everybody_has_in_common_makes_no_copies(people, shared):
    weights = np.linspace(-1, 1, len(people[0]))[:, None]
    common = weights * shared(people[0].shape[1])
    together = [mark(one + common) for one in people]
    found = look_for(together, together)
    assert sorted(found) == [(i, i) for i in range(len(people))]


def test_silence_makes_no_copies(people):
    silent = []
    for seed, one in enumerate(people[:4]):
        quiet = one.copy()
        quiet[:, (20 + seed) * SFREQ : 90 * SFREQ] = 0
        silent.append(mark(quiet))
    assert sorted(look_for(silent, silent)) == [(i, i) for i in range(4)]
    nothing = mark(np.zeros((4, 60 * SFREQ)))
    assert look_for([nothing, nothing], [nothing]) == []


def test_short_recordings_are_found_if_all_bits_are_the_same(people):
    short = [mark(one[:, : 12 * SFREQ]) for one in people]
    again = mark(-3 * people[2][:, : 12 * SFREQ])
    assert look_for([again], short) == [(0, 2)]
    assert sorted(look_for(short, short)) == [(i, i) for i in range(len(short))]


def test_where_there_is_nothing_nothing_is_found(marks):
    assert find_copies([], marks) == []
    assert find_copies(marks, []) == []
    assert find_copies([b""], [b"", b"\x01"]) == []


def test_what_was_found_is_measured(people, marks):
    copy = mark(people[5][:, 30 * SFREQ : 100 * SFREQ])
    (found,) = find_copies([copy], [thin_fingerprint(one) for one in marks])
    assert found.agreement > 0.6
    assert 60 <= found.seconds <= 70
    assert found.score == pytest.approx(
        found.agreement * np.sqrt(found.seconds * 2 * 8), rel=0.05
    )
