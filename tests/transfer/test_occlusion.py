"""Parts of windows are hidden from an encoder: it cannot know what they held."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from neurograft.features.hidden_parts import HiddenPart, list_parts
from neurograft.features.person_spectra import ALL_BANDS
from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder, EncoderConfig
from neurograft.montage.channels import template_positions
from neurograft.montage.regions import REGIONS, find_members
from neurograft.transfer.embedding import embed_batch, make_encoder_pool
from neurograft.transfer.occlusion import occlude

RECORDED = (0.5, 45.0)
TEN_TWENTY = (
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7",
    "P3", "Pz", "P4", "P8", "O1", "O2",
)  # fmt: skip
BACK = (*TEN_TWENTY[:-4], "POz", "Oz", "PO3", "PO4")
hide = partial(occlude, sfreq=128.0, recorded_hz=RECORDED)


@pytest.fixture(scope="module")
def pool():
    torch.manual_seed(0)
    config = EncoderConfig.of_size("nano", sfreq=128, h_freq=45)
    return make_encoder_pool(Encoder(config).eval())


def make_batch(montages, seed=0):
    generator = torch.Generator().manual_seed(seed)
    places = [[template_positions()[name] for name in names] for names in montages]
    n = len(montages)
    return WindowBatch(
        10 * torch.randn(n, len(montages[0]), 1280, generator=generator),
        torch.tensor(np.array(places), dtype=torch.float32),
        torch.full((n,), 10.0),
        torch.zeros(n, 7),
    )


def embed(batch, hidden, pool):
    return np.concatenate([embed_batch(part, pool) for part in hide(batch, hidden)])


@pytest.mark.parametrize("region", REGIONS)
def test_what_the_electrodes_of_a_hidden_region_record_is_not_known(region, pool):
    batch = make_batch([TEN_TWENTY] * 2)
    members = find_members(batch.positions[0].numpy())[list(REGIONS).index(region)]
    other = batch.signals.clone()
    other[:, members] = 50 * torch.randn(2, int(members.sum()), 1280)
    hidden = HiddenPart("region", region)
    found = [embed(replace(batch, signals=s), hidden, pool)
             for s in (batch.signals, other)]  # fmt: skip
    np.testing.assert_array_equal(*found)
    assert found[0].shape[:2] == (2, len(REGIONS))
    intact = [embed_batch(replace(batch, signals=s), pool)
              for s in (batch.signals, other)]  # fmt: skip
    assert not np.allclose(*intact)


@pytest.mark.parametrize("band", ALL_BANDS)
def test_how_strong_a_hidden_band_is_is_not_known(band, pool):
    batch = make_batch([TEN_TWENTY])
    frequencies = torch.fft.rfftfreq(1280, 1 / 128)
    low, high = ALL_BANDS[band]
    gain = 1 + 2.0 * ((frequencies >= low) & (frequencies < high))
    louder = torch.fft.irfft(torch.fft.rfft(batch.signals) * gain, n=1280)
    hidden = HiddenPart("band", band)
    found = [embed(replace(batch, signals=s), hidden, pool)
             for s in (batch.signals, louder)]  # fmt: skip
    intact = [embed_batch(replace(batch, signals=s), pool)
              for s in (batch.signals, louder)]  # fmt: skip
    np.testing.assert_allclose(*found, atol=0.02)
    assert np.abs(intact[0] - intact[1]).max() > 10 * np.abs(found[0] - found[1]).max()


@pytest.mark.parametrize("hidden", list_parts(RECORDED), ids=lambda one: one.part)
def test_windows_of_several_montages_stay_in_their_order(hidden, pool):
    mixed = [TEN_TWENTY, TEN_TWENTY, BACK, TEN_TWENTY]
    batch = make_batch(mixed)
    together = embed(batch, hidden, pool)
    alone = [embed(batch.select(slice(i, i + 1)), hidden, pool)[0] for i in range(4)]
    np.testing.assert_allclose(together, np.stack(alone), rtol=0.05, atol=0.05)
    assert not np.allclose(together[0], together[1], atol=0.05)


def test_montages_that_lose_other_electrodes_are_batches_of_their_own():
    batch = make_batch([TEN_TWENTY, TEN_TWENTY, BACK, TEN_TWENTY])
    sizes = [len(part) for part in hide(batch, HiddenPart("region", "occipital"))]
    assert sizes == [2, 1, 1]


def test_a_single_electrode_is_never_left_out():
    batch = make_batch([("Cz",)])
    (part,) = hide(batch, HiddenPart("region", "central"))
    assert part.signals.shape == (1, 1, 1280)
