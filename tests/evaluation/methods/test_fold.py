"""Methods are fitted inside the fold: the test subjects change nothing."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from neurograft.config.evaluation import METHODS
from neurograft.config.method_table import ADAPTERS
from neurograft.config.methods import STACK, parse_method
from neurograft.errors import ConfigError, DataError, DesignError
from neurograft.evaluation.cross_validation import evaluate_fold
from neurograft.evaluation.method_result import check_scores, gather_method
from neurograft.evaluation.methods.fold import predict_fold
from neurograft.evaluation.methods.preparation import prepare_block
from neurograft.evaluation.methods.problem import Question
from neurograft.statistics.permutation import permutation_p_value, permute_within_blocks
from neurograft.tasks.splits import Split, make_splits

N = 40
SPLIT = Split(0, 0, np.arange(10, N), np.arange(10))


def make_features(seed=0, signal=0.0, labels=None):
    rng = np.random.default_rng(seed)
    labels = np.zeros(N) if labels is None else labels
    noise = rng.standard_normal((N, 3, 5, 60))
    noise[:, 0, 0] *= np.exp(signal * labels)[:, None]
    covariances = noise @ noise.swapaxes(-1, -2) / 60
    wide = rng.standard_normal((N, 90)) + signal * labels[:, None]
    ages = rng.normal(50, 10, (N, 2))
    ages[3, 0] = np.nan
    return {
        "demographics": ages,
        "duration": rng.standard_normal((N, 1)),
        "riemann": covariances,
    } | {
        name: wide.copy()
        for name in ("band-power", "tokens", "random-encoder", "encoder")
    }


def ask(kind="classification", n_classes=2):
    return Question(kind, 0 if kind == "regression" else n_classes, np.arange(N), 3)


def predict(features, Y, methods=METHODS, is_classification=True):
    kind = "classification" if is_classification else "regression"
    parsed = [parse_method(name) for name in methods]
    found = predict_fold(parsed, features, Y, SPLIT, ask(kind)).predicted
    return {name: scores[..., 0] for name, scores in found.items()}


LABELS = (np.arange(N) % 2).astype(float)


@pytest.mark.parametrize("is_classification", [True, False])
def test_features_and_labels_of_test_subjects_change_no_other_prediction(
    is_classification,
):
    labels = LABELS if is_classification else np.linspace(20, 80, N)
    features = make_features(signal=0.5, labels=LABELS)
    before = predict(features, labels[None], is_classification=is_classification)
    for values in features.values():
        values[0] = values[1] * 50  # a canary among the test subjects
    flipped = labels.copy()
    flipped[:10] = labels[9::-1]
    after = predict(features, flipped[None], is_classification=is_classification)
    for method in METHODS:
        np.testing.assert_array_equal(
            before[method][:, 1:], after[method][:, 1:], method
        )


def test_training_labels_do_change_predictions():
    features = make_features(signal=0.5, labels=LABELS)
    a, b = predict(features, LABELS[None]), predict(features, 1 - LABELS[None])
    for method in set(METHODS) - {"dummy", "demographics", "duration"}:
        assert not np.allclose(a[method], b[method]), method


def test_many_label_vectors_give_what_each_gives_alone():
    rng = np.random.default_rng(0)
    Y = np.stack([LABELS, rng.permutation(LABELS), rng.permutation(LABELS)])
    together = predict(make_features(), Y)
    for row in range(3):
        alone = predict(make_features(), Y[[row]])
        for method in METHODS:
            np.testing.assert_allclose(
                together[method][row], alone[method][0], atol=1e-5
            )


def test_probabilities_are_probabilities_and_the_dummy_knows_only_the_share():
    predicted = predict(make_features(signal=2.0, labels=LABELS), LABELS[None])
    for method, score in predicted.items():
        assert ((score >= 0) & (score <= 1)).all(), method
    np.testing.assert_allclose(predicted["dummy"], LABELS[10:].mean())
    ages = np.linspace(20, 80, N)
    guess = predict(make_features(), ages[None], ("dummy",), is_classification=False)
    np.testing.assert_allclose(guess["dummy"], np.median(ages[10:]))


@pytest.mark.parametrize("signal_in", STACK)
def test_the_stack_trusts_the_block_that_knows(signal_in):
    knowing = make_features(signal=1.5, labels=LABELS)
    features = make_features(seed=9)
    features[signal_in] = knowing[signal_in]
    predicted = predict(features, LABELS[None], ("stack",))["stack"][0]
    right = (predicted > 0.5) == (LABELS[:10] > 0.5)
    assert right.mean() >= 0.9


def cross_validate(features, labels, seed=0, n_permutations=39, method="encoder"):
    people = pd.DataFrame({"label": labels, "cluster": np.arange(N)})
    splits = make_splits(
        people, is_classification=True, n_splits=4, n_repeats=2, seed=seed
    )
    folds = np.empty(N, int)
    for split in splits[:4]:
        folds[split.test] = split.fold
    permuted = permute_within_blocks(
        labels, folds, n_permutations=n_permutations, rng=np.random.default_rng(seed)
    )
    outputs = [
        evaluate_fold(
            (parse_method(method),), features, labels, permuted, split, ask()
        ).predicted[method]
        for split in splits
    ]
    return gather_method(labels, permuted, splits, outputs, ask())


def test_a_planted_effect_is_found():
    result = cross_validate(make_features(signal=1.0, labels=LABELS), LABELS)
    assert result.observed > 0.9
    assert permutation_p_value(result.observed, result.permuted) == 1 / 40
    assert result.fold_scores.shape == (8,)
    assert result.predictions.scores.shape == (2, N)
    assert (
        (result.predictions.scores > 0.5) == result.predictions.decisions
    ).mean() > 0.95


@pytest.mark.slow
def test_p_values_of_the_whole_pipeline_are_uniform_under_the_null():
    p_values = []
    for seed in range(60):
        result = cross_validate(make_features(seed=100 + seed), LABELS, seed=seed)
        p_values.append(permutation_p_value(result.observed, result.permuted))
    assert np.mean(np.array(p_values) <= 0.05) <= 0.12
    assert 0.4 < np.mean(p_values) < 0.6


def test_three_classes_are_told_apart_and_their_probabilities_add_up():
    labels = (np.arange(N) % 3).astype(float)
    features = make_features()
    features["encoder"] += 2 * np.repeat(np.eye(3)[labels.astype(int)], 30, axis=1)
    methods = [parse_method("encoder"), parse_method("dummy")]
    question = ask("multiclass", 3)
    found = predict_fold(methods, features, labels[None], SPLIT, question).predicted
    assert found["encoder"].shape == (1, 10, 3)
    np.testing.assert_allclose(found["encoder"].sum(-1), 1)
    assert (found["encoder"][0].argmax(1) == labels[:10]).mean() >= 0.9
    shares = [(labels[10:] == k).mean() for k in range(3)]
    np.testing.assert_allclose(found["dummy"][0, 0], shares)


def test_ordered_classes_use_their_order():
    labels = (np.arange(N) % 3).astype(float)
    features = make_features()
    features["encoder"][:, :45] += 1.5 * labels[:, None]
    methods = [parse_method("encoder")]
    question = ask("ordinal", 3)
    found = predict_fold(methods, features, labels[None], SPLIT, question).predicted
    p = found["encoder"][0]
    np.testing.assert_allclose(p.sum(1), 1)
    assert (p >= 0).all()
    assert np.corrcoef(p @ np.arange(3), labels[:10])[0, 1] > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("learner", ["svm", "kernel", "boosting", "forest"])
@pytest.mark.parametrize("is_classification", [True, False])
def test_other_learners_find_a_planted_effect_and_ignore_test_people(
    learner, is_classification
):
    ages = np.random.default_rng(5).permutation(np.linspace(20, 80, N))
    labels = LABELS if is_classification else ages
    features = make_features()
    scaled = (labels - labels.mean()) / labels.std()
    features["encoder"][:, :60] += 3 * scaled[:, None]
    name = f"encoder:{learner}"
    before = predict(features, labels[None], (name,), is_classification)[name][0]
    assert np.corrcoef(before, labels[:10])[0, 1] > 0.6
    features["encoder"][0] *= 50  # a canary among the test subjects
    after = predict(features, labels[None], (name,), is_classification)[name][0]
    np.testing.assert_array_equal(before[1:], after[1:])
    if is_classification:
        assert before.min() >= 0
        assert before.max() <= 1


def test_learners_know_three_classes():
    labels = (np.arange(N) % 3).astype(float)
    features = make_features()
    features["encoder"] += 2 * np.repeat(np.eye(3)[labels.astype(int)], 30, axis=1)
    methods = [parse_method("encoder:svm"), parse_method("encoder:forest")]
    question = ask("multiclass", 3)
    found = predict_fold(methods, features, labels[None], SPLIT, question).predicted
    for scores in found.values():
        assert scores.shape == (1, 10, 3)
        assert (scores[0].argmax(1) == labels[:10]).mean() >= 0.8


def test_covariance_of_embeddings_sees_what_the_mean_does_not():
    rng = np.random.default_rng(0)
    samples = rng.standard_normal((N, 60, 8))
    samples[LABELS == 1, :, 1] = samples[LABELS == 1, :, 0]
    features = {"encoder-covariance": samples}
    found = predict(features, LABELS[None], ("encoder-covariance",))
    right = (found["encoder-covariance"][0] > 0.5) == (LABELS[:10] > 0.5)
    assert right.mean() >= 0.9


def test_predictions_that_cannot_be_are_refused():
    check_scores(np.array([[0.0], [1.0]]), "classification")
    with pytest.raises(DataError, match="1 of 2 predictions of a fold are no numbers"):
        check_scores(np.array([[0.5], [np.nan]]), "classification")
    with pytest.raises(DataError, match="A probability of 1.2 was predicted"):
        check_scores(np.array([[0.5], [1.2]]), "classification")
    check_scores(np.array([[70.0]]), "regression")


def make_sites():
    """Half the rows at a site that moves and stretches every feature."""
    features = make_features(signal=1.0, labels=LABELS)
    domain = np.where(np.arange(N) % 4 < 2, 1, 2)
    for values in features.values():
        values[domain == 2] *= 3
    rng = np.random.default_rng(1)
    people = pd.DataFrame(
        {
            "domain": domain,
            "age": rng.uniform(20, 80, N),
            "sex": rng.choice(["F", "M"], N),
        }
    )
    return features, people


BLOCKS = [f"encoder@{name}" for name in ADAPTERS if name != "euclid"] + [
    "riemann@recentre", "riemann@rescale", "riemann@euclid", "riemann@combat",
]  # fmt: skip


@pytest.mark.parametrize("block", BLOCKS)
def test_adapters_never_see_a_test_row_of_a_known_site(block):
    features, people = make_sites()
    train, test = prepare_block(block, features, LABELS, SPLIT, people=people)
    for values in features.values():
        values[0] = values[1] * 50  # a canary among the test rows
    flipped = LABELS.copy()
    flipped[:10] = 1 - flipped[:10]
    again, more = prepare_block(block, features, flipped, SPLIT, people=people)
    np.testing.assert_array_equal(train, again)
    np.testing.assert_array_equal(test[1:], more[1:])


def test_an_adapter_takes_the_site_out_of_training_and_test_rows():
    features, people = make_sites()
    features["encoder"][people["domain"] == 2] += 30.0
    train, test = prepare_block(
        "encoder@recentre", features, LABELS, SPLIT, people=people
    )
    plain, _ = prepare_block("encoder", features, LABELS, SPLIT, people=people)
    site = (people["domain"] == 2).to_numpy(dtype=float)
    apart = [
        np.abs(np.corrcoef(site[SPLIT.train], rows[:, 0])[0, 1])
        for rows in (plain, train)
    ]
    assert apart[0] > 0.95
    assert apart[1] < 0.5
    assert np.isfinite(test).all()


def test_a_new_site_is_adapted_by_its_own_rows_and_a_lone_person_refused():
    features, people = make_sites()
    people.loc[:9, "domain"] = 9
    features["encoder"][:10] += 100.0
    _, test = prepare_block("encoder@recentre", features, LABELS, SPLIT, people=people)
    np.testing.assert_allclose(test.mean(0), 0, atol=1e-8)
    people.loc[0, "domain"] = 11
    with pytest.raises(DataError, match="Domain -11 has 1 subject"):
        prepare_block("encoder@recentre", features, LABELS, SPLIT, people=people)


def test_adapters_that_cannot_be_fitted_say_why():
    features, people = make_sites()
    unknown = people.assign(age=np.nan, sex=None)
    with pytest.raises(ConfigError, match="neither is known of everybody"):
        prepare_block("encoder@residualise", features, LABELS, SPLIT, people=unknown)
    with pytest.raises(ConfigError, match="aligns covariance matrices"):
        prepare_block("encoder@euclid", features, LABELS, SPLIT, people=people)
    with pytest.raises(ConfigError, match="who is from which site"):
        prepare_block("encoder@recentre", features, LABELS, SPLIT)
    same = people.assign(domain=LABELS.astype(int) + 1)
    for adapter in ("combat", "erase"):
        with pytest.raises(DesignError, match="Label and site go together"):
            prepare_block(f"encoder@{adapter}", features, LABELS, SPLIT, people=same)


@pytest.mark.parametrize(
    "block", ["encoder@recentre", "encoder@coral", "riemann@rescale"]
)
def test_one_site_alone_gives_what_no_adapter_gives(block):
    features, people = make_sites()
    alone = people.assign(domain=1)
    adapted = predict_with_people(features, (block,), alone)
    plain = predict_with_people(features, (block.partition("@")[0],), alone)
    assert np.corrcoef(adapted, plain)[0, 1] > 0.97


def predict_with_people(features, methods, people):
    question = ask()._replace(people=people)
    parsed = [parse_method(name) for name in methods]
    found = predict_fold(parsed, features, LABELS[None], SPLIT, question).predicted
    return found[methods[0]][0, :, 0]


@pytest.mark.parametrize("learner", ["linear", "reduced"])
def test_a_readout_is_the_pipeline_that_its_sentence_says(learner):
    """Written once more with scikit-learn: people are put in the same order."""
    features = make_features(signal=0.3, labels=LABELS)
    scores = predict(features, LABELS[None], [f"encoder:{learner}"])
    X = features["encoder"]
    scaler = StandardScaler().fit(X[SPLIT.train])
    train, test = scaler.transform(X[SPLIT.train]), scaler.transform(X[SPLIT.test])
    model = PLSRegression(2, scale=False)
    if learner == "reduced":
        reduce = PCA(10).fit(train)
        train, test = reduce.transform(train), reduce.transform(test)
        model = Ridge(1e4)  # as strong as logistic regression has to be here
    expected = np.ravel(model.fit(train, LABELS[SPLIT.train]).predict(test))
    found = scores[f"encoder:{learner}"][0]
    if learner == "linear":
        np.testing.assert_array_equal(found.argsort(), expected.argsort())
    assert np.corrcoef(found, expected)[0, 1] > 0.9


def test_a_number_is_read_out_alike_by_both_learners():
    features = make_features(signal=0.3, labels=LABELS)
    ages = np.linspace(20, 80, N)[None]
    names = ["encoder", "encoder:linear", "encoder:reduced"]
    found = predict(features, ages, names, is_classification=False)
    np.testing.assert_array_equal(found["encoder"], found["encoder:reduced"])
    np.testing.assert_array_equal(found["encoder"], found["encoder:linear"])
