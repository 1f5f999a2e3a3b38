"""Pretraining on simulated people: it learns, resumes exactly, and says whom it saw."""

import numpy as np
import pytest
import torch

from neurograft.config import PretrainingConfig, StudyConfig
from neurograft.errors import DataError
from neurograft.models.files import load_encoder, read_card
from neurograft.pretraining import pretrain as module
from neurograft.pretraining.corpus import (
    draw_windows,
    list_subjects,
    read_batch,
    split_subjects,
)
from neurograft.pretraining.pretrain import build_encoder, pretrain, reconstruct_example
from neurograft.pretraining.stage import (
    describe_pretraining,
    open_corpus,
    run_pretrain,
)
from neurograft.provenance import hash_subject
from neurograft.recordings.devices import default_sites
from neurograft.recordings.simulation import simulate_cohorts
from neurograft.tables import read_table
from neurograft.windows.stage import run_harmonise

SETTINGS = PretrainingConfig(
    size="nano", steps=60, batch_size=16, n_queries=24, checkpoint_every=20,
    learning_rate=3e-3, validation_share=0.2,
)  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    sites = default_sites(n_source=6, n_patients=1, n_controls=1)[:2]
    simulate_cohorts(folder / "cohorts", sites=sites, duration_s=40)
    study = StudyConfig(
        name="test",
        data_folder=folder / "cohorts",
        output_folder=folder / "results",
        cohorts={n: {"folder": n} for n in ("students", "community", "clinic")},
        tasks={"age": {"kind": "regression", "cohort": "clinic", "column": "age"}},
        pretraining=SETTINGS,
    )
    for cohort in study.source_cohorts:
        run_harmonise(study, cohort)
    return study


@pytest.fixture(scope="module")
def corpus(study):
    return open_corpus(study)


def build(corpus):
    return build_encoder(corpus, SETTINGS, h_freq=45.0, seed=0)


def test_people_left_out_are_of_every_cohort_and_never_learned_from(corpus):
    kept = {one[:2] for one in corpus.subjects}
    out = {one[:2] for one in corpus.left_out}
    assert not kept & out
    assert {cohort for cohort, _ in out} == {"students", "community"}
    assert len(kept | out) == 12


def test_nobody_left_to_learn_from_is_refused(corpus):
    with pytest.raises(DataError, match="Nobody is left"):
        split_subjects([], share=0.1, seed=0)
    with pytest.raises(DataError, match="as long as one window"):
        list_subjects(corpus.stores, n_times=10**9)


