"""The masked autoencoder: loss on hidden patches only, equal to its definition."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.masking import Masking
from neurograft.pretraining.objectives.mae import Hiding, MaskedAutoencoder, locate
from neurograft.pretraining.objectives.objective import Examples
from neurograft.pretraining.objectives.targets import find_target, whiten

TARGETS = ("log-spectrum", "whitened", "waveform")


def make_model(encoder, target="log-spectrum", n_queries=1000):
    torch.manual_seed(1)
    return MaskedAutoencoder(encoder, target=target, hiding=Hiding(n_queries=n_queries))


def prepare(model, batch, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return model.prepare(Drawn(batch, ()), generator)


def test_the_encoder_never_sees_a_hidden_patch(encoder, make_batch):
    model = make_model(encoder)
    examples = prepare(model, make_batch())
    predicted, _ = model.predict(examples)
    hidden = examples.batch.signals.clone().reshape(4, 8 * 4, 64)
    ids = examples.masking.ids_query[..., None].expand(-1, -1, 64)
    changed = hidden.scatter(1, ids, 77.0).reshape(4, 8, -1)
    other = replace(examples, batch=replace(examples.batch, signals=changed))
    again, target = model.predict(other)
    torch.testing.assert_close(again, predicted, rtol=0, atol=0)
    assert not target.equal(model.predict(examples)[1])


def test_the_loss_equals_its_definition_in_ten_lines(encoder, make_batch):
    model = make_model(encoder)
    examples = prepare(model, make_batch())
    tokens = encoder.tokenise(examples.batch)
    losses = []
    for row in range(4):
        one = examples.split(4)[row]
        visible = encoder.tokenise(one.batch).take(one.masking.ids_keep)
        seen = encoder.encode(visible)
        for patch in one.masking.ids_query[0].tolist():
            alone = tokens.take(
                examples.masking.ids_query[row : row + 1].new_full((4, 1), patch)
            )
            place = locate(encoder, alone)[row : row + 1]
            guess = model.predictor(seen, place)[0, 0]
            truth = encoder.find_spectra(alone.waveforms)[row, 0]
            distance = (guess - truth).abs()
            huber = torch.where(distance < 1, 0.5 * distance**2, distance - 0.5)
            losses.append(huber.mean())
    loss = model.judge(model.respond(examples), 0)
    torch.testing.assert_close(loss, torch.stack(losses).mean())


@pytest.mark.parametrize(
    ("target", "n_outputs"), [("log-spectrum", 30), ("waveform", 64)]
)
def test_targets_are_those_of_the_queried_patches(
    encoder, make_batch, target, n_outputs
):
    model = make_model(encoder, target, n_queries=5)
    examples = prepare(model, make_batch())
    predicted, found = model.predict(examples)
    assert predicted.shape == found.shape == (4, 5, n_outputs)
    patch = int(examples.masking.ids_query[1, 2])
    channel, second = divmod(patch, 4)
    cut = examples.batch.signals[1, channel, second * 64 : (second + 1) * 64] / 10
    expected = find_target(encoder, cut[None, None], target)[0, 0]
    torch.testing.assert_close(found[1, 2], expected)


def test_whitening_gives_a_pink_signal_a_flat_spectrum_of_unit_variance(encoder):
    generator = torch.Generator().manual_seed(0)
    spectrum = torch.randn(200, 5, 33, dtype=torch.complex64, generator=generator)
    pink = torch.fft.irfft(spectrum / torch.arange(33).clamp(min=1), n=64) * 40
    raw = encoder.find_spectra(pink)
    encoder.set_spectrum_statistics(raw.mean((0, 1)), torch.ones(30))
    white = whiten(encoder, pink)
    amplitudes = torch.fft.rfft(white).abs()[..., 2:30].mean((0, 1))
    assert amplitudes.std() / amplitudes.mean() < 0.1
    before = torch.fft.rfft(pink).abs()[..., 2:30].mean((0, 1))
    assert before.std() / before.mean() > 0.8
    assert 0.3 < white.std() < 3


def test_knowing_nothing_is_the_loss_of_the_mean(encoder, make_batch):
    model = make_model(encoder)
    examples = prepare(model, make_batch())
    _, target = model.predict(examples)
    mean = target.mean((0, 1)).expand_as(target)
    measured = model.compare(examples)
    assert measured["predict_mean_loss"] == pytest.approx(
        functional.smooth_l1_loss(mean, target).item()
    )
    assert math.isfinite(measured["watched_loss"])


def test_a_mask_is_of_the_windows_it_was_drawn_for(encoder, make_batch):
    model = make_model(encoder)
    examples = prepare(model, make_batch(n=5))
    parts = examples.split(2)
    assert [len(part) for part in parts] == [3, 2]
    joined = Masking(
        torch.cat([part.masking.ids_keep for part in parts]),
        torch.cat([part.masking.ids_query for part in parts]),
    )
    assert joined.ids_keep.equal(examples.masking.ids_keep)
    assert joined.ids_query.equal(examples.masking.ids_query)
    whole = model.respond(examples)
    torch.testing.assert_close(
        torch.cat([model.respond(part) for part in parts]), whole, rtol=1e-4, atol=1e-5
    )
    assert isinstance(parts[0], Examples)
