"""Pretraining on simulated people: it learns, resumes exactly, and says whom it saw."""

import logging

import numpy as np
import pytest
import torch

from neurograft.errors import ConfigError, DataError
from neurograft.files.keys import hash_subject
from neurograft.files.tables import read_table
from neurograft.models.saving import find_shipped, load_encoder, read_encoder_card
from neurograft.pretraining.build import build_encoder, build_mixture
from neurograft.pretraining.monitoring import Watch
from neurograft.pretraining.pretrain import Place, pretrain
from neurograft.pretraining.reconstruction import reconstruct_example
from neurograft.store.signal_fingerprint import FINGERPRINT_VERSION
from neurograft.study.opened_study import Study
from neurograft.study.stages.pretrain import (
    describe_pretraining,
    open_study_corpus,
    run_pretrain,
)

from .conftest import SETTINGS


def build(corpus, settings=SETTINGS):
    return build_encoder(corpus, settings, h_freq=45.0, seed=0)


def run(encoder, corpus, path, settings=SETTINGS, fingerprint="x", **more):
    place = Place(path, fingerprint)
    return pretrain(encoder, corpus, settings, seed=0, l_freq=0.5, place=place, **more)


def test_the_tokeniser_knows_the_spectra_of_the_corpus(corpus):
    encoder = build(corpus)
    spectra = torch.cat(
        [
            encoder.find_spectra(encoder.tokenise(one.batch).waveforms).flatten(0, 1)
            for one in corpus.draw_mixed(256, (5,))
        ]
    )
    torch.testing.assert_close(spectra.mean(0), torch.zeros(45), atol=0.15, rtol=0)
    torch.testing.assert_close(spectra.std(0), torch.ones(45), atol=0.15, rtol=0)


@pytest.mark.slow
def test_pretraining_learns_more_than_the_mean(corpus, tmp_path):
    encoder = build(corpus)
    before = {k: v.clone() for k, v in encoder.state_dict().items()}
    _, history = run(encoder, corpus, tmp_path / "c")
    assert [row["step"] for row in history] == [0, 30, 60]
    assert history[-1]["watched_loss"] < 0.97 * history[-1]["predict_mean_loss"]
    assert history[0]["watched_loss"] > history[-1]["watched_loss"]
    changed = [k for k, v in encoder.state_dict().items() if not v.equal(before[k])]
    assert "blocks.0.attention.query_key_value.weight" in changed
    assert "spectrum_mean" not in changed


@pytest.mark.usefixtures("little_watched")
def test_the_encoder_saved_is_the_average_at_the_last_step(
    corpus, tmp_path, monkeypatch
):
    probes = iter([9.0, 0.5, 0.8, 0.3])  # a better probe before it changes nothing
    found = []

    def measure(self, mixture, encoder):
        weight = encoder.registers.detach().clone()
        found.append(weight)
        return {"watched_loss": 1.0, "predict_mean_loss": 1.0, "probe": next(probes)}

    monkeypatch.setattr(Watch, "measure", measure)
    settings = SETTINGS.model_copy(update={"steps": 9, "watch_every": 3})
    encoder = build(corpus)
    run(encoder, corpus, tmp_path / "c", settings)
    assert encoder.registers.equal(found[3])
    assert not encoder.registers.equal(found[2])


@pytest.mark.slow
@pytest.mark.usefixtures("little_watched")
@pytest.mark.parametrize(
    "objectives",
    [({"mae": 1.0},), ({"jepa": 1.0},), ({"latent": 1.0}, {"mae": 1.0, "lejepa": 0.1})],
)
def test_an_interrupted_pretraining_ends_with_the_same_weights(
    corpus, tmp_path, objectives
):
    settings = SETTINGS.model_copy(
        update={
            "steps": 24, "objectives": objectives, "checkpoint_every": 5,
            "watch_every": 8,
        }
    )  # fmt: skip
    whole = build(corpus)
    _, history = run(whole, corpus, tmp_path / "a", settings)

    def stop(message, done, total):
        if done == 19:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(build(corpus), corpus, tmp_path / "b", settings, progress=stop)
    resumed, steps = build(corpus), []
    _, history_again = run(
        resumed, corpus, tmp_path / "b", settings,
        progress=lambda m, done, t: steps.append(done),
    )  # fmt: skip
    # The last checkpoint: of 5, 10, 15; or of 12 + 5 in the second stage.
    assert steps[0] == (16 if len(objectives) == 1 else 18)
    assert history_again == history
    for name, value in whole.state_dict().items():
        assert value.equal(resumed.state_dict()[name]), name


