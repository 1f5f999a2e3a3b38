"""The embedding stage: every window of every subject, named, whatever the montage."""

import numpy as np
import pytest
import torch

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.writing import write_recording
from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder, EncoderConfig
from neurograft.store.signal_store import SignalStore, write_index
from neurograft.store.window_choice import choose_windows
from neurograft.study.stages.embed import _name_rows
from neurograft.transfer.embedding import (
    embed_windows,
    make_encoder_pool,
    make_surrogate_pool,
    make_token_pool,
    randomise_phases,
)

FEW = ("Fz", "C3", "C4", "Pz", "O1", "O2")


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return Encoder(EncoderConfig.of_size("nano", sfreq=128, h_freq=45)).eval()


@pytest.fixture(scope="module")
def store(tmp_path_factory, make_recording):
    folder = tmp_path_factory.mktemp("store")
    recordings = [
        make_recording(participant_id="sub-1", duration_s=40, seed=1),
        make_recording(participant_id="sub-2", duration_s=60, seed=2, ch_names=FEW),
    ]
    entries = [
        write_recording(folder, harmonise_recording(r, HarmoniseConfig()))
        for r in recordings
    ]
    write_index(folder, entries, sfreq=128.0, has_microvolts=True)
    return SignalStore.open(folder)


def embed(store, pool):
    chosen, _ = choose_windows(store, n_windows=3, n_times=1280)
    return chosen, embed_windows(store, chosen, pool, n_times=1280)


def test_every_window_has_six_regions_whatever_the_montage(store, encoder):
    _, windows = embed(store, make_encoder_pool(encoder))
    assert windows.shape == (2, 3, 6, 2 * 96)
    assert np.isfinite(windows).all()
    _, tokens = embed(store, make_token_pool(encoder))
    assert tokens.shape == (2, 3, 6, 45)


def test_a_window_embedded_in_company_is_the_window_embedded_alone(store, encoder):
    pool = make_encoder_pool(encoder)
    chosen, together = embed(store, pool)
    for row, one in enumerate(chosen):
        alone = embed_windows(store, [one], pool, n_times=1280)
        np.testing.assert_allclose(alone[0], together[row], atol=1e-4)


def test_the_same_person_under_fewer_electrodes_is_close(
    make_recording, encoder, tmp_path
):
    full = make_recording(participant_id="sub-1", duration_s=40)
    keep = [
        full.ch_names.index(name)
        for name in full.ch_names
        if name not in ("Fp1", "T8", "P3")
    ]
    fewer = type(full)(
        full.key._replace(participant_id="sub-2"), full.signals[keep], full.sfreq,
        tuple(full.ch_names[i] for i in keep), full.positions[keep],
    )  # fmt: skip
    other = make_recording(participant_id="sub-3", duration_s=40, seed=5)
    entries = [
        write_recording(tmp_path, harmonise_recording(r, HarmoniseConfig()))
        for r in (full, fewer, other)
    ]
    write_index(tmp_path, entries, sfreq=128.0, has_microvolts=True)
    _, windows = embed(SignalStore.open(tmp_path), make_encoder_pool(encoder))
    same, different = windows.mean(1)[[0, 1]], windows.mean(1)[[0, 2]]
    assert np.linalg.norm(np.diff(same, axis=0)) < 0.7 * np.linalg.norm(
        np.diff(different, axis=0)
    )


def test_rows_are_named_by_subject_recording_and_second(store):
    chosen, _ = choose_windows(store, n_windows=3, n_times=1280)
    rows = _name_rows(store, chosen)
    assert rows["participant_id"].tolist() == ["sub-1", "sub-2"]
    assert rows["window_recording"][1].tolist() == ["sub-2_task-rest"] * 3
    assert rows["window_start_s"].shape == (2, 3)
    assert (np.diff(rows["window_start_s"], axis=1) >= 10).all()


def test_a_window_has_the_same_surrogate_whatever_its_neighbours():
    rng = torch.Generator().manual_seed(0)
    batch = WindowBatch(
        10 * torch.randn(6, 4, 256, generator=rng), torch.randn(6, 4, 3, generator=rng),
        torch.arange(1.0, 7.0), torch.zeros(6, 7),
    )  # fmt: skip
    together = randomise_phases(batch)
    split = [randomise_phases(part).signals for part in batch.split(3)]
    assert torch.cat(split).equal(together.signals)
    order = [3, 0, 5, 1, 4, 2]
    mixed = WindowBatch(batch.signals[order], batch.positions[order],
                        batch.scale[order], batch.acquisition[order])  # fmt: skip
    assert randomise_phases(mixed).signals.equal(together.signals[order])
    assert together.scale.equal(batch.scale)
    turns = torch.fft.rfft(together.signals) / torch.fft.rfft(batch.signals)
    one, other = turns[0, 0, 1:-1], turns[1, 0, 1:-1]
    assert (one - other).abs().mean() > 0.5  # windows do not share their phases


def test_surrogates_of_a_person_do_not_depend_on_who_else_is_embedded(store, encoder):
    pool = make_surrogate_pool(encoder)
    chosen, together = embed(store, pool)
    for row, one in enumerate(chosen):
        fewer = one._replace(windows=one.windows[1:])
        alone = embed_windows(store, [fewer], pool, n_times=1280)
        np.testing.assert_allclose(alone[0], together[row, 1:], atol=1e-4)
