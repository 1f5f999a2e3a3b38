"""How fast this machine pretrains and embeds, beside a plain ViT-MAE in the same run.

Rates on shared machines wander, so the two are measured in turns, round after round,
and the ratio is that of the medians. Run with `make bench`.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from yardstick import Windows, Yardstick

from neurograft.config.pretraining import PretrainingConfig
from neurograft.files.keys import RecordingKey
from neurograft.models.encoder import Encoder, EncoderConfig
from neurograft.montage.channels import template_positions
from neurograft.pretraining.build import build_encoder
from neurograft.pretraining.corpus import Corpus, open_corpus
from neurograft.pretraining.monitoring import Watch, embed_drawn
from neurograft.pretraining.pretrain import Place, pretrain
from neurograft.simulation.sites import TEN_TWENTY
from neurograft.simulation.windows import simulate_windows
from neurograft.store.signal_store import SignalStore, StoredRecording, write_index
from neurograft.training.parallel import count_threads, torch_threads

SFREQ, SECONDS, N_CHANNELS = 128, 10, 19
N_ROUNDS, STEPS_PER_ROUND = 4, 12
HOURS = 100
CPU = torch.device("cpu")


def make_store(folder: Path, *, hours: float, n_recordings: int) -> SignalStore:
    """A store of noise, as large as a real one."""
    rng = np.random.default_rng(0)
    n_times = int(hours * 3600 * SFREQ / n_recordings)
    places = np.array([template_positions()[name] for name in TEN_TWENTY])
    (folder / "signals").mkdir(parents=True)
    noise = rng.integers(-900, 900, (n_times, N_CHANNELS), dtype=np.int16)
    entries = []
    for number in range(n_recordings):
        key = RecordingKey("noise", f"sub-{number:03d}", task="rest")
        entry = StoredRecording(
            key=key, n_times=n_times, ch_names=TEN_TWENTY,
            positions=tuple(map(tuple, places.tolist())),
            steps_uv=(0.03,) * N_CHANNELS, scale_uv=10.0, segments=((0, n_times),),
            sha256="",
        )  # fmt: skip
        np.save(folder / entry.file, noise)
        entries.append(entry)
    write_index(folder, entries, sfreq=float(SFREQ), has_microvolts=True)
    return SignalStore.open(folder)


def measure_matmul(dtype: torch.dtype) -> float:
    """GFLOP/s of matrix products."""
    a = torch.randn(1024, 1024, dtype=dtype)
    times = []
    for _ in range(30):
        started = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - started)
    return 2 * 1024**3 / float(np.median(times)) / 1e9


class Ours:
    """neurograft's own training loop, measured step by step from its progress."""

    def __init__(self, corpus: Corpus, objective: str, folder: Path) -> None:
        self.corpus, self.objective, self.folder = corpus, objective, folder

    def run(self) -> float:
        """Seconds per step of a short pretraining, reading and updating included."""
        settings = PretrainingConfig(
            size="tiny", steps=STEPS_PER_ROUND, objectives=({self.objective: 1.0},),
            watch_every=10**6, checkpoint_every=10**6,
        )  # fmt: skip
        encoder = build_encoder(self.corpus, settings, h_freq=45.0, seed=0)
        times: list[float] = []
        with tempfile.TemporaryDirectory() as scratch:
            pretrain(
                encoder, self.corpus, settings, seed=0, l_freq=0.5,
                place=Place(Path(scratch) / "c", "x"),
                progress=lambda *_: times.append(time.perf_counter()),
            )  # fmt: skip
        return float(np.median(np.diff(times[:-1])))


def count_flops(n_channels: int) -> float:
    """GFLOP of one window: forward and twice that backward, matrix products only."""

    def block(n: int, n_keys: int, dim: int, *, cross: bool) -> float:
        own = n * (2 + 8) * dim**2 + n_keys * 2 * dim**2 if cross else n * 12 * dim**2
        return 2 * (own + 2 * n * n_keys * dim)

    n_patches = n_channels * SECONDS
    n_keep = round(0.25 * n_patches)
    seen = n_keep + 5
    embed = 2 * n_keep * (128 + 45 + 131) * 128
    encoder = 4 * block(seen, seen, 128, cross=False)
    decoder = 2 * block(64, n_keep, 96, cross=True) + 2 * 64 * 96 * (131 + 45)
    return 3 * (embed + encoder + decoder + 2 * n_keep * 128 * 96) / 1e9


def measure_steps(step: Callable[[], None]) -> float:
    """Median seconds per step."""
    times = []
    for _ in range(STEPS_PER_ROUND):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return float(np.median(times[1:]))