@pytest.mark.usefixtures("little_watched")
def test_a_checkpoint_of_another_stage_is_not_resumed(corpus, tmp_path):
    short = SETTINGS.model_copy(update={"steps": 6, "checkpoint_every": 2})
    path = tmp_path / "c"
    run(build(corpus), corpus, path, short)
    steps = []
    run(
        build(corpus), corpus, path, short, fingerprint="y",
        progress=lambda m, done, t: steps.append(done),
    )  # fmt: skip
    assert steps[0] == 1


@pytest.mark.usefixtures("little_watched")
def test_a_diverging_loss_stops_and_keeps_the_last_good_checkpoint(corpus, tmp_path):
    wild = SETTINGS.model_copy(update={"learning_rate": 1e30, "checkpoint_every": 1})
    path = tmp_path / "c"
    with pytest.raises(
        DataError, match=r"last checkpoint is kept. Lower learning_rate"
    ):
        run(build(corpus), corpus, path, wild)
    assert path.is_file()


@pytest.mark.usefixtures("little_watched")
def test_a_reconstruction_keeps_what_was_visible(corpus, tmp_path):
    settings = SETTINGS.model_copy(update={"steps": 2})
    mixture, _ = run(build(corpus), corpus, tmp_path / "c", settings)
    example = reconstruct_example(mixture, corpus, seed=0)
    hidden = example["hidden"]
    assert hidden.mean() == pytest.approx(0.75, abs=0.01)
    same = (example["original"] == example["predicted"]).all(-1)
    np.testing.assert_array_equal(same, ~hidden)
    jepa = build_mixture(
        build(corpus), corpus, SETTINGS, weights={"jepa": 1.0}, n_steps=2, l_freq=0.5,
        seed=0,
    )  # fmt: skip
    assert reconstruct_example(jepa, corpus, seed=0) == {}


@pytest.mark.usefixtures("little_watched")
def test_the_stage_saves_encoder_untrained_twin_and_whom_it_saw(study, caplog):
    stage = describe_pretraining(Study(study))

    def stop(message, done, total):
        if done == 31:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_pretrain(Study(study), progress=stop)
    # What was measured can be read while it goes on.
    assert read_table(stage.folder / "metrics.tsv")["step"].tolist() == [0, 30]
    with caplog.at_level(logging.WARNING):
        run_pretrain(Study(study))
    assert stage.is_current()
    card = read_encoder_card(stage.folder)
    assert card["n_subjects"] == 12
    assert card["n_watched"] == 2
    assert card["n_windows"] == card["steps"] * SETTINGS.batch_size
    assert card["not_for"][0].startswith("the diagnosis of a person")
    assert card["steps"] in (30, 60)
    assert card["objective"] == "mae (log-spectrum, random masks)"
    assert card["warnings"] == [record.message for record in caplog.records]
    own = hash_subject("cohorts/students", "sub-001", card["salt"])
    assert own in card["seen_subjects"]
    other = hash_subject("cohorts/clinic", "sub-001", card["salt"])
    assert other not in card["seen_subjects"]
    assert len(card["seen_recordings"]) == 12
    assert card["data_sets"] == ["community", "students"]
    assert "sub-001" not in (stage.folder / "encoder.json").read_text()
    trained, untrained = (
        load_encoder(folder) for folder in (stage.folder, stage.folder / "random")
    )
    assert trained.spectrum_mean.equal(untrained.spectrum_mean)
    assert not trained.registers.equal(untrained.registers)
    assert read_table(stage.folder / "metrics.tsv")["step"].tolist() == [0, 30, 60]
    longer = study.model_copy(
        update={"pretraining": SETTINGS.model_copy(update={"steps": 61})}
    )
    assert not describe_pretraining(Study(longer)).is_current()


@pytest.mark.usefixtures("little_watched")
def test_the_shipped_encoder_is_taken_as_it_is(study, tmp_path):
    shipped = study.model_copy(
        update={
            "output_folder": tmp_path,
            "pretraining": SETTINGS.model_copy(
                update={"shipped": "tiny", "name": "shipped", "window_s": 10}
            ),
        }
    )
    assert shipped.source_cohorts == ()
    run_pretrain(Study(shipped))
    folder = tmp_path / "pretraining" / "shipped"
    assert describe_pretraining(Study(shipped)).is_current()
    own, original = load_encoder(folder), load_encoder(find_shipped("tiny"))
    assert own.registers.equal(original.registers)
    twin = load_encoder(folder / "random")
    assert twin.spectrum_mean.equal(own.spectrum_mean)
    assert not twin.registers.equal(own.registers)
    assert (
        read_encoder_card(folder)["seen_subjects"]
        == read_encoder_card(find_shipped("tiny"))["seen_subjects"]
    )
    other = shipped.model_copy(
        update={"harmonise": study.harmonise.model_copy(update={"l_freq": 1.0})}
    )
    with pytest.raises(ConfigError, match=r"l_freq=0.5, the study says 1;"):
        run_pretrain(Study(other))


