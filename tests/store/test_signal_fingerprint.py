"""A fingerprint follows the signal, not its scale, sign, names, length or pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import DataError
from neurograft.store.signal_fingerprint import (
    CARD_STEP,
    N_AROUND,
    make_fingerprint,
    parse_fingerprint,
    thin_fingerprint,
    write_fingerprint,
)

SFREQ = 128


def make(signals, sfreq=SFREQ):
    def read(start, n_times):
        assert start >= 0
        assert start + n_times <= signals.shape[1]
        return signals[:, start : start + n_times]

    return make_fingerprint(read, signals.shape[1], sfreq)


@pytest.fixture(scope="module")
def signals(make_recording):
    return make_recording(sfreq=SFREQ, duration_s=150).signals


@given(st.floats(-1e3, 1e3).filter(lambda gain: abs(gain) > 1e-3))
def test_gain_and_polarity_change_nothing(signals, gain):
    part = signals[:4, : 20 * SFREQ]
    differ = np.unpackbits(np.frombuffer(make(gain * part), np.uint8))
    assert np.mean(differ != np.unpackbits(np.frombuffer(make(part), np.uint8))) < 0.01


@given(st.randoms(use_true_random=False))
def test_the_order_of_electrodes_changes_nothing(signals, random):
    part = signals[:5, : 20 * SFREQ]
    order = random.sample(range(5), 5)
    own, other = (np.frombuffer(make(x), np.uint8) for x in (part, part[order]))
    assert (own == other).mean() > 0.99


@pytest.mark.parametrize("start_s", [10, 37, 61])
def test_a_part_has_the_bits_of_that_part(signals, start_s):
    whole = make(signals)
    part = make(signals[:, start_s * SFREQ : (start_s + 60) * SFREQ])
    edge = N_AROUND // 2
    own = np.frombuffer(part, np.uint8)[edge:-edge]
    same = np.frombuffer(whole, np.uint8)[4 * start_s + edge :][: len(own)]
    assert (own == same).mean() > 0.99


def test_a_byte_stands_for_a_quarter_of_a_second_and_a_card_holds_half(signals):
    whole = make(signals)
    assert len(whole) == 4 * 150 - 5
    assert thin_fingerprint(whole) == whole[::CARD_STEP]
    ones = np.unpackbits(np.frombuffer(whole, np.uint8)).mean()
    assert ones == pytest.approx(0.5, abs=0.05)


def test_silence_and_recordings_too_short_say_nothing(signals):
    assert make(signals[:, :SFREQ]) == b""
    assert make(signals[:, : 2 * SFREQ]) != b""
    assert set(make(np.zeros((3, 30 * SFREQ)))) == {0}


@pytest.mark.parametrize("sfreq", [64, 100, 102.4, 500])
def test_any_rate_gives_as_many_bytes(make_recording, sfreq):
    recording = make_recording(sfreq=sfreq, duration_s=30)
    assert len(make(recording.signals, sfreq)) in (114, 115)


def test_text_of_a_card_is_read_again_or_refused(signals):
    own = make(signals)
    assert parse_fingerprint(write_fingerprint(own)) == own
    for text in ("no base64!", "abc", "é"):
        with pytest.raises(DataError, match="fingerprint of a recording is damaged"):
            parse_fingerprint(text)
