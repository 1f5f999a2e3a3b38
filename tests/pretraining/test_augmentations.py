"""Augmentations change the device and leave the brain."""

from dataclasses import fields, replace

import pytest
import torch

from neurograft.pretraining import augmentations as module
from neurograft.pretraining.augmentations import ACQUISITION, Augmentation, augment

SFREQ = 64


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_nothing_asked_nothing_changed(make_batch):
    batch = make_batch()
    assert augment(batch, Augmentation(), sfreq=SFREQ, generator=generator()) is batch


@pytest.mark.parametrize("name", [one.name for one in fields(Augmentation)])
def test_each_strength_changes_something_and_never_its_input(make_batch, name):
    batch = make_batch()
    batch = replace(batch, acquisition=torch.ones_like(batch.acquisition))
    before = batch.signals.clone()
    strength = Augmentation(**{name: 0.5 if name.endswith("sd") else 1.0})
    changed = augment(batch, strength, sfreq=SFREQ, generator=generator(5))
    assert batch.signals.equal(before)
    assert any(
        not torch.equal(getattr(changed, f.name), getattr(batch, f.name))
        for f in fields(batch)
    )
    assert changed.signals.isfinite().all()


def test_the_same_seed_gives_the_same_views(make_batch):
    a, b = (
        augment(make_batch(), ACQUISITION, sfreq=SFREQ, generator=generator(5))
        for _ in range(2)
    )
    assert a.signals.equal(b.signals)
    assert a.positions.equal(b.positions)


def test_dropped_channels_take_their_positions_along(make_batch):
    batch = make_batch(n_channels=10)
    dropped = module.drop_channels(batch, share=0.5, generator=generator(2))
    assert 5 <= dropped.signals.shape[1] < 10
    for row in range(len(batch)):
        for signal, place in zip(
            dropped.signals[row], dropped.positions[row], strict=True
        ):
            match = (batch.signals[row] == signal).all(1)
            assert match.sum() == 1
            assert batch.positions[row][match][0].equal(place)


def test_a_new_reference_keeps_differences_between_channels(make_batch):
    batch = make_batch()
    changed = module.rereference(batch, generator=generator())
    before = batch.signals - batch.signals[:, :1]
    after = changed.signals - changed.signals[:, :1]
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)
    assert not changed.signals.equal(batch.signals)


def test_surrogates_keep_power_and_coherence_but_not_phase(make_batch):
    batch = make_batch()
    changed = module.shift_phases(batch, share=1.0, generator=generator())
    before, after = torch.fft.rfft(batch.signals), torch.fft.rfft(changed.signals)
    inner = slice(1, -1)  # the last bin of a real signal has no phase
    torch.testing.assert_close(
        after.abs()[..., inner], before.abs()[..., inner], atol=1e-2, rtol=1e-3
    )
    cross = [s[:, 0] * s[:, 1].conj() for s in (before, after)]
    torch.testing.assert_close(
        cross[1][:, inner], cross[0][:, inner], atol=5.0, rtol=1e-3
    )
    assert (changed.signals - batch.signals).std() > 5


def test_a_lower_rate_and_narrower_band_take_away_high_frequencies(make_batch):
    batch = make_batch(seconds=8)
    for change in (module.lower_rate, module.limit_band):
        changed = change(batch, sfreq=128.0, generator=generator(1))
        gain = torch.fft.rfft(changed.signals).abs().mean((0, 1)) / torch.fft.rfft(
            batch.signals
        ).abs().mean((0, 1))
        middle = len(gain) // 4
        assert gain[middle] > 0.6
        assert gain[-2] < gain[middle]


def test_line_noise_is_at_the_mains(make_batch):
    batch = replace(make_batch(), signals=torch.zeros(4, 8, 512))
    noisy = module.add_line_noise(batch, size=0.1, sfreq=256.0, generator=generator())
    power = torch.fft.rfft(noisy.signals).abs().mean((0, 1))
    assert power.argmax() * 256 / 512 in (50, 60)
    assert noisy.signals.abs().max() <= 0.1 * 10


def test_moved_electrodes_stay_on_the_sphere(make_batch):
    moved = module.jitter_positions(make_batch(), sd=0.1, generator=generator())
    lengths = moved.positions.norm(dim=-1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths))


@pytest.mark.parametrize("seed", range(4))
def test_amplifiers_cut_slow_waves_by_one_order_and_fast_ones_by_two(seed, make_batch):
    batch = make_batch(n=1, n_channels=1)
    impulse = torch.zeros(1, 1, 2**18)
    impulse[..., 0] = 1
    sfreq = 4096.0  # bins of 1/64 Hz, and far beyond any corner
    passed = module.limit_band(
        replace(batch, signals=impulse), sfreq=sfreq,
        generator=generator(seed),
    )  # fmt: skip
    response = torch.fft.rfft(passed.signals[0, 0]).abs()
    assert (response[1600 * 64] / response[800 * 64]).item() == pytest.approx(
        1 / 4, rel=0.01
    )
    assert (response[0] / response.max()).item() < 1e-3
    octave = (response[1] / response[2]).item()  # at 1/64 and 1/32 Hz
    assert octave == pytest.approx(1 / 2, rel=0.2)
