"""A planted name is found nowhere in the output, and the signals are unchanged."""

import json
import os
import re
from datetime import datetime
from pathlib import Path

import mne
import numpy as np
import pandas as pd
import pybv
import pytest
from edfio import Bdf, BdfSignal, Edf, EdfAnnotation, EdfSignal, Patient, Recording
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat

from neurograft.cohorts.ages import read_age_unit
from neurograft.cohorts.deidentify.copy_bids import (
    NAME_TAKEN,
    OF_ANOTHER,
    UNKNOWN_KIND,
    UNKNOWN_NAME,
)
from neurograft.cohorts.deidentify.copy_recording import copy_recording
from neurograft.cohorts.deidentify.copying import deidentify
from neurograft.cohorts.deidentify.scrubbing import (
    ALL_FILES,
    REPLACEMENT,
    Rules,
    Scrubber,
)
from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.errors import ConfigError
from neurograft.files.keys import RecordingKey
from neurograft.files.written_tables import read_cells
from neurograft.recordings.edf import read_edf_header
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.reading import read_found

NAME = "Zaphodia"
SECRETS = (
    NAME,
    "Beeblebrox",
    "SN-4711",
    "1951-03-07",
    "07-MAR-1951",
    "Ward 9",
    "Ward_9",
)
SFREQ = 100
CHANNELS = ["Fp1", "Cz", "O2", "Pz"]
SIGNALS = np.random.default_rng(0).normal(0, 20, (4, 10 * SFREQ))
NOTES = ("eyes closed", f"Mrs {NAME} Beeblebrox coughs", "S  1")


def write_edf(path, *, bdf=False):
    signal, kind = (BdfSignal, Bdf) if bdf else (EdfSignal, Edf)
    kind(
        [
            signal(
                s, SFREQ, label=n, physical_dimension="uV", physical_range=(-200, 200),
                transducer_type="electrode SN-4711",
            )
            for n, s in zip(CHANNELS, SIGNALS, strict=True)
        ],
        patient=Patient(
            code="SN-4711", name=f"{NAME}_Beeblebrox",
            birthdate=datetime(1951, 3, 7).date(),
        ),
        recording=Recording(
            startdate=datetime(2021, 5, 4).date(), equipment_code="SN-4711",
            investigator_technician_code="Ward_9",
        ),
        annotations=[EdfAnnotation(i, 1.0, text) for i, text in enumerate(NOTES)],
    ).write(path)  # fmt: skip


def write_brainvision(path):
    pybv.write_brainvision(
        data=SIGNALS * 1e-6, sfreq=SFREQ, ch_names=CHANNELS, fname_base=path.stem,
        folder_out=path.parent, resolution=0.01, unit="µV", fmt="binary_int16",
        meas_date=datetime(2021, 5, 4, 11, 30),
    )  # fmt: skip
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n[Comment]\nPatient {NAME} Beeblebrox, amplifier SN-4711\n")
    markers = path.with_suffix(".vmrk")
    with markers.open("a", encoding="utf-8") as file:
        for i, text in enumerate(NOTES):
            file.write(f"Mk{i + 5}=Comment,{text},{100 * i + 1},1,0\n")


def make_raw():
    info = mne.create_info(CHANNELS, SFREQ, "eeg")
    raw = mne.io.RawArray(SIGNALS * 1e-6, info, verbose="error")
    raw.info["subject_info"] = {"last_name": NAME, "his_id": "SN-4711"}
    raw.info["description"] = f"{NAME} on Ward 9"
    raw.set_annotations(mne.Annotations([0.0, 1.0, 2.0], [1.0] * 3, list(NOTES)))
    return raw


def write_eeglab(path):
    mne.export.export_raw(path, make_raw(), verbose="error")
    content = path.read_bytes()
    assert NAME.encode() in content  # in the events


def write_fif(path):
    make_raw().save(path, verbose="error")


WRITERS = {
    "a.edf": write_edf,
    "a.bdf": lambda path: write_edf(path, bdf=True),
    "a.vhdr": write_brainvision,
    "a.set": write_eeglab,
    "a_raw.fif": write_fif,
}


def check_no_secret(folder):
    """Search bytes as they are, and as UTF-16 and Latin-1, in contents and names."""
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for secret in SECRETS:
            for text in (secret, secret.upper(), secret.lower()):
                assert text not in path.name
                assert text.encode() not in content, (path, text)
                assert text.encode("utf-16-le") not in content, (path, text)


def copy(source, target, **options):
    """Copy a folder; returns what is said of each file."""
    scrubber = Scrubber("salt", options.pop("hash_labels", False))
    copied = deidentify(source, target, Rules(scrubber, **options))
    return [one for one in copied if one.source != ALL_FILES]


def read(path):
    return read_found(FoundRecording(RecordingKey("c", "sub-1"), path, None))


@pytest.mark.parametrize("name", WRITERS)
def test_a_planted_name_is_nowhere_and_signals_are_the_same(tmp_path, name):
    source = tmp_path / "source"
    source.mkdir()
    WRITERS[name](source / f"{NAME}_{name}")
    copied = copy(source, tmp_path / "target")
    check_no_secret(tmp_path / "target")
    (made,) = [one.target for one in copied if one.target.endswith(name[-4:])]
    recording = read(tmp_path / "target" / made)
    np.testing.assert_allclose(
        recording.signals[:, :],
        read(source / f"{NAME}_{name}").signals[:, :],
        rtol=1e-5,
        atol=1e-4,
    )
    assert recording.ch_names == tuple(CHANNELS)


def list_texts(path):
    raw = mne.io.read_raw(path, verbose="error")
    return [str(text) for text in raw.annotations.description]


