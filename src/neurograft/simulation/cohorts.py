"""Write cohorts with known truth, as BIDS folders that a clinic could have written.

Example:
    >>> import tempfile
    >>> one = default_sites(n_source=1)[:1]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     simulate_cohorts(Path(folder), sites=one, duration_s=20)
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['students', 'truth']
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pybv
from edfio import Edf, EdfSignal
from joblib import Parallel, delayed

from neurograft.errors import DataError
from neurograft.files.stage import Stage
from neurograft.files.tables import write_table
from neurograft.files.writing import write_json, write_text
from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.person import Person, draw_person
from neurograft.simulation.sites import MONTAGES, Site, default_sites
from neurograft.types import FloatArray, Progress, no_progress

# Version of the standard that the folders follow.
BIDS_VERSION = "1.9.0"
# Task entity of the recordings: rest with eyes closed.
TASK = "rest"
# File that every BIDS folder has.
DESCRIPTION_FILE = "dataset_description.json"
# Mark in a folder's description, by which a simulated folder is known.
GENERATOR = "neurograft simulate"
# Folder of what no clinic would know.
TRUTH_FOLDER = "truth"
# What a clinic would know of its people; the rest is the truth behind them.
PEOPLE_COLUMNS = ("participant_id", "age", "sex", "group")
# The groups of a site with patients in random order: labels with nothing to find.
SHUFFLED = "shuffled_group"


def simulate_cohorts(
    folder: Path | str,
    *,
    sites: Sequence[Site] = (),
    duration_s: int = 120,
    seed: int = 0,
    with_truth: bool = False,
    with_shuffled: bool = False,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> None:
    """Write every site as a BIDS folder `folder/<site>`, its truth in `folder/truth`.

    Each person has a separate random stream, so that the bytes are the same whatever
    `n_jobs`. A site that was finished with the same settings is left alone.

    Args:
        folder: Folder of the cohorts.
        sites: Sites to simulate; `default_sites()` if empty.
        duration_s: Length of every recording, seconds.
        seed: Seed of everything random.
        with_truth: Write the true rhythms into the participants tables too.
        with_shuffled: Write the groups of sites with patients in random order too.
        n_jobs: Processes.
        progress: Called after every recording.

    Raises:
        DataError: If a folder exists and was not simulated.
    """
    folder, sites = Path(folder), sites or default_sites()
    for number, site in enumerate(sites):
        settings = {"site": asdict(site), "duration_s": duration_s, "seed": seed}
        settings |= {"with_truth": with_truth, "with_shuffled": with_shuffled}
        stage = Stage(folder / TRUTH_FOLDER / site.name, settings, {})
        if stage.is_current():
            continue
        _clear(folder / site.name)
        stage.begin()
        people = _draw_people_of(site, sites, seed)
        table = tabulate_people(people)
        shown = table if with_truth else table[list(PEOPLE_COLUMNS)]
        if with_shuffled and site.n_patients:
            shown = shown.assign(
                **{SHUFFLED: _shuffle_groups(site, sites, table, seed)}
            )
        _write_dataset(folder / site.name, site, shown)
        jobs = [
            (label, people[i], [seed, number, i])
            for i, label in enumerate(table["participant_id"])
        ]
        write = partial(_write_person, folder / site.name, site, duration_s)
        _write_all(write, jobs, n_jobs, partial(progress, f"simulating {site.name}"))
        write_table(stage.folder / "truth.tsv", table)
        stage.finish()


def _write_all(
    write: Callable[..., None],
    jobs: Sequence[tuple[Any, ...]],
    n_jobs: int,
    progress: Callable[[int, int], None],
) -> None:
    """Write the recordings of people, spread over processes."""
    calls = (delayed(write)(*job) for job in jobs)
    written = Parallel(n_jobs=n_jobs, return_as="generator")(calls)
    for done, _ in enumerate(written, start=1):
        progress(done, len(jobs))


def _draw_people_of(site: Site, sites: Sequence[Site], seed: int) -> list[Person]:
    """Draw the people of a site, or again those of the site whose people come here."""
    names = [every.name for every in sites]
    home = names.index(site.people_of or site.name)
    return draw_people(sites[home], np.random.default_rng([seed, home]))


def _shuffle_groups(
    site: Site, sites: Sequence[Site], table: pd.DataFrame, seed: int
) -> Any:
    """Return the groups in random order, the same wherever these people come."""
    home = [every.name for every in sites].index(site.people_of or site.name)
    return np.random.default_rng([seed, home, len(table)]).permutation(table["group"])


def draw_people(site: Site, rng: np.random.Generator) -> list[Person]:
    """Draw a site's people, patients and controls of the same ages, in mixed order."""
    is_patient = np.arange(site.n_patients + site.n_controls) < site.n_patients
    rng.shuffle(is_patient)
    return [
        draw_person(
            rng,
            age=round(float(rng.uniform(*site.ages)), 1),
            sex="F" if rng.random() < site.share_female else "M",
            is_patient=bool(patient),
            disease_effect=site.disease_effect,
        )
        for patient in is_patient
    ]


