"""Reading in pieces is reading whole: for any rates, lengths, crops and gaps."""

from itertools import pairwise

import mne
import numpy as np
import pybv
import pytest
from edfio import Bdf, BdfSignal, Edf, EdfAnnotation, EdfSignal

from neurograft.files.keys import RecordingKey
from neurograft.recordings.edf import choose_rate
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.opening import open_file, open_raw
from neurograft.recordings.reading import read_found

NAMES = ["Fp1", "Cz", "O2"]
LIMITS = {"physical_dimension": "uV", "physical_range": (-500, 500)}


def make_signals(rng, n_times):
    return rng.normal(0, 20, (len(NAMES), n_times))


def write_edf(folder, signals, sfreq, others=(), notes=()):
    """EEG, and one channel of each other rate, in front, between and behind."""
    path = folder / "a.edf"
    rng = np.random.default_rng(1)
    seconds = signals.shape[1] / sfreq
    eeg = [
        EdfSignal(row, sfreq, label=name, **LIMITS)
        for row, name in zip(signals, NAMES, strict=True)
    ]
    more = [
        EdfSignal(rng.normal(0, 50, round(seconds * rate)), rate, label=name, **LIMITS)
        for name, rate in others
    ]
    Edf([*more[:1], eeg[0], *more[1:2], *eeg[1:], *more[2:]], annotations=notes).write(
        path
    )
    return path


def write_bdf(folder, signals, sfreq, others=()):
    path = folder / "a.bdf"
    seconds = signals.shape[1] / sfreq
    channels = [
        BdfSignal(row, sfreq, label=name, **LIMITS)
        for row, name in zip(signals, NAMES, strict=True)
    ]
    channels += [
        BdfSignal(np.zeros(round(seconds * rate)), rate, label=name, **LIMITS)
        for name, rate in others
    ]
    Bdf(channels).write(path)
    return path


def write_brainvision(folder, signals, sfreq):
    pybv.write_brainvision(
        data=signals * 1e-6, sfreq=sfreq, ch_names=NAMES, fname_base="a",
        folder_out=folder, resolution=0.01, unit="µV", fmt="binary_int16",
    )  # fmt: skip
    return folder / "a.vhdr"


def make_raw(signals, sfreq, first=0):
    info = mne.create_info(NAMES, sfreq, "eeg")
    return mne.io.RawArray(signals * 1e-6, info, first_samp=first, verbose="error")


def write_eeglab(folder, signals, sfreq):
    path = folder / "a.set"
    mne.export.export_raw(path, make_raw(signals, sfreq), verbose="error")
    return path


def write_fif(folder, signals, sfreq):
    """Parts of a long recording, cropped before it was saved."""
    path = folder / "a_raw.fif"
    make_raw(signals, sfreq, 700).save(path, split_size="2MB", verbose="error")
    return path


def read(path):
    return read_found(FoundRecording(RecordingKey("c", "sub-1"), path, None))


def check_pieces(recording, signals, rng):
    """Cut at random places, also inside records, and compare with what was written."""
    assert recording.n_times >= signals.shape[1]
    whole = recording.signals[:, :]
    np.testing.assert_allclose(whole[:, : signals.shape[1]], signals, atol=0.02)
    cuts = sorted(rng.integers(0, recording.n_times, 6).tolist())
    edges = [0, *cuts, recording.n_times]
    pieces = [recording.signals[:, a:b] for a, b in pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole)


@pytest.mark.parametrize(
    ("write", "sfreq"),
    [
        (write_edf, 256), (write_edf, 100), (write_bdf, 512), (write_brainvision, 250),
        (write_brainvision, 499.5), (write_eeglab, 200), (write_fif, 300),
    ],
)  # fmt: skip
@pytest.mark.parametrize("seconds", [7, 11])
def test_pieces_of_every_format_are_the_whole(tmp_path, write, sfreq, seconds):
    rng = np.random.default_rng(seconds)
    signals = make_signals(rng, int(seconds * sfreq))
    recording = read(write(tmp_path, signals, sfreq))
    assert recording.sfreq == pytest.approx(sfreq)
    check_pieces(recording, signals, rng)


