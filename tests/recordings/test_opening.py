"""Opening turns whatever a reader raises into one sentence without the file's name."""

import warnings
from pathlib import Path

import mne
import numpy as np
import pytest

from neurograft.errors import DataError
from neurograft.recordings import opening
from neurograft.recordings.eeglab import RepairWarning
from neurograft.recordings.formats import FIF
from neurograft.recordings.opening import READER_ERRORS, call_reader, open_file

PERSON = Path("/data/ward 3/Erika Mustermann.edf")


@pytest.mark.parametrize("kind", [*READER_ERRORS, Exception])
def test_what_a_reader_raises_is_one_sentence_without_the_person(kind):
    def fail(path):
        raise kind(f"cannot read {path}:\n  {path.stem} is damaged")

    with pytest.raises(DataError, match="^the file cannot be read: ") as caught:
        call_reader(fail, PERSON, hide=PERSON)
    assert "Mustermann" not in str(caught.value)
    assert "ward 3" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_our_sentences_and_mistakes_pass_through():
    def refuse(_):
        raise DataError("the file is empty")

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(DataError, match="^the file is empty$"):
        call_reader(refuse, PERSON, hide=PERSON)
    with pytest.raises(KeyboardInterrupt):
        call_reader(interrupt, PERSON, hide=PERSON)
    assert call_reader(max, 1, 4, hide=PERSON) == 4


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


def test_warnings_of_repairs_are_repairs_and_all_others_are_notes(path, monkeypatch):
    def read(source):
        warnings.warn("something odd in Erika_raw\nat length", stacklevel=1)
        warnings.warn("something odd in Erika_raw\nagain", stacklevel=1)
        warnings.warn(RepairWarning("events put right"), stacklevel=1)
        return FIF.read(source)

    kind = opening.find_format(path)
    monkeypatch.setattr(opening, "find_format", lambda _: type(kind)("FIF", read))
    opened = open_file(path)
    assert opened.repairs == ["events put right"]
    assert opened.notes == ["something odd in <file>"]