def tabulate_people(people: Sequence[Person]) -> pd.DataFrame:
    """Return a row per person: BIDS label, group and the true rhythms."""
    table = pd.DataFrame([asdict(person) for person in people])
    labels = [f"sub-{i:03d}" for i in range(1, len(people) + 1)]
    groups = table.pop("is_patient").map({True: "patient", False: "control"})
    table.insert(0, "participant_id", labels)
    table.insert(3, "group", groups)
    return table


def _clear(root: Path) -> None:
    """Remove an earlier simulation; refuse to remove anything else."""
    if not root.exists():
        return
    path = root / DESCRIPTION_FILE
    if not path.is_file() or GENERATOR not in path.read_text(encoding="utf-8"):
        raise DataError(f"{root} exists and was not simulated; choose another folder.")
    shutil.rmtree(root)


def _write_dataset(root: Path, site: Site, people: pd.DataFrame) -> None:
    """Write the description, the read-me and the table of people of a site."""
    write_json(
        root / DESCRIPTION_FILE,
        {
            "Name": f"Simulated cohort: {site.name}",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "License": "CC0",
            "GeneratedBy": [{"Name": GENERATOR}],
        },
    )
    write_text(
        root / "README", "Simulated EEG with known truth. Nobody was recorded.\n"
    )
    write_table(root / "participants.tsv", people)
    columns = {
        "age": {"Description": "Age", "Units": "years"},
        "sex": {"Levels": {"F": "female", "M": "male"}},
        "group": {"Levels": {"patient": "has the disease", "control": "has not"}},
    }
    if SHUFFLED in people:
        columns[SHUFFLED] = {"Description": "The groups in random order: no truth"}
    write_json(root / "participants.json", columns)


def _write_person(
    root: Path,
    site: Site,
    duration_s: int,
    label: str,
    person: Person,
    seed: list[int],
) -> None:
    """Record a person at every visit; the first is the same as a single visit."""
    for visit in range(site.n_visits):
        rng = np.random.default_rng([*seed, visit] if visit else seed)
        signals = simulate_recording(person, site, duration_s=duration_s, rng=rng)
        entities = [label, f"ses-{visit + 1}"] if site.n_visits > 1 else [label]
        folder = root.joinpath(*entities, "eeg")
        folder.mkdir(parents=True, exist_ok=True)
        _write_recording(folder, "_".join([*entities, f"task-{TASK}"]), signals, site)


def _write_recording(folder: Path, stem: str, signals: FloatArray, site: Site) -> None:
    """Write a recording and its sidecars."""
    write = _write_edf if site.extension == ".edf" else _write_brainvision
    write(folder, f"{stem}_eeg", signals, site)
    write_json(
        folder / f"{stem}_eeg.json",
        {
            "TaskName": TASK,
            "EEGReference": "+".join(site.reference),
            "SamplingFrequency": site.sfreq,
            "PowerLineFrequency": site.line_freq,
            "SoftwareFilters": "n/a",
            "RecordingDuration": signals.shape[1] / site.sfreq,
            "RecordingType": "continuous",
        },
    )
    channels = pd.DataFrame(
        {"name": MONTAGES[site.n_channels], "type": "EEG", "units": "uV"}
    )
    write_table(folder / f"{stem}_channels.tsv", channels)


def _write_edf(folder: Path, stem: str, signals: FloatArray, site: Site) -> None:
    """Write signals as EDF."""
    limit = float(np.ceil(np.abs(signals).max() + 1))
    channels = [
        EdfSignal(
            signal,
            site.sfreq,
            label=name,
            physical_dimension="uV",
            physical_range=(-limit, limit),
        )
        for name, signal in zip(MONTAGES[site.n_channels], signals, strict=True)
    ]
    Edf(channels).write(folder / f"{stem}.edf")


def _write_brainvision(
    folder: Path, stem: str, signals: FloatArray, site: Site
) -> None:
    """Write signals as BrainVision."""
    pybv.write_brainvision(
        data=signals * 1e-6,
        sfreq=site.sfreq,
        ch_names=list(MONTAGES[site.n_channels]),
        fname_base=stem,
        folder_out=folder,
        overwrite=True,
        resolution=0.05,
        unit="µV",
        fmt="binary_int16",
    )