def test_harmless_annotations_stay_and_mne_anonymize_would_not_have_done(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    write_edf(source / "a.edf")
    raw = mne.io.read_raw_edf(source / "a.edf", verbose="error").anonymize()
    assert any(NAME in text for text in raw.annotations.description)
    (one,) = copy(source, tmp_path / "target")
    texts = list_texts(tmp_path / "target" / one.target)
    assert texts == ["eyes closed", REPLACEMENT, "S  1"]


def test_texts_that_the_user_vouches_for_stay(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    write_edf(source / "a.edf")
    scrubber = Scrubber("salt", keep=frozenset({NOTES[1]}))
    (one,) = deidentify(source, tmp_path / "target", Rules(scrubber))
    assert list_texts(tmp_path / "target" / one.target) == list(NOTES)


@pytest.mark.parametrize("is_bids", [True, False])
def test_texts_that_became_notes_are_counted_and_shown_if_they_name_nobody(
    tmp_path, is_bids
):
    source = tmp_path / "source"
    if is_bids:
        make_bids(source)
        folder = source / "sub-b/eeg"
        events = folder / "sub-b_task-rest_events.tsv"
        events.write_text(
            "onset\ttrial_type\n1\toddball\n2\toddball\n3\tsub-zaph\n4\tzaph left\n"
            "5\tseen 17.03.1961\n6\tward 471123\n7\tstandard\n8\teyes closed\n"
        )
    else:
        write_plain(source, f"id\tfile\n{NAME}\tb.edf\n")
    copied = deidentify(source, tmp_path / "target", Rules(Scrubber("salt")))
    *_, said = copied
    assert said.source == ALL_FILES
    number, files, shown = (9, 5, " (the most frequent: oddball, x, standard)")
    if not is_bids:
        number, files, shown = (1, 2, "")
    count = "1 different text" if number == 1 else f"{number} different texts"
    assert said.note == (
        f"{count} of events or titles became `note` in {files} files: "
        f"--keep TEXT keeps one that names nobody{shown}"
    )


def make_bids(root):
    people = ["sub-zaph", "sub-b"]
    for label, day in zip(people, (4, 18), strict=True):
        folder = root / label / "eeg"
        folder.mkdir(parents=True)
        write_edf(folder / f"{label}_task-rest_eeg.edf")
        (folder / f"{label}_task-rest_eeg.json").write_text(
            json.dumps(
                {
                    "TaskName": "rest", "PowerLineFrequency": 50, "EEGReference": "Cz",
                    "InstitutionName": "Ward 9", "DeviceSerialNumber": "SN-4711",
                    "Instructions": f"told {NAME} to rest",
                }
            )
        )  # fmt: skip
        (folder / f"{label}_task-rest_events.tsv").write_text(
            f"onset\tduration\ttrial_type\tvalue\n0\t5\teyes_closed\t1\n"
            f"5\t5\t{NAME} moves\t2\n"
        )
        (root / label / f"{label}_scans.tsv").write_text(
            "filename\tacq_time\n"
            f"eeg/{label}_task-rest_eeg.edf\t2021-05-{day:02d}T11:30:00\n"
        )
    (root / "participants.tsv").write_text(
        "participant_id\tage\tsex\tgroup\tlast_name\tbirth_date\tcomment\n"
        "sub-zaph\t93\tF\tpain\tBeeblebrox\t1951-03-07\tWard 9\n"
        "sub-b\t50\tM\tcontrol\tx\tn/a\tn/a\n"
    )
    (root / "dataset_description.json").write_text(
        json.dumps({"Name": "x", "BIDSVersion": "1.9.0", "Authors": [NAME]})
    )
    (root / "notes.docx").write_bytes(b"PK" + NAME.encode())
    return root


def test_a_bids_folder_stays_one_without_any_name(tmp_path):
    source = make_bids(tmp_path / "source")
    copied = copy(source, tmp_path / "target", hash_labels=True, cap_age=True)
    check_no_secret(tmp_path / "target")
    assert not list((tmp_path / "target").rglob("*zaph*"))
    left_out = {one.source: one.note for one in copied if not one.target}
    assert left_out == {"notes.docx": "not known to be free of names"}
    people = pd.read_csv(tmp_path / "target/participants.tsv", sep="\t")
    assert list(people) == ["participant_id", "age", "sex", "group"]
    assert people["age"].tolist() == [89, 50]
    cohort = CohortConfig(folder=tmp_path)
    found = find_recordings("c", tmp_path / "target", cohort)
    assert {one.key.participant_id for one in found} == set(people["participant_id"])
    assert all(re.fullmatch(r"sub-[0-9a-f]{10}", one) for one in people.iloc[:, 0])
    recording = read_found(found[0])
    assert (recording.line_freq, recording.reference) == (50, "Cz")
    events = next((tmp_path / "target").rglob("*_events.tsv")).read_text()
    assert "eyes_closed\t1" in events
    assert f"{REPLACEMENT}\t2" in events
    scans = next((tmp_path / "target").rglob("*_scans.tsv")).read_text()
    assert "_task-rest_eeg.edf" in scans


def read_times(root, label):
    path = next(root.rglob(f"{label}_scans.tsv"))
    return datetime.fromisoformat(pd.read_csv(path, sep="\t")["acq_time"][0])


def test_dates_are_shifted_by_whole_weeks_of_the_person(tmp_path):
    source = make_bids(tmp_path / "source")
    copy(source, tmp_path / "a")
    copy(source, tmp_path / "b")
    shifts = set()
    for label, day in (("sub-zaph", 4), ("sub-b", 18)):
        before = datetime(2021, 5, day, 11, 30)
        after = read_times(tmp_path / "a", label)
        shift = before - after
        assert shift.days >= 364
        assert shift.days % 7 == 0
        assert shift.seconds == 0
        assert read_times(tmp_path / "b", label) == after  # the same salt
        edf = next((tmp_path / "a" / label).rglob("*.edf"))
        date = datetime.strptime(edf.read_bytes()[168:176].decode(), "%d.%m.%y")
        assert datetime(2021, 5, 4) - date == shift
        shifts.add(shift)
    assert len(shifts) == 2


def test_a_plain_folder_loses_its_file_names_and_keeps_its_table(tmp_path):
    source = tmp_path / "source"
    (source / "rec").mkdir(parents=True)
    write_edf(source / f"rec/{NAME}.edf")
    write_brainvision(source / "Beeblebrox.vhdr")
    (source / "people.csv").write_text(
        "ID;Age;Name;file\n"
        f"7;41,5;{NAME};rec/{NAME}.edf\n8;30;Beeblebrox;Beeblebrox.vhdr\n"
    )
    copy(source, tmp_path / "target", table="people.csv")
    check_no_secret(tmp_path / "target")
    cohort = CohortConfig(folder=tmp_path, table="people.tsv", participant_column="ID")
    found = find_recordings("c", tmp_path / "target", cohort)
    assert [one.key.participant_id for one in found] == ["7", "8"]
    for one in found:
        np.testing.assert_allclose(read_found(one).signals[:, :], SIGNALS, atol=0.011)


def test_every_text_field_of_an_edf_keeps_words_of_the_field_only(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    path = source / "a.edf"
    write_edf(path)
    header = read_edf_header(path)
    content = bytearray(path.read_bytes())
    planted = {
        (197, 39): NAME,
        header.find_field(1, "reserved"): NAME,
        header.find_field(1, "label"): f"{NAME} SN",
        header.find_field(2, "label"): f"O2-{NAME}",
        header.find_field(3, "unit"): NAME,
        header.find_field(1, "prefilter"): f"HP: 0.1Hz LP:75Hz {NAME} 1951-03-07",
    }
    for (place, width), text in planted.items():
        content[place : place + width] = text.ljust(width).encode()[:width]
    path.write_bytes(bytes(content))
    copy(source, tmp_path / "target")
    check_no_secret(tmp_path / "target")
    (copied,) = (tmp_path / "target").glob("*.edf")
    known = read_edf_header(copied)
    assert [known.labels[i] for i in (0, 2, 3)] == ["Fp1", "O2", "Pz"]
    assert re.fullmatch(r"X\d{3}", known.labels[1])
    assert known.labels[4] == header.labels[4] == "EDF Annotations"
    assert known.units[:4] == ("uV", "uV", "uV", "")
    place, width = known.find_field(1, "prefilter")
    assert copied.read_bytes()[place : place + width].rstrip() == b"HP:0.1Hz LP:75Hz"
    raw = mne.io.read_raw_edf(copied, verbose="error")
    assert len(raw.annotations) == len(NOTES)


@pytest.mark.parametrize("name", ["a.vhdr", "a_raw.fif", "a.set"])
def test_names_of_channels_and_references_are_words_of_the_field(tmp_path, name):
    source = tmp_path / "source"
    source.mkdir()
    if name == "a.vhdr":
        write_brainvision(source / name)
        text = (source / name).read_text()
        planted = text.replace("Ch1=Fp1,,", f"Ch1=Fp1,{NAME},")
        planted = planted.replace("Ch3=O2,", f"Ch3=O2 {NAME},")
        planted = planted.replace("Ch4=Pz,", f"Ch4={NAME}\\1Ward 9,")
        assert planted.count(NAME) == text.count(NAME) + 3
        (source / name).write_text(planted)
    else:
        raw = make_raw()
        raw.rename_channels({"O2": f"O2 {NAME}", "Pz": NAME})
        raw.info["bads"] = [NAME]
        if name == "a.set":
            mne.export.export_raw(source / name, raw, verbose="error")
        else:
            raw.save(source / name, verbose="error")
    copy(source, tmp_path / "target")
    check_no_secret(tmp_path / "target")
    (copied,) = [
        p
        for p in (tmp_path / "target").iterdir()
        if p.suffix in (".vhdr", ".fif", ".set")
    ]
    read_raw = {".vhdr": mne.io.read_raw_brainvision, ".fif": mne.io.read_raw_fif,
                ".set": mne.io.read_raw_eeglab}[copied.suffix]  # fmt: skip
    names = read_raw(copied, verbose="error").ch_names
    assert names[:3] == ["Fp1", "Cz", "O2"]
    assert re.fullmatch(r"X\d{3}", names[3])


def test_a_broken_recording_is_left_out_with_its_reason(tmp_path):
    source = make_bids(tmp_path / "source")
    broken = source / "sub-b/eeg/sub-b_task-rest_eeg.edf"
    broken.write_bytes(b"broken" * 100)
    copied = copy(source, tmp_path / "target")
    reasons = {one.source: one.note for one in copied if not one.target}
    assert "does not begin like EDF" in reasons["sub-b/eeg/sub-b_task-rest_eeg.edf"]
    assert [p.parent.parent.name for p in (tmp_path / "target").rglob("*.edf")] == [
        "sub-zaph"
    ]


def test_nothing_is_overwritten_and_nothing_half_made(tmp_path, monkeypatch):
    source = make_bids(tmp_path / "source")
    (tmp_path / "there").mkdir()
    with pytest.raises(ConfigError, match="exists; give a folder that does not"):
        copy(source, tmp_path / "there")
    with pytest.raises(ConfigError, match="must not lie in one another"):
        copy(source, source / "inside")

    def fail(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("neurograft.cohorts.deidentify.copy_tables.scrub_json", fail)
    with pytest.raises(KeyboardInterrupt):
        copy(source, tmp_path / "target")
    assert not list(tmp_path.glob("*target*"))
    assert not list(tmp_path.glob(".*target*"))
    monkeypatch.undo()
    copy(source, tmp_path / "target")
    assert (tmp_path / "target/participants.tsv").exists()


@pytest.mark.slow
@given(st.text(min_size=1, max_size=30))
def test_a_text_stays_only_if_it_is_an_event_code(text):
    kept = Scrubber("s").scrub(text)
    assert kept in (text, REPLACEMENT)
    if any(len(word) > 12 for word in re.findall(r"[^\W\d_]+", text)):
        assert kept == REPLACEMENT


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("S  1", True),
        ("Stimulus/S200", True),
        ("eyes_open", True),
        ("Augen zu", False),
        ("New Segment/", True),
        ("Smith", False),
        ("S Miller", False),
        ("12.5", True),
        ("", True),
    ],
)
def test_words_of_the_field_stay(text, stays):
    assert (Scrubber("s").scrub(text) == text) == stays


@pytest.mark.parametrize(
    "label", ["Zaphodia-01", "Zaphodia_B", "Zaphödia", "Z.Zaphodia"]
)
def test_a_label_is_hidden_whole_whatever_it_holds(tmp_path, label):
    root = tmp_path / "source"
    folder = root / f"sub-{label}" / "eeg"
    folder.mkdir(parents=True)
    write_edf(folder / f"sub-{label}_task-rest_eeg.edf")
    (root / f"sub-{label}" / f"sub-{label}_scans.tsv").write_text(
        f"filename\teeg\neeg/sub-{label}_task-rest_eeg.edf\tx\n", encoding="utf-8"
    )
    (root / "participants.tsv").write_text(
        f"participant_id\tage\nsub-{label}\t30\n", encoding="utf-8"
    )
    target = tmp_path / "target"
    copy(root, target, hash_labels=True)
    hidden = Scrubber("salt", True).relabel(f"sub-{label}")
    (found,) = find_recordings("c", target, CohortConfig(folder=target))
    assert found.key.participant_id == hidden
    texts = [str(path) for path in target.rglob("*")]
    texts += [path.read_text("utf-8") for path in target.rglob("*.tsv")]
    assert hidden in (target / "participants.tsv").read_text()
    assert not [text for text in texts if "aph" in text.replace(str(tmp_path), "")]


def write_plain(root, table):
    (root / "rec").mkdir(parents=True)
    write_edf(root / f"rec/{NAME}.edf")
    write_edf(root / "b.edf")
    (root / "participants.tsv").write_text(table)
    return root


@pytest.mark.parametrize(
    ("header", "option"),
    [("Patient\tfile", "--participant-column"), ("subject\tDatei", "--file-column")],
)
def test_a_table_without_labels_or_files_is_said_in_one_sentence(
    tmp_path, header, option
):
    source = write_plain(tmp_path / "source", f"{header}\n7\tb.edf\n")
    with pytest.raises(ConfigError) as caught:
        copy(source, tmp_path / "target")
    assert option in str(caught.value)
    assert all(name in str(caught.value) for name in header.split("\t"))
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_columns_of_labels_and_files_can_be_named(tmp_path):
    text = f"Patient\tDatei\tnotes\nAnna Berg\trec/{NAME}.edf\tx\n8\tb.edf\tx\n"
    source = write_plain(tmp_path / "source", text)
    options = {"participant_column": "patient", "file_column": "Datei"}
    *_, listing = copy(source, tmp_path / "target", **options)
    assert "notes" in listing.note
    assert "--hash-ids replaces all labels" in listing.note
    table = pd.read_csv(tmp_path / "target/participants.tsv", sep="\t")
    assert list(table) == ["Patient", "Datei"]
    assert all((tmp_path / "target" / file).is_file() for file in table["Datei"])
    *_, listing = copy(source, tmp_path / "hashed", hash_labels=True, **options)
    assert "--hash-ids" not in listing.note
    check_no_secret(tmp_path / "hashed")


def test_folders_that_are_no_subjects_are_not_looked_into(tmp_path):
    source = make_bids(tmp_path / "source")
    for folder in ("derivatives/x", "sourcedata", ".hidden", "sub-b/Zaphodia", "code"):
        (source / folder).mkdir(parents=True)
        (source / folder / f"{NAME}.tsv").write_text(f"a\tb\n{NAME}\t1\n")
    (source / f"{NAME}_eeg.json").write_text("{}")
    copied = copy(source, tmp_path / "target", hash_labels=True)
    check_no_secret(tmp_path / "target")
    notes = {one.source: one.note for one in copied if not one.target}
    assert notes[".hidden/"] == "a hidden folder (1 file)"
    assert notes["derivatives/"] == "no folder of a subject (1 file)"
    assert notes["sub-b/Zaphodia/"] == "no folder of a subject (1 file)"
    assert notes[f"{NAME}_eeg.json"] == UNKNOWN_NAME
    assert not [path for path in notes if path.endswith(f"/{NAME}.tsv")]
    found = {path.name for path in (tmp_path / "target").iterdir()}
    assert not found & {"derivatives", "sourcedata", ".hidden", "code"}


def test_a_date_in_a_session_is_hidden_in_the_same_way_everywhere(tmp_path):
    root = tmp_path / "source"
    folder = root / "sub-1/ses-20210504/eeg"
    folder.mkdir(parents=True)
    name = "sub-1_ses-20210504_task-rest_eeg.edf"
    write_edf(folder / name)
    (root / "sub-1/sub-1_sessions.tsv").write_text("session_id\nses-20210504\n")
    (folder.parent / "sub-1_ses-20210504_scans.tsv").write_text(
        f"filename\tacq_time\neeg/{name}\tn/a\nn/a\t0001-01-01\nHuber.edf\tn/a\n"
    )
    copy(root, tmp_path / "target")
    target = tmp_path / "target/sub-1"
    assert not [p for p in target.rglob("*") if "20210504" in str(p.name)]
    session = pd.read_csv(target / "sub-1_sessions.tsv", sep="\t")["session_id"][0]
    scans = next((target / session).glob("*_scans.tsv"))
    files = pd.read_csv(scans, sep="\t")["filename"]
    assert (target / session / files[0]).is_file()
    assert files[1:].isna().all()
    (found,) = find_recordings("c", target.parent, CohortConfig(folder=root))
    assert f"ses-{found.key.session}" == session


@pytest.mark.parametrize("ending", ["_eeg.fif.gz", "_eeg.set", "_eeg.bdf"])
def test_a_table_lists_recordings_as_their_copies_are_named(tmp_path, ending):
    folder = tmp_path / "source/sub-1/eeg"
    folder.mkdir(parents=True)
    name = f"sub-1_task-rest{ending}"
    write = {"set": write_eeglab, "bdf": lambda path: write_edf(path, bdf=True)}
    write.get(ending[-3:], write_fif)(folder / name)
    (folder.parent / "sub-1_scans.tsv").write_text(
        f"filename\tacq_time\neeg/{name}\tn/a\neeg/sub-1_task-gone_eeg.edf\tn/a\n"
        "eeg/sub-1_task-gone_eeg.vhdr\tn/a\n"
    )
    copied = copy(tmp_path / "source", tmp_path / "target")
    (made,) = (one.target for one in copied if one.source.endswith(name))
    scans = pd.read_csv(tmp_path / "target/sub-1/sub-1_scans.tsv", sep="\t")
    assert scans["filename"][0] == f"eeg/{made}"
    assert (tmp_path / "target/sub-1" / scans["filename"][0]).is_file()
    assert scans["filename"][1] == "eeg/sub-1_task-gone_eeg.edf"
    assert scans["filename"][2] == "eeg/sub-1_task-gone_eeg.vhdr"


def test_folders_that_link_to_one_another_are_copied_once(tmp_path):
    source = make_bids(tmp_path / "source")
    (source / "sub-b/ses-1").symlink_to(".")
    (source / "sub-b/eeg/eeg").symlink_to(source / "sub-zaph")
    (source / "sub-zaph/ses-2").symlink_to(source / "sub-b")
    (tmp_path / "linked").symlink_to(source)
    copied = copy(tmp_path / "linked", tmp_path / "target", hash_labels=True)
    notes = {one.source: one.note for one in copied if not one.target}
    assert notes["sub-b/ses-1/"] == "a link to another folder"
    assert len(copied) < 100
    plain = tmp_path / "plain"
    plain.mkdir()
    write_edf(plain / "a.edf")
    (plain / "again").symlink_to(plain)
    copied = copy(plain, tmp_path / "other")
    assert [bool(one.target) for one in copied] == [True, False]


@pytest.mark.parametrize("is_plain", [False, True])
def test_names_of_files_from_other_systems_are_hidden(tmp_path, is_plain):
    folder = tmp_path / "source" if is_plain else tmp_path / "source/sub-1/eeg"
    folder.mkdir(parents=True)
    names = [b"M\xfcller.edf", b"M\xe4ller.edf"]
    if not is_plain:
        names = [b"sub-1_task-" + name.replace(b".", b"_eeg.") for name in names]
    for name in names:
        write_edf(folder / os.fsdecode(name))
    copied = copy(tmp_path / "source", tmp_path / "target")
    made = {path.name for path in (tmp_path / "target").rglob("*.edf")}
    assert len(made) == len(copied) == 2
    assert not any("ller" in name for name in made)


def test_a_broken_sidecar_or_table_is_left_out_and_the_rest_is_copied(tmp_path):
    source = make_bids(tmp_path / "source")
    broken = {
        "sub-b/eeg/sub-b_task-rest_eeg.json": '{"TaskName": "Zaphodia',
        "sub-b/eeg/sub-b_task-rest_events.tsv": "",
        "sub-b/sub-b_scans.tsv": "eeg/sub-b_task-rest_eeg.edf\t2021-05-04\n",
        "participants.tsv": f"sub-zaph\t{NAME}\t1951-03-07\n",
    }
    for file, text in broken.items():
        (source / file).write_text(text)
    copied = copy(source, tmp_path / "target", hash_labels=True)
    check_no_secret(tmp_path / "target")
    notes = {one.source: one.note for one in copied if not one.target}
    assert set(broken) <= set(notes)
    assert "is not JSON" in notes["sub-b/eeg/sub-b_task-rest_eeg.json"]
    assert "it is empty" in notes["sub-b/eeg/sub-b_task-rest_events.tsv"]
    assert "first line holds data" in notes["sub-b/sub-b_scans.tsv"]
    assert "first line holds data" in notes["participants.tsv"]
    assert len(list((tmp_path / "target").rglob("*.edf"))) == 2


def test_a_broken_recording_takes_nothing_with_it(tmp_path):
    source = make_bids(tmp_path / "source")
    for ending in ("set", "fif", "vhdr"):
        (source / f"sub-b/eeg/sub-b_task-rest_eeg.{ending}").write_bytes(b"broken")
    copied = copy(source, tmp_path / "target")
    assert sum("task-rest_eeg" in one.source and not one.target for one in copied) == 3
    folder = tmp_path / "target/sub-b/eeg"
    assert sorted(p.name for p in folder.iterdir()) == [
        f"sub-b_task-rest_{rest}" for rest in ("eeg.edf", "eeg.json", "events.tsv")
    ]


def test_a_recording_is_made_whole_or_not_at_all(tmp_path):
    (tmp_path / "a.edf").write_bytes(b"0       broken")
    target = tmp_path / "new/b.edf"
    scrubber = Scrubber("salt")
    made = copy_recording(
        tmp_path / "a.edf", "a.edf", target, label="1", scrubber=scrubber
    )
    assert made.target == ""
    assert made.note
    assert list(target.parent.iterdir()) == []


def test_a_link_without_its_content_is_left_out(tmp_path):
    source = make_bids(tmp_path / "source")
    link = source / "sub-b/eeg/sub-b_task-rest_run-2_eeg.edf"
    link.symlink_to(tmp_path / "gone")
    notes = {one.source: one.note for one in copy(source, tmp_path / "target")}
    assert "cannot be read" in notes["sub-b/eeg/sub-b_task-rest_run-2_eeg.edf"]
    assert (tmp_path / "target").exists()


def test_a_packed_recording_keeps_its_name(tmp_path):
    make_raw().save(tmp_path / "a_raw.fif.gz", verbose="error")
    target = tmp_path / "new/b_raw.fif.gz"
    made = copy_recording(
        tmp_path / "a_raw.fif.gz", "a", target, label="1", scrubber=Scrubber("salt")
    )
    assert made.target == "b_raw.fif"
    assert mne.io.read_raw_fif(target.parent / made.target).ch_names == CHANNELS


def test_two_files_do_not_take_one_name(tmp_path):
    source = make_bids(tmp_path / "source")
    folder = source / "sub-b/eeg"
    for ending in ("fif", "fif.gz"):
        write_fif(folder / f"sub-b_task-rest_eeg.{ending}")
    (folder / "sub-b_task-rest_events.tsv").rename(
        folder / "sub-B_task-rest_events.tsv"
    )
    (folder / "sub-b_task-rest_events.tsv").write_text("onset\tvalue\n1\t2\n")
    copied = copy(source, tmp_path / "target")
    notes = {one.source: one.note for one in copied if not one.target}
    assert notes == {
        "notes.docx": UNKNOWN_KIND,
        "sub-b/eeg/sub-b_task-rest_eeg.fif.gz": "another recording has the same name "
        "in the copy",
        "sub-b/eeg/sub-b_task-rest_events.tsv": NAME_TAKEN,
    }


@pytest.mark.parametrize("hash_labels", [True, False])
def test_two_folders_do_not_become_one(tmp_path, hash_labels):
    source = make_bids(tmp_path / "source")
    (source / "Sub-b/eeg").mkdir(parents=True)
    write_edf(source / "Sub-b/eeg/sub-b_task-rest_eeg.edf")
    copied = copy(source, tmp_path / "target", hash_labels=hash_labels)
    notes = {one.source: one.note for one in copied if not one.target}
    assert {notes["sub-b/"], notes["Sub-b/"]} == {
        "another folder has the same label: rename one, or put them together"
    }
    assert len(list((tmp_path / "target").glob("sub-*"))) == 1


@pytest.mark.parametrize("hash_labels", [True, False])
def test_names_of_files_have_the_label_of_their_folder(tmp_path, hash_labels):
    source = tmp_path / "source"
    inside = {
        "sub-1": ["sub-1_task-a", "sub-01_task-b"],
        "sub-01": ["sub-01_task-a", "sub-1_task-b"],
        "sub-02": ["sub-2_task-a", "SUB-02_task-b", "sub-1_task-c"],
    }
    for folder, names in inside.items():
        (source / folder / "eeg").mkdir(parents=True)
        for name in names:
            write_edf(source / folder / f"eeg/{name}_eeg.edf")
    copied = copy(source, tmp_path / "target", hash_labels=hash_labels)
    notes = {one.source: one.note for one in copied if not one.target}
    assert set(notes) == {
        "sub-1/eeg/sub-01_task-b_eeg.edf",
        "sub-01/eeg/sub-1_task-b_eeg.edf",
        "sub-02/eeg/sub-1_task-c_eeg.edf",
    }
    assert set(notes.values()) == {OF_ANOTHER}
    made = list((tmp_path / "target").rglob("*.edf"))
    assert len(made) == 4
    assert all(path.name.startswith(f"{path.parts[-3]}_") for path in made)


@pytest.mark.parametrize("is_bids", [True, False])
def test_a_folder_in_place_of_a_table_is_said(tmp_path, is_bids):
    source = tmp_path / "source"
    if is_bids:
        make_bids(source)
    else:
        write_plain(source, "")
    (source / "participants.tsv").unlink()
    (source / "participants.tsv").mkdir()
    with pytest.raises(ConfigError, match=r"participants\.tsv is a folder, and should"):
        copy(source, tmp_path / "target")
    (source / "participants.tsv").rmdir()
    if is_bids:
        (source / "sub-b/sub-b_scans.tsv").unlink()
        (source / "sub-b/sub-b_scans.tsv").mkdir()
        copied = copy(source, tmp_path / "target")
        notes = {one.source: one.note for one in copied if not one.target}
        assert "a folder with the name of a table" in notes["sub-b/sub-b_scans.tsv/"]


def test_ages_in_months_are_still_read_in_months(tmp_path):
    source = make_bids(tmp_path / "source")
    sidecar = {"age": {"Units": "months", "Description": NAME}, NAME: {"Units": "uV"}}
    (source / "participants.json").write_text(json.dumps(sidecar))
    copy(source, tmp_path / "target", hash_labels=True)
    check_no_secret(tmp_path / "target")
    path = tmp_path / "target/participants.tsv"
    assert read_age_unit(path, read_cells(path), "age") == "months"


def test_ages_of_a_plain_folder_keep_their_unit_too(tmp_path):
    source = write_plain(tmp_path / "source", "id\tfile\tage\n7\tb.edf\t480\n")
    (source / "participants.json").write_text('{"age": {"Units": "months"}}')
    copy(source, tmp_path / "target")
    path = tmp_path / "target/participants.tsv"
    assert read_age_unit(path, read_cells(path), "age") == "months"


def test_a_column_that_stands_twice_in_the_table_of_a_plain_folder_is_said(tmp_path):
    text = "id\tfile\tage\tage\n7\tb.edf\t30\t31\n"
    *_, listing = copy(write_plain(tmp_path / "source", text), tmp_path / "target")
    assert "has the column 'age' twice: the first is read" in listing.note


def test_words_that_other_programs_take_for_missing_stay_groups(tmp_path):
    source = make_bids(tmp_path / "source")
    (source / "participants.tsv").write_text(
        "participant_id\tdiagnosis\tmmse\nsub-zaph\tNone\tNA\nsub-b\tunknown\t29\n"
    )
    copied = copy(source, tmp_path / "target")
    table = (tmp_path / "target/participants.tsv").read_text()
    assert table.splitlines()[1:] == ["sub-zaph\tNone\tn/a", "sub-b\tunknown\t29"]
    assert {one.note for one in copied if one.source == "participants.tsv"} == {""}


def make_spelled_otherwise(root, labels):
    """Make a data set whose table spells labels otherwise than folders do."""
    for folder in ("sub-01", "sub-02", "sub-03"):
        (root / folder / "eeg").mkdir(parents=True)
        write_edf(root / folder / f"eeg/{folder}_task-rest_eeg.edf")
        (root / folder / f"{folder}_scans.tsv").write_text(
            "filename\tacq_time\tdiagnosis\n"
            f"eeg/{folder}_task-rest_eeg.edf\t2021-05-04T11:30:00\trare of {folder}\n"
        )
    rows = [
        f"{label}\t2021-05-04T11:30:00\trare of sub-0{place}"
        for place, label in enumerate(labels, start=1)
    ]
    header = "participant_id\tacq_time\tdiagnosis"
    (root / "participants.tsv").write_text("\n".join([header, *rows]))
    return root


@pytest.mark.parametrize("hash_labels", [True, False])
def test_labels_of_tables_are_those_of_folders_in_any_spelling(tmp_path, hash_labels):
    source = make_spelled_otherwise(tmp_path / "source", ["1", "SUB-02", "03.0"])
    target = tmp_path / "target"
    copy(source, target, hash_labels=hash_labels)
    people = pd.read_csv(target / "participants.tsv", sep="\t")
    folders = {path.name for path in target.glob("sub-*")}
    assert set(people["participant_id"]) == folders
    assert len(folders) == 3
    for label, date in zip(people["participant_id"], people["acq_time"], strict=True):
        assert datetime.fromisoformat(date) == read_times(target, label)


def test_a_text_of_one_person_whom_two_tables_spell_apart_is_of_one(tmp_path):
    source = make_spelled_otherwise(tmp_path / "source", ["1", "SUB-02", "03.0"])
    for path in source.rglob("*.tsv"):
        path.write_text(path.read_text().replace("rare of sub-0", "rare"))
    copy(source, tmp_path / "target")
    assert not [
        path
        for path in (tmp_path / "target").rglob("*.tsv")
        if "rare" in path.read_text()
    ]


def test_other_columns_name_people_in_the_spelling_of_the_table_too(tmp_path):
    source = make_spelled_otherwise(tmp_path / "source", ["SUB-1", "2", "3"])
    (source / "participants.tsv").write_text(
        "participant_id\tpartner\nSUB-1\tn/a\n2\tSUB-1\n3\tSUB-1\n"
    )
    copy(source, tmp_path / "target", hash_labels=True)
    people = pd.read_csv(tmp_path / "target/participants.tsv", sep="\t")
    assert people["partner"][1] == people["participant_id"][0]


def test_a_label_in_names_of_files_is_hidden_wherever_it_stands(tmp_path):
    source = make_bids(tmp_path / "source")
    folder = source / "sub-zaph/ses-zaph/eeg"
    folder.mkdir(parents=True)
    name = "sub-zaph_ses-zaph_task-rest_acq-zaph_eeg.edf"
    write_edf(folder / name)
    (source / "task-zaph_eeg.json").write_text("{}")
    (source / "sub-zaph/sub-zaph_sessions.tsv").write_text("session_id\nses-zaph\n")
    (source / "sub-zaph/sub-zaph_scans.tsv").write_text(
        f"filename\nses-zaph/eeg/{name}\n"
    )
    target = tmp_path / "target"
    copy(source, target, hash_labels=True)
    assert not list(target.rglob("*zaph*"))
    assert not [p for p in target.rglob("*.tsv") if "zaph" in p.read_text()]
    (session,) = (p for p in target.glob("sub-*/ses-*"))
    listed = pd.read_csv(next(target.rglob("*_sessions.tsv")), sep="\t")
    assert listed["session_id"][0] == session.name
    scans = pd.read_csv(next(session.parent.glob("*_scans.tsv")), sep="\t")
    assert (session.parent / scans["filename"][0]).is_file()


def test_a_label_that_is_a_text_and_no_folder_does_not_go_out(tmp_path):
    source = make_bids(tmp_path / "source")
    total = f"Total exported by Dr. {NAME} 17.03.1961"
    (source / "sub-Erika Huber/eeg").mkdir(parents=True)
    write_edf(source / "sub-Erika Huber/eeg/sub-Erika Huber_task-rest_eeg.edf")
    (source / "participants.tsv").write_text(
        "participant_id\tage\tpartner\n"
        f"Erika Huber\t30\t{NAME} Beeblebrox\nsub-b\t40\t{NAME} Beeblebrox\n"
        f"{NAME} Beeblebrox\t50\tsub-b\nP_9\t60\tsub-b\n1951-03-07\t9\t{total}\n"
        f"{total}\t180\tn/a\n"
    )
    copied = copy(source, tmp_path / "target")
    check_no_secret(tmp_path / "target")
    table = pd.read_csv(tmp_path / "target/participants.tsv", sep="\t")
    labels = table["participant_id"].tolist()
    assert [labels[i] for i in (0, 1, 3)] == ["sub-Erika Huber", "sub-b", "P_9"]
    assert all(re.fullmatch(r"[0-9a-f]{10}", labels[i]) for i in (2, 4, 5))
    assert table["partner"].tolist()[:5] == [
        *[labels[2]] * 2,
        "sub-b",
        "sub-b",
        labels[5],
    ]
    (note,) = (one.note for one in copied if one.source == "participants.tsv")
    assert "1 label with several words may be names of people, and stay" in note
    assert "--hash-ids replaces all labels" in note
    assert "3 labels with more than one word and without a folder" in note


def write_outer_signals(path):
    """Write an EEGLAB file whose signals lie in the .fdt file beside it."""
    content = {
        "nbchan": 4.0, "pnts": 1000.0, "trials": 1.0, "srate": 100.0, "xmin": 0.0,
        "data": f"{path.stem}.fdt", "event": [], "setname": "x", "ref": "common",
        "chanlocs": np.array([(n,) for n in CHANNELS], dtype=[("labels", object)]),
    }  # fmt: skip
    savemat(path, {"EEG": content})
    SIGNALS.T.astype("<f4").tofile(path.with_suffix(".fdt"))


@pytest.mark.parametrize("is_bids", [True, False])
def test_signals_and_markers_are_counted_only_with_a_header_that_was_copied(
    tmp_path, is_bids
):
    source = tmp_path / "source"
    front = "sub-1/eeg/sub-1_task-" if is_bids else "rec/"
    folder = (source / front).parent
    folder.mkdir(parents=True)
    for name in ("good", "broken", "alone"):
        write_brainvision(source / f"{front}{name}_eeg.vhdr")
    (source / f"{front}broken_eeg.vhdr").write_text("broken")
    (source / f"{front}alone_eeg.vhdr").unlink()
    write_outer_signals(source / f"{front}outer_eeg.set")
    (source / f"{front}lost_eeg.fdt").write_bytes(b"lost")
    copied = {one.source: one for one in copy(source, tmp_path / "target")}
    for ending, name in ((".eeg", "good"), (".vmrk", "good"), (".fdt", "outer")):
        header = copied[f"{front}{name}_eeg.{'set' if name == 'outer' else 'vhdr'}"]
        assert header.target
        assert copied[f"{front}{name}_eeg{ending}"].note == "with its header"
        made = copied[f"{front}{name}_eeg{ending}"].target
        assert [path.name for path in (tmp_path / "target").rglob(made)] == [made]
    left = {path: one.note for path, one in copied.items() if not one.target}
    no_header = f"{front}broken_eeg.vhdr"
    assert left.pop(no_header)
    assert left == {
        f"{front}broken_eeg.eeg": "its header was left out",
        f"{front}broken_eeg.vmrk": "its header was left out",
        f"{front}alone_eeg.eeg": "no header names it",
        f"{front}alone_eeg.vmrk": "no header names it",
        f"{front}lost_eeg.fdt": "no header names it",
    }
    made = [path for path in (tmp_path / "target").rglob("*") if path.is_file()]
    assert len(made) == 4


def test_signals_that_a_header_names_otherwise_go_with_it(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    write_brainvision(source / "a.vhdr")
    write_outer_signals(source / "b.set")
    for path in (source / "a.vhdr", source / "b.set"):
        path.rename(path.with_name(f"new{path.name}"))
    copied = {one.source: one.note for one in copy(source, tmp_path / "target")}
    assert {copied[name] for name in ("a.eeg", "a.vmrk", "b.fdt")} == {
        "with its header"
    }


@pytest.mark.parametrize("front", ["rec\\", "./rec/", ".\\rec\\", "rec/../rec/"])
def test_paths_of_a_table_are_read_as_elsewhere(tmp_path, front):
    text = f"id\tfile\tacq_time\n7\t{front}{NAME}.edf\t2021-05-04\n8\t./b.edf\tn/a\n"
    text += f"9\t{'no recording ' * 30}\tn/a\n"
    source = write_plain(tmp_path / "source", text)
    copy(source, tmp_path / "target")
    table = pd.read_csv(tmp_path / "target/participants.tsv", sep="\t")
    files = [tmp_path / "target" / file for file in table["file"].dropna()]
    assert len(files) == 2
    assert all(file.is_file() for file in files)
    date = datetime.strptime(files[0].read_bytes()[168:176].decode(), "%d.%m.%y")
    assert datetime.fromisoformat(table["acq_time"][0]) == date


def test_paths_of_scans_may_begin_with_a_dot(tmp_path):
    source = make_bids(tmp_path / "source")
    scans = source / "sub-b/sub-b_scans.tsv"
    scans.write_text(scans.read_text().replace("eeg/", "./eeg/"))
    copy(source, tmp_path / "target")
    text = (tmp_path / "target/sub-b/sub-b_scans.tsv").read_text()
    assert "eeg/sub-b_task-rest_eeg.edf" in text


@pytest.mark.parametrize("is_bids", [True, False])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"table": "nothere.csv"}, ["nothere.csv, which --table names"]),
        (
            {"keep_columns": frozenset({"grupe"})},
            ["'grupe', which --keep-columns names", "the nearest is 'group'"],
        ),
        (
            {"participant_column": "Kennung"},
            ["--participant-column", "has the column|found"],
        ),
    ],
)
def test_a_table_or_column_that_is_named_and_not_there_is_an_error(
    tmp_path, options, words, is_bids
):
    source = tmp_path / "source"
    if is_bids:
        make_bids(source)
    else:
        write_plain(source, "id\tfile\tgroup\n7\tb.edf\tpain\n")
    with pytest.raises(ConfigError) as caught:
        copy(source, tmp_path / "target", **options)
    assert all(re.search(word, str(caught.value)) for word in words)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_column_that_is_named_where_there_is_no_table_is_an_error(tmp_path):
    source = write_plain(tmp_path / "source", "")
    (source / "participants.tsv").unlink()
    with pytest.raises(ConfigError, match="there is no table"):
        copy(source, tmp_path / "target", keep_columns=frozenset({"group"}))
    copy(source, tmp_path / "target")


