"""How fast the data layer is, as ratios measured in one run.

    make bench-data                           all but the day-long recording
    python benchmarks/harmonising.py --day    memory of 24 hours of 64 channels

Nothing here is a test: timings of a shared machine say little alone, their ratios more.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mne
import numpy as np
from edfio import Edf, EdfSignal

from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.config.study import StudyConfig
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.inspected.making import make_inspection
from neurograft.harmonising.one_recording import (
    harmonise_one,
    make_request,
    make_rules,
)
from neurograft.harmonising.processes import close_workers
from neurograft.recordings.reading import read_found
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.store.inspection import find_inspection, write_inspection
from neurograft.store.signal_store import SignalStore
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import describe_harmonising, run_harmonise

MINUTES = 5
N_PEOPLE = 8


def make_study(folder: Path, cohort: str) -> StudyConfig:
    """A study that harmonises one cohort."""
    return StudyConfig(
        name="benchmark",
        data_folder=folder,
        output_folder=folder / "results",
        cohorts={cohort: {"folder": cohort}, "other": {"folder": "other"}},
        tasks={"age": {"kind": "regression", "cohort": "other", "column": "age"}},
    )


def script(path: Path, target: Path, line_freq: float) -> None:
    """What a person would write with MNE and pyprep: the same steps and output."""
    from pyprep.find_noisy_channels import NoisyChannels

    raw = mne.io.read_raw(path, preload=True, verbose="error")
    old = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}
    raw.rename_channels({k: v for k, v in old.items() if k in raw.ch_names})
    raw.set_montage("standard_1005", verbose="error")
    raw.notch_filter([line_freq], verbose="error")
    noisy = NoisyChannels(raw, ransac=False)
    noisy.find_bad_by_deviation()
    noisy.find_bad_by_hfnoise()
    noisy.find_bad_by_correlation()
    raw.filter(0.5, 45.0, verbose="error")
    raw.info["bads"] = noisy.get_bads()[:4]
    raw.interpolate_bads(verbose="error")
    raw.set_eeg_reference("average", verbose="error")
    raw.resample(128, verbose="error")
    signals = raw.get_data().T * 1e6
    step = signals.std(0) / 320
    np.save(target, np.rint(signals / step).astype(np.int16))


def compare_with_mne(folder: Path) -> None:
    """Seconds per recording, one process and one thread each, on the same files."""
    sites = default_sites(n_source=N_PEOPLE, n_patients=4, n_controls=4)
    simulate_cohorts(folder, sites=sites, duration_s=60 * MINUTES, n_jobs=2)
    print(f"Recordings of {MINUTES} minutes, seconds each (one process, one thread):")
    print(f"  {'':<34}{'script':>8}{'ours':>8}{'ratio':>8}")
    for site in sites:
        config = CohortConfig(folder=folder / site.name)
        found = find_recordings(site.name, folder / site.name, config)
        requests = [
            make_request(one, folder / "out", config, HarmoniseConfig())
            for one in found
        ]
        harmonise_one(requests[0])
        script(found[0].path, folder / "x.npy", site.line_freq)
        ours, theirs = [], []
        for one, request in zip(found, requests, strict=True):
            start = time.perf_counter()
            script(one.path, folder / "x.npy", site.line_freq)
            middle = time.perf_counter()
            harmonise_one(request)
            ours.append(time.perf_counter() - middle)
            theirs.append(middle - start)
        slow, fast = np.median(theirs), np.median(ours)
        what = f"{site.n_channels} channels, {site.sfreq} Hz, {site.extension}"
        print(f"  {what:<34}{slow:>8.2f}{fast:>8.2f}{slow / fast:>7.1f}x")


def measure_inspection(folder: Path) -> None:
    """Seconds of the processor that what pages show of a recording adds, and its size.

    On the recordings that `compare_with_mne` simulates.
    """
    print("What is shown of a recording (one process, one thread):")
    for site in default_sites(n_source=N_PEOPLE, n_patients=4, n_controls=4):
        config = CohortConfig(folder=folder / site.name)
        found = find_recordings(site.name, folder / site.name, config)[0]
        recording = read_found(found, make_rules(config))
        result = harmonise_recording(recording, HarmoniseConfig())
        request = make_request(found, folder / "out", config, HarmoniseConfig())
        whole, added = [], []
        for _ in range(5):
            start = time.process_time()
            harmonise_one(request)
            middle = time.process_time()
            shown = make_inspection(recording, result, has_microvolts=True)
            write_inspection(folder / "out", found.key.name, shown)
            added.append(time.process_time() - middle)
            whole.append(middle - start)
        share = min(added) / (min(whole) - min(added))
        size = find_inspection(folder / "out", found.key.name).stat().st_size / 1024
        what = f"{site.n_channels} channels, {site.sfreq} Hz, {site.extension}"
        print(f"  {what:<34}{min(added):>8.3f} s, {share:>4.0%} more, {size:.0f} KiB")


def compare_workers(folder: Path) -> None:
    """Wall time of the whole stage with one and two processes."""
    walls = {}
    for n_jobs in (1, 2):
        study = make_study(folder, "community")
        study = study.model_copy(update={"output_folder": folder / f"jobs{n_jobs}"})
        run_harmonise(Study(study), "community", n_jobs=n_jobs)  # starts the workers
        shutil.rmtree(folder / f"jobs{n_jobs}")
        start = time.perf_counter()
        run_harmonise(Study(study), "community", n_jobs=n_jobs)
        walls[n_jobs] = time.perf_counter() - start
    close_workers()
    print(f"Two processes against one: {walls[1] / walls[2]:.2f}x as fast")


def time_index(folder: Path) -> None:
    """Seconds to find 1 000 recordings and see that they are up to date."""
    root = folder / "many"
    signal = EdfSignal(np.zeros(128), 128, label="Cz", physical_dimension="uV",
                       physical_range=(-1, 1))  # fmt: skip
    Edf([signal]).write(folder / "tiny.edf")
    content = (folder / "tiny.edf").read_bytes()
    rows = ["participant_id\tage\tsex"]
    for number in range(1000):
        label = f"sub-{number:04d}"
        eeg = root / label / "eeg"
        eeg.mkdir(parents=True)
        (eeg / f"{label}_task-rest_eeg.edf").write_bytes(content)
        (eeg / f"{label}_task-rest_eeg.json").write_text('{"PowerLineFrequency": 50}')
        (eeg / f"{label}_task-rest_channels.tsv").write_text("name\ttype\nCz\tEEG\n")
        rows.append(f"{label}\t30\tF")
    (root / "participants.tsv").write_text("\n".join(rows) + "\n")
    study = make_study(folder, "many")
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        describe_harmonising(Study(study), "many").is_current()
        seconds.append(time.perf_counter() - start)
    print(f"Indexing 1 000 recordings: {seconds[0]:.2f} s, warm {seconds[1]:.2f} s")


def make_store(folder: Path, n_times: int) -> SignalStore:
    """A store of one 64-channel recording, written as the stage writes it."""
    from neurograft.files.keys import RecordingKey
    from neurograft.store.signal_store import StoredRecording, write_index

    entry = StoredRecording(
        RecordingKey("c", "sub-1"), n_times, tuple(f"E{i}" for i in range(64)),
        ((0.0, 0.0, 1.0),) * 64, (0.03,) * 64, 10.0, ((0, n_times),), "",
    )  # fmt: skip
    path = folder / entry.file
    path.parent.mkdir(parents=True)
    signals = np.lib.format.open_memmap(path, "w+", np.int16, (n_times, 64))
    rng = np.random.default_rng(0)
    for start in range(0, n_times, 100_000):
        stop = min(start + 100_000, n_times)
        signals[start:stop] = rng.integers(-900, 900, (stop - start, 64))
    signals.flush()
    write_index(folder, [entry], sfreq=128.0, has_microvolts=True)
    return SignalStore.open(folder)


READ = """
import json, sys, time
import numpy as np
from pathlib import Path
from neurograft.store.signal_store import SignalStore
store = SignalStore.open(Path(sys.argv[1]))
n = store.recordings[0].n_times - 1280
rng = np.random.default_rng(0)
starts = rng.integers(n, size=4000).tolist()
memory = np.load(store.folder / store.recordings[0].file, mmap_mode="r")
steps = np.array(store.recordings[0].steps_uv, np.float32)[:, None]
def ours():
    for s in starts: store.read(0, s, 1280)
