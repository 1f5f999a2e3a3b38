"""Damage files of all kinds: each must be a row with its reason, or a sentence.

    python benchmarks/fuzz.py --files 10000

Bytes are flipped, left out, doubled and replaced by what breaks readers. Recordings are
opened in child processes, as in a run. A traceback, a hang or a mistake of a reader is
printed, and the exit code is 1.
"""

import argparse
import json
import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import mne
import numpy as np
import pybv
import torch
from edfio import Bdf, BdfSignal, Edf, EdfAnnotation, EdfSignal

from neurograft.cohorts.demographics import parse_demographics
from neurograft.cohorts.participants import read_participants
from neurograft.config.cohort import CohortConfig
from neurograft.config.study import read_study
from neurograft.errors import PackageError
from neurograft.files.stage import Stage, read_fingerprint
from neurograft.harmonising.processes import close_workers, run_isolated
from neurograft.models.saving import find_shipped, load_encoder, read_encoder_card
from neurograft.training.checkpoints import load_checkpoint, save_checkpoint

NAMES = ["Fp1", "Cz", "O2", "Pz"]
LIMITS: dict[str, Any] = {"physical_dimension": "uV", "physical_range": (-500, 500)}
# What breaks readers: zeros, signs, numbers without end, quotes, deep nesting.
TOKENS = (
    b"\x00", b"\xff", b"-1", b"0", b"1e308", b"nan", b"inf", b"99999999", b'"', b"\t",
    b"\n", b"[", b"{", b"}", b",", b"\\", b"\xef\xbb\xbf", b"\xff\xfe", b"  ",
    b"[" * 3000, b"Huber 17.03.56", b"n/a",
)  # fmt: skip
HEADER_BYTES = 1500
# What a reason must not say. A library that ends its own process (SciPy does for some
# `.set` files) ends no run: that is a row.
BROKEN = ("the reader failed", "without an end")
STUDY = """name = "Mine"
[cohorts.clinic]
folder = "clinic"
[pretraining]
shipped = "tiny"
[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]
"""


def mutate(content: bytes, rng: random.Random) -> bytes:
    """Return a damaged copy of a file; its beginning is hit most often."""
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        reach = HEADER_BYTES if rng.random() < 0.7 else len(damaged)
        place = rng.randrange(max(1, min(reach, len(damaged))))
        length = rng.choice((1, 1, 4, 8, 64))
        kind = rng.randrange(6)
        if kind == 0:
            damaged[place : place + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            del damaged[place : place + length]
        elif kind == 2:
            damaged[place:place] = damaged[place : place + length]
        elif kind == 3:
            token = rng.choice(TOKENS)
            damaged[place : place + len(token)] = token
        elif kind == 4:
            damaged[place:place] = rng.choice(TOKENS)
        else:
            del damaged[place + rng.randrange(len(damaged)) :]
    return bytes(damaged)


def _signals() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 20, (len(NAMES), 6 * 128))


def _make_edf(folder: Path) -> list[str]:
    signals = [
        EdfSignal(row, 128, label=n, **LIMITS)
        for row, n in zip(_signals(), NAMES, strict=True)
    ]
    Edf(signals, annotations=[EdfAnnotation(1, 1, "eyes closed")]).write(
        folder / "a.edf"
    )
    return ["a.edf"]


def _make_bdf(folder: Path) -> list[str]:
    signals = [
        BdfSignal(row, 128, label=n, **LIMITS)
        for row, n in zip(_signals(), NAMES, strict=True)
    ]
    Bdf(signals).write(folder / "a.bdf")
    return ["a.bdf"]


def _make_brainvision(folder: Path) -> list[str]:
    pybv.write_brainvision(
        data=_signals() * 1e-6, sfreq=128, ch_names=NAMES, fname_base="a",
        folder_out=folder, events=[{"onset": 5, "duration": 1, "description": 3}],
        unit="µV", resolution=0.01, fmt="binary_int16",
    )  # fmt: skip
    return ["a.vhdr", "a.vmrk", "a.eeg"]


def _make_set(folder: Path) -> list[str]:
    info = mne.create_info(NAMES, 128.0, "eeg")
    raw = mne.io.RawArray(_signals() * 1e-6, info, verbose="error")
    mne.export.export_raw(folder / "a.set", raw, verbose="error")
    return ["a.set"]


def _make_sidecars(folder: Path) -> list[str]:
    eeg = folder / "sub-1/eeg"
    eeg.mkdir(parents=True)
    _make_edf(eeg)
    (eeg / "a.edf").rename(eeg / "sub-1_eeg.edf")
    about = {"SamplingFrequency": 128, "EEGReference": "Cz", "PowerLineFrequency": 50}
    (eeg / "sub-1_eeg.json").write_text(json.dumps(about))
    rows = "".join(f"{n}\tEEG\tuV\tgood\n" for n in NAMES)
    (eeg / "sub-1_channels.tsv").write_text("name\ttype\tunits\tstatus\n" + rows)
    (eeg / "sub-1_events.tsv").write_text("onset\tduration\ttrial_type\n1\t2\teyes\n")
    rows = "".join(f"{n}\t0.0{i}\t0.1\t0.1\n" for i, n in enumerate(NAMES))
    (eeg / "sub-1_electrodes.tsv").write_text("name\tx\ty\tz\n" + rows)
    (eeg / "sub-1_coordsystem.json").write_text('{"EEGCoordinateUnits": "m"}')
    return sorted(f"sub-1/eeg/{p.name}" for p in eeg.iterdir() if p.suffix != ".edf")