def test_columns_that_are_named_may_be_of_any_table_of_people(tmp_path):
    source = make_bids(tmp_path / "source")
    for label in ("sub-zaph", "sub-b"):
        path = source / label / f"{label}_scans.tsv"
        path.write_text(path.read_text().replace("acq_time", "Rank"))
    copy(source, tmp_path / "target", keep_columns=frozenset({"rank", "GROUP"}))


@pytest.mark.parametrize("is_bids", [True, False])
def test_a_folder_that_may_not_be_read_is_left_out_with_its_reason(
    tmp_path, monkeypatch, is_bids
):
    source = tmp_path / "source"
    if is_bids:
        make_bids(source)
    else:
        (source / "sub").mkdir(parents=True)
        write_edf(source / "a.edf")
    closed = source / ("sub-b/eeg" if is_bids else "sub")
    iterate = Path.iterdir

    def refuse(path):
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return iterate(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    copied = copy(source, tmp_path / "target")
    notes = {one.source: one.note for one in copied if not one.target}
    inside = f"{closed.relative_to(source)}/"
    assert "may not be read (permission denied)" in notes[inside]
    assert len(list((tmp_path / "target").rglob("*.edf"))) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_closed_folders_and_files_of_a_disk_are_left_out(tmp_path, mode):
    source = make_bids(tmp_path / "source")
    closed = source / "sub-b/eeg"
    (source / "sub-zaph/sub-zaph_scans.tsv").chmod(0)
    closed.chmod(mode)
    try:
        copied = copy(source, tmp_path / "target")
    finally:
        closed.chmod(0o700)
    notes = {one.source: one.note for one in copied if not one.target}
    assert "may not be read" in notes["sub-zaph/sub-zaph_scans.tsv"]
    assert [path for path in notes if path.startswith("sub-b/eeg/")]
    assert len(list((tmp_path / "target").rglob("*.edf"))) == 1