def raw():
    for s in starts:
        np.multiply(memory[s:s+1280].T, steps, out=np.empty((64, 1280), np.float32))
ours()
rss = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
raw()
walls = {}
for name, f in (("ours", ours), ("raw", raw)) * 3:
    t = time.perf_counter(); f()
    walls[name] = min(walls.get(name, 9e9), time.perf_counter() - t)
print(json.dumps({"rss": rss / 1024, "ours": 4000 / walls["ours"],
                  "raw": 4000 / walls["raw"]}))
"""


def compare_reads(folder: Path) -> None:
    """Random windows as float32, and memory, of a store and one 100 times larger."""
    found = {}
    for name, n_times in (("small", 40_000), ("large", 4_000_000)):
        make_store(folder / name, n_times)
        done = subprocess.run(
            [sys.executable, "-c", READ, str(folder / name)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found[name] = json.loads(done.stdout)
    large, small = found["large"], found["small"]
    print(
        f"Random windows (64 channels, 10 s, as float32): {large['ours']:.0f} per "
        f"second, {large['ours'] / large['raw']:.2f} of a plain memory map"
    )
    print(
        f"Memory after reading 4 000 windows: {small['rss']:.0f} MiB; of a store 100 "
        f"times as large: {large['rss']:.0f} MiB"
    )


def write_day(
    path: Path, sfreq: int = 256, hours: int = 24, n_channels: int = 64
) -> None:
    """A day of simulated EEG, record by record."""
    names = mne.channels.make_standard_montage("biosemi64").ch_names
    rng = np.random.default_rng(0)
    second = EdfSignal(np.zeros(sfreq), sfreq, label="Cz", physical_dimension="uV",
                       physical_range=(-500, 500))  # fmt: skip
    signals = []
    for name in names[:n_channels]:
        one = EdfSignal(second.data, sfreq, label=name, physical_dimension="uV",
                        physical_range=(-500, 500))  # fmt: skip
        signals.append(one)
    Edf(signals).write(path)
    header = bytearray(path.read_bytes()[: 256 * (len(signals) + 1)])
    n_records = hours * 3600
    header[236:244] = str(n_records).ljust(8).encode()
    mixing = rng.normal(0, 1, (n_channels, 8)) + 1
    with path.open("wb") as file:
        file.write(header)
        for _ in range(n_records // 60):
            waves = rng.standard_normal((8, 60 * sfreq)).cumsum(1)
            waves -= np.linspace(0, 1, 60 * sfreq) * waves[:, -1:]
            block = mixing @ waves * 8 + rng.normal(0, 60, (n_channels, 60 * sfreq))
            block = block.reshape(n_channels, 60, sfreq).transpose(1, 0, 2)
            file.write(np.clip(block, -32000, 32000).astype("<i2").tobytes())


def measure_day(folder: Path) -> None:
    """Largest memory of the process that harmonises a day."""
    root = folder / "day/sub-01/eeg"
    root.mkdir(parents=True)
    path = root / "sub-01_task-rest_eeg.edf"
    write_day(path)
    size = path.stat().st_size / 2**30
    config = CohortConfig(folder=folder / "day")
    (found,) = find_recordings("day", folder / "day", config)
    request = make_request(found, folder / "out", config, HarmoniseConfig())
    code = (
        "import json, sys, time; from pathlib import Path\n"
        "from neurograft.harmonising.one_recording import harmonise_one\n"
        "t = time.perf_counter(); row = harmonise_one(json.loads(sys.argv[1]))\n"
        "status = Path('/proc/self/status').read_text()\n"
        "peak = int(status.split('VmHWM:')[1].split()[0])\n"
        "print(row['status'], row['reason'], peak / 1024, time.perf_counter() - t)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(request)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    *status, peak, wall = done.stdout.split()
    stored = next((folder / "out").rglob("*.npy")).stat().st_size / 2**30
    print(
        f"24 hours, 64 channels, 256 Hz ({size:.1f} GiB): {' '.join(status)}, "
        f"{float(wall):.0f} s, peak memory {float(peak):.0f} MiB, "
        f"stored {stored:.1f} GiB"
    )


def main() -> None:
    """Measure and print."""
    mne.set_log_level("error")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "--day" in sys.argv:
            measure_day(folder)
            return
        compare_with_mne(folder)
        measure_inspection(folder)
        compare_workers(folder)
        time_index(folder)
        compare_reads(folder)


if __name__ == "__main__":
    main()
