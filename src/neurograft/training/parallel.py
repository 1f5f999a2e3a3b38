"""Gradients of a batch cut into parts: over threads here, over processes elsewhere.

A small network spends as much time starting and joining threads inside each operation
as computing. Giving every thread a part of the batch and the whole network instead is
a third faster on two cores, and the sum of gradients is the same.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

import torch
from torch import Tensor, distributed, nn

Part = TypeVar("Part")
Result = TypeVar("Result")


def count_threads() -> int:
    """Return `OMP_NUM_THREADS` if set, else the number of cores we may use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal():
        return int(asked)
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def torch_threads(n_threads: int) -> Iterator[None]:
    """Let torch use so many threads inside each operation, for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def map_threads(
    function: Callable[[Part], Result], parts: Sequence[Part]
) -> list[Result]:
    """Apply a function to parts, each in a thread that computes alone; in order."""
    if len(parts) == 1:
        return [function(parts[0])]
    with torch_threads(1):
        return list(_open_pool(len(parts)).map(function, parts))


@cache
def _open_pool(n_threads: int) -> ThreadPoolExecutor:
    """Open threads that stay, and with them the memory they have warmed up."""
    return ThreadPoolExecutor(n_threads)


def compute_gradients(
    model: nn.Module,
    parts: Sequence[Part],
    *,
    respond: Callable[[Part], list[Tensor]],
    judge: Callable[[list[Tensor]], Tensor],
) -> float:
    """Set the model's gradients to those of the loss of a batch cut into parts.

    The networks run on each part in a thread each; the loss sees the responses of
    all parts, of this process and of all others, so it need not be a mean over rows
    (gradient caching, Gao 2021). Threads and processes change no result but by
    rounding.

    Args:
        model: The module whose parameters get gradients.
        parts: Parts of this process's share of the batch.
        respond: Runs the networks on a part; rows of the responses are examples.
        judge: Loss of the responses of the whole batch.

    Returns:
        The loss.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    responses = map_threads(respond, parts)
    leaves = [[x.detach().requires_grad_() for x in part] for part in responses]
    joined = [torch.cat(columns) for columns in zip(*leaves, strict=True)]
    loss = judge([_gather(x) for x in joined])
    flat = [x for part in leaves for x in part]
    wanted = iter(torch.autograd.grad(loss, flat))
    slopes = [[next(wanted) for _ in part] for part in leaves]

    def differentiate(index: int) -> tuple[Tensor | None, ...]:
        return torch.autograd.grad(
            responses[index], parameters, slopes[index], allow_unused=True
        )

    results = map_threads(differentiate, range(len(parts)))
    for number, parameter in enumerate(parameters):
        known = [slope for part in results if (slope := part[number]) is not None]
        parameter.grad = sum(known, torch.zeros(())) if known else None
    _sum_over_processes(parameters)
    return loss.item()


def count_processes() -> tuple[int, int]:
    """Return this process's number and how many train together."""
    if not distributed.is_initialized():
        return 0, 1
    return distributed.get_rank(), distributed.get_world_size()


def _gather(rows: Tensor) -> Tensor:
    """Gather the rows of all processes; only this process's rows have a gradient."""
    rank, n_processes = count_processes()
    if n_processes == 1:
        return rows
    everyone = [torch.empty_like(rows) for _ in range(n_processes)]
    distributed.all_gather(everyone, rows.detach())
    everyone[rank] = rows
    return torch.cat(everyone)


def _sum_over_processes(parameters: Sequence[nn.Parameter]) -> None:
    """Add up the gradients that the rows of each process cause."""
    if count_processes()[1] == 1:
        return
    known = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in known])
    distributed.all_reduce(flat)
    sizes = [gradient.numel() for gradient in known]
    for gradient, total in zip(known, torch.split(flat, sizes), strict=True):
        gradient.copy_(total.reshape(gradient.shape))


@contextmanager
def joined_processes() -> Iterator[torch.device]:
    """Join the processes that `torchrun` started; yield the device of this one.

    NCCL on GPUs, gloo on CPUs; without `torchrun`, this process is alone.
    """
    has_gpu = torch.cuda.is_available()
    local = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device(f"cuda:{local}" if has_gpu else "cpu")
    if "RANK" not in os.environ or distributed.is_initialized():
        yield device
        return
    distributed.init_process_group("nccl" if has_gpu else "gloo")
    try:
        yield device
    finally:
        distributed.destroy_process_group()
