"""Opening turns whatever a reader raises into one sentence without the file's name."""

import configparser
import struct
import warnings
import zlib
from pathlib import Path

import mne
import numpy as np
import pytest

from neurograft.errors import DataError
from neurograft.recordings import opening
from neurograft.recordings.edf import NoteWarning
from neurograft.recordings.eeglab import RepairWarning
from neurograft.recordings.formats import FIF
from neurograft.recordings.opening import call_reader, open_file, open_raw

PERSON = Path("/data/ward 3/Erika Mustermann.edf")


class UnforeseenError(Exception):
    """Of a library that nobody has thought of."""


@pytest.mark.parametrize(
    "kind",
    [
        ValueError, KeyError, OSError, RecursionError, ZeroDivisionError, struct.error,
        zlib.error, configparser.Error, StopIteration, UnforeseenError, Exception,
        MemoryError, FileNotFoundError,
    ],
)  # fmt: skip
def test_what_a_reader_raises_is_one_sentence_without_its_text(kind):
    def fail(path):
        raise kind(f"could not convert {path}: b'17.03.56'\n {path.stem} is damaged")

    with pytest.raises(DataError) as caught:
        call_reader(fail, PERSON)
    text = str(caught.value)
    assert "\n" not in text
    assert not any(part in text for part in ("Mustermann", "ward 3", "17.03"))


def test_our_sentences_and_mistakes_pass_through():
    def refuse(_):
        raise DataError("the file is empty")

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(DataError, match="^the file is empty$"):
        call_reader(refuse, PERSON)
    with pytest.raises(KeyboardInterrupt):
        call_reader(interrupt, PERSON)
    assert call_reader(max, 1, 4) == 4


@pytest.fixture
def path(tmp_path):
    """Two channels, an event, and a recording that begins late."""
    signals = np.random.default_rng(0).normal(0, 2e-5, (2, 1000))
    raw = mne.io.RawArray(
        signals, mne.create_info(["Cz", "Pz"], 100.0, "eeg"), first_samp=500,
        verbose="error",
    )  # fmt: skip
    raw.set_meas_date(0)
    raw.set_annotations(mne.Annotations([7.0], [1.5], ["eyes closed/"], orig_time=0))
    path = tmp_path / "Erika_raw.fif"
    raw.save(path, verbose="error")
    return path


def test_events_count_from_the_first_sample(path):
    opened = open_file(path)
    assert (opened.n_times, opened.sfreq, opened.format) == (1000, 100.0, "FIF")
    (event,) = opened.events
    assert event == (2.0, 1.5, "eyes closed")
    assert (opened.factors == 1).all()


def test_warnings_of_ours_are_kept_and_those_of_readers_said_in_our_words(
    path, monkeypatch
):
    def read(source):
        warnings.warn("something odd in Erika_raw\nat length", stacklevel=1)
        warnings.warn("Scaling factor will not be defined: Huber", stacklevel=1)
        warnings.warn(RepairWarning("events put right"), stacklevel=1)
        warnings.warn(NoteWarning("a channel left out"), stacklevel=1)
        return FIF.read(source)

    kind = opening.find_format(path)
    monkeypatch.setattr(opening, "find_format", lambda _: type(kind)("FIF", read))
    opened = open_file(path)
    assert opened.repairs == ["events put right"]
    assert opened.notes == [
        "a channel left out",
        "channels without a scale in the header",
        "its reader warned of something (UserWarning)",
    ]


@pytest.mark.parametrize("sfreq", [0.5, 1.0, 2.0, 19.0, 1e7, np.inf, np.nan])
def test_a_rate_that_is_not_of_eeg_is_one_sentence(sfreq):
    raw = mne.io.RawArray(
        np.zeros((2, 100)), mne.create_info(["Cz", "Pz"], 100.0, "eeg"), verbose="error"
    )
    with raw.info._unlock():
        raw.info["sfreq"] = sfreq
    with pytest.raises(
        DataError, match=r"says a sampling rate of .* between 20 Hz and 1 MHz"
    ):
        open_raw(raw)
