"""How fast is the local page, and how much memory do four questions at once take?

    python benchmarks/serving.py FOLDER [--minutes 10] [--channels 64]

FOLDER holds a model, for example `neurograft-demo`. A recording is simulated, and sent
once and then four times at once; pages are opened twenty times each.
"""

import argparse
import contextlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import mne
import numpy as np
import pybv

SFREQ = 500
AT_ONCE = 4


def record(folder: Path, minutes: float, n_channels: int) -> list[Path]:
    """Write a BrainVision recording of 1/f noise with an alpha rhythm."""
    rng = np.random.default_rng(0)
    n_times = round(60 * minutes * SFREQ)
    white = np.fft.rfft(rng.standard_normal((n_channels, n_times)), axis=1)
    frequencies = np.fft.rfftfreq(n_times, 1 / SFREQ)
    white[:, 1:] /= np.sqrt(frequencies[1:])
    signals = np.fft.irfft(white, n_times)
    alpha = np.sin(2 * np.pi * 10 * np.arange(n_times) / SFREQ)
    signals = 12 * signals / signals.std() + 8 * alpha
    signals = 0.8 * signals + 2 * signals.mean(0)  # neighbours are alike
    names = mne.channels.make_standard_montage("biosemi64").ch_names[:n_channels]
    pybv.write_brainvision(
        data=signals * 1e-6,
        sfreq=SFREQ,
        ch_names=names,
        fname_base="visit",
        folder_out=folder,
        unit="µV",
    )
    return sorted(folder.glob("visit.*"))


def find_values(page: str, *names: str) -> dict[str, str]:
    """Find the values of fields of a form."""
    found = {}
    for name in names:
        match = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
        assert match is not None, name
        found[name] = match[1]
    return found


def ask(client: httpx2.Client, files: list[Path], form: dict[str, str]) -> float:
    """Send a recording; return the seconds from its arrival to the answer."""
    told = [("files", (path.name, path.read_bytes())) for path in files]
    headers = {"origin": str(client.base_url).rstrip("/")}
    sent = client.post("/patients", data=form, files=told, headers=headers)
    began = time.perf_counter()
    place = sent.headers["location"]
    while "hx-trigger" in client.get(f"{place}/state").text:
        time.sleep(0.05)
    spent = time.perf_counter() - began
    page = client.get(place).text
    assert "There is no answer" not in page, page
    return spent


def time_page(client: httpx2.Client, place: str) -> float:
    """Return the median seconds to open a page."""
    spent = []
    for _ in range(20):
        began = time.perf_counter()
        assert client.get(place).status_code == 200
        spent.append(time.perf_counter() - began)
    return float(np.median(spent))


def measure_memory(process: int) -> list[tuple[str, float]]:
    """Measure the memory of a process and of all that it started, MiB."""
    told: Any = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid=,rss=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(None, 3) for line in told.stdout.splitlines()]
    family = {process}
    for _ in range(4):
        family |= {int(row[0]) for row in rows if int(row[1]) in family}
    return [
        (row[3].split("neurograft", 1)[-1][:50], int(row[2]) / 1024)
        for row in rows
        if int(row[0]) in family
    ]


def say(name: str, measure: Callable[[], float]) -> None:
    """Measure something in seconds, and print it."""
    print(f"{name}: {measure():.2f} s", flush=True)


def main() -> None:
    """Measure one server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--channels", type=int, default=64)
    given = parser.parse_args()
    command = [sys.executable, "-m", "neurograft", "serve", str(given.folder)]
    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(
            [*command, "--port=0"], stdout=subprocess.PIPE, text=True
        ) as server,
        contextlib.ExitStack() as ending,
    ):
        assert server.stdout is not None
        ending.callback(server.terminate)
        link = server.stdout.readline().split()[-1]
        with httpx2.Client(base_url=link.split("/enter")[0], timeout=600) as client:
            client.get(link)
            say("start, until the first page", lambda: time.perf_counter() - began)
            form = find_values(client.get("/").text, "token", "model")
            files = record(Path(name), given.minutes, given.channels)
            say("first answer", lambda: ask(client, files, form))
            for _ in range(3):
                say("answer", lambda: ask(client, files, form))
            with ThreadPoolExecutor(AT_ONCE) as pool:
                spent = list(
                    pool.map(lambda _: ask(client, files, form), range(AT_ONCE))
                )
            print(f"{AT_ONCE} at once: {', '.join(f'{s:.2f}' for s in spent)} s")
            say("page of a patient", lambda: time_page(client, "/"))
            say("page of studies", lambda: time_page(client, "/studies"))
            for doing, mib in measure_memory(server.pid):
                print(f"memory of{doing}: {mib:.0f} MiB")


if __name__ == "__main__":
    main()