@pytest.mark.parametrize("seed", range(8))
def test_channels_of_other_rates_never_change_the_eeg(tmp_path, seed):
    rng = np.random.default_rng(seed)
    sfreq = int(rng.choice([100, 128, 200, 250, 256]))
    rates = rng.choice([1, 10, 50, 64, 333, 500, 512, 1000], 3, replace=False)
    others = [
        (f"{name}", int(rate))
        for name, rate in zip(["ECG", "Resp oro", "EMG chin"], rates, strict=True)
    ][: int(rng.integers(1, 4))]
    signals = make_signals(rng, int(rng.integers(3, 9)) * sfreq)
    notes = [EdfAnnotation(1.5, 0.5, "eyes closed")]
    recording = read(write_edf(tmp_path, signals, sfreq, others, notes))
    assert recording.sfreq == sfreq
    assert recording.n_times == signals.shape[1]
    check_pieces(recording, signals, rng)
    (note,) = (n for n in recording.notes if "another rate" in n)
    assert all(f"{name} ({rate} Hz)" in note for name, rate in others)
    assert tuple(open_file(tmp_path / "a.edf").events[0]) == (1.5, 0.5, "eyes closed")


def test_a_faster_channel_of_a_bdf_is_left_out_too(tmp_path):
    rng = np.random.default_rng(0)
    signals = make_signals(rng, 5 * 256)
    recording = read(write_bdf(tmp_path, signals, 256, [("ECG", 1024)]))
    assert recording.sfreq == 256
    check_pieces(recording, signals, rng)


def test_a_slow_electrode_is_left_out_and_said(tmp_path):
    """It could be interpolated, but not from the beginning of a piece."""
    rng = np.random.default_rng(0)
    signals = make_signals(rng, 5 * 256)
    recording = read(write_edf(tmp_path, signals, 256, [("Pz", 128)]))
    assert recording.ch_names == ("Fp1", "Cz", "O2")
    assert any("left out: Pz (128 Hz)" in note for note in recording.notes)


def test_gaps_lie_at_samples_of_the_eeg_whatever_else_is_faster(tmp_path):
    rng = np.random.default_rng(0)
    signals = make_signals(rng, 10 * 128)
    path = write_edf(tmp_path, signals, 128, [("ECG", 512)], [EdfAnnotation(1, 0, "x")])
    content = path.read_bytes().replace(b"EDF+C", b"EDF+D", 1)
    for record in range(4, 10):  # a pause of 20 s before the fifth second
        old, new = b"+%d\x14\x14" % record, b"+%d\x14\x14" % (record + 20)
        assert old in content
        place = content.rindex(old)
        content = content[:place] + new + content[place + len(new) :]
    path.write_bytes(content)
    recording = read(path)
    assert recording.segments == ((0, 512), (512, 1280))
    check_pieces(recording, signals, rng)


@pytest.mark.parametrize(
    ("labels", "samples", "chosen"),
    [
        (["Fp1", "Cz", "ECG"], [256, 256, 512], 256),
        (["Fp1", "Cz", "ECG", "A", "B"], [256, 256, 512, 512, 512], 256),
        (["EEG 001", "EEG 002", "ECG"], [200, 200, 1000], 200),
        (["ECG", "EMG"], [100, 200], 200),
    ],
)
def test_names_of_electrodes_decide_which_rate_is_that_of_the_eeg(
    labels, samples, chosen
):
    assert choose_rate(labels, samples) == chosen


