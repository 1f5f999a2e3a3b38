"""Threads and processes change no gradient but by rounding."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from neurograft.errors import ConfigError
from neurograft.training import precision
from neurograft.training.parallel import (
    compute_gradients,
    count_threads,
    joined_processes,
    map_threads,
    torch_threads,
)

SCRIPT = """
import os
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ["NEUROGRAFT_PRECISION"] = "float32"  # there equal to 1e-5
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from neurograft.models.encoder import Encoder
from neurograft.pretraining import monitoring
from neurograft.pretraining import pretrain as module
from neurograft.pretraining.build import build_encoder
from neurograft.pretraining.corpus import open_corpus
from neurograft.config.pretraining import PretrainingConfig
from neurograft.training.parallel import count_processes, joined_processes
from neurograft.training import precision
from neurograft.store.signal_store import SignalStore

monitoring.N_LEARNED = monitoring.N_WATCHED = 24  # not the question here
root, output, *objectives = Path(sys.argv[1]), *sys.argv[2:]
with joined_processes() as device:
    stores = [SignalStore.open(root / name) for name in ("students", "community")]
    corpus = open_corpus(
        stores, n_times=512, validation_share=0.2, temperature=0.5, seed=0
    )
    for objective in objectives:
        settings = PretrainingConfig(
            size="nano", steps=8, batch_size=32, n_queries=16, watch_every=8,
            objectives=({objective: 1.0},), average_share=0.0,
        )
        encoder = build_encoder(corpus, settings, h_freq=45.0, seed=0)
        place = module.Place(Path(f"{output}.{objective}.checkpoint"), "x")
        mixture, _ = module.pretrain(
            encoder, corpus, settings, seed=0, l_freq=0.5, place=place, device=device
        )
        if count_processes()[0] == 0:
            torch.save(mixture.encoder.state_dict(), f"{output}.{objective}")
"""


OBJECTIVES = ("mae", "lejepa")


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory, small_study):
    """Weights by number of processes and objective."""
    folder = tmp_path_factory.mktemp("parallel")
    script = folder / "script.py"
    script.write_text(SCRIPT)
    shared = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    commands = {1: [sys.executable], 2: [*shared, "--nproc-per-node=2"]}
    cohorts = str(small_study.output_folder / "cohorts")
    found = {}
    for n, command in commands.items():
        output = folder / f"by-{n}"
        subprocess.run(
            [*command, str(script), cohorts, str(output), *OBJECTIVES],
            check=True, capture_output=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        for objective in OBJECTIVES:
            path = f"{output}.{objective}"
            found[n, objective] = torch.load(path, weights_only=True)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_two_processes_of_half_a_batch_equal_one_of_the_whole(pretrained, objective):
    one, two = (pretrained[n, objective] for n in (1, 2))
    assert one.keys() == two.keys()
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=1e-5, atol=1e-5)


def test_gradients_of_parts_add_up_for_a_loss_that_is_no_mean():
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 2)
    x = torch.randn(10, 3)

    def judge(responses):
        (all_rows,) = responses
        return torch.logdet(torch.cov(all_rows.T) + torch.eye(2))

    expected = torch.autograd.grad(judge([model(x)]), list(model.parameters()))
    for n_parts in (1, 3):
        loss = compute_gradients(
            model, x.tensor_split(n_parts), respond=lambda part: [model(part)],
            judge=judge,
        )  # fmt: skip
        assert loss == pytest.approx(judge([model(x)]).item(), rel=1e-6)
        for parameter, gradient in zip(model.parameters(), expected, strict=True):
            torch.testing.assert_close(parameter.grad, gradient)


def test_parameters_that_no_part_uses_get_no_gradient():
    model = torch.nn.ModuleList([torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)])
    compute_gradients(
        model, [torch.ones(4, 2)], respond=lambda part: [model[0](part)],
        judge=lambda responses: responses[0].mean(),
    )  # fmt: skip
    assert model[0].weight.grad is not None
    assert model[1].weight.grad is None


def test_threads_keep_order_and_give_back_the_number_of_threads():
    before = torch.get_num_threads()
    assert map_threads(lambda n: (n, torch.get_num_threads()), [3, 1, 2]) == [
        (3, 1), (1, 1), (2, 1),
    ]  # fmt: skip
    assert torch.get_num_threads() == before
    with pytest.raises(ZeroDivisionError), torch_threads(1):
        1 / 0  # noqa: B018
    assert torch.get_num_threads() == before


def test_the_number_of_threads_follows_the_environment(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert count_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "4,2")  # nested regions: not a number
    assert count_threads() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert count_threads() == os.cpu_count()


def test_without_torchrun_a_process_is_alone(monkeypatch):
    monkeypatch.delenv("RANK", raising=False)
    with joined_processes() as device:
        assert not torch.distributed.is_initialized()
    assert device.type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("avx2 avx512_bf16", True), ("amx_bf16", True), ("avx512f avx2", False)],
)
def test_half_precision_is_used_where_the_processor_has_it(
    tmp_path, monkeypatch, flags, expected
):
    facts = tmp_path / "cpuinfo"
    facts.write_text(f"flags : {flags}\n")
    monkeypatch.setattr(precision, "CPU_FACTS", facts)
    monkeypatch.delenv("NEUROGRAFT_PRECISION", raising=False)
    precision.has_fast_bfloat16.cache_clear()
    try:
        assert precision.has_fast_bfloat16() is expected
        with precision.autocast(torch.device("cpu")):
            product = torch.ones(2, 2) @ torch.ones(2, 2)
        assert product.dtype == (torch.bfloat16 if expected else torch.float32)
    finally:
        precision.has_fast_bfloat16.cache_clear()


def test_without_facts_of_the_processor_precision_stays_single(monkeypatch):
    monkeypatch.setattr(precision, "CPU_FACTS", Path("/nowhere"))
    precision.has_fast_bfloat16.cache_clear()
    try:
        assert precision.has_fast_bfloat16() is False
    finally:
        precision.has_fast_bfloat16.cache_clear()


@pytest.mark.parametrize("has_fast", [True, False])
@pytest.mark.parametrize("wanted", ["float32", "bfloat16"])
def test_the_environment_decides_precision_whatever_the_processor(
    monkeypatch, wanted, has_fast
):
    monkeypatch.setenv("NEUROGRAFT_PRECISION", wanted)
    monkeypatch.setattr(precision, "has_fast_bfloat16", lambda: has_fast)
    with precision.autocast(torch.device("cpu")):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == getattr(torch, wanted)
    assert precision.choose_precision(torch.device("cuda")) == wanted


def test_an_unknown_precision_is_refused_with_those_there_are(monkeypatch):
    monkeypatch.setenv("NEUROGRAFT_PRECISION", "float16")
    with pytest.raises(ConfigError, match="is 'float16'; set it to float32 or"):
        precision.autocast(torch.device("cpu"))
