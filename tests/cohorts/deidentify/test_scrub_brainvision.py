"""Of a BrainVision file stays what reads the signals and names the events."""

import mne
import numpy as np
import pybv
import pytest

from neurograft.cohorts.deidentify.copy_recording import copy_recording
from neurograft.cohorts.deidentify.scrub_brainvision import is_text, scrub_brainvision
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.errors import DataError
from neurograft.recordings.brainvision import read_header

SCRUBBER = Scrubber("secret")
SIGNALS = np.random.default_rng(0).normal(0, 20, (3, 1000))


@pytest.fixture
def source(tmp_path):
    pybv.write_brainvision(
        data=SIGNALS * 1e-6, sfreq=100, ch_names=["Fp1", "Cz", "O2"], fname_base="a",
        folder_out=tmp_path, resolution=0.01, unit="µV", fmt="binary_int16",
    )  # fmt: skip
    return tmp_path / "a.vhdr"


def edit(path, *pairs):
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def scrub(path, scrubber=SCRUBBER):
    folder = path.parent / "copy"
    folder.mkdir(exist_ok=True)
    scrub_brainvision(path, folder / "b.vhdr", "sub-1", scrubber)
    return folder / "b.vhdr"


def read_raw(path):
    return mne.io.read_raw_brainvision(path, verbose="error")


def add_markers(path, *lines):
    with path.with_suffix(".vmrk").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", *lines, ""]))


def list_markers(path):
    text = path.with_suffix(".vmrk").read_text("utf-8")
    return [line for line in text.splitlines() if line.startswith("Mk")]


def test_names_of_events_read_the_same_from_the_copy(source):
    add_markers(
        source,
        "Mk2=Stimulus,S  1,100,1,0", "Mk3=Response,R  2,200,1,0",
        "Mk4=Comment,eyes closed,300,1,0", "Mk5=SyncStatus,Sync On,400,1,0",
        "Mk7=Event,254,450,1,0", "Mk8=Optic,O  1,460,1,0",
        "Mk6=Bad Interval,bad,500,10,-1", "Mk6=Stimulus,S 12,600,1,0",
    )  # fmt: skip
    before, after = read_raw(source).annotations, read_raw(scrub(source)).annotations
    assert list(after.description) == list(before.description)
    assert "Stimulus/S  1" in after.description
    np.testing.assert_array_equal(after.onset, before.onset)
    np.testing.assert_array_equal(after.duration, before.duration)


def test_texts_with_commas_and_keys_that_are_none_go(source):
    add_markers(
        source,
        "Mk90=Comment,Leak59, Leak60 Erika,100,1,0",
        "Mk91=Comment,Leak61\\1 Erika,Leak62,1,0,20190304101010123456",
        "Mk92=Leak,Erika,7,1,0", "Leak63=Stimulus,S 1,100,1,0", "Mk93=Erika",
        "Mk94=New Segment,,1,1,0,00010101000000000000", "Mk95=Comment,Erika,9,1",
        "Mk96=Stimulus,S 1,47112345678,1,0", "; Leak64", "[Leak65]", "Mk1=Erika",
    )  # fmt: skip
    target = scrub(source)
    assert list_markers(target)[-3:] == [
        "Mk90=Comment,note,100,1,0",
        "Mk92=note,note,7,1,0",
        f"Mk94=New Segment,,1,1,0,{'0' * 20}",
    ]
    content = target.with_suffix(".vmrk").read_text("utf-8")
    assert not [word for word in ("Leak", "Erika", "4711") if word in content]
    read_raw(target)


def test_a_text_that_the_user_vouches_for_stays_with_or_without_its_kind(source):
    add_markers(source, "Mk2=Comment,Augen zu,100,1,0", "Mk3=Comment,Licht,200,1,0")
    keep = frozenset({"Comment/Augen zu", "Licht"})
    texts = read_raw(scrub(source, Scrubber("s", keep=keep))).annotations.description
    assert {"Comment/Augen zu", "Comment/Licht"} <= set(texts)


