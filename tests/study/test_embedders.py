"""What embeds is what its name says: trained, untrained, tokens, surrogates."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from neurograft.config.study import StudyConfig
from neurograft.models.batches import WindowBatch
from neurograft.models.saving import load_encoder
from neurograft.study import embedders
from neurograft.study.embedders import list_embedders
from neurograft.study.opened_study import Study
from neurograft.transfer.embedding import (
    embed_windows,
    make_encoder_pool,
    make_surrogate_pool,
    make_token_pool,
)


def make_study(folder, methods=("dummy", "encoder"), **pretraining):
    return Study(
        StudyConfig(
            name="s",
            data_folder=folder,
            output_folder=folder,
            cohorts={"clinic": {"folder": "clinic"}},
            tasks={"age": {"kind": "regression", "cohort": "clinic", "column": "age"}},
            evaluation={"methods": methods},
            pretraining=pretraining or {"shipped": "tiny"},
        )
    )


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(0)
    places = rng.normal(size=(2, 3, 3)).astype(np.float32)
    places /= np.linalg.norm(places, axis=-1, keepdims=True)
    return WindowBatch(
        torch.from_numpy(rng.normal(0, 10, (2, 3, 256)).astype(np.float32)),
        torch.from_numpy(places),
        torch.full((2,), 10.0),
        torch.zeros(2, 7),
    )


@pytest.fixture
def twins(monkeypatch):
    """The packaged encoder, and the same without training, in place of files."""
    trained, untrained = load_encoder("tiny"), load_encoder("tiny")
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in untrained.parameters():
            weight.add_(0.1 * torch.randn_like(weight))

    def load(folder):
        return untrained if Path(folder).name == "random" else trained

    monkeypatch.setattr(embedders, "load_encoder", load)
    return trained, untrained


def test_every_name_has_the_pool_of_its_encoder(tmp_path, twins, batch):
    trained, untrained = twins
    found = list_embedders(make_study(tmp_path, ("dummy", "encoder", "surrogate")))
    expected = {
        "encoder": make_encoder_pool(trained),
        "random-encoder": make_encoder_pool(untrained),
        "tokens": make_token_pool(trained),
        "surrogate": make_surrogate_pool(trained),
    }
    assert list(found) == list(expected)
    with torch.inference_mode():
        values = {name: one.keywords["pool"](batch) for name, one in found.items()}
        for name, pool in expected.items():
            torch.testing.assert_close(values[name], pool(batch), rtol=0, atol=0)
    assert all(one.func is embed_windows for one in found.values())
    assert not torch.allclose(values["encoder"], values["random-encoder"])
    assert not torch.allclose(values["encoder"], values["surrogate"])


def test_surrogates_are_embedded_only_where_they_are_asked_for(tmp_path, twins):
    found = list_embedders(make_study(tmp_path))
    assert set(found) == {"encoder", "random-encoder", "tokens"}


def test_an_encoder_of_ones_own_stands_beside_its_random_twin(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent / "stages"), *sys.path])
    found = list_embedders(make_study(tmp_path, source="own_classes:Spectrum"))
    assert set(found) == {"encoder", "random-encoder"}
    sources = SimpleNamespace(
        **{name[:6]: one.keywords["source"] for name, one in found.items()}
    )
    np.testing.assert_array_equal(sources.encode.weights, np.eye(40))
    assert not np.allclose(sources.random.weights, np.eye(40))
