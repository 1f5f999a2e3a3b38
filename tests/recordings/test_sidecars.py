"""Sidecars as they are found: any encoding, inherited, with decimal commas."""

import json

import mne
import mne_bids
import numpy as np
import pytest

from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.montage.channels import template_positions
from neurograft.montage.electrodes import place_electrodes
from neurograft.recordings.events import read_events
from neurograft.recordings.reading import ReadingRules, read_found
from neurograft.recordings.sidecars import (
    SidecarSet,
    find_sidecars,
    read_mains,
    read_sidecar,
    read_sidecar_table,
)

NAMES = ["Fp1", "Fp2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2", "Cz", "Pz"]


def make_raw(seconds=20, sfreq=100.0):
    rng = np.random.default_rng(0)
    signals = rng.normal(0, 20e-6, (len(NAMES), int(seconds * sfreq)))
    info = mne.create_info(NAMES, sfreq, "eeg")
    info["line_freq"] = 60
    return mne.io.RawArray(signals, info, verbose="error")


@pytest.fixture
def bids(tmp_path):
    """A data set as mne-bids writes it, and the recording in it."""
    raw = make_raw()
    raw.info["bads"] = ["C3"]
    raw.set_annotations(
        mne.Annotations([2.0, 12.0], [10.0, 8.0], ["eyes_open", "eyes_closed"])
    )
    path = mne_bids.BIDSPath("01", "a", "rest", "x", "02", root=tmp_path / "set")
    mne_bids.write_raw_bids(
        raw, path, format="BrainVision", allow_preload=True, verbose="error"
    )
    return tmp_path / "set"


def find(root, **settings):
    return find_recordings("c", root, CohortConfig(folder=root, **settings))


def sidecar(root, ending):
    return next(root.rglob(f"*_{ending}"))


def test_a_data_set_of_mne_bids_is_read_as_mne_bids_reads_it(bids):
    (found,) = find(bids)
    assert found.key == RecordingKey("c", "sub-01", "a", "rest", "02", "x")
    assert found.key.name == "sub-01_ses-a_task-rest_acq-x_run-02"
    recording = read_found(found)
    theirs = mne_bids.read_raw_bids(
        mne_bids.get_bids_path_from_fname(found.path), verbose="error"
    )
    np.testing.assert_allclose(
        recording.signals[:, :], theirs.get_data() * 1e6, atol=1e-6
    )
    assert recording.bads == tuple(theirs.info["bads"]) == ("C3",)
    assert recording.line_freq == theirs.info["line_freq"] == 60
    events = read_events(find_sidecars(found.path, bids), [], sfreq=100.0)
    kept = [(e.onset_s, e.duration_s, e.name) for e in events]
    assert kept == [(2.0, 10.0, "eyes_open"), (12.0, 8.0, "eyes_closed")]


def test_a_condition_of_events_tsv_is_cropped_to(bids):
    (found,) = find(bids)
    rules = ReadingRules({}, ("eyes_closed",), ("eyes_open",))
    assert read_found(found, rules).segments == ((1200, 2000),)


def test_files_name_all_that_a_recording_is_made_of(bids):
    (found,) = find(bids)
    (bids / "task-rest_eeg.json").write_text("{}")
    endings = {path.name.rpartition("_")[2] for path in found.files}
    assert endings == {
        "eeg.vhdr", "eeg.vmrk", "eeg.eeg", "eeg.json", "channels.tsv", "events.tsv",
    }  # fmt: skip
    assert bids / "task-rest_eeg.json" in found.files


def test_nearer_sidecars_win_over_inherited_ones(bids):
    (bids / "eeg.json").write_text('{"EEGReference": "far", "EEGGround": "AFz"}')
    (bids / "task-rest_eeg.json").write_text('{"EEGReference": "nearer"}')
    (bids / "task-other_eeg.json").write_text('{"EEGReference": "not ours"}')
    (found,) = find(bids)
    said = read_sidecar(find_sidecars(found.path, bids))
    own = json.loads(sidecar(bids / "sub-01", "eeg.json").read_text())
    assert said["EEGGround"] == own.get("EEGGround", "AFz")
    path = sidecar(bids / "sub-01", "eeg.json")
    path.write_text(json.dumps({"SamplingFrequency": 100}))
    assert read_sidecar(find_sidecars(found.path, bids))["EEGReference"] == "nearer"