def test_values_of_the_header_are_those_of_the_format(source):
    edit(
        source,
        ("[Common Infos]", "[Common Infos]\nAveraged=Huber\nSegmentationType=Huber\n"
         "DataType=17.03.1961\nSegmentDataPoints=47112345678"),
        ("[Channel Infos]", "[Coordinates]\nCh1=17-03-1961,4711234567,1\nCh2=1,90,-45.5"
         "\nCh3=1,90\n[Channel Infos]"),
        ("Ch1=Fp1,,0.01", "Ch1=Fp1,Huber,17.03.1961"),
    )  # fmt: skip
    header = read_header(scrub(source))
    assert set(header.common) == {
        "Codepage", "DataFile", "MarkerFile", "DataFormat", "DataOrientation",
        "NumberOfChannels", "SamplingInterval",
    }  # fmt: skip
    assert header.sections["Coordinates"] == {"Ch2": "1,90,-45.5"}
    assert header.sections["Channel Infos"]["Ch1"] == "Fp1,...,,µV"


def test_bytes_behind_the_last_whole_sample_are_cut_off(source):
    signals = source.with_suffix(".eeg")
    whole = signals.read_bytes()
    signals.write_bytes(whole + b"Huber")
    target = scrub(source)
    assert target.with_suffix(".eeg").read_bytes() == whole
    np.testing.assert_allclose(read_raw(target).get_data() * 1e6, SIGNALS, atol=0.011)


@pytest.mark.parametrize(
    "pair", [("BinaryFormat=INT_16", "x=1"), ("NumberOfChannels=3", "x=1")]
)
def test_a_header_that_does_not_say_how_to_read_is_left_out(source, pair):
    edit(source, pair)
    with pytest.raises(DataError, match="does not say how samples are written"):
        scrub(source)


def test_units_and_names_of_channels_stay_apart(source):
    content = source.read_bytes().replace("µV".encode(), b"\x83\xcaV")
    content = content.replace(b"Ch1=Fp1", b"Ch1=O2 Huber")
    source.write_bytes(content)
    target = scrub(source)
    raw = read_raw(target)
    assert raw.ch_names == ["O2-1", "Cz", "O2"]
    np.testing.assert_allclose(raw.get_data() * 1e6, SIGNALS, atol=0.011)


@pytest.mark.parametrize(
    ("unit", "kept"), [("ARU", "ARU"), ("µS", "µS"), ("Huber", "n/a")]
)
def test_what_is_no_voltage_does_not_become_one(source, unit, kept):
    edit(source, ("Ch3=O2,,0.01,µV", f"Ch3=Skin,,0.01,{unit}"))
    target = scrub(source)
    assert (
        read_header(target).sections["Channel Infos"]["Ch3"].endswith(f",0.01,{kept}")
    )
    before, after = read_raw(source), read_raw(target)
    np.testing.assert_allclose(after.get_data(), before.get_data())


def test_signals_that_are_written_as_text_are_written_anew(source):
    rows = "\n".join(" ".join(f"{v:.4f}" for v in row) for row in SIGNALS.T)
    source.with_suffix(".eeg").write_text(f"Huber Erika x\n{rows}\n")
    edit(
        source,
        ("DataFormat=BINARY", "DataFormat=ASCII"),
        (
            "[Binary Infos]",
            "[ASCII Infos]\nDecimalSymbol=.\nSkipLines=1\nSkipColumns=0",
        ),
        ("BinaryFormat=INT_16", ""),
        (",0.01,µV", ",1,µV"),
    )
    assert is_text(source)
    made = copy_recording(
        source, "a.vhdr", source.parent / "copy/b.vhdr", label="1", scrubber=SCRUBBER
    )
    assert made.target == "b_raw.fif"
    assert b"Huber" not in (source.parent / "copy/b_raw.fif").read_bytes()
    raw = mne.io.read_raw_fif(source.parent / "copy/b_raw.fif", verbose="error")
    np.testing.assert_allclose(raw.get_data() * 1e6, SIGNALS, atol=0.001)