def _make_table(folder: Path) -> list[str]:
    rows = "".join(f"sub-{i}\t{30 + i}\tF\tcontrol\n" for i in range(20))
    header = "participant_id\tage\tsex\tgroup\n"
    (folder / "participants.tsv").write_text(header + rows)
    return ["participants.tsv"]


def _make_study(folder: Path) -> list[str]:
    (folder / "study.toml").write_text(STUDY)
    return ["study.toml"]


def _make_encoder(folder: Path) -> list[str]:
    shutil.copytree(find_shipped("tiny"), folder, dirs_exist_ok=True)
    return ["encoder.json", "encoder.safetensors"]


def _learner() -> tuple[dict[str, torch.nn.Module], torch.optim.AdamW]:
    module = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(module.parameters())
    module(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return {"m": module}, optimizer


def _make_checkpoint(folder: Path) -> list[str]:
    save_checkpoint(folder / "c.safetensors", *_learner(), {"step": 1})
    return ["c.safetensors"]


def _make_provenance(folder: Path) -> list[str]:
    Stage(folder, {"a": 1}, {"b": "c"}).finish()
    return ["provenance.json"]


def _inspect(path: Path, root: str = "") -> str:
    row = run_isolated(
        {
            "do": "inspect", "key": ["", path.name, "", "", "", ""], "path": str(path),
            "bids_root": root, "problem": "", "base": str(path.parent),
            "settings": CohortConfig(folder=path.parent).model_dump(mode="json"),
        }
    )  # fmt: skip
    reason = str(row["reason"])
    return reason if any(word in reason for word in BROKEN) else ""


def _open_recording(folder: Path) -> str:
    ending = (".edf", ".bdf", ".vhdr", ".set")
    return _inspect(next(p for p in folder.iterdir() if p.suffix in ending))


def _open_sidecars(folder: Path) -> str:
    return _inspect(folder / "sub-1/eeg/sub-1_eeg.edf", str(folder))


def _open_table(folder: Path) -> str:
    settings = CohortConfig(folder=folder)
    parse_demographics(read_participants(folder, settings), settings)
    return ""


def _open_study(folder: Path) -> str:
    read_study(folder / "study.toml")
    return ""


def _open_encoder(folder: Path) -> str:
    read_encoder_card(folder)
    load_encoder(folder)
    return ""


def _open_checkpoint(folder: Path) -> str:
    load_checkpoint(folder / "c.safetensors", *_learner())
    return ""


def _open_provenance(folder: Path) -> str:
    read_fingerprint(folder)
    Stage(folder, {"a": 1}, {"b": "c"}).is_current()
    return ""


Maker = Callable[[Path], list[str]]
Opener = Callable[[Path], str]
# Each kind: what makes its files and lists those to damage, and what opens them.
KINDS: dict[str, tuple[Maker, Opener]] = {
    "EDF": (_make_edf, _open_recording),
    "BDF": (_make_bdf, _open_recording),
    "BrainVision": (_make_brainvision, _open_recording),
    ".set": (_make_set, _open_recording),
    "sidecars": (_make_sidecars, _open_sidecars),
    "tables": (_make_table, _open_table),
    "study files": (_make_study, _open_study),
    "encoders": (_make_encoder, _open_encoder),
    "checkpoints": (_make_checkpoint, _open_checkpoint),
    "provenance": (_make_provenance, _open_provenance),
}


def fuzz_kind(kind: str, n_files: int, seed: int, folder: Path) -> Counter[str]:
    """Damage files of one kind, and count what came of it.

    Args:
        kind: One of `KINDS`.
        n_files: How many.
        seed: Of the damages.
        folder: Empty, for the files.

    Returns:
        Counts of `read`, `sentence` and of what went wrong, in words.
    """
    make, open_it = KINDS[kind]
    rng = random.Random(f"{kind} {seed}")
    names = make(folder)
    whole = {name: (folder / name).read_bytes() for name in names}
    counts: Counter[str] = Counter()
    for _ in range(n_files):
        name = rng.choice(names)
        (folder / name).write_bytes(mutate(whole[name], rng))
        try:
            wrong = open_it(folder)
            counts[wrong or "read or a row"] += 1
        except PackageError:
            counts["a sentence"] += 1
        except Exception as error:  # noqa: BLE001 - what is looked for
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(last.filename).name}:{last.lineno}"
            counts[f"TRACEBACK {type(error).__name__} {place} {name}"] += 1
        (folder / name).write_bytes(whole[name])
    return counts


GOOD = {"read or a row", "a sentence"}


def fuzz(n_files: int, seed: int = 0) -> dict[str, Counter[str]]:
    """Damage files of every kind in two threads, and count what came of each."""
    each = -(-n_files // len(KINDS))
    with tempfile.TemporaryDirectory() as root, ThreadPoolExecutor(2) as pool:
        jobs = {}
        for number, kind in enumerate(KINDS):
            folder = Path(root) / str(number)
            folder.mkdir()
            jobs[kind] = pool.submit(fuzz_kind, kind, each, seed, folder)
        found = {kind: job.result() for kind, job in jobs.items()}
    close_workers()
    return found


def main() -> None:
    """Print what came of every kind; the exit code is 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    begin = time.monotonic()
    found = fuzz(arguments.files, arguments.seed)
    for kind, counts in found.items():
        print(f"{kind}: {sum(counts.values())} files")
        for what, n in counts.most_common():
            print(f"    {n:6d} {what}")
    print(f"{time.monotonic() - begin:.0f} s")
    sys.exit(any(set(counts) - GOOD for counts in found.values()))


if __name__ == "__main__":
    main()
