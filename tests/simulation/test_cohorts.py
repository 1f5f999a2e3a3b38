"""Simulated cohorts are BIDS folders that hold what their truth says."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError
from neurograft.recordings.reading import read_found
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites


def hash_files(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".edf", ".eeg", ".tsv")
    }


def test_cohorts_are_bids_folders_and_the_same_seed_gives_the_same_bytes(tmp_path):
    sites = default_sites(n_source=2, n_patients=1, n_controls=1, n_clinic_channels=19)
    calls = []
    for name in ("a", "b"):
        simulate_cohorts(
            tmp_path / name, sites=sites, duration_s=20, seed=3,
            progress=lambda *call: calls.append(call),
        )  # fmt: skip
    assert hash_files(tmp_path / "a") == hash_files(tmp_path / "b")
    assert len(calls) == 12
    simulate_cohorts(tmp_path / "a", sites=sites, duration_s=20, seed=3)  # done already
    found = find_recordings(
        "clinic", tmp_path / "a/clinic", CohortConfig(folder="clinic")
    )
    recording = read_found(found[0])
    assert recording.sfreq == 500
    assert recording.line_freq == 50
    assert recording.reference == "FCz"
    assert recording.duration_s == pytest.approx(20)
    people = pd.read_csv(tmp_path / "a/clinic/participants.tsv", sep="\t")
    assert sorted(people["group"]) == ["control", "patient"]
    truth = pd.read_csv(tmp_path / "a/truth/clinic/truth.tsv", sep="\t")
    assert truth["participant_id"].tolist() == people["participant_id"].tolist()
    assert "alpha_hz" not in people


@pytest.mark.slow  # two processes start anew
def test_two_processes_write_the_bytes_of_a_single_process(tmp_path):
    sites = default_sites(n_source=2)[:1]
    for jobs in (1, 2):
        simulate_cohorts(tmp_path / str(jobs), sites=sites, duration_s=20, n_jobs=jobs)
    assert hash_files(tmp_path / "1") == hash_files(tmp_path / "2")


def test_a_new_device_records_the_same_people_anew(tmp_path):
    sites = default_sites(n_patients=2, n_controls=2, n_clinic_channels=19,
                          new_device=True)[-2:]  # fmt: skip
    simulate_cohorts(tmp_path, sites=sites, duration_s=20, with_truth=True)
    old, new = (tmp_path / site.name for site in sites)
    tables = [(one / "participants.tsv").read_bytes() for one in (old, new)]
    assert tables[0] == tables[1]
    first, second = (
        read_found(find_recordings(one.name, one, CohortConfig(folder=one.name))[0])
        for one in (old, new)
    )
    assert (first.sfreq, second.sfreq) == (500, 256)
    before = first.signals[:, :10_000][:, ::500]
    after = second.signals[:, : 20 * 256][:, ::256]
    r = [np.corrcoef(x, y)[0, 1] for x, y in zip(before, after, strict=True)]
    assert np.abs(r).mean() < 0.4  # another hour, not a copy


def test_a_smaller_simulation_leaves_nobody_of_the_larger(tmp_path):
    for n in (3, 2):
        sites = default_sites(n_source=n, n_patients=1, n_controls=1)[:1]
        simulate_cohorts(tmp_path, sites=sites, duration_s=20)
    people = sorted(path.name for path in (tmp_path / "students").glob("sub-*"))
    assert people == ["sub-001", "sub-002"]


def test_a_folder_that_was_not_simulated_is_never_touched(tmp_path):
    mine = tmp_path / "students" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("years of work")
    sites = default_sites(n_source=2, n_patients=1, n_controls=1)[:1]
    with pytest.raises(DataError, match="exists and was not simulated"):
        simulate_cohorts(tmp_path, sites=sites, duration_s=20)
    assert mine.read_text() == "years of work"


def test_another_seed_gives_other_people(tmp_path):
    sites = default_sites(n_source=2, n_patients=1, n_controls=1)[:1]
    for seed in (0, 1):
        simulate_cohorts(tmp_path / str(seed), sites=sites, duration_s=20, seed=seed)
    a, b = (hash_files(tmp_path / str(seed)) for seed in (0, 1))
    assert all(a[name] != b[name] for name in a if name.endswith(".edf"))
