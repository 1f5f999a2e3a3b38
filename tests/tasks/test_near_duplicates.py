"""A copy under another name is found, however it was cropped, scaled or disturbed."""

import numpy as np
import pytest
from scipy.signal import resample

from neurograft.errors import LeakageError
from neurograft.tasks.near_duplicates import (
    check_near_duplicates,
    find_near_duplicates,
    make_profile,
)

SFREQ = 128.0


def record(make_recording, seed, duration_s=80.0):
    return make_recording(sfreq=SFREQ, duration_s=duration_s, seed=seed).signals


@pytest.fixture(scope="module")
def people(make_recording):
    return {f"p{seed}": record(make_recording, seed) for seed in range(6)}


def profile(people):
    return {name: make_profile(signals, SFREQ) for name, signals in people.items()}


def disturb(signals, how):
    rng = np.random.default_rng(0)
    seconds = int(SFREQ)
    noise = 0.1 * signals.std() * rng.standard_normal(signals.shape)
    return {
        "noise": 3 * signals + noise,
        "cropped": signals[:, 7 * seconds + 31 :],
        "late": np.concatenate([record_filler(rng, signals), signals], axis=1),
        "short": signals[:, 20 * seconds : 35 * seconds],
        "resampled": resample(
            resample(signals, 8000, axis=1), signals.shape[1], axis=1
        ),
    }[how]


def record_filler(rng, signals):
    return signals.std() * rng.standard_normal((len(signals), int(13 * SFREQ)))


@pytest.mark.parametrize("how", ["noise", "cropped", "late", "short", "resampled"])
def test_a_copy_is_found_and_nobody_else(people, how):
    with_copy = people | {"copy": disturb(people["p2"], how)}
    found = find_near_duplicates(profile(with_copy))
    assert [pair[:2] for pair in found] == [("copy", "p2")]
    with pytest.raises(LeakageError, match="copy and p2 correlate by"):
        check_near_duplicates(profile(with_copy))


def test_strangers_are_far_apart_at_every_lag(people):
    found = find_near_duplicates(profile(people), threshold=-1)
    assert len(found) == 15
    assert max(r for _, _, r in found) < 0.6


def test_two_people_who_blink_are_not_copies(people):
    pulse = 40 * np.exp(-(((np.arange(SFREQ) - 40) / 15) ** 2))
    blinking = {}
    for number, (name, signals) in enumerate(people.items()):
        disturbed = signals.copy()
        for second in (5 + number, 30 + 2 * number):
            at = slice(int(second * SFREQ), int((second + 1) * SFREQ))
            disturbed[:2, at] += signals.std() * pulse
        blinking[name] = disturbed
    assert not find_near_duplicates(profile(blinking))


def test_the_correlation_is_that_of_the_overlap():
    rng = np.random.default_rng(1)
    one = rng.standard_normal((3, 900))
    other = rng.standard_normal((3, 700)) + np.concatenate(
        [one[:, 250:], np.zeros((3, 50))], axis=1
    )
    ((_, _, r),) = find_near_duplicates({"a": one, "b": other}, threshold=-1)
    overlapping = one[:, 250:].ravel(), other[:, :650].ravel()
    norms = [np.linalg.norm(part) for part in overlapping]
    assert r == pytest.approx(overlapping[0] @ overlapping[1] / np.prod(norms), 1e-4)


def test_one_or_nobody_has_no_copy(people):
    assert find_near_duplicates({"a": profile(people)["p0"]}) == []
