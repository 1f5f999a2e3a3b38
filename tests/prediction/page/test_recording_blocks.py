"""A recording tells in words what was bad, repaired, noted or why it was dropped."""

from neurograft.prediction.page.recording_blocks import describe_recording
from neurograft.report.blocks import PageWords, Paragraph

ROW = {
    "name": "p1", "status": "repaired", "reason": "", "n_channels": 19,
    "bads": "F7 (noise above 50 Hz, z 36.1), P7 (flat)", "duration_s": 120.0,
    "repairs": "unit nV: scaled to microvolts",
    "seconds": [[0, 500, "repaired", "amplitude clipped"]],
    "notes": "without position, left out: ch1, ch3",
}  # fmt: skip
DROPPED = {
    "name": "p1", "status": "dropped", "reason": "5.0 s long, at least 20 s are needed",
}  # fmt: skip


def read_recordings(one, language="en"):
    (row,) = one.recordings
    blocks = describe_recording(row, one, PageWords(language))
    return " ".join(b.text for b in blocks if isinstance(b, Paragraph))


def test_a_recording_that_was_left_out_is_told_with_its_reason(made):
    one = made.prediction(recordings=(DROPPED,))
    assert read_recordings(one) == (
        "This recording was dropped: 5.0 s long, at least 20 s are needed."
    )
    german = read_recordings(one, "de")
    assert german.endswith("ausgeschlossen: 5,0 s lang, mindestens 20 s sind nötig.")


def test_a_repaired_recording_says_how_and_what_was_left_out(made):
    one = made.prediction(recordings=(ROW,))
    sfreq = one.card.taken.harmonise.sfreq
    said = read_recordings(one)
    assert "2 of 19 electrodes were bad and were repaired" in said
    assert "P7 (flat)" in said
    assert (
        f"{500 / sfreq:.0f} s were repaired: few electrodes went beyond the limit"
        in said
    )
    assert "unit nV: scaled to microvolts" in said
    assert "without position, left out: ch1, ch3" in said
    german = read_recordings(one, "de")
    assert "Rauschen über 50 Hz, z 36,1" in german
    assert "ohne Position, ausgelassen: ch1, ch3" in german
    assert "left out" not in german


def test_bad_channels_of_a_bipolar_montage_are_left_out_and_not_estimated(made):
    row = ROW | {"notes": "bipolar montage, kept as it is"}
    said = read_recordings(made.prediction(recordings=(row,)))
    assert "2 of 19 channels were bad and are left out" in said
    assert "interpolation" not in said
