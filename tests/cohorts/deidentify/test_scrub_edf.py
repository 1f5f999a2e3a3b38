"""No byte of an EDF file that could hold a text is copied without a look at it."""

from datetime import datetime

import mne
import numpy as np
import pytest
from edfio import Edf, EdfAnnotation, EdfSignal

from neurograft.cohorts.deidentify.scrub_edf import scrub_edf
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.errors import DataError
from neurograft.recordings.edf import read_edf_header

SCRUBBER = Scrubber("secret")
NAMES = ["F3", "Fp1", "Cz", "O2"]
SIGNALS = np.random.default_rng(0).normal(0, 20, (4, 1000))


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.edf"
    signals = [
        EdfSignal(
            s, 100, label=n, physical_dimension="uV", physical_range=(-200, 200),
        )
        for s, n in zip(SIGNALS, NAMES, strict=True)
    ]  # fmt: skip
    notes = [EdfAnnotation(1, None, "eyes closed"), EdfAnnotation(9.5, 0.2, "Huber")]
    Edf(signals, annotations=notes).write(path)
    return path


def plant(path, fields):
    """Write texts over parts of a file, given by place, or by channel and field."""
    header, content = read_edf_header(path), bytearray(path.read_bytes())
    for where, text in fields.items():
        place, width = header.find_field(*where) if isinstance(where[1], str) else where
        content[place : place + width] = text.ljust(width)[:width]
    path.write_bytes(bytes(content))


def scrub(path):
    target = path.with_name("copy.edf")
    scrub_edf(path, target, "sub-1", SCRUBBER)
    return target


def read_labels(path):
    return read_edf_header(path).labels


def test_what_follows_the_last_whole_record_is_cut_off(source):
    whole = source.read_bytes()
    source.write_bytes(whole + b"Huber 17.03.1961")
    target = scrub(source)
    assert target.stat().st_size == len(whole)
    assert b"Huber" not in target.read_bytes()
    raw = mne.io.read_raw_edf(target, verbose="error")
    np.testing.assert_allclose(raw.get_data() * 1e6, SIGNALS, atol=0.01)


def test_notes_in_a_record_that_is_cut_off_are_not_copied(source):
    content = source.read_bytes()
    source.write_bytes(content[: content.rindex(b"Huber") + 7])
    header = read_edf_header(source)
    target = scrub(source)
    assert b"Huber" not in target.read_bytes()
    size = header.header_bytes + header.whole_records * header.record_bytes
    assert target.stat().st_size == size


@pytest.mark.parametrize(
    ("field", "kept"),
    [(b"12.30.59", b"12.30.59"), (b"Huber", b"00.00.00"), (b"1961-317", b"00.00.00")],
)
def test_the_time_is_a_time(source, field, kept):
    plant(source, {(176, 8): field})
    assert scrub(source).read_bytes()[176:184] == kept


@pytest.mark.parametrize(
    "label", [b"EDF ANNOTATIONS", b"edf annotations", b"BDF_Annotation", b"Photic"]
)
def test_annotations_are_known_in_any_spelling_and_by_their_bytes(source, label):
    plant(source, {(4, "label"): label})
    content = scrub(source).read_bytes()
    assert b"Huber" not in content
    assert b"eyes closed" in content


def test_a_time_of_many_digits_is_no_time(source):
    content = source.read_bytes()
    place = content.index(b"+1\x14eyes closed")
    longer = b"+4711234567\x14eyes"
    changed = content[:place] + longer + content[place + len(longer) :]
    source.write_bytes(changed)
    assert b"4711" in source.read_bytes()
    assert b"4711" not in scrub(source).read_bytes()


def test_labels_stay_apart_and_that_of_an_electrode_stays_with_it(source):
    plant(source, {(1, "label"): b"F3-Leak77", (2, "label"): b"F3 Huber"})
    assert read_labels(scrub(source))[:4] == ("F3", "F3-1", "F3-2", "O2")


def test_labels_that_were_the_same_stay_the_same(source):
    plant(source, {(1, "label"): b"F3"})
    assert read_labels(scrub(source))[:2] == ("F3", "F3")


@pytest.mark.parametrize(
    "unit", [b"uV", b"\xb5V", b"\x83\xcaV", "µV".encode(), "\u03bcV".encode(), b"mV"]
)
def test_every_spelling_of_a_unit_stays_as_it_is(source, unit):
    plant(source, {(0, "unit"): unit, (1, "unit"): b"Huber"})
    target = scrub(source)
    content, header = target.read_bytes(), read_edf_header(target)
    place, width = header.find_field(0, "unit")
    assert content[place : place + width] == unit.ljust(width)
    assert header.units[1] == ""


@pytest.mark.parametrize("field", ["physical_min", "digital_max"])
def test_a_number_that_is_none_leaves_the_file_out(source, field):
    plant(source, {(0, field): b"Huber"})
    with pytest.raises(DataError, match=f"{field} is no number"):
        scrub(source)


def test_a_header_of_another_length_holds_nothing_in_between(source):
    content = source.read_bytes()
    header = read_edf_header(source)
    gap = b"Huber".ljust(256)
    longer = content[: header.header_bytes] + gap + content[header.header_bytes :]
    source.write_bytes(longer)
    plant(source, {(184, 8): str(header.header_bytes + 256).encode()})
    target = scrub(source)
    assert target.stat().st_size == len(longer)
    assert target.read_bytes().count(b"Huber") == 0
    plant(source, {(184, 8): b"256"})
    with pytest.raises(DataError, match="shorter than its channels need"):
        scrub(source)


def test_a_date_that_is_none_becomes_the_first_of_edf(source):
    plant(source, {(168, 8): b"Huber"})
    assert scrub(source).read_bytes()[168:176] == b"01.01.85"
    plant(source, {(168, 8): b"04.05.21"})
    date = datetime.strptime(scrub(source).read_bytes()[168:176].decode(), "%d.%m.%y")
    assert date < datetime(2020, 6, 1)
