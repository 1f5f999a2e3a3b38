"""A recording is the same whether MNE or we read it, and knows whose it is."""

import numpy as np
import pytest

import neurograft as ng
from neurograft.api.recordings import check_settings
from neurograft.errors import ConfigError, DataError


@pytest.fixture(scope="module")
def written(make_raw, tmp_path_factory):
    """A recording and its file inside a BIDS folder."""
    folder = tmp_path_factory.mktemp("bids") / "sub-07" / "eeg"
    folder.mkdir(parents=True)
    path = folder / "sub-07_task-rest_eeg.fif"
    raw = make_raw(7)
    raw.save(path, verbose="error")
    return raw, path


@pytest.mark.filterwarnings("ignore:This filename")
def test_what_mne_has_read_is_what_we_read(written):
    raw, path = written
    ours, theirs = ng.read_recording(path), ng.from_raw(raw)
    assert ours.ch_names == theirs.ch_names
    np.testing.assert_allclose(ours.positions, theirs.positions)
    whole = (slice(None), slice(None))
    np.testing.assert_allclose(ours.signals[whole], theirs.signals[whole], rtol=1e-5)
    np.testing.assert_allclose(theirs.signals[whole], raw.get_data() * 1e6, rtol=1e-5)


def test_a_bids_file_says_whose_it_is_and_any_other_is_called_by_its_name(
    written, make_raw, tmp_path
):
    _, path = written
    key = ng.read_recording(str(path)).key
    assert (key.participant_id, key.task) == ("sub-07", "rest")
    plain = tmp_path / "night_raw.fif"
    make_raw(1, duration_s=20).save(plain, verbose="error")
    assert ng.read_recording(plain).key.participant_id == "night_raw"


def test_windows_are_cut_from_the_signal_without_overlap(harmonised):
    one = harmonised[0]
    assert one.windows.shape[1:] == (len(one.ch_names), 1280)
    assert (np.diff(one.starts_s) >= 10).all()
    columns = ["start_s", "duration_s", "verdict", "measure", "value"]
    assert list(one.quality) == columns
    assert one.quality["duration_s"].sum() == pytest.approx(40, abs=1)


def test_half_the_window_gives_twice_the_windows_of_the_same_signal(make_raw):
    recording = ng.from_raw(make_raw(2))
    long, short = ng.harmonise(recording), ng.harmonise(recording, window_s=5)
    n = len(long.windows)
    halves = short.windows[: 2 * n].reshape(n, 2, *short.windows.shape[1:])
    np.testing.assert_array_equal(np.concatenate([*halves.swapaxes(0, 1)], 2),
                                  long.windows)  # fmt: skip


def test_what_the_device_was_is_kept_for_the_encoder(make_raw):
    recording = ng.from_raw(make_raw(2), reference="linked ears")
    found = ng.harmonise(recording, line_freq=60.0)
    assert found.acquisition == (
        1.0 * np.log2(found.recorded_hz / 256),
        0,
        1,
        0,
        1,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sfreq": 7}, "sfreq"),
        ({"l_freq": -1}, "l_freq"),
        ({"window_s": 0}, "window_s=0 is no length"),
    ],
)
def test_settings_out_of_range_are_named(make_raw, settings, message):
    with pytest.raises(ConfigError, match=message):
        ng.harmonise(ng.from_raw(make_raw(2, duration_s=20)), **settings)


def test_what_is_no_recording_is_named(make_raw, tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        ng.read_recording(tmp_path / "nothing.edf")
    with pytest.raises(ConfigError, match="is no mne.io.Raw"):
        ng.from_raw("file.edf")
    with pytest.raises(ConfigError, match="use read_recording"):
        check_settings("file.edf", 128, 0.5, 45, 10)
    with pytest.raises(DataError, match="choose a smaller window_s"):
        ng.harmonise(ng.from_raw(make_raw(2, duration_s=25)), window_s=60)
