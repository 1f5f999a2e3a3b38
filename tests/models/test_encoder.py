"""The encoder: any montage, any order of channels, nothing leaks out of padding."""

import numpy as np
import pytest
import torch

from neurograft.errors import ConfigError, DataError
from neurograft.models.encoder import CLIP, Encoder, EncoderConfig
from neurograft.models.files import load_encoder, read_card, save_encoder
from neurograft.models.patches import log_spectrum
from neurograft.models.positions import PositionEmbedding
from neurograft.models.transformer import Attention

SFREQ, N_BINS = 64, 30


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    config = EncoderConfig.of_size("nano", sfreq=SFREQ, h_freq=N_BINS)
    return Encoder(config).eval()


def make_windows(batch=2, n_channels=5, seconds=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    signals = 10 * torch.randn(batch, n_channels, seconds * SFREQ, generator=generator)
    places = torch.randn(batch, n_channels, 3, generator=generator)
    return {
        "signals": signals,
        "positions": torch.nn.functional.normalize(places, dim=-1),
        "channel_mask": torch.zeros(batch, n_channels, dtype=torch.bool),
        "scale": torch.full((batch,), 10.0),
    }


def embed(encoder, windows):
    with torch.no_grad():
        return encoder(
            windows["signals"],
            windows["positions"],
            channel_mask=windows["channel_mask"],
            scale=windows["scale"],
        )


@pytest.mark.parametrize("n_channels", [1, 2, 19, 256])
def test_any_number_of_channels_is_embedded(encoder, n_channels):
    embedded = embed(encoder, make_windows(n_channels=n_channels, seconds=2))
    assert embedded.shape == (2, n_channels, 2, 2 * 96)
    assert embedded.isfinite().all()


def test_the_order_of_channels_does_not_matter(encoder):
    windows = make_windows()
    order = torch.tensor([3, 0, 4, 1, 2])
    shuffled = windows | {
        "signals": windows["signals"][:, order],
        "positions": windows["positions"][:, order],
    }
    torch.testing.assert_close(
        embed(encoder, shuffled),
        embed(encoder, windows)[:, order],
        atol=2e-5,
        rtol=1e-4,
    )


def test_where_a_channel_sits_matters(encoder):
    windows = make_windows()
    moved = windows | {"positions": windows["positions"].flip(1)}
    assert (embed(encoder, moved) - embed(encoder, windows)).abs().max() > 0.01


def test_padding_changes_nothing(encoder):
    windows = make_windows()
    noise = make_windows(n_channels=3, seed=9)
    padded = {
        "signals": torch.cat([windows["signals"], 50 * noise["signals"]], 1),
        "positions": torch.cat([windows["positions"], noise["positions"]], 1),
        "channel_mask": torch.cat(
            [windows["channel_mask"], torch.ones(2, 3, dtype=torch.bool)], 1
        ),
        "scale": windows["scale"],
    }
    torch.testing.assert_close(
        embed(encoder, padded)[:, :5], embed(encoder, windows), atol=2e-5, rtol=1e-4
    )


def test_the_amplitude_scale_is_divided_out_but_not_forgotten(encoder):
    windows = make_windows()
    louder = windows | {
        "signals": 4 * windows["signals"],
        "scale": 4 * windows["scale"],
    }
    tokens, others = (
        encoder.tokenise(
            w["signals"],
            w["positions"],
            channel_mask=w["channel_mask"],
            scale=w["scale"],
        )
        for w in (windows, louder)
    )
    torch.testing.assert_close(tokens.waveforms, others.waveforms)
    torch.testing.assert_close(tokens.spectra, others.spectra)
    torch.testing.assert_close(
        others.log_scale - tokens.log_scale,
        torch.full((2,), np.log(4.0), dtype=torch.float32),
    )
    assert (embed(encoder, louder) - embed(encoder, windows)).abs().max() > 1e-3


def test_tokens_are_ordered_by_channel_then_second_and_clipped(encoder):
    windows = make_windows(batch=1, n_channels=2, seconds=3)
    windows["signals"][0, 1, 2 * SFREQ :] = 1e6
    tokens = encoder.tokenise(
        windows["signals"], windows["positions"],
        channel_mask=windows["channel_mask"], scale=windows["scale"],
    )  # fmt: skip
    assert tokens.times.tolist() == [[0, 1, 2, 0, 1, 2]]
    torch.testing.assert_close(
        tokens.coordinates[0, 3:], windows["positions"][0, 1].expand(3, 3)
    )
    assert tokens.waveforms[0, 5].eq(CLIP).all()
    assert tokens.waveforms[0, :5].abs().max() < CLIP


def test_the_spectrum_of_a_sinusoid_peaks_at_its_frequency():
    times = torch.arange(128) / 128
    patches = torch.stack([torch.sin(2 * torch.pi * hz * times) for hz in (4, 10, 30)])
    spectra = log_spectrum(patches[None], n_bins=45)[0]
    assert (spectra.argmax(1) + 1).tolist() == [4, 10, 30]
    torch.testing.assert_close(
        spectra.max(1).values.exp(), torch.ones(3), atol=0.02, rtol=0
    )


def test_spectrum_statistics_standardise_the_tokens(encoder):
    own = Encoder(encoder.config)
    windows = make_windows(batch=8)
    keys = {
        "channel_mask": windows["channel_mask"][:1].expand(8, -1),
        "scale": windows["scale"][:1].expand(8),
    }
    raw = own.tokenise(windows["signals"], windows["positions"], **keys).spectra
    own.set_spectrum_statistics(raw.mean((0, 1)), raw.std((0, 1)))
    spectra = own.tokenise(windows["signals"], windows["positions"], **keys).spectra
    torch.testing.assert_close(
        spectra.mean((0, 1)), torch.zeros(N_BINS), atol=0.02, rtol=0
    )
    torch.testing.assert_close(
        spectra.std((0, 1)), torch.ones(N_BINS), atol=0.05, rtol=0
    )


def test_near_electrodes_look_alike():
    torch.manual_seed(0)
    embedding = PositionEmbedding(96)
    angles = torch.tensor([0.0, 0.05, 0.7, 1.5])
    places = torch.stack([angles.sin(), angles.cos(), 0 * angles], -1)[None]
    embedded = embedding(places, torch.zeros(1, 4))[0]
    distance = (embedded - embedded[0]).norm(dim=1)
    assert distance[1] < 0.35 * distance[2:].min()


def test_attention_equals_its_formula():
    torch.manual_seed(0)
    attention = Attention(8, 2)
    x, context = torch.randn(1, 3, 8), torch.randn(1, 4, 8)
    mask = torch.tensor([[False, True, False, False]])
    q = attention.query_norm(attention.query(x).reshape(1, 3, 2, 4))
    k, v = attention.key_value(context).chunk(2, -1)
    k = attention.key_norm(k.reshape(1, 4, 2, 4))
    logits = torch.einsum("bqhd,bkhd->bhqk", q, k) / 2
    weights = logits.masked_fill(mask[:, None, None], -torch.inf).softmax(-1)
    mixed = torch.einsum("bhqk,bkhd->bqhd", weights, v.reshape(1, 4, 2, 4)).flatten(2)
    torch.testing.assert_close(attention(x, context, mask), attention.project(mixed))


def test_sizes_and_rates_that_cannot_be_built_are_refused(encoder):
    with pytest.raises(ConfigError, match="no encoder size 'giant'"):
        EncoderConfig.of_size("giant", sfreq=128, h_freq=45)
    with pytest.raises(ConfigError, match="whole number of samples"):
        EncoderConfig.of_size("tiny", sfreq=127.5, h_freq=45)
    with pytest.raises(ConfigError, match="does not divide the window"):
        embed(encoder, make_windows() | {"signals": torch.zeros(2, 5, 100)})


def test_an_encoder_on_disk_is_the_encoder(encoder, tmp_path):
    save_encoder(tmp_path, encoder, {"seed": 3})
    windows = make_windows()
    torch.testing.assert_close(
        embed(load_encoder(tmp_path), windows), embed(encoder, windows), rtol=0, atol=0
    )
    assert read_card(tmp_path)["seed"] == 3


def test_a_damaged_or_foreign_encoder_is_refused(encoder, tmp_path):
    with pytest.raises(DataError, match="pretrain one first"):
        load_encoder(tmp_path)
    save_encoder(tmp_path, encoder, {})
    weights = tmp_path / "encoder.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + b"\x00")
    with pytest.raises(DataError, match="is not the file its card describes"):
        load_encoder(tmp_path)
    weights.write_bytes(content)
    card = tmp_path / "encoder.json"
    card.write_text(card.read_text().replace('"depth": 3', '"depth": 2'))
    with pytest.raises(DataError, match="does not fit its card"):
        load_encoder(tmp_path)
    weights.unlink()
    with pytest.raises(DataError, match="has a card but no"):
        load_encoder(tmp_path)