@pytest.mark.parametrize(
    ("encoding", "repair"),
    [
        ("utf-8-sig", "channels.tsv begins with a byte-order mark"),
        ("latin-1", "channels.tsv is in Latin-1"),
    ],
)
def test_tables_in_any_encoding_are_read(bids, encoding, repair):
    path = sidecar(bids, "channels.tsv")
    text = path.read_text("utf-8-sig").replace("n/a", "Müller", 1)
    path.write_bytes(text.encode(encoding))
    recording = read_found(find(bids)[0])
    assert recording.bads == ("C3",)
    assert repair in recording.repairs


def test_a_json_in_latin_1_or_with_a_byte_order_mark_is_read(bids):
    path = sidecar(bids, "eeg.json")
    path.write_bytes('{"EEGReference": "Ohrläppchen"}'.encode("latin-1"))
    assert read_found(find(bids)[0]).reference == "Ohrläppchen"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"EEGReference": "Cz"}')
    assert read_found(find(bids)[0]).reference == "Cz"


def test_damaged_sidecars_are_named(bids):
    path = sidecar(bids, "eeg.json")
    path.write_text("{broken")
    with pytest.raises(DataError, match=f"{path.name} is not JSON"):
        read_found(find(bids)[0])
    path.write_text("[1]")
    with pytest.raises(DataError, match="does not hold a JSON object"):
        read_found(find(bids)[0])
    path.unlink()
    sidecar(bids, "channels.tsv").write_text("")
    with pytest.raises(DataError, match="is not a table"):
        read_found(find(bids)[0])


def write_electrodes(bids, points):
    path = sidecar(bids, "channels.tsv")
    rows = [
        f"{name}\t" + "\t".join(str(v).replace(".", ",") for v in point)
        for name, point in zip(NAMES, points, strict=True)
    ]
    target = path.with_name(path.name.replace("channels", "electrodes"))
    target.write_text("name\tx\ty\tz\n" + "\n".join(rows) + "\n")


@pytest.mark.parametrize("unit", [1.0, 0.09, 90.0])
@pytest.mark.parametrize("axes", ["RAS", "ALS"])
def test_measured_positions_of_any_unit_axes_and_decimals_are_used(bids, unit, axes):
    template = np.array([template_positions()[name] for name in NAMES])
    measured = template + 0.02 * np.sin(np.arange(36).reshape(12, 3))
    turned = measured[:, [1, 0, 2]] * [1, -1, 1] if axes == "ALS" else measured
    write_electrodes(bids, unit * turned + 0.3 * unit)
    recording = read_found(find(bids)[0])
    assert "electrodes.tsv has decimal commas" in recording.repairs
    angles = np.degrees(
        np.arccos(np.clip((recording.positions * template).sum(1), -1, 1))
    )
    assert angles.max() < 8
    assert not np.allclose(recording.positions, template, atol=1e-3)


def test_measured_positions_serve_channels_that_nobody_knows_by_name(tmp_path, bids):
    (found,) = find(bids)
    header = found.path
    text = header.read_text("utf-8")
    for number, name in enumerate(NAMES):
        text = text.replace(f"={name},", f"=X{number},")
    header.write_text(text, "utf-8")
    sidecar(bids, "channels.tsv").unlink()
    template = np.array([template_positions()[name] for name in NAMES])
    rows = [
        f"X{i}\t" + "\t".join(str(90 * v) for v in place)
        for i, place in enumerate(template)
    ]
    electrodes = header.with_name(header.name.replace("_eeg.vhdr", "_electrodes.tsv"))
    electrodes.write_text("name\tx\ty\tz\n" + "\n".join(rows) + "\n")
    recording = read_found(find(bids)[0])
    assert recording.ch_names == tuple(f"X{i}" for i in range(12))
    np.testing.assert_allclose(recording.positions, template, atol=1e-6)
    note = "measured positions: taken for x right, y front, z up"
    assert note in recording.notes


def test_positions_that_are_no_anatomy_are_not_used(bids):
    template = np.array([template_positions()[name] for name in NAMES])
    write_electrodes(bids, template[::-1])
    recording = read_found(find(bids)[0])
    np.testing.assert_allclose(recording.positions, template)
    assert any("from where their names belong" in note for note in recording.notes)
    few, note = place_electrodes(["Cz"], np.ones((1, 3)))
    assert few is None
    assert note.startswith("too few")


