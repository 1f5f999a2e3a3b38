"""The harmonising stage: a row for every recording, and nothing done twice."""

import shutil

import pytest

from neurograft.config import StudyConfig
from neurograft.errors import DataError
from neurograft.recordings.devices import default_sites
from neurograft.recordings.simulation import simulate_cohorts
from neurograft.tables import read_table
from neurograft.windows import stage
from neurograft.windows.store import SignalStore


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohorts")
    sites = default_sites(n_source=3, n_patients=1, n_controls=1)[:1]
    simulate_cohorts(folder, sites=sites, duration_s=20)
    return folder


@pytest.fixture
def study(cohorts, tmp_path):
    shutil.copytree(cohorts, tmp_path / "cohorts")
    return StudyConfig(
        name="test",
        data_folder=tmp_path / "cohorts",
        output_folder=tmp_path / "results",
        cohorts={"students": {"folder": "students"}, "other": {"folder": "other"}},
        tasks={"age": {"kind": "regression", "cohort": "other", "column": "age"}},
    )


def files_of(study, subject):
    return study.data_folder / "students" / subject / "eeg"


def read_rows(study):
    return read_table(study.output_folder / "cohorts" / "students" / "recordings.tsv")


def test_kept_and_skipped_recordings_each_have_a_row(study):
    (files_of(study, "sub-002") / "sub-002_task-rest_eeg.edf").write_bytes(b"broken")
    stage.run_harmonise(study, "students")
    rows = read_rows(study).set_index("participant_id")
    assert rows["status"].tolist() == ["kept", "skipped", "kept"]
    assert rows.loc["sub-002", "reason"].startswith("the file cannot be read")
    kept = rows.loc["sub-001"]
    assert kept[["n_channels", "sfreq_hz", "line_freq_hz", "duration_s"]].tolist() == [
        19, 256, 60, 20,
    ]  # fmt: skip
    assert kept["reference"] == "A1+A2"
    assert kept["age"] > 17
    store = SignalStore.open(study.output_folder / "cohorts" / "students")
    assert [one.key.participant_id for one in store.recordings] == [
        "sub-001",
        "sub-003",
    ]


def test_a_killed_stage_goes_on_where_it_was(study, monkeypatch):
    real, done = stage.write_recording, []

    def stop_at_second(folder, recording):
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(recording.key.participant_id)
        return real(folder, recording)

    monkeypatch.setattr(stage, "write_recording", stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        stage.run_harmonise(study, "students")
    assert not stage.describe_harmonising(study, "students").is_current()
    redone = []

    def note(folder, recording):
        redone.append(recording.key.participant_id)
        return real(folder, recording)

    monkeypatch.setattr(stage, "write_recording", note)
    stage.run_harmonise(study, "students")
    assert done == ["sub-001"]
    assert redone == ["sub-002", "sub-003"]
    assert stage.describe_harmonising(study, "students").is_current()


def test_changed_settings_and_changed_files_are_noticed(study):
    stage.run_harmonise(study, "students")
    before = SignalStore.open(study.output_folder / "cohorts" / "students").recordings
    narrow = study.model_copy(
        update={"harmonise": study.harmonise.model_copy(update={"h_freq": 30.0})}
    )
    assert not stage.describe_harmonising(narrow, "students").is_current()
    stage.run_harmonise(narrow, "students")
    after = SignalStore.open(study.output_folder / "cohorts" / "students").recordings
    assert all(a.sha256 != b.sha256 for a, b in zip(before, after, strict=True))
    table = study.data_folder / "students" / "participants.tsv"
    table.write_text(table.read_text() + "sub-099\t30\tF\tcontrol\n")
    assert not stage.describe_harmonising(narrow, "students").is_current()


def test_identical_signals_under_another_name_are_refused(study):
    for path in files_of(study, "sub-001").iterdir():
        name = path.name.replace("sub-001", "sub-003")
        shutil.copy(path, files_of(study, "sub-003") / name)
    stage.run_harmonise(study, "students")
    row = read_rows(study).set_index("participant_id").loc["sub-003"]
    assert row["status"] == "skipped"
    assert row["reason"] == (
        "the signals are those of sub-001_task-rest, sample by sample"
    )
    signals = study.output_folder / "cohorts/students/signals"
    assert not (signals / "sub-003_task-rest.npy").exists()


def test_signals_that_were_swept_are_made_again_when_they_count_again(study):
    for path in files_of(study, "sub-001").iterdir():
        name = path.name.replace("sub-001", "sub-003")
        shutil.copy(path, files_of(study, "sub-003") / name)
    stage.run_harmonise(study, "students")
    shutil.rmtree(study.data_folder / "students" / "sub-001")  # the twin comes into use
    stage.run_harmonise(study, "students")
    store = SignalStore.open(study.output_folder / "cohorts" / "students")
    labels = [one.key.participant_id for one in store.recordings]
    assert labels == ["sub-002", "sub-003"]
    assert store.read(1, 0, 1280).shape == (19, 1280)


def test_an_edited_sidecar_makes_another_recording(study):
    stage.run_harmonise(study, "students")
    channels = files_of(study, "sub-002") / "sub-002_task-rest_channels.tsv"
    lines = channels.read_text().splitlines()
    rows = [f"{line}\t{'bad' if 'Cz' in line else 'good'}" for line in lines[1:]]
    channels.write_text("\n".join([f"{lines[0]}\tstatus", *rows]) + "\n")
    assert not stage.describe_harmonising(study, "students").is_current()
    stage.run_harmonise(study, "students")
    bads = read_rows(study).set_index("participant_id")["bads"]
    assert "Cz (declared bad)" in bads["sub-002"]


def test_a_sidecar_of_the_whole_data_set_counts_for_every_recording(study):
    stage.run_harmonise(study, "students")
    root = study.data_folder / "students"
    (root / "task-rest_eeg.json").write_text('{"PowerLineFrequency": 60}')
    assert not stage.describe_harmonising(study, "students").is_current()


def test_a_half_redone_cohort_is_no_store(study, monkeypatch):
    stage.run_harmonise(study, "students")

    def interrupt(folder, recording):
        raise KeyboardInterrupt

    monkeypatch.setattr(stage, "write_recording", interrupt)
    narrow = study.model_copy(
        update={"harmonise": study.harmonise.model_copy(update={"h_freq": 30.0})}
    )
    with pytest.raises(KeyboardInterrupt):
        stage.run_harmonise(narrow, "students")
    with pytest.raises(DataError, match="harmonise the cohort first"):
        SignalStore.open(study.output_folder / "cohorts" / "students")


def test_a_cohort_without_any_usable_recording_stops_with_the_reasons(study):
    for path in study.data_folder.rglob("*.edf"):
        path.write_bytes(b"")
    with pytest.raises(
        DataError, match="none of 3 recordings could be used: the file is empty"
    ):
        stage.run_harmonise(study, "students")
    assert (read_rows(study)["status"] == "skipped").all()
