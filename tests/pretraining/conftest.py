"""Windows, corpora and objectives that tests of pretraining share."""

import pytest
import torch

from neurograft.config.pretraining import PretrainingConfig
from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder, EncoderConfig
from neurograft.study.opened_study import Study
from neurograft.study.stages.pretrain import open_study_corpus

SETTINGS = PretrainingConfig(
    size="nano", window_s=4, steps=60, batch_size=16, n_queries=24, checkpoint_every=20,
    watch_every=30, learning_rate=3e-3, validation_share=0.2,
    objectives=({"mae": 1.0},),
)  # fmt: skip
SFREQ, N_BINS, SECONDS = 64, 30, 4


@pytest.fixture(scope="session")
def make_batch():
    """Noise on random electrodes."""

    def make(n=4, n_channels=8, seconds=SECONDS, seed=0):
        generator = torch.Generator().manual_seed(seed)
        n_times = seconds * SFREQ
        places = torch.randn(n, n_channels, 3, generator=generator)
        return WindowBatch(
            10 * torch.randn(n, n_channels, n_times, generator=generator),
            torch.nn.functional.normalize(places, dim=-1),
            torch.full((n,), 10.0),
            torch.zeros(n, 7),
        )

    return make


@pytest.fixture
def little_watched(watching_little):
    """Fewer windows are watched, where what is watched is not the question."""
    with watching_little():
        yield


@pytest.fixture
def encoder():
    """A small untrained encoder for the windows of `make_batch`."""
    torch.manual_seed(0)
    return Encoder(
        EncoderConfig(
            embed_dim=96, depth=2, num_heads=3, patch_size=SFREQ, n_bins=N_BINS
        )
    )


@pytest.fixture(scope="session")
def study(small_study):
    """Two simulated source cohorts, harmonised, with settings that are quick."""
    return small_study.model_copy(update={"pretraining": SETTINGS})


@pytest.fixture(scope="session")
def corpus(study):
    """The people of the source cohorts."""
    return open_study_corpus(Study(study))
