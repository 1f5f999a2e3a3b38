"""The simulated cohorts hold what their truth says."""

import hashlib

import mne
import numpy as np
import pandas as pd
import pytest
from scipy.signal import welch

from neurograft.cohorts.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError
from neurograft.montage.channels import template_positions
from neurograft.montage.head_model import compute_leadfield, place_sources
from neurograft.recordings.reading import read_recording
from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.cohorts import draw_people, simulate_cohorts
from neurograft.simulation.person import Person, draw_person
from neurograft.simulation.sites import MONTAGES, Site, default_sites

PERSON = Person(
    age=40, sex="F", is_patient=False, alpha_hz=10.0, exponent=1.4, offset=0.0,
    alpha=0.5, theta=0.0, beta=0.0,
)  # fmt: skip
SITE = Site(
    "site", 19, 256, ("A1", "A2"), 50, 3, 1.0, 0.1, 100, ".edf", (20, 60), 0.5, 3
)


def spectrum(person=PERSON, site=SITE, channel="O1", seed=0):
    """Power of one channel, average reference."""
    rng = np.random.default_rng(seed)
    signals = simulate_recording(person, site, duration_s=120, rng=rng)
    signals -= signals.mean(0)
    index = MONTAGES[site.n_channels].index(channel)
    return welch(signals[index], site.sfreq, nperseg=4 * site.sfreq)


@pytest.mark.parametrize(("montage", "n"), [(19, 19), (32, 32), (64, 64)])
def test_caps_have_as_many_different_electrodes_as_they_say(montage, n):
    assert len(set(MONTAGES[montage])) == n
    assert set(MONTAGES[montage]) <= set(template_positions())


def test_sources_cover_the_upper_head_evenly():
    places = place_sources(200)
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), 1)
    assert places[:, 2].min() > -0.26
    np.testing.assert_allclose(places[:, :2].mean(0), 0, atol=0.02)


def test_a_radial_source_is_strongest_above_itself():
    names = MONTAGES[64]
    gains = compute_leadfield(names, 64)
    sources = place_sources(64)
    radial = np.einsum("csk,sk->cs", gains, sources)
    places = np.array([template_positions()[name] for name in names])
    high = sources[:, 2] > 0.3
    nearest = (places @ sources.T).argmax(0)
    peaks = radial.argmax(0)
    distance = np.arccos(np.clip((places[nearest] * places[peaks]).sum(1), -1, 1))
    assert np.median(distance[high]) < 0.3  # radians; electrodes are 0.35 apart


@pytest.mark.parametrize("alpha_hz", [8.5, 10.0, 11.5])
def test_the_alpha_peak_is_where_the_truth_says(alpha_hz):
    person = Person(**{**vars(PERSON), "alpha_hz": alpha_hz})
    frequencies, power = spectrum(person)
    inside = (frequencies > 7) & (frequencies < 13)
    peak = frequencies[inside][power[inside].argmax()]
    assert peak == pytest.approx(alpha_hz, abs=0.76)


def test_a_larger_exponent_falls_more_steeply():
    def slope(exponent):
        quiet = {"exponent": exponent, "alpha": -5.0, "theta": -5.0, "beta": -5.0}
        frequencies, power = spectrum(Person(**{**vars(PERSON), **quiet}), channel="Pz")
        inside = (frequencies > 2) & (frequencies < 20)
        return -np.polyfit(np.log(frequencies[inside]), np.log(power[inside]), 1)[0]

    assert slope(1.0) == pytest.approx(1.0, abs=0.25)
    assert slope(1.8) == pytest.approx(1.8, abs=0.25)


def test_mains_gain_and_filters_are_those_of_the_site():
    frequencies, power = spectrum()
    at = {hz: power[np.abs(frequencies - hz).argmin()] for hz in (45, 50, 60)}
    assert at[50] > 10 * at[45]
    assert at[60] < 2 * at[45]
    louder = Site(**{**vars(SITE), "gain": 2.0})
    np.testing.assert_allclose(spectrum(site=louder)[1], 4 * power, rtol=1e-9)


def test_amplitudes_are_those_of_scalp_eeg():
    rng = np.random.default_rng(1)
    people = draw_people(SITE, rng)
    sds = [
        np.median(simulate_recording(p, SITE, duration_s=30, rng=rng).std(1))
        for p in people
    ]
    assert 5 < np.median(sds) < 60


def test_the_disease_slows_alpha_and_raises_theta_and_can_be_absent():
    def draw(effect):
        rng = np.random.default_rng(0)
        people = [
            draw_person(
                rng, age=50, sex="F", is_patient=i % 2 == 0, disease_effect=effect
            )
            for i in range(2000)
        ]
        table = pd.DataFrame([vars(p) for p in people]).groupby("is_patient")
        return table[["alpha_hz", "theta", "exponent"]].mean().diff().loc[True]

    planted, absent = draw(1.0), draw(0.0)
    assert planted["alpha_hz"] == pytest.approx(-0.5, abs=0.08)
    assert planted["theta"] == pytest.approx(0.6, abs=0.06)
    np.testing.assert_allclose(absent, 0, atol=0.08)


def hash_files(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".edf", ".eeg", ".tsv")
    }


def test_cohorts_are_bids_folders_and_the_same_seed_gives_the_same_bytes(tmp_path):
    sites = default_sites(n_source=2, n_patients=1, n_controls=1, n_clinic_channels=19)
    calls = []
    for name, jobs in (("a", 1), ("b", 2)):
        simulate_cohorts(
            tmp_path / name, sites=sites, duration_s=20, seed=3, n_jobs=jobs,
            progress=lambda *call: calls.append(call),
        )  # fmt: skip
    assert hash_files(tmp_path / "a") == hash_files(tmp_path / "b")
    assert len(calls) == 12
    simulate_cohorts(tmp_path / "a", sites=sites, duration_s=20, seed=3)  # done already
    found = find_recordings(
        "clinic", tmp_path / "a/clinic", CohortConfig(folder="clinic")
    )
    recording = read_recording(found[0])
    assert recording.sfreq == 500
    assert recording.line_freq == 50
    assert recording.reference == "FCz"
    assert recording.duration_s == pytest.approx(20)
    people = pd.read_csv(tmp_path / "a/clinic/participants.tsv", sep="\t")
    assert sorted(people["group"]) == ["control", "patient"]
    truth = pd.read_csv(tmp_path / "a/truth/clinic/truth.tsv", sep="\t")
    assert truth["participant_id"].tolist() == people["participant_id"].tolist()
    assert "alpha_hz" not in people


def test_a_new_device_records_the_same_people_anew(tmp_path):
    sites = default_sites(n_patients=2, n_controls=2, n_clinic_channels=19,
                          new_device=True)[-2:]  # fmt: skip
    simulate_cohorts(tmp_path, sites=sites, duration_s=20, with_truth=True)
    old, new = (tmp_path / site.name for site in sites)
    tables = [(one / "participants.tsv").read_bytes() for one in (old, new)]
    assert tables[0] == tables[1]
    first, second = (
        read_recording(find_recordings(one.name, one, CohortConfig(folder=one.name))[0])
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


def test_the_sphere_model_needs_no_download(monkeypatch):
    monkeypatch.setattr(
        mne.datasets, "fetch_fsaverage", lambda *_: pytest.fail("downloads")
    )
    compute_leadfield.cache_clear()
    assert compute_leadfield(("Cz", "Pz"), 4).shape == (2, 4, 3)
