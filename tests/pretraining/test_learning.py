"""Twenty seconds of pretraining beat an untrained encoder on people never seen."""

import numpy as np
import pytest
import torch

from neurograft.models.batches import WindowBatch
from neurograft.montage.channels import template_positions
from neurograft.pretraining.build import build_encoder
from neurograft.pretraining.corpus import Drawn
from neurograft.pretraining.monitoring import embed_drawn, find_r2, probe_linearly
from neurograft.pretraining.pretrain import Place, pretrain
from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.person import draw_person
from neurograft.simulation.sites import TEN_TWENTY, default_sites
from neurograft.study.opened_study import Study
from neurograft.study.stages.pretrain import open_study_corpus

from .conftest import SETTINGS

N_PEOPLE, N_LABELLED, N_WINDOWS = 90, 30, 3


@pytest.fixture(scope="module")
def clinic():
    """People of the simulated clinic, whose amplifier pretraining never saw.

    Their recordings come from the simulator of cohorts (`brain.py`), not from that of
    windows with known latents.
    """
    site = default_sites(n_clinic_channels=19)[2]
    rng = np.random.default_rng(5)
    people = [
        draw_person(rng, age=rng.uniform(25, 80), sex="F") for _ in range(N_PEOPLE)
    ]
    places = np.array([template_positions()[name] for name in TEN_TWENTY])
    drawn = []
    for person in people:
        signals = simulate_recording(person, site, duration_s=30, rng=rng)
        spectrum = np.fft.rfft(signals)
        frequencies = np.fft.rfftfreq(signals.shape[1], 1 / site.sfreq)
        spectrum[:, (frequencies < 0.5) | (frequencies > 45)] = 0
        n_times = 30 * 128
        kept = spectrum[:, : n_times // 2 + 1] * (n_times / signals.shape[1])
        low = np.fft.irfft(kept, n=n_times)
        low = (low - low.mean(0)).reshape(19, N_WINDOWS, -1).transpose(1, 0, 2)
        scale = np.median(low.std(2))
        batch = WindowBatch(
            torch.from_numpy(low.astype(np.float32)),
            torch.from_numpy(places.astype(np.float32)).expand(N_WINDOWS, -1, -1),
            torch.full((N_WINDOWS,), float(scale)),
            torch.zeros(N_WINDOWS, 7),
        )
        drawn.append(Drawn(batch, ((0, 0, 0),) * N_WINDOWS))
    truth = np.array([[p.alpha_hz, p.theta, p.exponent] for p in people])
    return drawn, truth


def probe(encoder, clinic):
    """R2 of alpha frequency, theta and exponent from few labelled people."""
    drawn, truth = clinic
    embedded = embed_drawn(encoder, drawn, device=torch.device("cpu"))
    people = embedded.reshape(N_PEOPLE, N_WINDOWS, -1).mean(1)
    predicted = probe_linearly(
        people[:N_LABELLED], truth[:N_LABELLED], people[N_LABELLED:]
    )
    return find_r2(truth[N_LABELLED:], predicted)


@pytest.mark.slow
@pytest.mark.usefixtures("little_watched")
def test_a_short_pretraining_beats_the_untrained_encoder(study, clinic, tmp_path):
    settings = SETTINGS.model_copy(
        update={
            "steps": 120, "batch_size": 32, "objectives": ({"latent": 1.0},),
            "watch_every": 120, "learning_rate": 2e-3, "window_s": 10,
        }
    )  # fmt: skip
    long = study.model_copy(update={"pretraining": settings})
    corpus = open_study_corpus(Study(long))
    encoder = build_encoder(corpus, settings, h_freq=45.0, seed=0)
    before = probe(encoder, clinic)
    pretrain(
        encoder, corpus, settings, seed=0, l_freq=0.5, place=Place(tmp_path / "c", "x")
    )
    assert probe(encoder, clinic) > before + 0.03