@pytest.mark.parametrize("date", [None, 0])
@pytest.mark.parametrize("seed", range(4))
def test_events_of_a_cropped_fif_stay_with_their_signals(tmp_path, date, seed):
    rng = np.random.default_rng(seed)
    raw = make_raw(make_signals(rng, 6000), 100.0, int(rng.integers(0, 500)))
    raw.set_meas_date(date)
    raw.set_annotations(mne.Annotations([30.0], [5.0], "eyes closed"))
    first = float(rng.integers(1, 25))
    cropped = raw.copy().crop(first)
    path = tmp_path / "a_raw.fif"
    cropped.save(path, verbose="error")
    again = open_file(path).raw.crop(2.0).load_data()
    for opened, onset in (
        (open_raw(raw), 30.0),
        (open_raw(cropped), 30.0 - first),
        (open_file(path), 30.0 - first),
        (open_raw(again), 28.0 - first),
    ):
        (event,) = opened.events
        assert event.onset_s == pytest.approx(onset)
        assert event.duration_s == pytest.approx(5.0)
        assert event.name == "eyes closed"


def test_parts_that_were_joined_keep_their_events(tmp_path):
    rng = np.random.default_rng(0)
    raw = make_raw(make_signals(rng, 1000), 100.0, 300)
    raw.set_annotations(mne.Annotations([2.0], [1.0], "x"))
    both = mne.concatenate_raws([raw.copy(), raw.copy()], verbose="error")
    both.save(tmp_path / "a_raw.fif", verbose="error")
    events = open_file(tmp_path / "a_raw.fif").events
    assert [e.onset_s for e in events if e.name == "x"] == [2.0, 12.0]


def write_gdf(path, signals, sfreq, others=()):
    """Write GDF 1.25 (Schloegl 1998): records of one second, 16-bit integers."""
    rows = [*((row, sfreq) for row in signals), *others]
    names = [*NAMES, *(f"X{i}" for i in range(len(others)))]
    n, seconds = len(rows), signals.shape[1] // sfreq
    head = b"GDF 1.25".ljust(168) + b"2020010101010100"
    head += np.array([256 * (n + 1)], "<i8").tobytes() + bytes(8 + 8 + 8 + 20)
    head += np.array([seconds], "<i8").tobytes()
    head += np.array([1, 1, n], "<u4").tobytes()
    fields = [
        b"".join(name.encode().ljust(16) for name in names),
        b"".join(b"".ljust(80) for _ in names),
        b"".join(b"uV".ljust(8) for _ in names),
        np.full(n, -3276.8, "<f8").tobytes(), np.full(n, 3276.7, "<f8").tobytes(),
        np.full(n, -32768, "<i8").tobytes(), np.full(n, 32767, "<i8").tobytes(),
        b"".join(b"".ljust(80) for _ in names),
        np.array([rate for _, rate in rows], "<i4").tobytes(),
        np.full(n, 3, "<i4").tobytes(), bytes(32 * n),
    ]  # fmt: skip
    content = head + b"".join(fields)
    for second in range(seconds):
        for row, rate in rows:
            part = row[second * rate : (second + 1) * rate]
            content += np.round(part * 10).astype("<i2").tobytes()
    path.write_bytes(content + bytes([1]) + bytes(7))  # a table without events
    return path


def test_a_gdf_of_several_rates_is_the_same_whole_and_in_pieces(tmp_path):
    rng = np.random.default_rng(0)
    signals = make_signals(rng, 6 * 128)
    plain = read(write_gdf(tmp_path / "a.gdf", signals, 128))
    check_pieces(plain, np.round(signals, 1), rng)
    fast = [(rng.normal(0, 20, 6 * 256), 256)]
    mixed = read(write_gdf(tmp_path / "b.gdf", signals, 128, fast))
    assert mixed.sfreq == 256
    assert "channels of several rates, brought to 256 Hz" in mixed.notes
    whole = mixed.signals[:, :]
    pieces = [mixed.signals[:, a : a + 300] for a in range(0, mixed.n_times, 300)]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole)
    inner = slice(100, -100)
    assert np.corrcoef(whole[0, ::2][inner], signals[0][inner])[0, 1] > 0.99
