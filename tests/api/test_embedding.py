"""An embedding is the same from a file, from MNE, and from a study's store."""

import numpy as np
import pytest

import neurograft as ng
from neurograft.api.embedding import list_recordings
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import ConfigError
from neurograft.features.window_summary import summarise_windows
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.writing import write_recording
from neurograft.store.signal_store import SignalStore, write_index
from neurograft.store.window_choice import SubjectWindows
from neurograft.transfer.embedding import embed_windows, make_encoder_pool


@pytest.fixture(scope="module")
def encoder():
    return ng.load_encoder("tiny")


def test_a_file_a_recording_and_its_windows_have_the_same_embedding(
    make_raw, encoder, tmp_path
):
    path = tmp_path / "one_raw.fif"
    make_raw(1, duration_s=20).save(path, verbose="error")
    recording = ng.read_recording(path)
    from_file = ng.embed(path, encoder)
    for given in ([str(path)], recording, [ng.harmonise(recording)]):
        np.testing.assert_array_equal(ng.embed(given, encoder), from_file)
    assert from_file.index.names == ["participant_id", "recording"]


def test_an_embedding_is_that_of_the_store_up_to_its_steps(make_raw, encoder, tmp_path):
    recording = ng.from_raw(make_raw(3))
    done = harmonise_recording(recording, HarmoniseConfig())
    stored = write_recording(tmp_path, done)
    write_index(tmp_path, [stored], sfreq=128.0, has_microvolts=True)
    done.rows.close()
    windows = ng.harmonise(recording)
    starts = tuple((0, round(start * 128)) for start in windows.starts_s)
    # What the table of recordings says of the device is left out on both sides.
    blind = windows.__class__(
        **{**vars(windows), "recorded_hz": np.nan, "line_freq": None}
    )
    (theirs,) = embed_windows(
        SignalStore.open(tmp_path),
        [SubjectWindows("recording", starts, 40.0)],
        make_encoder_pool(encoder),
        n_times=1280,
    )
    ours = ng.embed(blind, encoder).to_numpy()[0]
    expected = summarise_windows(theirs)
    assert np.corrcoef(ours, expected)[0, 1] > 0.9999
    np.testing.assert_allclose(ours, expected, atol=0.02 * np.abs(expected).max())


def test_a_recording_is_mean_and_spread_of_its_windows(harmonised, encoder):
    one = harmonised[0]
    windows = ng.embed(one, encoder, per="window")
    n = windows.shape[1]
    row = ng.embed(one, encoder).to_numpy()[0]
    np.testing.assert_allclose(row[:n], windows.mean(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(row[n:], windows.std(ddof=0), rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(
        windows.index.get_level_values("start_s"), one.starts_s
    )


def test_who_is_embedded_beside_whom_changes_nothing(harmonised, encoder):
    together = ng.embed(harmonised, encoder)
    alone = ng.embed(harmonised[2], encoder)
    np.testing.assert_array_equal(together.to_numpy()[2], alone.to_numpy()[0])
    assert list(together.index.get_level_values(0)) == ["p0", "p1", "p2", "p3"]


def test_what_cannot_be_embedded_is_named(make_raw, harmonised, encoder):
    with pytest.raises(ConfigError, match="no recordings to embed"):
        ng.embed([], encoder)
    with pytest.raises(ConfigError, match="per='subject' is unknown"):
        ng.embed(harmonised, encoder, per="subject")
    raw = make_raw(2, duration_s=20)
    with pytest.raises(ConfigError, match="use read_recording"):
        list_recordings(raw, "recording")
    recording = ng.from_raw(raw)
    with pytest.raises(ConfigError, match="Harmonise it with sfreq=128"):
        ng.embed(ng.harmonise(recording, sfreq=100), encoder)
    with pytest.raises(ConfigError, match="not whole seconds"):
        ng.embed(ng.harmonise(recording, window_s=2.5), encoder)