def test_a_batch_mixes_montages_and_pads_the_smaller(corpus):
    windows = draw_windows(
        corpus.subjects, corpus.stores, n_windows=40, n_times=1280,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    batch = read_batch(windows, corpus.stores, n_times=1280)
    widths = (~batch.channel_mask).sum(1)
    assert set(widths.tolist()) == {19, 32}
    assert (batch.signals[batch.channel_mask] == 0).all()
    lengths = batch.positions.norm(dim=-1)
    torch.testing.assert_close(lengths, (~batch.channel_mask).float())
    for row in (0, 7):
        window = windows[row]
        expected = corpus.stores[window.store].read(
            window.recording, window.start, 1280
        )
        np.testing.assert_array_equal(batch.signals[row, : widths[row]], expected)


def test_every_subject_is_drawn_equally_often(corpus):
    windows = draw_windows(
        corpus.subjects, corpus.stores, n_windows=4000, n_times=1280,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    counts = {}
    for w in windows:
        key = corpus.stores[w.store].recordings[w.recording].key.name + str(w.store)
        counts[key] = counts.get(key, 0) + 1
    assert len(counts) == len(corpus.subjects)
    assert max(counts.values()) < 1.25 * min(counts.values())


def test_the_tokeniser_knows_the_spectra_of_the_corpus(corpus):
    encoder = build(corpus)
    tokens = module.tokenise(encoder, corpus.draw(256, (5,), watched=False))
    spectra = tokens.spectra[~tokens.mask]
    torch.testing.assert_close(spectra.mean(0), torch.zeros(45), atol=0.15, rtol=0)
    torch.testing.assert_close(spectra.std(0), torch.ones(45), atol=0.15, rtol=0)


def test_pretraining_learns_more_than_the_mean(corpus, tmp_path):
    encoder = build(corpus)
    before = {k: v.clone() for k, v in encoder.state_dict().items()}
    _, history = pretrain(
        encoder, corpus, SETTINGS, seed=0, checkpoint=tmp_path / "c", fingerprint="x"
    )
    assert history[-1]["step"] == 60
    assert history[-1]["watched_loss"] < 0.97 * history[-1]["predict_mean_loss"]
    changed = [k for k, v in encoder.state_dict().items() if not v.equal(before[k])]
    assert "blocks.0.attention.query.weight" in changed
    assert "spectrum_mean" not in changed


def test_an_interrupted_pretraining_ends_with_the_same_weights(corpus, tmp_path):
    whole = build(corpus)
    _, history = pretrain(
        whole, corpus, SETTINGS, seed=0, checkpoint=tmp_path / "a", fingerprint="x"
    )

    def stop(message, done, total):
        if done == 47:
            raise KeyboardInterrupt

    again = {"seed": 0, "checkpoint": tmp_path / "b", "fingerprint": "x"}
    with pytest.raises(KeyboardInterrupt):
        pretrain(build(corpus), corpus, SETTINGS, **again, progress=stop)
    resumed = build(corpus)
    steps = []
    _, history_again = pretrain(
        resumed,
        corpus,
        SETTINGS,
        **again,
        progress=lambda m, done, t: steps.append(done),
    )
    assert steps[0] == 41  # the last checkpoint was after step 40
    assert history_again == history
    for name, value in whole.state_dict().items():
        assert value.equal(resumed.state_dict()[name]), name


def test_a_checkpoint_of_another_stage_is_not_resumed(corpus, tmp_path):
    short = SETTINGS.model_copy(update={"steps": 20})
    path = tmp_path / "c"
    pretrain(build(corpus), corpus, short, seed=0, checkpoint=path, fingerprint="x")
    steps = []
    pretrain(
        build(corpus), corpus, short, seed=0, checkpoint=path, fingerprint="y",
        progress=lambda m, done, t: steps.append(done),
    )  # fmt: skip
    assert steps[0] == 1


def test_a_reconstruction_keeps_what_was_visible(corpus, tmp_path):
    model, _ = pretrain(
        build(corpus),
        corpus,
        SETTINGS,
        seed=0,
        checkpoint=tmp_path / "c",
        fingerprint="x",
    )
    example = reconstruct_example(model, corpus, SETTINGS, seed=0)
    hidden = example["hidden"]
    assert hidden.mean() == pytest.approx(0.75, abs=0.01)
    same = (example["original"] == example["predicted"]).all(-1)
    np.testing.assert_array_equal(same, ~hidden)


def test_the_stage_saves_encoder_untrained_twin_and_whom_it_saw(study):
    run_pretrain(study)
    stage = describe_pretraining(study)
    assert stage.is_current()
    card = read_card(stage.folder)
    assert card["n_subjects"] == 12
    assert card["steps"] == 60
    assert hash_subject("students", "sub-001") in card["seen_subjects"]
    assert hash_subject("clinic", "sub-001") not in card["seen_subjects"]
    assert "sub-001" not in (stage.folder / "encoder.json").read_text()
    trained, untrained = (
        load_encoder(folder) for folder in (stage.folder, stage.folder / "random")
    )
    assert trained.spectrum_mean.equal(untrained.spectrum_mean)
    assert not trained.registers.equal(untrained.registers)
    assert read_table(stage.folder / "metrics.tsv")["step"].tolist() == [50, 60]
    longer = study.model_copy(
        update={"pretraining": SETTINGS.model_copy(update={"steps": 61})}
    )
    assert not describe_pretraining(longer).is_current()