def write_events(tmp_path, text):
    path = tmp_path / "sub-1_task-x_events.tsv"
    path.write_text(text)
    return SidecarSet(events=path)


def test_negative_durations_are_moments(tmp_path):
    repairs = []
    sidecars = write_events(
        tmp_path, "onset\tduration\ttrial_type\n1\t-3\tx\n2,5\tn/a\ty\nn/a\t1\tz\n"
    )
    events = read_events(sidecars, repairs, sfreq=100.0)
    assert [tuple(event) for event in events] == [(1.0, 0.0, "x"), (2.5, 0.0, "y")]
    assert repairs == ["events of negative duration: taken as moments"]


def test_segment_breaks_that_all_claim_zero_are_placed_by_their_sample(tmp_path):
    repairs = []
    sidecars = write_events(
        tmp_path,
        "onset\tduration\tsample\ttype\tvalue\n"
        "0\t0\t1\tNew Segment\t1\n0\t0\t1\tNew Segment\t5001\n",
    )
    events = read_events(sidecars, repairs, sfreq=500.0)
    assert [event.onset_s for event in events] == [0.0, 10.0]
    assert repairs == ["segment breaks all at 0 s: placed by their sample"]


def test_a_table_keeps_text_as_text_and_trims_it(tmp_path):
    path = tmp_path / "sub-1_channels.tsv"
    path.write_text("Name \tType\n 01 \tEEG\nn/a\t \n")
    table, repairs = read_sidecar_table(path)
    assert table["name"].tolist()[0] == "01"
    assert table.isna().to_numpy().tolist() == [[False, False], [True, True]]
    assert repairs == []


@pytest.mark.parametrize(
    ("stated", "mains"),
    [
        (50, 50), (60.0, 60), ("50", 50), ("50 Hz", 50), ("60,0 hertz", 60),
        (49.97, 49.97), (-1, None), (0, None), (0.001, None), (16.7, None),
        (400, None), (1e-9, None), (float("nan"), None), (float("inf"), None),
        (True, None), ("fifty", None), ([50], None), ({"Hz": 50}, None),
        (10**400, None), ("1e-7", None),
    ],
)  # fmt: skip
def test_a_mains_is_about_50_or_60_or_not_stated(stated, mains):
    notes = []
    assert read_mains({"PowerLineFrequency": stated}, notes) == mains
    assert len(notes) == (mains is None)


@pytest.mark.parametrize(
    ("stated", "shown"),
    [(-1, "(-1 Hz)"), (float("nan"), "(nan Hz)"), ("16.7 Hz", "(16.7 Hz)"),
     (True, "60 Hz, so"), ("Huber", "60 Hz, so"), (10**400, "60 Hz, so")],
)  # fmt: skip
def test_a_number_that_is_no_mains_is_shown_and_a_text_is_not(stated, shown):
    notes = []
    read_mains({"PowerLineFrequency": stated}, notes)
    assert shown in notes[0]
    assert "Huber" not in notes[0]


@pytest.mark.parametrize("stated", [{}, {"PowerLineFrequency": "n/a"}])
def test_a_mains_that_is_not_stated_needs_no_word(stated):
    notes = []
    assert read_mains(stated, notes) is None
    assert notes == []


@pytest.mark.parametrize("ending", ["events.tsv", "channels.tsv", "eeg.json"])
def test_a_sidecar_without_its_content_is_the_reason_of_its_recording(bids, ending):
    path = sidecar(bids, ending)
    path.unlink()
    path.symlink_to("../../.git/annex/objects/gone")
    (found,) = find(bids)
    with pytest.raises(DataError, match=f"{ending} is a git-annex link .*datalad get"):
        read_found(found)
    assert path not in found.files


def test_columns_that_stand_twice_and_tabs_too_many_cost_no_channel(bids):
    path = sidecar(bids, "channels.tsv")
    first, *rows = path.read_text("utf-8-sig").strip().split("\n")
    text = [f"{first}\tType", *(f"{row}\tMISC\t" for row in rows)]
    path.write_text("\n".join(text) + "\n")
    recording = read_found(find(bids)[0])
    assert recording.bads == ("C3",)
    assert len(recording.ch_names) == len(NAMES)
    assert any("'type' twice" in one for one in recording.repairs)