def test_what_is_shipped_is_small_open_and_says_whom_it_saw():
    folder = find_shipped("tiny")
    assert (folder / "encoder.safetensors").stat().st_size < 8e6
    card = read_encoder_card(folder)
    assert set(card["cohorts"]) == {"ds004504_dementia", "eegmat", "ssvep_exo"}
    assert len(card["seen_subjects"]) == card["n_subjects"] == 136
    assert len(card["seen_recordings"]) == 192
    assert card["fingerprint_version"] == FINGERPRINT_VERSION
    assert card["data_sets"] == ["ds004504_dementia", "eegmat", "ssvep_exo"]
    labels = {f"sub-{number:03d}" for number in range(1, 89)}
    known = {hash_subject("ds004504_dementia", who, card["salt"]) for who in labels}
    assert known <= set(card["seen_subjects"])
    assert set(card["licences"].values()) <= {"CC0", "ODC-By 1.0"}
    assert card["settings"]["size"] == "tiny"


@pytest.mark.usefixtures("little_watched")
def test_going_on_starts_from_the_encoder_and_remembers_whom_it_saw(study, tmp_path):
    update = {"continue_from": "tiny", "name": "fitted", "steps": 2, "watch_every": 2}
    update |= {"window_s": 10}
    going_on = study.model_copy(
        update={
            "output_folder": tmp_path,
            "pretraining": SETTINGS.model_copy(update=update),
        }
    )
    (tmp_path / "cohorts").symlink_to(study.output_folder / "cohorts")
    run_pretrain(Study(going_on))
    folder = tmp_path / "pretraining" / "fitted"
    own, start = load_encoder(folder), load_encoder(find_shipped("tiny"))
    assert own.config == start.config
    apart = (own.registers - start.registers).abs().max()
    assert 0 < apart < 0.05
    card, before = read_encoder_card(folder), read_encoder_card(find_shipped("tiny"))
    assert card["salt"] == before["salt"]
    for key in ("seen_subjects", "seen_recordings", "data_sets"):
        assert set(before[key]) < set(card[key])
    assert card["n_subjects"] == before["n_subjects"] + 12
    assert card["objective"].startswith(f"{before['objective']}, then mae")
    assert set(study.source_cohorts) < set(card["cohorts"])
    strange = going_on.model_copy(
        update={"pretraining": SETTINGS.model_copy(update={"continue_from": "large"})}
    )
    with pytest.raises(ConfigError, match="there is no encoder in .*large"):
        run_pretrain(Study(strange))


def test_who_is_sealed_is_not_pretrained_on(study):
    """Going on with a clinic's recordings, without the people it will be tested on."""
    task = study.tasks["age"].model_copy(update={"cohort": "students"})
    update = {"cohorts": ("students", "community"), "without_sealed": True}
    sealing = study.model_copy(
        update={
            "tasks": {"age": task},
            "pretraining": SETTINGS.model_copy(update=update),
            "evaluation": study.evaluation.model_copy(
                update={"protocol": "hold-out", "holdout": {"sex": ("F",)}}
            ),
        }
    )
    corpus = open_study_corpus(Study(sealing))
    sexes = {"students": set(), "community": set()}
    for one in (*corpus.subjects, *corpus.left_out):
        sexes[one.cohort].add(one.facts.sex)
    assert sexes == {"students": {"M"}, "community": {"F", "M"}}
    assert describe_pretraining(Study(sealing)).settings["holdout"] == {"sex": ["F"]}
    holdout = {"protocol": "hold-out", "holdout": {"sexx": ("F",)}}
    misspelt = sealing.model_copy(
        update={"evaluation": study.evaluation.model_copy(update=holdout)}
    )
    for path in (open_study_corpus, Study.build_tasks):  # pretraining, and evaluation
        with pytest.raises(ConfigError, match="names the column 'sexx', which the"):
            path(Study(misspelt))
