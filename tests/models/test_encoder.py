"""The encoder: any montage, any order of channels, the same brain alike."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from neurograft.errors import ConfigError, DataError
from neurograft.files.cards import seal_card
from neurograft.models.batches import WindowBatch, interleave
from neurograft.models.encoder import CLIP, N_FACTS, Encoder, EncoderConfig
from neurograft.models.patches import log_spectrum
from neurograft.models.positions import (
    LONGEST_S,
    N_POSITION_FEATURES,
    PositionFeatures,
)
from neurograft.models.saving import (
    load_encoder,
    read_encoder_card,
    save_encoder,
)
from neurograft.models.transformer import (
    EPSILON,
    MAX_SPELLED_OUT,
    CrossAttention,
    SelfAttention,
    rms_norm,
)
from neurograft.montage.regions import weigh_regions

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
    return WindowBatch(
        signals,
        torch.nn.functional.normalize(places, dim=-1),
        torch.full((batch,), 10.0),
        torch.zeros(batch, N_FACTS),
    )


def embed(encoder, windows):
    with torch.no_grad():
        return encoder(windows)


@pytest.mark.parametrize("n_channels", [1, 2, 19, 256])
def test_any_number_of_channels_is_embedded(encoder, n_channels):
    embedded = embed(encoder, make_windows(n_channels=n_channels, seconds=2))
    assert embedded.shape == (2, n_channels, 2, 2 * 96)
    assert embedded.isfinite().all()


@pytest.mark.parametrize(("depth", "middle"), [(1, 0), (2, 0), (3, 1), (4, 1)])
def test_the_middle_block_stands_before_the_last(depth, middle):
    torch.manual_seed(depth)
    encoder = Encoder(EncoderConfig(32, depth, 2, patch_size=SFREQ, n_bins=N_BINS))
    windows = make_windows()
    with torch.no_grad():
        blocks = encoder.run_blocks(encoder.tokenise(windows))
    first, second = embed(encoder, windows).flatten(1, 2).split(32, dim=-1)
    assert len(blocks) == depth
    torch.testing.assert_close(first, rms_norm(blocks[middle]))
    torch.testing.assert_close(second, rms_norm(blocks[-1]))


def test_views_are_interleaved_and_taken_apart_again():
    views = [make_windows(seed=seed) for seed in (1, 2)]
    both = interleave(views)
    for number, view in enumerate(views):
        assert both.select(slice(number, None, 2)).signals.equal(view.signals)


def test_the_order_of_channels_does_not_matter(encoder):
    windows = make_windows()
    order = torch.tensor([3, 0, 4, 1, 2])
    shuffled = replace(
        windows,
        signals=windows.signals[:, order],
        positions=windows.positions[:, order],
    )
    torch.testing.assert_close(
        embed(encoder, shuffled),
        embed(encoder, windows)[:, order],
        atol=2e-5,
        rtol=1e-4,
    )


def test_where_a_channel_sits_matters(encoder):
    windows = make_windows()
    moved = replace(windows, positions=windows.positions.flip(1))
    assert (embed(encoder, moved) - embed(encoder, windows)).abs().max() > 0.01


def test_a_window_is_embedded_alike_whoever_shares_its_batch(encoder):
    windows = make_windows(batch=3)
    alone = embed(encoder, windows.select(slice(1, 2)))
    torch.testing.assert_close(
        embed(encoder, windows)[1:2], alone, atol=2e-5, rtol=1e-4
    )


def test_the_amplitude_scale_is_divided_out_but_not_forgotten(encoder):
    windows = make_windows()
    louder = replace(windows, signals=4 * windows.signals, scale=4 * windows.scale)
    tokens, others = (encoder.tokenise(one) for one in (windows, louder))
    torch.testing.assert_close(tokens.waveforms, others.waveforms)
    torch.testing.assert_close(
        others.acquisition[:, 0] - tokens.acquisition[:, 0],
        torch.full((2,), np.log(4.0), dtype=torch.float32),
    )
    assert not tokens.acquisition[:, 0].any()  # 10 microvolts are typical
    assert (embed(encoder, louder) - embed(encoder, windows)).abs().max() > 1e-3


def test_what_is_known_of_the_device_is_told(encoder):
    windows = make_windows()
    known = replace(windows, acquisition=torch.ones(2, N_FACTS))
    assert (embed(encoder, known) - embed(encoder, windows)).abs().max() > 1e-3


def test_the_same_brain_under_two_caps_gives_close_embeddings(encoder):
    """Pooled by region, one person under two caps is nearer than two people."""
    generator = torch.Generator().manual_seed(0)
    angles = torch.rand(40, 2, generator=generator) * torch.tensor([6.28, 1.3])
    cap = torch.stack(
        [
            angles[:, 1].sin() * angles[:, 0].cos(),
            angles[:, 1].sin() * angles[:, 0].sin(),
            angles[:, 1].cos(),
        ],
        dim=-1,
    )
    times = torch.arange(4 * SFREQ) / SFREQ
    pooled = []
    for hz in (6.0, 9.0, 12.0):
        # A smooth field: each of three directions oscillates with its own phase.
        waves = torch.stack(
            [torch.sin(2 * torch.pi * hz * times + p) for p in range(3)]
        )
        for electrodes in (cap[:20], cap[20:]):
            signals = 10 * (electrodes @ waves)
            batch = WindowBatch(
                signals[None], electrodes[None], torch.tensor([5.0]),
                torch.zeros(1, N_FACTS),
            )  # fmt: skip
            weights = torch.from_numpy(weigh_regions(electrodes.numpy())).float()
            pooled.append((weights @ embed(encoder, batch).mean(2)[0]).flatten())
    distance = torch.cdist(torch.stack(pooled), torch.stack(pooled))
    same = torch.stack([distance[0, 1], distance[2, 3], distance[4, 5]])
    others = torch.stack([distance[0, 2], distance[0, 4], distance[2, 4]])
    assert same.mean() < 0.5 * others.mean()


def test_tokens_are_ordered_by_channel_then_second_and_clipped(encoder):
    windows = make_windows(batch=1, n_channels=2, seconds=3)
    windows.signals[0, 1, 2 * SFREQ :] = 1e6
    tokens = encoder.tokenise(windows)
    assert tokens.times.tolist() == [[0, 1, 2, 0, 1, 2]]
    torch.testing.assert_close(
        tokens.coordinates[0, 3:], windows.positions[0, 1].expand(3, 3)
    )
    assert tokens.waveforms[0, 5].eq(CLIP).all()
    assert tokens.waveforms[0, :5].abs().max() < CLIP
    assert windows.signals[0, 1, -1] == 1e6  # the windows are left as they were


@pytest.mark.parametrize("kind", ["waveform", "spectrum", "both"])
def test_tokens_are_made_of_what_they_should_be(kind):
    torch.manual_seed(0)
    config = EncoderConfig.of_size("nano", sfreq=SFREQ, h_freq=N_BINS, tokens=kind)
    own = Encoder(config).eval()
    windows = make_windows()
    flipped = replace(windows, signals=-windows.signals)  # the spectrum stays
    same = torch.allclose(embed(own, windows), embed(own, flipped), atol=1e-5)
    assert same == (kind == "spectrum")
    assert hasattr(own, "waveform_embed") == (kind != "spectrum")
    assert hasattr(own, "spectrum_embed") == (kind != "waveform")


@pytest.mark.parametrize(
    ("size", "millions"), [("nano", 0.4), ("tiny", 0.8), ("small", 6.5), ("base", 38)]
)
def test_sizes_are_one_dial(size, millions):
    config = EncoderConfig.of_size(size, sfreq=128, h_freq=45)
    with torch.device("meta"):
        n = sum(p.numel() for p in Encoder(config).parameters())
    assert n / 1e6 == pytest.approx(millions, rel=0.1)


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
    waveforms = own.tokenise(make_windows(batch=8)).waveforms
    raw = own.find_spectra(waveforms)
    own.set_spectrum_statistics(raw.mean((0, 1)), raw.std((0, 1)))
    spectra = own.find_spectra(waveforms)
    torch.testing.assert_close(
        spectra.mean((0, 1)), torch.zeros(N_BINS), atol=0.02, rtol=0
    )
    torch.testing.assert_close(
        spectra.std((0, 1)), torch.ones(N_BINS), atol=0.05, rtol=0
    )


@pytest.mark.parametrize("second", [0.0, 1.0, 9.0])
def test_time_is_told_by_waves_from_one_radian_a_second_down(second):
    place = torch.tensor([[[0.0, 0.0, 1.0]]])
    features = PositionFeatures()(place, torch.tensor([[second]]))[0, 0]
    angles = second * LONGEST_S ** (-np.arange(32) / 32)
    expected = np.concatenate([np.sin(angles), np.cos(angles)])
    np.testing.assert_allclose(features[N_POSITION_FEATURES:], expected, atol=1e-5)


def test_near_electrodes_look_alike():
    features = PositionFeatures()
    angles = torch.tensor([0.0, 0.05, 0.7, 1.5])
    places = torch.stack([angles.sin(), angles.cos(), 0 * angles], -1)[None]
    found = features(places, torch.zeros(1, 4))[0]
    distance = (found - found[0]).norm(dim=1)
    assert distance[1] < 0.35 * distance[2:].min()


@pytest.mark.parametrize("n_keys", [4, MAX_SPELLED_OUT + 1])
def test_attention_equals_its_formula(n_keys):
    """Spelled out for few keys, by the fused kernel for many."""
    torch.manual_seed(0)
    attention = CrossAttention(8, 2)
    x, context = torch.randn(2, 3, 8), torch.randn(2, n_keys, 8)
    q = attention.query(x).reshape(2, 3, 2, 4)
    k, v = attention.key_value(context).chunk(2, -1)
    q, k = (
        functional.rms_norm(one.reshape(2, -1, 2, 4), (4,), eps=EPSILON)
        for one in (q, k)
    )
    logits = torch.einsum("bqhd,bkhd->bhqk", q, k) / 2
    mixed = torch.einsum(
        "bhqk,bkhd->bqhd", logits.softmax(-1), v.reshape(2, -1, 2, 4)
    ).flatten(2)
    torch.testing.assert_close(
        attention(x, context), attention.project(mixed), rtol=1e-4, atol=1e-5
    )


def test_self_attention_is_cross_attention_to_itself():
    torch.manual_seed(0)
    one, other = SelfAttention(8, 2), CrossAttention(8, 2)
    query, key_value = one.query_key_value.weight.split([8, 16])
    other.query.weight.data, other.key_value.weight.data = query, key_value
    other.project.weight.data = one.project.weight.data
    x = torch.randn(2, 5, 8)
    torch.testing.assert_close(one(x), other(x, x))


def test_the_norm_and_its_gradient_are_those_of_torch():
    x = torch.randn(4, 7, 16, requires_grad=True)
    y = x.detach().clone().requires_grad_()
    weight = torch.randn(4, 7, 16)
    (rms_norm(x) * weight).sum().backward()
    (functional.rms_norm(y, (16,), eps=1e-12) * weight).sum().backward()
    torch.testing.assert_close(rms_norm(x), functional.rms_norm(y, (16,), eps=1e-12))
    torch.testing.assert_close(x.grad, y.grad, rtol=1e-4, atol=1e-5)
    assert rms_norm(torch.zeros(2, 3)).eq(0).all()


def test_sizes_and_rates_that_cannot_be_built_are_refused(encoder):
    with pytest.raises(ConfigError, match="no encoder size 'giant'"):
        EncoderConfig.of_size("giant", sfreq=128, h_freq=45)
    with pytest.raises(ConfigError, match="whole number of samples"):
        EncoderConfig.of_size("tiny", sfreq=127.5, h_freq=45)
    with pytest.raises(ConfigError, match="does not divide the window"):
        embed(encoder, replace(make_windows(), signals=torch.zeros(2, 5, 100)))


def test_an_encoder_on_disk_is_the_encoder(encoder, tmp_path):
    save_encoder(tmp_path, encoder, {"seed": 3})
    windows = make_windows()
    torch.testing.assert_close(
        embed(load_encoder(tmp_path), windows), embed(encoder, windows), rtol=0, atol=0
    )
    assert read_encoder_card(tmp_path)["seed"] == 3


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
    facts = json.loads(card.read_text())
    facts["architecture"]["depth"] = 2
    card.write_text(json.dumps(seal_card(facts)))
    with pytest.raises(DataError, match="does not fit its card"):
        load_encoder(tmp_path)
    weights.unlink()
    with pytest.raises(DataError, match="has a card but no"):
        load_encoder(tmp_path)
