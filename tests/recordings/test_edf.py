"""EDF headers: lengths that lie, units that MNE takes for volts, gaps."""

import mne
import numpy as np
import pytest
from edfio import Edf, EdfAnnotation, EdfSignal

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.recordings.edf import check_edf_length, find_gaps, read_edf_header
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.reading import read_found

SFREQ = 128
NAMES = ("Fp1", "Cz", "O2")


def write_edf(path, *, unit="uV", annotations=(), seconds=10, names=NAMES):
    rng = np.random.default_rng(0)
    signals = rng.normal(0, 20, (len(names), seconds * SFREQ))
    Edf(
        [
            EdfSignal(
                s, SFREQ, label=n, physical_dimension=unit, physical_range=(-200, 200)
            )
            for n, s in zip(names, signals, strict=True)
        ],
        annotations=annotations,
    ).write(path)
    return signals


def patch(path, place, content):
    data = bytearray(path.read_bytes())
    data[place : place + len(content)] = content
    path.write_bytes(bytes(data))


def read(path):
    return read_found(FoundRecording(RecordingKey("c", "sub-1"), path, None))


@pytest.mark.parametrize(
    ("unit", "factor"), [("nV", 1e-3), ("uV", 1), ("mV", 1e3), ("V", 1e6), ("UV", 1)]
)
def test_every_unit_of_voltage_becomes_microvolts(tmp_path, unit, factor):
    path = tmp_path / "a.edf"
    signals = write_edf(path, unit=unit)
    recording = read(path)
    np.testing.assert_allclose(
        recording.signals[:, :], signals * factor, atol=0.01 * factor
    )
    repaired = [r for r in recording.repairs if r.startswith(f"unit {unit}")]
    assert bool(repaired) == (unit in ("nV", "UV"))


@pytest.mark.parametrize(
    ("unit", "shown"), [("", "''"), ("%", "'%'"), ("Huber", "text that is not shown")]
)
def test_an_unknown_unit_is_noted_and_left_to_the_amplitude_guard(
    tmp_path, unit, shown
):
    path = tmp_path / "a.edf"
    signals = write_edf(path, unit=unit)
    recording = read(path)
    np.testing.assert_allclose(
        recording.signals[:, :], signals * 1e6, rtol=1e-3, atol=1e4
    )
    assert f"units that are no voltage, read as volts: {shown}" in recording.notes


def test_a_truncated_file_is_refused_with_both_numbers(tmp_path):
    path = tmp_path / "a.edf"
    write_edf(path)
    content = path.read_bytes()
    lost = 3 * read_edf_header(path).record_bytes + 10
    path.write_bytes(content[:-lost])
    with pytest.raises(DataError, match="holds 6 data records, .* promises 10"):
        read(path)


def test_a_header_that_was_never_closed_is_read_to_the_end(tmp_path):
    path = tmp_path / "a.edf"
    write_edf(path)
    patch(path, 236, b"-1      ")
    recording = read(path)
    assert recording.duration_s == 10
    assert any("never closed: the 10 records" in note for note in recording.notes)


def test_a_header_that_promises_too_little_is_noted(tmp_path):
    path = tmp_path / "a.edf"
    write_edf(path)
    patch(path, 236, b"7       ")
    assert check_edf_length(read_edf_header(path)) == [
        "the header promises 7 of 10 records; those are used"
    ]
    assert read(path).duration_s == 10  # as many as there really are


def write_discontinuous(path):
    """Ten records with a pause of 5 s after the fourth."""
    write_edf(path, annotations=[EdfAnnotation(1.5, 0.5, "blink")])
    header = read_edf_header(path)
    channel = header.annotation_channels[0]
    offset = sum(header.samples[:channel]) * 2
    patch(path, 192, b"EDF+D")
    for record in range(4, 10):
        start = header.header_bytes + record * header.record_bytes + offset
        patch(path, start, f"+{record + 5}\x14\x14\x00".encode())
    return header


def test_gaps_of_a_discontinuous_file_are_found_and_cut(tmp_path):
    path = tmp_path / "a.edf"
    write_discontinuous(path)
    assert find_gaps(path, read_edf_header(path)) == [4]
    recording = read(path)
    assert recording.segments == ((0, 4 * SFREQ), (4 * SFREQ, 10 * SFREQ))
    assert "cut at gaps: 1" in recording.notes


def test_a_continuous_file_has_no_gaps(tmp_path):
    path = tmp_path / "a.edf"
    write_edf(path, annotations=[EdfAnnotation(1.5, 0.5, "blink")])
    assert find_gaps(path, read_edf_header(path)) == []
    assert read(path).segments == ((0, 10 * SFREQ),)


def test_an_invalid_annotation_byte_does_not_lose_the_recording(tmp_path):
    path = tmp_path / "a.edf"
    signals = write_edf(path, annotations=[EdfAnnotation(1.5, 0.5, "xxMuedexx")])
    content = path.read_bytes()
    path.write_bytes(content.replace(b"xxMuedexx", b"xxM\xfcdexxx"))
    with pytest.raises(Exception, match="invalid byte"):
        mne.io.read_raw_edf(path, verbose="error")
    np.testing.assert_allclose(read(path).signals[:, :], signals, atol=0.01)


def test_annotations_without_signals_are_refused(tmp_path):
    path = tmp_path / "a.edf"
    Edf([], annotations=[EdfAnnotation(1.5, 0.5, "sleep")]).write(path)
    with pytest.raises(DataError, match="annotations only, no signal"):
        read(path)


def test_channels_of_the_same_name_are_a_repair(tmp_path):
    path = tmp_path / "a.edf"
    signals = write_edf(path, names=("EEG F1-Ref", "EEG F2-Ref", "EEG F1-Ref"))
    recording = read(path)
    assert recording.ch_names == ("F1", "F2")
    assert "channels of the same name: the first of each is kept" in recording.repairs
    np.testing.assert_allclose(recording.signals[:, :], signals[:2], atol=0.01)
