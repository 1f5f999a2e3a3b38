"""Names in channels.tsv and in the file are brought together, or nobody is placed."""

import mne
import numpy as np
import pandas as pd
import pytest
from edfio import Edf, EdfSignal

from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.errors import ChannelError
from neurograft.montage.caps import find_cap
from neurograft.recordings.channel_table import name_by_table
from neurograft.recordings.opening import open_raw
from neurograft.recordings.reading import ReadingRules, read_found

NAMES = ["Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8"]
NUMBERED = ["EEG {:03d}", "EEG{:03d}", "Ch{}", "{}", "E{}", "CH-{:02d}", "Channel {}"]


def write(root, written, table_names, *, ecg_hz=0, more=""):
    rng = np.random.default_rng(0)
    folder = root / "sub-1" / "eeg"
    folder.mkdir(parents=True)
    limits = {"physical_dimension": "uV", "physical_range": (-500, 500)}
    signals = [
        EdfSignal(rng.normal(0, 20, 1000), 100, label=n, **limits) for n in written
    ]
    if ecg_hz:
        ecg = EdfSignal(np.zeros(10 * ecg_hz), ecg_hz, label="ECG", **limits)
        signals.insert(3, ecg)
        table_names = [*table_names[:3], "ECG", *table_names[3:]]
    Edf(signals).write(folder / "sub-1_task-rest_eeg.edf")
    rows = [f"{n}\t{'ECG' if n == 'ECG' else 'EEG'}\t{more}" for n in table_names]
    (folder / "sub-1_task-rest_channels.tsv").write_text(
        "name\ttype\tstatus\n" + "\n".join(rows) + "\n"
    )
    (found,) = find_recordings("c", root, CohortConfig(folder=root))
    return found


@pytest.mark.parametrize("numbered", NUMBERED)
@pytest.mark.parametrize("ecg_hz", [0, 500])
def test_numbers_get_the_names_of_the_table_in_its_order(tmp_path, numbered, ecg_hz):
    written = [numbered.format(i) for i in range(1, 13)]
    recording = read_found(write(tmp_path, written, NAMES, ecg_hz=ecg_hz))
    assert recording.ch_names == tuple(NAMES)
    assert any("named by channels.tsv, in its order" in n for n in recording.notes)


@pytest.mark.parametrize("numbered", NUMBERED)
def test_numbers_without_names_have_no_position(tmp_path, numbered):
    written = [numbered.format(i) for i in range(1, 13)]
    with pytest.raises(ChannelError, match="has a position"):
        read_found(write(tmp_path, written, NAMES[:7]))


def test_other_spellings_of_one_electrode_are_one(tmp_path):
    written = [f"EEG {name.upper()}-Ref" for name in NAMES]
    recording = read_found(write(tmp_path, written, NAMES, more="bad"))
    assert recording.ch_names == tuple(NAMES)
    assert set(recording.bads) == set(NAMES)


def test_aliases_of_the_study_come_before_the_order_of_a_table(tmp_path):
    written = [f"EEG {i:03d}" for i in range(1, 13)]
    rules = ReadingRules(dict(zip(written, reversed(NAMES), strict=True)))
    recording = read_found(write(tmp_path, written, NAMES), rules)
    assert recording.ch_names == tuple(reversed(NAMES))


def test_a_table_of_other_channels_is_not_used_and_said():
    info = mne.create_info(NAMES[:3], 100.0, "eeg")
    opened = open_raw(mne.io.RawArray(np.zeros((3, 10)), info, verbose="error"))
    for table, note in (
        (pd.DataFrame({"name": ["A", "B", "C"]}), "names no channel of the file"),
        (pd.DataFrame({"label": ["A"]}), "has no column of names"),
    ):
        notes: list[str] = []
        same, _ = name_by_table(opened, table, [], notes)
        assert same.ch_names == NAMES[:3]
        assert note in notes[0]


@pytest.mark.parametrize("size", [19, 20, 24, 31, 40, 63, 100])
@pytest.mark.parametrize("numbered", NUMBERED)
def test_numbers_that_are_no_nets_are_no_net(size, numbered):
    assert find_cap([numbered.format(i) for i in range(1, size + 1)]) == {}


@pytest.mark.parametrize("size", [32, 65, 129, 256])
def test_a_net_without_some_electrodes_is_one_and_eeg_001_is_none(size):
    left = [i for i in range(1, size + 1) if i % 7 != 3]
    assert len(find_cap([f"E{i}" for i in left])) == len(left)
    assert find_cap([f"EEG {i:03d}" for i in left]) == {}
    assert find_cap([str(i) for i in range(1, size + 1)]) == {}
