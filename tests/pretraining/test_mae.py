"""The masked autoencoder: loss on hidden patches only, gradients everywhere."""

from dataclasses import replace

import pytest
import torch

from neurograft.models.encoder import Encoder, EncoderConfig, Tokens
from neurograft.pretraining.mae import MaskedAutoencoder, masked_loss
from neurograft.pretraining.masking import Masking, mask_at_random

CONFIG = EncoderConfig(embed_dim=96, depth=2, num_heads=3, patch_size=32, n_bins=10)


def make_tokens(batch=2, n=24, padding=0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    places = torch.randn(batch, n, 3, generator=generator)
    mask = torch.zeros(batch, n, dtype=torch.bool)
    if padding:
        mask[0, -padding:] = True
    return Tokens(
        torch.randn(batch, n, 32, generator=generator),
        torch.randn(batch, n, 10, generator=generator),
        torch.nn.functional.normalize(places, dim=-1),
        torch.arange(n).repeat(batch, 1).float() % 4,
        mask,
        torch.full((batch,), 0.5),
    )


def make_masking(tokens, n_queries=100):
    return mask_at_random(
        tokens.mask, mask_ratio=0.75, n_queries=n_queries,
        generator=torch.Generator().manual_seed(1),
    )  # fmt: skip


def make_model(target="log-spectrum"):
    torch.manual_seed(0)
    return MaskedAutoencoder(Encoder(CONFIG), target=target)


@pytest.mark.parametrize("target", ["log-spectrum", "waveform"])
@pytest.mark.parametrize("padding", [0, 8])
def test_gradients_reach_every_parameter(target, padding):
    model, tokens = make_model(target), make_tokens(padding=padding)
    model(tokens, make_masking(tokens)).backward()
    without = [
        name
        for name, p in model.named_parameters()
        if p.grad is None or not p.grad.any()
    ]
    assert without == []


def test_the_encoder_never_sees_a_hidden_patch():
    model, tokens = make_model().eval(), make_tokens()
    masking = make_masking(tokens)
    predicted = model.predict(tokens, masking)
    rows = torch.arange(2)[:, None]
    changed = replace(
        tokens, waveforms=tokens.waveforms.clone(), spectra=tokens.spectra.clone()
    )
    changed.waveforms[rows, masking.ids_query] += 100
    changed.spectra[rows, masking.ids_query] -= 7
    torch.testing.assert_close(
        model.predict(changed, masking), predicted, rtol=0, atol=0
    )
    changed.waveforms[rows, masking.ids_keep] += 1
    assert (model.predict(changed, masking) - predicted).abs().max() > 1e-3


def test_the_loss_counts_hidden_patches_only():
    target = torch.zeros(1, 3, 2)
    predicted = torch.tensor([[[0.5, 0.5], [3.0, 3.0], [9.0, 9.0]]])
    ids = torch.arange(3)[None]
    masking = Masking(ids, ids < 0, ids, torch.tensor([[False, False, True]]))
    expected = (0.5 * 0.5**2 + (3 - 0.5)) / 2  # Huber: quadratic below 1, then linear
    assert masked_loss(predicted, target, masking).item() == pytest.approx(expected)


def test_padding_is_neither_seen_nor_asked():
    model = make_model().eval()
    tokens = make_tokens(padding=8)
    masking = make_masking(tokens)
    loss = model(tokens, masking)
    noisy = replace(
        tokens, spectra=tokens.spectra.clone(), waveforms=tokens.waveforms.clone()
    )
    noisy.spectra[tokens.mask] = 55
    noisy.waveforms[tokens.mask] = -55
    torch.testing.assert_close(model(noisy, masking), loss, rtol=0, atol=0)


def test_the_loss_does_not_depend_on_the_order_of_tokens():
    model, tokens = make_model().eval(), make_tokens()
    masking = make_masking(tokens)
    order = torch.randperm(24, generator=torch.Generator().manual_seed(3))
    back = order.argsort()
    shuffled = tokens.take(order.expand(2, -1), tokens.mask)
    moved = Masking(
        back[masking.ids_keep],
        masking.keep_mask,
        back[masking.ids_query],
        masking.query_mask,
    )
    torch.testing.assert_close(model(shuffled, moved), model(tokens, masking))


@pytest.mark.parametrize(
    ("target", "n_outputs"), [("log-spectrum", 10), ("waveform", 32)]
)
def test_targets_are_spectra_or_waveforms_of_the_hidden_patches(target, n_outputs):
    model, tokens = make_model(target), make_tokens()
    masking = make_masking(tokens, n_queries=5)
    found = model.find_target(tokens, masking)
    assert found.shape == model.predict(tokens, masking).shape == (2, 5, n_outputs)
    source = tokens.spectra if target == "log-spectrum" else tokens.waveforms
    torch.testing.assert_close(found[1, 2], source[1, masking.ids_query[1, 2]])
