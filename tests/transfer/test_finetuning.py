"""Networks learn from people, stop in time, and never touch what they must not."""

import copy
import math

import numpy as np
import pytest
import torch

from neurograft.errors import DataError
from neurograft.models.convnets import NETWORKS, filter_and_mix, make_convnet
from neurograft.models.encoder import Encoder, EncoderConfig
from neurograft.transfer.attentive import AttentivePooling, MeanPooling
from neurograft.transfer.finetuning import TuningRecipe, predict_people, tune
from neurograft.transfer.low_rank import LowRank, add_adapters, merge_adapters
from neurograft.transfer.network_input import NetworkInput, Targets
from neurograft.transfer.networks import (
    ReverseGradient,
    count_outputs,
    group_parameters,
    make_network,
)

SFREQ, N_CHANNELS = 64.0, 4
QUICK = TuningRecipe(epochs=6, head_epochs=1, crop_s=2.0, people=8)
ALL = (
    "fine-tuned", "adversarial", "partial", "lora", "attentive", "random-attentive",
    "scratch", *NETWORKS,
)  # fmt: skip


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(5)
    return Encoder(EncoderConfig(32, 3, 2, patch_size=64, n_bins=24))


def make_people(n=24, effect=3.0, seed=0):
    """Cases have a strong rhythm of 10 Hz."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 2).astype(float)
    signals = 10 * rng.standard_normal((n, 4, N_CHANNELS, 256))
    wave = np.sin(2 * np.pi * 10 * np.arange(256) / SFREQ)
    signals += 10 * effect * labels[:, None, None, None] * wave
    positions = rng.standard_normal((N_CHANNELS, 3))
    positions /= np.linalg.norm(positions, axis=1, keepdims=True)
    people = NetworkInput(
        signals.astype(np.float32), SFREQ, positions.astype(np.float32),
        np.full((n, 4), 10.0), np.zeros((n, 4, 7)),
    )  # fmt: skip
    return people, labels


def learn(name, encoder, people, targets, **settings):
    n = len(targets.labels)
    return tune(
        name, encoder, people, targets, clusters=np.arange(n), seed=0,
        recipe=settings.pop("recipe", QUICK),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fine-tuned", "lora", "attentive", "shallownet"])
def test_a_strong_effect_is_learned_and_carried_to_new_people(name, encoder):
    people, labels = make_people()
    recipe = TuningRecipe(epochs=15, crop_s=2.0, people=6)
    tuned = learn(name, encoder, people, Targets(labels, 2), recipe=recipe)
    new, truth = make_people(seed=9)
    p = predict_people(tuned, new, 2)
    assert p.shape == (24, 1)
    assert ((p[:, 0] > np.median(p)) == (truth == 1)).mean() > 0.8
    assert not any(isinstance(one, LowRank) for one in tuned.network.modules())


@pytest.mark.parametrize("name", ALL)
def test_every_network_gives_probabilities_of_any_number_of_classes(name, encoder):
    people, _ = make_people(12)
    labels = (np.arange(12) % 3).astype(float)
    one = TuningRecipe(epochs=1, crop_s=2.0)
    sites = np.tile([1, 2], 6)
    tuned = learn(name, encoder, people, Targets(labels, 3, domain=sites), recipe=one)
    p = predict_people(tuned, people, 3)
    assert p.shape == (12, 3)
    np.testing.assert_allclose(p.sum(1), 1, atol=1e-6)


def test_the_pretrained_encoder_is_never_changed(encoder):
    before = copy.deepcopy(encoder.state_dict())
    people, labels = make_people(12)
    for name in ("fine-tuned", "partial", "lora"):
        learn(name, encoder, people, Targets(labels, 2))
    for key, value in encoder.state_dict().items():
        assert torch.equal(value, before[key]), key


def test_the_same_seed_gives_the_same_network(encoder):
    people, labels = make_people(12)
    one, other = (
        predict_people(learn("lora", encoder, people, Targets(labels, 2)), people, 2)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)


def test_numbers_come_back_in_their_unit(encoder):
    people, labels = make_people()
    ages = 50 + 20 * labels
    recipe = TuningRecipe(epochs=15, crop_s=2.0, people=6)
    tuned = learn("shallownet", encoder, people, Targets(ages, 0), recipe=recipe)
    predicted = predict_people(tuned, people, 0)[:, 0]
    assert predicted[labels == 1].mean() > predicted[labels == 0].mean() + 5
    assert 30 < predicted.mean() < 90


def test_age_and_sex_may_be_learned_beside_and_may_be_missing(encoder):
    people, labels = make_people(12)
    age = np.where(np.arange(12) < 6, np.nan, np.linspace(20, 80, 12))
    sex = np.full(12, np.nan)
    tuned = learn("lora", encoder, people, Targets(labels, 2, age, sex))
    assert count_outputs(tuned.network) == 3
    assert np.isfinite(predict_people(tuned, people, 2)).all()


def test_broken_signals_stop_with_a_sentence(encoder):
    people, labels = make_people(12)
    people.signals[:] = np.nan
    with pytest.raises(DataError, match="the loss of people left out is nan"):
        learn("shallownet", encoder, people, Targets(labels, 2))


def test_only_what_should_learn_does(encoder):
    def count(name):
        network = make_network(name, encoder, n_channels=4, n_outputs=1, seed=0)
        return sum(p.numel() for p in network.parameters() if p.requires_grad)

    total = sum(p.numel() for p in encoder.parameters())
    assert count("fine-tuned") == count("scratch") > total
    assert count("lora") < count("partial") < count("fine-tuned")
    assert count("lora") < 0.2 * total
    # Four queries, the norm and the head, each as wide as two layers.
    assert count("attentive") == count("random-attentive") == (4 + 2 + 1) * 64 + 1


def test_rates_fall_towards_the_input(encoder):
    network = make_network("fine-tuned", encoder, n_channels=4, n_outputs=1, seed=0)
    groups = group_parameters(network, rate=1.0, decay=0.5)
    assert [group["lr"] for group in groups] == [1.0, 0.25, 0.5, 1.0, 0.125]
    grouped = sum(len(group["params"]) for group in groups)
    assert grouped == len([p for p in network.parameters() if p.requires_grad])


@pytest.mark.parametrize("name", ["fine-tuned", "adversarial", "partial", "lora"])
def test_while_only_the_head_learns_the_encoder_stays(name, encoder):
    people, labels = make_people()
    recipe = TuningRecipe(epochs=3, head_epochs=3, crop_s=2.0, people=6)
    targets = Targets(labels, 2, domain=1 + np.arange(24) // 2 % 2)
    network = learn(name, encoder, people, targets, recipe=recipe).network
    tuned = network.tuned if name == "adversarial" else network
    assert tuned.head.weight.abs().sum() > 0
    for key, weight in encoder.state_dict().items():
        assert torch.equal(tuned.encoder.state_dict()[key], weight), key


@pytest.mark.parametrize("name", ["attentive", "random-attentive"])
def test_attention_over_a_frozen_encoder_changes_the_attention_only(name, encoder):
    people, labels = make_people()
    start = make_network(name, encoder, n_channels=4, n_outputs=1, seed=0)
    network = learn(name, encoder, people, Targets(labels, 2)).network
    is_pretrained = name == "attentive"
    for key, weight in network.encoder.state_dict().items():
        assert torch.equal(weight, start.encoder.state_dict()[key]), key
    first = next(iter(encoder.blocks[0].parameters()))
    own = next(iter(network.encoder.blocks[0].parameters()))
    assert torch.equal(first, own) == is_pretrained
    assert torch.equal(network.encoder.spectrum_mean, encoder.spectrum_mean)
    assert network.pooling.queries.abs().min() > 0


def test_queries_begin_as_the_mean_and_can_look_at_one_token():
    torch.manual_seed(0)
    tokens = torch.randn(3, 4, 5, 8)
    pooling = AttentivePooling(8, n_queries=2)
    torch.testing.assert_close(pooling(tokens), MeanPooling()(tokens))
    wanted = tokens[0, 2, 3].clone()
    with torch.no_grad():
        pooling.queries[1] = 1e3 * wanted / wanted.square().sum()
        tokens[0] *= 0.1
        tokens[0, 2, 3] = wanted
        pooled = pooling(tokens)[0]
    torch.testing.assert_close(pooled[4:], wanted[4:])  # its own share of the features
    torch.testing.assert_close(pooled[:4], tokens[0].mean((0, 1))[:4])


def test_an_adapted_encoder_begins_as_it_was_and_merges_without_a_trace(encoder):
    people, _ = make_people(2)
    batch = people.take(np.arange(2), np.array([[0], [1]]))
    own = copy.deepcopy(encoder)
    learned = add_adapters(own)
    with torch.no_grad():
        torch.testing.assert_close(own(batch), encoder(batch))
        for parameter in learned:
            parameter.add_(0.05 * torch.randn_like(parameter))
        adapted = own(batch)
        assert not torch.allclose(adapted, encoder(batch), atol=1e-3)
        merge_adapters(own)
        torch.testing.assert_close(own(batch), adapted, atol=2e-2, rtol=2e-2)
    assert not any(isinstance(module, LowRank) for module in own.modules())
    assert own.state_dict().keys() == encoder.state_dict().keys()


def test_a_low_rank_update_has_its_rank():
    base = torch.nn.Linear(12, 10, bias=False)
    before = base.weight.clone()
    layer = LowRank(base, rank=3, alpha=6.0)
    torch.nn.init.normal_(layer.up)
    update = layer.merge().weight - before
    assert torch.linalg.matrix_rank(update) == 3
    torch.testing.assert_close(update, 2.0 * layer.up @ layer.down)


def test_filtering_and_mixing_at_once_equals_one_after_the_other():
    torch.manual_seed(0)
    time, space = torch.nn.Conv1d(1, 5, 7), torch.nn.Conv2d(5, 6, (3, 1), bias=False)
    weights = [time.weight, time.bias, space.weight]
    signals = torch.randn(2, 3, 40)
    filtered = torch.stack([time(signals[:, [c]]) for c in range(3)], dim=2)
    slow = space(filtered)[:, :, 0]
    fast = filter_and_mix(time, space, signals)
    torch.testing.assert_close(fast, slow)
    upstream = torch.randn_like(slow)
    torch.testing.assert_close(
        torch.autograd.grad(fast, weights, upstream),
        torch.autograd.grad(slow, weights, upstream),
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_convolutional_networks_take_any_length_and_reach_every_weight(name):
    network = make_convnet(name, n_channels=5, n_outputs=2, sfreq=128.0)
    for n_times in (512, 1280):
        scores = network(torch.randn(3, 5, n_times))
        assert scores.shape == (3, 2)
    scores.square().sum().backward()
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.abs().sum() > 0, key


def test_a_shallow_network_reads_the_logarithm_of_power():
    torch.manual_seed(0)
    network = make_convnet("shallownet", n_channels=3, n_outputs=2, sfreq=128.0).eval()
    torch.nn.init.zeros_(network.time.bias)
    signals = torch.randn(4, 3, 512)
    with torch.no_grad():
        louder = network(2 * signals) - network(signals)
    expected = math.log(4) * network.head.weight.detach().sum(1)
    torch.testing.assert_close(louder, expected.expand(4, 2), atol=1e-3, rtol=1e-3)


def test_the_sizes_of_published_networks_are_kept():
    def count(name, n_channels, sfreq):
        network = make_convnet(name, n_channels=n_channels, n_outputs=2, sfreq=sfreq)
        return sum(p.numel() for p in network.parameters())

    assert 1_000 < count("eegnet", 22, 128.0) < 2_500  # Lawhern 2018, table 3
    assert 35_000 < count("shallownet", 22, 250.0) < 45_000  # Schirrmeister 2017
    assert count("deep4", 22, 250.0) > 200_000


def test_the_gradient_is_turned_round_and_nothing_else_changes():
    x = torch.randn(5, 3, requires_grad=True)
    turned = ReverseGradient.apply(x)
    assert torch.equal(turned, x)
    (turned * torch.arange(3.0)).sum().backward()
    assert torch.equal(x.grad, -torch.arange(3.0).expand(5, 3))


def test_working_against_the_site_needs_two_of_them(encoder):
    people, labels = make_people(12)
    for domain in (None, np.ones(12, int)):
        with pytest.raises(DataError, match="all people it learns from are from one"):
            learn("adversarial", encoder, people, Targets(labels, 2, domain=domain))


def test_a_step_of_the_encoder_makes_the_site_harder_to_find(encoder):
    """Downhill for the label's network is uphill for the head that names the site."""
    people, _ = make_people(16)
    sites = torch.arange(16) % 2
    people.signals[sites.numpy() == 1] *= 3.0
    network = make_network(
        "adversarial", encoder, n_channels=N_CHANNELS, n_outputs=1, seed=0, n_domains=2
    ).eval()
    batch = people.take(np.arange(16), np.zeros((16, 1), int))

    def measure():
        return torch.nn.functional.cross_entropy(network(batch)[:, 1:], sites)

    before = measure()
    before.backward()
    with torch.no_grad():
        for parameter in network.tuned.encoder.parameters():
            if parameter.grad is not None:
                parameter -= 0.05 * parameter.grad / (parameter.grad.norm() + 1e-12)
    assert measure() > before
