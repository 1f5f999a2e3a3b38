"""What is shown of a recording is what harmonising found, and not whose it is."""

import dataclasses

import numpy as np
import pytest

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.inspected.making import make_inspection
from neurograft.store.inspection import (
    FIRST_CUT,
    SECOND_WORDS,
    find_inspection,
    place_seconds,
    read_inspection,
    write_inspection,
)

SETTINGS = HarmoniseConfig()


def show(recording, settings=SETTINGS, has_microvolts=True):
    done = harmonise_recording(recording, settings, has_microvolts=has_microvolts)
    return make_inspection(recording, done, has_microvolts=has_microvolts), done


def test_every_second_has_the_verdict_of_the_table_and_what_is_used_adds_up(
    make_recording,
):
    recording = make_recording(duration_s=60)
    recording.signals[:, 20 * 256 : 23 * 256] = 7.0  # a drop-out
    recording.signals[3, 40 * 256 + 50] += 4_000  # a pop
    recording.signals[:, 50 * 256 : 51 * 256] *= 200  # a jump
    one, done = show(recording)
    placed = place_seconds(one)
    assert placed.lengths_s.sum() == 60
    for stretch in done.seconds:
        first = stretch.start / 128
        inside = (placed.stored_s >= first - 1e-6) & (
            placed.stored_s < first + stretch.n_times / 128 - 1e-6
        )
        words = {SECOND_WORDS[code] for code in one.codes[inside]}
        assert words == {stretch.measure or "kept"}
    used_s = placed.lengths_s[one.codes < FIRST_CUT].sum()
    assert used_s == sum(b - a for a, b in done.segments) / 128
    assert one.shares[21] == 1
    assert one.shares[40] == pytest.approx(1 / 19)


def test_a_rest_between_cut_seconds_that_is_too_short_counts_as_cut(make_recording):
    recording = make_recording(duration_s=40.5)
    recording.signals[:, 39 * 256 : 40 * 256] = 7.0
    one, done = show(recording)
    assert SECOND_WORDS[one.codes[-1]] == "rest too short to use"
    used_s = place_seconds(one).lengths_s[one.codes < FIRST_CUT].sum()
    assert used_s == sum(b - a for a, b in done.segments) / 128


def test_planted_alpha_is_in_the_spectrum_of_posterior_channels(make_recording):
    recording = make_recording(duration_s=60, scale_uv=5.0)
    times = np.arange(recording.n_times) / recording.sfreq
    posterior = np.clip(-recording.positions[:, 1], 0, None)
    recording.signals[:] += 20 * posterior[:, None] * np.sin(20 * np.pi * times)
    tolerant = SETTINGS.model_copy(update={"deviation_z": 1e3, "noise_z": 1e3})
    one, _ = show(recording, tolerant)
    assert one.unit == "microvolts"
    place = one.ch_names.index("O1")
    above_1hz = one.frequencies_hz > 4
    peak = one.frequencies_hz[above_1hz][one.log_power[place][above_1hz].argmax()]
    assert peak == 10
    at_ten = one.log_power[:, one.frequencies_hz == 10][:, 0]
    assert {one.ch_names[i] for i in np.argsort(at_ten)[-2:]} == {"O1", "O2"}


def test_the_excerpt_shows_the_same_stretch_before_and_after(make_recording):
    recording = make_recording(duration_s=60, sfreq=250.0)
    one, _ = show(dataclasses.replace(recording, segments=((2500, 15_000),)))
    assert one.before.shape == one.after.shape == (19, 1280)
    assert one.excerpt_start_s >= 10
    assert one.stretches_s.tolist() == [[10, 0, 50]]
    from_average = one.before - one.before.mean(0)
    for raw, harmonised in zip(from_average, one.after, strict=True):
        assert np.corrcoef(raw, harmonised)[0, 1] > 0.8


def test_the_excerpt_is_of_typical_amplitude(make_recording):
    recording = make_recording(duration_s=90, sfreq=128.0)
    gains = np.repeat([1.0, 4.0, 2.0, 3.0, 5.0, 2.5, 6.0, 7.0, 1.5], 1280)
    recording.signals[:] *= gains
    one, _ = show(recording, SETTINGS.model_copy(update={"clip_sd": 100.0}))
    assert one.excerpt_start_s == 30  # 3.0 is the median


def test_a_recording_too_short_for_an_excerpt_shows_what_it_has(make_recording):
    one, _ = show(make_recording(duration_s=6), HarmoniseConfig(min_duration_s=1))
    assert one.before.shape == one.after.shape == (19, 6 * 128)
    tiny, _ = show(make_recording(duration_s=1.5), HarmoniseConfig(min_duration_s=1))
    assert np.isfinite(tiny.log_power).all()


def test_channels_left_out_of_a_bipolar_montage_are_shown_before_only(make_recording):
    recording = dataclasses.replace(make_recording(), is_bipolar=True)
    recording.signals[2] = 0
    one, _ = show(recording)
    assert one.is_left_out.tolist() == [name == "F7" for name in one.ch_names]
    assert one.bads[2] == "flat"
    assert np.isfinite(one.before).all()
    assert np.isnan(one.after[2]).all()
    assert np.isnan(one.log_power[2]).all()


def test_an_arbitrary_scale_is_said(make_recording):
    recording = make_recording(scale_uv=1e6)
    assert show(recording, has_microvolts=False)[0].unit == "arbitrary"


def test_values_that_are_no_numbers_break_nothing(make_recording):
    recording = make_recording()
    recording.signals[4, 100:2000] = np.nan
    one, _ = show(recording)
    assert np.isfinite(one.before).all()


def test_the_file_names_nobody_and_no_day(make_recording, tmp_path):
    recording = make_recording(participant_id="sub-Huber")
    recording = dataclasses.replace(
        recording, notes=("17.03.1956",), repairs=("Erika",)
    )
    one, _ = show(recording)
    write_inspection(tmp_path, "x", one)
    with np.load(find_inspection(tmp_path, "x"), allow_pickle=False) as arrays:
        texts = [str(arrays[n].tolist()) for n in arrays if arrays[n].dtype.kind == "U"]
    assert not any(word in " ".join(texts) for word in ("Huber", "1956", "Erika"))
    assert read_inspection(tmp_path, "x").ch_names == recording.ch_names
