"""The harmonising stage: a row for every recording, and nothing done twice."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

import mne
import numpy as np
import pytest
from distributed import LocalCluster

from neurograft.cohorts.description import describe_cohort
from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.config.cohort import CohortConfig
from neurograft.config.study import StudyConfig
from neurograft.errors import ConfigError, DataError, WriteError
from neurograft.files.tables import read_table
from neurograft.harmonising import processes
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.store.inspection import FIRST_CUT, place_seconds, read_inspection
from neurograft.store.signal_store import SignalStore
from neurograft.study import cluster
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import describe_harmonising, run_harmonise


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohorts")
    sites = default_sites(n_source=3, n_patients=1, n_controls=1)[:1]
    simulate_cohorts(folder, sites=sites, duration_s=20)
    return folder


@pytest.fixture
def study(cohorts, tmp_path):
    shutil.copytree(cohorts, tmp_path / "cohorts")
    return make_study(tmp_path)


def make_study(folder):
    return StudyConfig(
        name="test",
        data_folder=folder / "cohorts",
        output_folder=folder / "results",
        cohorts={"students": {"folder": "students"}, "other": {"folder": "other"}},
        tasks={"age": {"kind": "regression", "cohort": "other", "column": "age"}},
    )


def files_of(study, subject):
    return study.data_folder / "students" / subject / "eeg"


def output_of(study):
    return study.output_folder / "cohorts" / "students"


def read_rows(study):
    return read_table(output_of(study) / "recordings.tsv")


def change(study, **harmonise):
    settings = study.harmonise.model_copy(update=harmonise)
    return study.model_copy(update={"harmonise": settings})


def date_signals(study):
    return {p.name: p.stat().st_mtime_ns for p in output_of(study).rglob("*.npy")}


def make_twin(study):
    for path in files_of(study, "sub-001").iterdir():
        name = path.name.replace("sub-001", "sub-003")
        shutil.copy(path, files_of(study, "sub-003") / name)


def test_every_recording_has_a_row_with_verdict_and_reason(study):
    (files_of(study, "sub-002") / "sub-002_task-rest_eeg.edf").write_bytes(b"broken")
    run_harmonise(Study(study), "students")
    rows = read_rows(study).set_index("participant_id")
    assert rows["status"].tolist() == ["kept", "dropped", "kept"]
    assert "does not begin like EDF" in rows.loc["sub-002", "reason"]
    kept = rows.loc["sub-001"]
    assert kept[["n_channels", "sfreq_hz", "line_freq_hz", "duration_s"]].tolist() == [
        19, 256, 60, 20,
    ]  # fmt: skip
    assert kept["usable_s"] == 20
    assert kept["reference"] == "A1+A2"
    assert kept["age"] > 17
    store = SignalStore.open(output_of(study))
    assert [one.key.participant_id for one in store.recordings] == [
        "sub-001",
        "sub-003",
    ]
    windows = read_table(output_of(study) / "windows.tsv")
    assert windows.groupby("name")["duration_s"].sum().tolist() == [20, 20]


def test_changed_settings_and_changed_files_are_noticed(study):
    run_harmonise(Study(study), "students")
    before = SignalStore.open(output_of(study)).recordings
    narrow = change(study, h_freq=30.0)
    assert not describe_harmonising(Study(narrow), "students").is_current()
    run_harmonise(Study(narrow), "students")
    after = SignalStore.open(output_of(study)).recordings
    assert all(a.sha256 != b.sha256 for a, b in zip(before, after, strict=True))
    table = study.data_folder / "students" / "participants.tsv"
    table.write_text(table.read_text() + "sub-099\t30\tF\tcontrol\n")
    assert not describe_harmonising(Study(narrow), "students").is_current()


def test_a_setting_of_the_table_redoes_no_signals(study):
    run_harmonise(Study(study), "students")
    before = date_signals(study)
    cohort = study.cohorts["students"].model_copy(update={"sex_column": "group"})
    cohort = cohort.model_copy(
        update={"sex_codes": {"patient": "F", "control": "M"}},
    )
    other = study.model_copy(update={"cohorts": study.cohorts | {"students": cohort}})
    assert not describe_harmonising(Study(other), "students").is_current()
    run_harmonise(Study(other), "students")
    assert set(read_rows(study)["sex"]) <= {"F", "M"}
    assert date_signals(study) == before


def test_a_new_date_of_the_same_file_redoes_nothing_and_stales_nothing(study):
    run_harmonise(Study(study), "students")
    before, fingerprint = (
        date_signals(study),
        describe_harmonising(Study(study), "students").fingerprint,
    )
    for path in study.data_folder.rglob("*.*"):
        os.utime(path)
    assert not describe_harmonising(Study(study), "students").is_current()
    run_harmonise(Study(study), "students")
    assert date_signals(study) == before
    assert describe_harmonising(Study(study), "students").fingerprint == fingerprint


def test_a_file_of_new_content_is_redone_alone(study):
    run_harmonise(Study(study), "students")
    before = date_signals(study)
    path = files_of(study, "sub-002") / "sub-002_task-rest_eeg.edf"
    content = bytearray(path.read_bytes())
    content[-3000:] = content[-6000:-3000]
    path.write_bytes(bytes(content))
    run_harmonise(Study(study), "students")
    after = date_signals(study)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"sub-002_task-rest.npy"}


def test_identical_signals_under_another_name_are_refused(study):
    make_twin(study)
    run_harmonise(Study(study), "students")
    row = read_rows(study).set_index("participant_id").loc["sub-003"]
    assert row["status"] == "dropped"
    assert row["reason"] == (
        "the signals are those of sub-001_task-rest, sample by sample"
    )
    assert not (output_of(study) / "signals/sub-003_task-rest.npy").exists()


def test_signals_that_were_swept_are_made_again_when_they_count_again(study):
    make_twin(study)
    run_harmonise(Study(study), "students")
    shutil.rmtree(study.data_folder / "students" / "sub-001")  # the twin comes into use
    run_harmonise(Study(study), "students")
    store = SignalStore.open(output_of(study))
    labels = [one.key.participant_id for one in store.recordings]
    assert labels == ["sub-002", "sub-003"]
    assert store.read(1, 0, 1280).shape == (19, 1280)


def test_an_edited_sidecar_makes_another_recording(study):
    run_harmonise(Study(study), "students")
    channels = files_of(study, "sub-002") / "sub-002_task-rest_channels.tsv"
    lines = channels.read_text().splitlines()
    rows = [f"{line}\t{'bad' if 'Cz' in line else 'good'}" for line in lines[1:]]
    channels.write_text("\n".join([f"{lines[0]}\tstatus", *rows]) + "\n")
    assert not describe_harmonising(Study(study), "students").is_current()
    run_harmonise(Study(study), "students")
    row = read_rows(study).set_index("participant_id").loc["sub-002"]
    assert "Cz (declared bad)" in row["bads"]
    assert row["status"] == "repaired"


def test_a_sidecar_of_the_whole_data_set_counts_for_every_recording(study):
    run_harmonise(Study(study), "students")
    root = study.data_folder / "students"
    (root / "task-rest_eeg.json").write_text('{"PowerLineFrequency": 60}')
    assert not describe_harmonising(Study(study), "students").is_current()


@pytest.mark.slow
def test_a_killed_stage_goes_on_where_it_was(cohorts, tmp_path):
    people = tmp_path / "cohorts/students"
    shutil.copytree(cohorts / "students", people)
    rows = (people / "participants.tsv").read_text()
    for number in range(4, 81):
        label = f"sub-{number:03d}"
        shutil.copytree(people / "sub-001", people / label)
        for path in (people / label / "eeg").iterdir():
            if path.suffix == ".edf":  # other people: another sample at the end
                content = bytearray(path.read_bytes())
                content[-2:] = number.to_bytes(2, "little")
                path.write_bytes(bytes(content))
            path.rename(path.with_name(path.name.replace("sub-001", label)))
        rows += f"{label}\t30\tF\tcontrol\n"
    (people / "participants.tsv").write_text(rows)
    study = make_study(tmp_path)
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_harmonise import Study, make_study, run_harmonise\n"
        "run_harmonise(Study(make_study(Path(sys.argv[2]))), 'students')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, os.path.dirname(__file__), str(tmp_path)],
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(date_signals(study)) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.5)  # its child finishes what it has begun
    before = date_signals(study)
    assert 5 <= len(before) < 80
    assert not list(output_of(study).rglob("*.part"))
    assert not describe_harmonising(Study(study), "students").is_current()
    with pytest.raises(DataError, match="harmonise the cohort first"):
        SignalStore.open(output_of(study))
    run_harmonise(Study(study), "students", n_jobs=2)
    after = date_signals(study)
    assert len(after) == 80
    assert {name: after[name] for name in before} == before
    assert describe_harmonising(Study(study), "students").is_current()


@pytest.mark.slow
def test_one_process_two_processes_and_dask_write_the_same_bytes(study):
    def read_all():
        paths = sorted(output_of(study).rglob("*.npy"))
        tables = [output_of(study) / name for name in ("recordings.tsv", "index.json")]
        content = {path.name: path.read_bytes() for path in [*paths, *tables]}
        shutil.rmtree(study.output_folder)
        return content

    run_harmonise(Study(study), "students", n_jobs=1)
    expected = read_all()
    assert len(expected) == 5
    run_harmonise(Study(study), "students", n_jobs=2)
    assert read_all() == expected
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        run_harmonise(Study(study), "students", dask=cluster.scheduler_address)
    assert read_all() == expected


def test_a_dask_scheduler_that_is_not_there_is_one_sentence(study, monkeypatch):
    monkeypatch.setattr(cluster, "TIMEOUT", "1s")
    with pytest.raises(ConfigError, match="There is no Dask scheduler at tcp://127"):
        run_harmonise(Study(study), "students", dask="tcp://127.0.0.1:9")


def test_a_reader_that_crashes_is_a_row_and_not_the_end(study, monkeypatch):
    crash = (
        "import os, sys, json, neurograft.harmonising.one_recording as w\n"
        "real = w.read_found\n"
        "def read(found, rules):\n"
        "    if found.key.participant_id == 'sub-002': os.kill(os.getpid(), 11)\n"
        "    return real(found, rules)\n"
        "w.read_found = read\n"
        "w.serve()\n"
    )
    processes.close_workers()
    monkeypatch.setattr(processes, "COMMAND", (sys.executable, "-c", crash))
    run_harmonise(Study(study), "students", n_jobs=2)
    processes.close_workers()
    rows = read_rows(study).set_index("participant_id")
    assert rows["status"].tolist() == ["kept", "dropped", "kept"]
    assert rows.loc["sub-002", "reason"] == (
        "the reader of this file ended its process: SIGSEGV"
    )


@pytest.mark.slow
def test_a_reader_that_hangs_is_a_row_and_not_the_end(study, monkeypatch):
    hang = (
        "import time, neurograft.harmonising.one_recording as w\n"
        "real = w.read_found\n"
        "def read(found, rules):\n"
        "    if found.key.participant_id == 'sub-002': time.sleep(600)\n"
        "    return real(found, rules)\n"
        "w.read_found = read\n"
        "w.serve()\n"
    )
    processes.close_workers()
    monkeypatch.setattr(processes, "COMMAND", (sys.executable, "-c", hang))
    monkeypatch.setattr(processes, "bound_seconds", lambda _: 15.0)
    run_harmonise(Study(study), "students")
    processes.close_workers()
    rows = read_rows(study).set_index("participant_id")
    assert rows["status"].tolist() == ["kept", "dropped", "kept"]
    reason = rows.loc["sub-002", "reason"]
    assert reason == "the file was read for 15 s without an end"


def test_a_mistake_of_ours_is_a_row_and_not_the_end(study, monkeypatch):
    broken = (
        "import neurograft.harmonising.one_recording as w\n"
        "real = w.read_found\n"
        "def read(found, rules):\n"
        "    if found.key.participant_id == 'sub-002': {}['Huber 17.03.1956']\n"
        "    if found.key.participant_id == 'sub-003': bytearray(10**15)\n"
        "    return real(found, rules)\n"
        "w.read_found = read\n"
        "w.serve()\n"
    )
    processes.close_workers()
    monkeypatch.setattr(processes, "COMMAND", (sys.executable, "-c", broken))
    run_harmonise(Study(study), "students")
    processes.close_workers()
    rows = read_rows(study).set_index("participant_id")
    assert rows["status"].tolist() == ["kept", "dropped", "dropped"]
    reason = rows.loc["sub-002", "reason"]
    assert re.fullmatch(r"the reader failed \(KeyError at .*, line \d+\)", reason)
    assert "more memory than a file of its size" in rows.loc["sub-003", "reason"]


@pytest.mark.slow
def test_a_full_disk_ends_the_stage_with_a_sentence_and_nothing_half(study):
    processes.close_workers()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(
            WriteError, match=r"could not be written .*: File too large"
        ):
            run_harmonise(Study(study), "students")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        processes.close_workers()
    assert not list(output_of(study).rglob("*.npy"))
    assert not list(output_of(study).rglob("*.part"))
    run_harmonise(Study(study), "students")
    assert len(date_signals(study)) == 3


def test_names_of_files_and_people_are_in_no_output(cohorts, tmp_path):
    clinic = tmp_path / "cohorts/students"
    clinic.mkdir(parents=True)
    source = next((cohorts / "students").rglob("*.edf"))
    shutil.copy(source, clinic / "Zaphodia.edf")
    (clinic / "Beeblebrox.docx").write_bytes(b"x")
    (clinic / "participants.tsv").write_text(
        "participant_id\tage\tfile\tlast_name\np1\t30\tZaphodia.edf\tBeeblebrox\n"
        "p2\t31\tBeeblebrox.docx\tx\np3\t32\tBeeblebrox.edf\tx\n"
    )
    study = make_study(tmp_path)
    run_harmonise(Study(study), "students")
    assert read_rows(study)["status"].tolist() == ["kept", "dropped", "dropped"]
    for path in output_of(study).rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for name in (b"Zaphodia", b"Beeblebrox"):
            assert name not in content, path
            assert name.decode() not in path.name


def test_recordings_of_different_rates_become_one_rate(study, tmp_path):
    path = files_of(study, "sub-002") / "sub-002_task-rest_eeg.edf"
    raw = mne.io.read_raw_edf(path, preload=True, verbose="error").resample(200)
    mne.export.export_raw(path, raw, overwrite=True, verbose="error")
    sidecar = path.with_suffix(".json")
    sidecar.write_text(sidecar.read_text().replace("256", "200"))
    run_harmonise(Study(study), "students")
    assert read_rows(study)["sfreq_hz"].tolist() == [256, 200, 256]
    store = SignalStore.open(output_of(study))
    assert [one.n_times for one in store.recordings] == [20 * 128] * 3
    cohort = study.data_folder / "students"
    sentences = describe_cohort(OpenedCohort("x", cohort, CohortConfig(folder=cohort)))
    assert "sampling rate, Hz: 256 x 2, 200 x 1" in sentences


def unpack(real_data, folder, *options):
    pytest.importorskip("soundfile")
    command = [sys.executable, str(real_data / "unpack"), str(folder), *options]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.real_data
def test_the_copied_recording_of_a_real_cohort_is_found(real_data, tmp_path):
    unpack(real_data, tmp_path / "cohorts", "--cohort", "ssvep_exo")
    (tmp_path / "cohorts/ssvep_exo").rename(tmp_path / "cohorts/students")
    study = make_study(tmp_path)
    run_harmonise(Study(study), "students", n_jobs=2)
    rows = read_rows(study)
    dropped = rows[rows["status"] == "dropped"]
    assert len(rows) == 33
    assert dropped["reason"].tolist() == [
        "the signals are those of sub-03_task-ssvep_run-02, sample by sample"
    ]
    assert dropped["participant_id"].tolist() == ["sub-07"]


@pytest.mark.real_data
def test_a_card_crops_a_real_cohort_to_its_condition(real_data, tmp_path):
    options = ("--cohort", "guinea_bissau_epilepsy", "--subjects", "6")
    unpack(real_data, tmp_path / "cohorts", *options)
    study = make_study(tmp_path)
    cohort = CohortConfig(
        folder="guinea_bissau_epilepsy",
        card="guinea_bissau_epilepsy",
        condition="eyes-closed",
    )
    study = study.model_copy(update={"cohorts": {"students": cohort}})
    run_harmonise(Study(study), "students", n_jobs=2)
    rows = read_rows(study)
    kept = rows[rows["status"] != "dropped"]
    assert len(kept) >= 4
    assert (kept["duration_s"] > 250).all()
    assert (kept["usable_s"] < 190).all()
    assert kept["notes"].str.contains("cropped to stretches of the condition").all()


def test_a_half_redone_cohort_is_no_store(study, monkeypatch):
    run_harmonise(Study(study), "students")
    monkeypatch.setattr("neurograft.study.stages.harmonise.run_all", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_harmonise(Study(change(study, h_freq=30.0)), "students")
    with pytest.raises(DataError, match="harmonise the cohort first"):
        SignalStore.open(output_of(study))


def interrupt(requests, *, n_jobs, client):
    raise KeyboardInterrupt


def test_a_cohort_without_any_usable_recording_stops_with_the_reasons(study):
    for path in study.data_folder.rglob("*.edf"):
        path.write_bytes(b"")
    with pytest.raises(
        DataError, match="none of 3 recordings could be used: the file is empty"
    ):
        run_harmonise(Study(study), "students")
    assert (read_rows(study)["status"] == "dropped").all()


def test_a_signal_file_that_was_changed_or_cut_is_noticed(study):
    run_harmonise(Study(study), "students")
    store = SignalStore.open(output_of(study))
    assert store.check_files() == []
    path = store.folder / store.recordings[1].file
    content = path.read_bytes()
    path.write_bytes(content[:-5000])
    fresh = SignalStore.open(output_of(study))
    assert fresh.check_files() == ["sub-002_task-rest"]
    with pytest.raises(DataError, match="is shorter than the index says"):
        fresh.read(1, fresh.recordings[1].n_times - 100, 100)
    np.testing.assert_array_equal(fresh.read(0, 0, 128), store.read(0, 0, 128))


def find_shown(study):
    return sorted((output_of(study) / "inspection").glob("*.npz"))


def test_what_is_shown_of_a_recording_lies_beside_it_and_goes_with_it(study):
    run_harmonise(Study(study), "students")
    names = [path.stem for path in find_shown(study)]
    assert names == ["sub-001_task-rest", "sub-002_task-rest", "sub-003_task-rest"]
    seconds = read_table(output_of(study) / "windows.tsv")
    rows = read_rows(study).set_index("participant_id")
    for name in names:
        one = read_inspection(output_of(study), name)
        cut_s = place_seconds(one).lengths_s[one.codes >= FIRST_CUT].sum()
        own = seconds[(seconds["name"] == name) & (seconds["verdict"] == "dropped")]
        assert cut_s == own["duration_s"].sum()
        row = rows.loc[name.split("_")[0]]
        assert row["duration_s"] - cut_s == pytest.approx(row["usable_s"])
        assert list(filter(None, one.bads)) == []
    shutil.rmtree(study.data_folder / "students" / "sub-002")
    run_harmonise(Study(study), "students")
    assert len(find_shown(study)) == 2


def test_harmonising_again_shows_old_recordings_and_changes_nothing_else(study):
    run_harmonise(Study(study), "students")
    mark = Study(study).mark("cohorts", "students")
    dates, rows = date_signals(study), read_rows(study)
    shown = {path: path.read_bytes() for path in find_shown(study)}
    shutil.rmtree(output_of(study) / "inspection")
    assert describe_harmonising(Study(study), "students").is_current()
    run_harmonise(Study(study), "students")
    assert Study(study).mark("cohorts", "students") == mark
    assert date_signals(study) == dates
    assert read_rows(study).equals(rows)
    assert {path: path.read_bytes() for path in find_shown(study)} == shown


def test_a_recording_that_is_another_one_by_now_is_not_shown(study, caplog):
    run_harmonise(Study(study), "students")
    path = output_of(study) / "signals/sub-002_task-rest.json"
    row = json.loads(path.read_text())
    row["stored"]["segments"] = [[0, 128]]
    path.write_text(json.dumps(row))
    shutil.rmtree(output_of(study) / "inspection")
    with caplog.at_level("INFO"):
        run_harmonise(Study(study), "students")
    assert len(find_shown(study)) == 2
    assert "sub-002_task-rest is not shown: harmonised anew it is not" in caplog.text