def measure_embedding(corpus: Corpus) -> float:
    """Windows per second of embedding with `tiny`."""
    encoder = Encoder(EncoderConfig.of_size("tiny", sfreq=SFREQ, h_freq=45)).eval()
    drawn = [corpus.draw(256, (0,))]
    times = []
    for _ in range(6):
        started = time.perf_counter()
        embed_drawn(encoder, drawn, device=CPU)
        times.append(time.perf_counter() - started)
    return 256 / float(np.median(times[1:]))


def measure_reading(corpus: Corpus) -> float:
    """Seconds to draw and read a batch."""
    return measure_steps(lambda: corpus.draw(64, (time.perf_counter_ns(),)) and None)


def measure_simulating() -> float:
    """Seconds of simulated signal per second, on one core."""

    def simulate() -> None:
        simulate_windows(
            64, n_channels=N_CHANNELS, n_times=SECONDS * SFREQ, sfreq=SFREQ,
            band=(0.5, 45.0), rng=np.random.default_rng(),
        )  # fmt: skip

    with threadpool_limits(1):
        return 64 * SECONDS / measure_steps(simulate)


def measure_command(*command: str) -> float:
    """Median seconds of a command."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - started)
    return float(np.median(times))


def measure_memory(folder: Path) -> float:
    """Peak GiB of a process that pretrains `tiny` on a store, watching included."""
    corpus = open_corpus(
        [SignalStore.open(folder)], n_times=SECONDS * SFREQ, validation_share=0.05,
        temperature=0.5, seed=0,
    )  # fmt: skip
    Ours(corpus, "mae", folder).run()
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 2**20


def main() -> None:
    """Print the tables."""
    if "--memory" in sys.argv:
        print(f"{measure_memory(Path(sys.argv[-1])):.2f}")
        return
    with tempfile.TemporaryDirectory() as scratch:
        store = make_store(Path(scratch) / "noise", hours=HOURS, n_recordings=200)
        corpus = open_corpus(
            [store], n_times=SECONDS * SFREQ, validation_share=0.05, temperature=0.5,
            seed=0,
        )  # fmt: skip
        Watch.measure = lambda *_: {  # type: ignore[method-assign]
            "watched_loss": 1.0, "predict_mean_loss": 1.0, "probe": 0.0
        }  # fmt: skip
        paths = [str(store.folder / one.file) for one in store.recordings]
        dataset = Windows(paths, [0.003] * len(paths), SECONDS * SFREQ, 10**6)
        yardstick = Yardstick(dataset, N_CHANNELS, SECONDS)
        ours = {
            name: Ours(corpus, name, Path(scratch))
            for name in ("mae", "jepa", "lejepa", "latent", "classical")
        }
        seconds: dict[str, list[float]] = {"yardstick": [], **{n: [] for n in ours}}
        reading, rates = [], {torch.float32: [], torch.bfloat16: []}
        for _ in range(N_ROUNDS):
            for dtype in rates:
                rates[dtype].append(measure_matmul(dtype))
            with torch_threads(count_threads()):
                seconds["yardstick"].append(measure_steps(yardstick.step))
            for name, one in ours.items():
                seconds[name].append(one.run())
            reading.append(measure_reading(corpus))
        print(
            f"{count_threads()} threads; matrix products, GFLOP/s: "
            + ", ".join(f"{k} {np.median(v):.0f}" for k, v in rates.items())
        )
        medians = {name: float(np.median(times)) for name, times in seconds.items()}
        print(f"{'':<12}{'windows/s':>10}{'vs yardstick':>14}{'cost vs mae':>13}")
        for name, median in medians.items():
            ratio = medians["yardstick"] / median
            cost = median / medians["mae"]
            print(f"{name:<12}{64 / median:>10.0f}{ratio:>14.2f}{cost:>13.2f}")
        flops = count_flops(N_CHANNELS)
        print(
            f"mae: {flops:.2f} GFLOP per window, {64 * flops / medians['mae']:.0f} "
            f"GFLOP/s reached; yardstick: {yardstick.n_parameters / 1e6:.2f} M weights"
        )
        print(
            f"reading a batch: {1e3 * np.median(reading):.1f} ms, "
            f"{np.median(reading) / medians['mae']:.1%} of a step, done beside it"
        )
        print(f"simulating: {measure_simulating():.0f} times real time on one core")
        print(f"embedding: {measure_embedding(corpus):.0f} windows/s")
        command = (sys.executable, __file__, "--memory", str(store.folder))
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        print(f"peak memory with a {HOURS} h store: {done.stdout.strip()} GiB")
    python = measure_command(sys.executable, "-c", "pass")
    helped = measure_command(sys.executable, "-m", "neurograft", "--help")
    print(f"--help: {helped:.2f} s, {helped / python:.0f} times an empty Python")


if __name__ == "__main__":
    main()
