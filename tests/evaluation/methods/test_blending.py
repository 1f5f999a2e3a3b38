"""A blend keeps what helps, drops what harms, and learns nothing from a few people."""

import numpy as np
import pytest
from scipy.optimize import nnls

from neurograft.config.methods import BLENDS, parse_method
from neurograft.evaluation.methods.adapter_choice import Fitted
from neurograft.evaluation.methods.blending import MIN_LEARNED, blend, learn_weights
from neurograft.evaluation.methods.fold import predict_fold
from neurograft.evaluation.methods.problem import Question
from neurograft.tasks.splits import Split

from .test_fold import LABELS, make_features, predict

EQUAL = np.ones(3)


@pytest.mark.parametrize("n_parts", [2, 3, 4])
def test_weights_are_those_of_least_squares_that_are_not_negative(n_parts):
    rng = np.random.default_rng(n_parts)
    targets = rng.normal(size=(50, 40))
    held_out = rng.normal(size=(50, 40, n_parts)) + 0.3 * targets[..., None]
    held_out -= held_out.mean(1, keepdims=True)
    found = learn_weights(held_out, targets)
    for number, weights in enumerate(found):
        y = targets[number] - targets[number].mean()
        expected = nnls(held_out[number], y)[0]
        if expected.sum() == 0:
            expected = np.ones(n_parts)
        np.testing.assert_allclose(weights, expected / expected.sum(), atol=1e-4)


def make_parts(n=60, n_new=300, seed=0):
    """A part that knows the labels, one that knows nothing, one that is turned."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    new = np.arange(n_new) % 2
    parts = [
        Fitted(
            (knows * labels + rng.normal(size=n))[None],
            (knows * new + rng.normal(size=n_new))[None],
        )
        for knows in (1.5, 0.0, -1.5)
    ]
    return parts, labels[None].astype(float), new


def test_what_harms_gets_little_and_what_knows_gets_most():
    parts, labels, new = make_parts()
    mixed, mixture = blend(parts, labels, np.array([30.0]), EQUAL)
    weights = mixture.weights
    assert weights.sum() == pytest.approx(1)
    assert weights[0, 0] > 0.6
    assert weights[0, 2] == pytest.approx(0.4 / 3)  # its share of the equal part only
    assert np.corrcoef(mixed.outputs[0], new)[0, 1] > 0.4


def test_below_twenty_of_the_smaller_class_the_shares_are_fixed():
    parts, labels, _ = make_parts()
    _, mixture = blend(parts, labels, np.array([MIN_LEARNED - 1.0]), EQUAL)
    np.testing.assert_array_equal(mixture.weights, [EQUAL / 3])
    fixed = np.array([3.0, 2.0, 0.0])
    mixed, mixture = blend(parts, labels, np.array([MIN_LEARNED - 1.0]), fixed)
    np.testing.assert_allclose(mixture.weights, [[0.6, 0.4, 0.0]])
    alone, _ = blend(parts[:2], labels, np.array([5.0]), fixed[:2])
    np.testing.assert_allclose(mixed.outputs, alone.outputs)
    _, mixture = blend(parts, labels, np.array([float(MIN_LEARNED)]), EQUAL)
    assert mixture.weights[0, 0] > 0.5


def test_what_learned_nothing_is_trusted_equally_whatever_its_scale():
    parts, labels, _ = make_parts()
    scaled = [Fitted(*(10.0**k * x + k for x in p)) for k, p in enumerate(parts)]
    one, mixture = blend(parts, labels, np.array([30.0]), EQUAL)
    other, same = blend(scaled, labels, np.array([30.0]), EQUAL)
    np.testing.assert_allclose(mixture.weights, same.weights)
    np.testing.assert_allclose(one.outputs, other.outputs)


@pytest.mark.parametrize("name", BLENDS)
@pytest.mark.parametrize("is_classification", [True, False])
def test_test_people_change_no_prediction_of_others(name, is_classification):
    labels = LABELS if is_classification else np.linspace(20, 80, len(LABELS))
    features = make_features(signal=0.5, labels=LABELS)
    before = predict(features, labels[None], [name], is_classification)[name]
    for values in features.values():
        values[0] = values[1] * 50
    flipped = labels.copy()
    flipped[:10] = labels[9::-1]
    after = predict(features, flipped[None], [name], is_classification)[name]
    np.testing.assert_array_equal(before[:, 1:], after[:, 1:])


def test_a_blend_of_numbers_is_in_their_unit():
    ages = 50 + 20 * (LABELS - 0.5)
    features = make_features(signal=1.0, labels=LABELS)
    found = predict(features, ages[None], ["blend"], is_classification=False)["blend"]
    assert found[0, ::2].mean() == pytest.approx(40, abs=3)
    assert found[0, 1::2].mean() == pytest.approx(60, abs=3)


def test_a_blend_of_many_label_vectors_is_that_of_each():
    rng = np.random.default_rng(0)
    features = make_features(signal=0.3, labels=LABELS)
    Y = np.stack([LABELS, rng.permutation(LABELS)])
    together = predict(features, Y, ["blend"])["blend"]
    for y, one in zip(Y, together, strict=True):
        alone = predict(features, y[None], ["blend"])["blend"][0]
        np.testing.assert_allclose(one, alone, atol=1e-6)


def test_the_twin_of_a_blend_has_every_part_but_the_pretrained_encoder():
    assert set(BLENDS["blend"]) - set(BLENDS["random-blend"]) == {"encoder"}
    assert not parse_method("random-blend").is_baseline


def test_shares_are_those_of_the_real_labels_and_the_mean_over_three_groups():
    n, rng = 120, np.random.default_rng(1)
    labels = (np.arange(n) % 3).astype(float)
    features = {name: rng.normal(size=(n, 12)) for name in BLENDS["blend"]}
    noise = rng.normal(size=(n, 1, 4, 60))
    features["riemann"] = noise @ noise.swapaxes(-1, -2) / 60
    features["band-power"] += 2 * np.eye(3)[labels.astype(int)].repeat(4, axis=1)
    question = Question("multiclass", 3, np.arange(n), 3)
    split = Split(0, 0, np.arange(12, n), np.arange(12))

    def find_shares(*Y):
        found = predict_fold(
            [parse_method("blend")], features, np.stack(Y), split, question
        )
        return found.shares["blend"]

    both = find_shares(labels, rng.permutation(labels))
    assert list(both) == list(BLENDS["blend"])
    assert sum(both.values()) == pytest.approx(1)
    assert both == pytest.approx(find_shares(labels))
    # Only this one knows the groups; a third of the weights is fixed.
    assert both["band-power"] > 0.65
