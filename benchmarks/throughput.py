"""How fast this machine pretrains and embeds, beside how fast it multiplies matrices.

Rates on shared machines wander; read them against the matrix rate of the same run.
Run with `make bench`.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import subprocess
import sys
import time
from collections.abc import Callable

import torch

from neurograft.models.encoder import SIZES, Encoder, EncoderConfig
from neurograft.pretraining.mae import MaskedAutoencoder
from neurograft.pretraining.masking import mask_at_random
from neurograft.training.loop import Recipe, make_optimizer

BATCH, N_CHANNELS, SECONDS, SFREQ = 64, 19, 10, 128


def time_calls(call: Callable[[], object], *, seconds: float = 8.0) -> float:
    """Median seconds of a call, after two calls to warm up."""
    times = []
    for _ in range(2):
        call()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return sorted(times)[len(times) // 2]


def measure_matmul() -> float:
    """GFLOP/s of fp32 matrix products."""
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return 2 * 1024**3 / time_calls(lambda: a @ b, seconds=3) / 1e9


def make_windows() -> dict[str, torch.Tensor]:
    """A batch of noise on random electrodes."""
    places = torch.nn.functional.normalize(torch.randn(BATCH, N_CHANNELS, 3), dim=-1)
    return {
        "signals": 10 * torch.randn(BATCH, N_CHANNELS, SECONDS * SFREQ),
        "positions": places,
        "channel_mask": torch.zeros(BATCH, N_CHANNELS, dtype=torch.bool),
        "scale": torch.full((BATCH,), 10.0),
    }


def measure_encoder(size: str) -> tuple[float, float]:
    """Windows per second of pretraining (75 % hidden, 64 queries) and of embedding."""
    encoder = Encoder(EncoderConfig.of_size(size, sfreq=SFREQ, h_freq=45))
    model = MaskedAutoencoder(encoder)
    optimizer = make_optimizer(model, Recipe(100, 1e-3, 0.05))
    windows, generator = make_windows(), torch.Generator().manual_seed(0)

    def step() -> None:
        tokens = encoder.tokenise(**windows)
        masking = mask_at_random(
            tokens.mask, mask_ratio=0.75, n_queries=64, generator=generator
        )
        optimizer.zero_grad(set_to_none=True)
        model(tokens, masking).backward()
        optimizer.step()

    def embed() -> None:
        with torch.inference_mode():
            encoder(**windows)

    return BATCH / time_calls(step), BATCH / time_calls(embed)


def measure_command(*command: str) -> float:
    """Median seconds of a command."""
    return time_calls(
        lambda: subprocess.run(command, capture_output=True, check=True), seconds=4
    )


def main() -> None:
    """Print the table."""
    print(f"{torch.get_num_threads()} threads, {measure_matmul():.0f} GFLOP/s fp32")
    print(f"{'size':<8}{'pretraining, windows/s':>24}{'embedding, windows/s':>24}")
    for size in SIZES:
        learned, embedded = measure_encoder(size)
        print(f"{size:<8}{learned:>24.0f}{embedded:>24.0f}")
    python = measure_command(sys.executable, "-c", "pass")
    helped = measure_command(sys.executable, "-m", "neurograft", "--help")
    print(f"--help: {helped:.2f} s, {helped / python:.0f} times an empty Python")


if __name__ == "__main__":
    main()
