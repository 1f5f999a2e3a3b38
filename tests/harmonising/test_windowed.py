"""Windows are cut from usable stretches only, and say where they come from."""

import numpy as np
import pytest

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.harmonising.buffer import RowBuffer
from neurograft.harmonising.harmonise import HarmonisedRecording
from neurograft.harmonising.seconds import Stretch
from neurograft.harmonising.windowed import cut_windows

SFREQ = 4.0
N_TIMES = 60


@pytest.fixture
def cut(make_recording):
    """Windows of two channels: the number of the sample, and its negative."""
    recording = make_recording(ch_names=("Fz", "Cz"), sfreq=512.0, duration_s=1.0)

    def make(segments, window_s=2.5, line_freq=60.0, seconds=()):
        rows = RowBuffer(N_TIMES, 2)
        rows.append(np.arange(N_TIMES)[:, None] * np.array([1.0, -1.0]))
        done = HarmonisedRecording(
            key=RecordingKey("clinic", "sub-1"),
            rows=rows,
            repair=np.eye(2),
            limits=np.full(2, 1e6),
            clip_sd=1.0,
            sfreq=SFREQ,
            ch_names=recording.ch_names,
            positions=recording.positions,
            scale=5.0,
            recorded_scale=6.0,
            line_freq=line_freq,
            segments=segments,
            seconds=seconds,
            bads={"Fz": "flat"},
            repairs=("mended",),
            notes=("notch",),
        )
        return cut_windows(recording, done, window_s=window_s)

    return make


def test_windows_fill_every_stretch_from_its_beginning_and_cross_no_gap(cut):
    found = cut(((0, 25), (30, 39), (41, 51)))
    starts = [0, 10, 41]  # the second stretch is a sample short, the third just fits
    assert found.windows.shape == (3, 2, 10)
    for window, start in zip(found.windows, starts, strict=True):
        np.testing.assert_array_equal(window[0], np.arange(start, start + 10))
        np.testing.assert_array_equal(window[1], -np.arange(start, start + 10))
    assert found.starts_s.tolist() == [0.0, 2.5, 10.25]


def test_a_window_that_fits_nowhere_is_refused_with_the_longest_stretch(cut):
    assert len(cut(((3, 13),)).windows) == 1
    with pytest.raises(DataError, match=r"stretch has 2\.2 s, a window 2\.5 s"):
        cut(((3, 12), (20, 24)))
    with pytest.raises(DataError, match=r"stretch has 0\.0 s"):
        cut(())


def test_the_rate_of_the_file_is_told_not_that_of_the_windows(cut):
    found = cut(((0, 20),))
    assert (found.recorded_hz, found.sfreq, found.scale_uv) == (512.0, SFREQ, 5.0)
    assert found.acquisition[:3] == (1.0, 0.0, 1.0)  # twice 256 Hz; 60 Hz mains
    assert cut(((0, 20),), line_freq=None).acquisition[:3] == (1.0, 0.0, 0.0)


def test_quality_is_in_seconds_and_repairs_come_before_notes(cut):
    stretches = (Stretch(0, 8, "kept", "", 0.0), Stretch(8, 4, "dropped", "flat", 0.5))
    found = cut(((0, 20),), seconds=stretches)
    assert found.quality.values.tolist() == [
        [0.0, 2.0, "kept", "", 0.0],
        [2.0, 1.0, "dropped", "flat", 0.5],
    ]
    assert found.notes == ("mended", "notch")
    assert found.bads == {"Fz": "flat"}
