"""Shared fixtures and test-run settings."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

# Before torch is imported: idle threads sleep instead of spinning.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Tests that run side by side have a core each.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import settings

from neurograft.config.study import StudyConfig
from neurograft.files.keys import RecordingKey
from neurograft.montage.channels import canonical_name, template_positions
from neurograft.recordings.recording import Recording
from neurograft.simulation import sites
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import run_harmonise

# The first call of a shape-checked function compiles its checker (about 1 s).
settings.register_profile("default", deadline=None, derandomize=True, max_examples=30)
settings.load_profile("default")

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"
TEN_TWENTY = tuple(map(canonical_name, sites.TEN_TWENTY))


@pytest.fixture(autouse=True)
def _keep_limits():
    """Take back a limit of memory that a test set here: browsers need more."""
    try:
        import resource
    except ImportError:  # Windows has none
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture(scope="session")
def keep_readers():
    """Let the processes that read recordings wait for the next run of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("neurograft.study.run.close_workers", lambda: None)
        yield


@pytest.fixture(scope="session")
def watching_little():
    """Few windows are watched: where an encoder takes ten steps, there is little."""

    @contextmanager
    def watch() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("neurograft.pretraining.monitoring.N_LEARNED", 24)
            patch.setattr("neurograft.pretraining.monitoring.N_WATCHED", 24)
            yield

    return watch


@pytest.fixture
def real_data() -> Path:
    """Folder of real recordings and reference results, or skip."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"{REAL_DATA} is not here: tests on real data are skipped")
    return REAL_DATA


@pytest.fixture(scope="session")
def build_once(tmp_path_factory):
    """Build a folder once for all processes that test side by side; not to be changed.

    As pytest-xdist advises for costly fixtures: who comes second waits.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def build(name, make) -> Path:
        folder = shared / "built" / name
        folder.parent.mkdir(exist_ok=True)
        with FileLock(f"{folder}.lock"):
            done = Path(f"{folder}.done")
            if not done.exists():
                make(folder)
                done.touch()
        return folder

    return build


@pytest.fixture(scope="session")
def make_recording():
    """Recordings with a shared background, so that channels resemble each other."""

    def make(
        *,
        ch_names=TEN_TWENTY,
        sfreq=256.0,
        duration_s=30.0,
        scale_uv=10.0,
        seed=0,
        participant_id="sub-01",
        **facts,
    ) -> Recording:
        rng = np.random.default_rng(seed)
        n_times = int(sfreq * duration_s)
        frequencies = np.fft.rfftfreq(n_times, 1 / sfreq)
        shape = 1 / np.maximum(frequencies, 1)
        noise = rng.standard_normal((2, len(ch_names) + 3, frequencies.size))
        waves = np.fft.irfft((noise[0] + 1j * noise[1]) * shape, n=n_times)
        places = np.array([template_positions()[name] for name in ch_names])
        signals = waves[3:] * 0.3 + places @ waves[:3]
        signals *= scale_uv / signals.std()
        key = RecordingKey("cohort", participant_id, task="rest")
        return Recording(key, signals, sfreq, ch_names, places, **facts)

    return make


class _References(HTMLParser):
    """Everything a page would load from elsewhere."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            outside = name in ("src", "href", "xlink:href", "data") and value
            # A link to a page beside this one loads nothing.
            beside = tag == "a" and value and not re.match(r"\w+:|/", value)
            if outside and not beside and not value.startswith(("#", "data:")):
                self.found.append((tag, name, value))


@pytest.fixture(scope="session")
def find_references():
    """List what a page would load from elsewhere."""

    def find(page: str) -> list[tuple[str, str, str]]:
        parser = _References()
        parser.feed(page)
        return parser.found

    return find


@pytest.fixture(scope="session")
def small_study(tmp_path_factory) -> StudyConfig:
    """Two simulated source cohorts, harmonised, of 19 and 32 channels."""
    folder = tmp_path_factory.mktemp("study")
    chosen = sites.default_sites(n_source=6, n_patients=1, n_controls=1)[:2]
    simulate_cohorts(folder / "cohorts", sites=chosen, duration_s=40)
    study = StudyConfig(
        name="test",
        data_folder=folder / "cohorts",
        output_folder=folder / "results",
        cohorts={n: {"folder": n} for n in ("students", "community", "clinic")},
        tasks={"age": {"kind": "regression", "cohort": "clinic", "column": "age"}},
    )
    for cohort in study.source_cohorts:
        run_harmonise(Study(study), cohort)
    return study
