"""The share of signal that was kept, and channels that were bad."""

import numpy as np
import pandas as pd
import pytest

from neurograft.report.figures.quality_overview import (
    count_bad_channels,
    draw_bad_channels,
    draw_kept_shares,
)

REASON = "(like no other channel, correlation 0.38)"


def make_table(bads, **columns):
    return pd.DataFrame(
        {"cohort": "a", "status": "kept", "duration_s": 100.0, "usable_s": 100.0}
        | {"bads": bads}
        | columns
    )


def test_a_share_half_as_large_lies_half_as_far(check_chart, list_marks):
    table = make_table([None] * 3, usable_s=[100.0, 50.0, np.nan])
    root = check_chart(draw_kept_shares(table))
    nothing, half, whole = sorted(x for _, x, _ in list_marks(root))
    assert half - nothing == pytest.approx(whole - half, abs=0.2)
    assert whole == 386


def test_every_cohort_has_its_dots(check_chart, list_marks, list_texts):
    table = make_table([None] * 3, cohort=["a", "b", "b"])
    root = check_chart(draw_kept_shares(table))
    assert [shape for shape, _, _ in list_marks(root)].count("diamond") == 2
    assert "b (2 recordings)" in list_texts(root)
    assert draw_kept_shares(table.assign(duration_s=np.nan)) == ""


def test_channels_are_counted_once_a_recording_whatever_the_reasons():
    bads = [f"T8 {REASON}, P8 (noise above 50 Hz, z 5.2)", f"T8 {REASON}", None]
    assert count_bad_channels(make_table(bads)) == {"T8": 2, "P8": 1}
    assert count_bad_channels(make_table([None, np.nan])) == {}


def list_channels(root):
    found = [e for e in root.iter() if e.get("data-channel")]
    return {e.get("data-channel"): float(e.get("r")) for e in found}


def test_the_area_of_a_dot_grows_with_the_share(check_chart, list_texts):
    bads = [f"T8 {REASON}, O1 {REASON}"] * 2 + [f"T8 {REASON}"] * 6 + [None] * 8
    root = check_chart(draw_bad_channels(make_table(bads)))
    sizes = list_channels(root)
    assert (sizes["T8"] / sizes["O1"]) ** 2 == pytest.approx(4, rel=0.02)
    assert sizes["Cz"] < sizes["O1"]
    assert any("T8 50 %, O1 12 %" in text for text in list_texts(root))


def test_recordings_that_are_not_used_do_not_count(check_chart, list_texts):
    table = make_table([f"T8 {REASON}", None], status=["dropped", "repaired"])
    texts = list_texts(check_chart(draw_bad_channels(table)))
    assert "n = 1 recordings that are used" in texts
    assert any("No channel was bad" in text for text in texts)
    assert draw_bad_channels(table.assign(status="dropped")) == ""


def test_a_channel_of_no_known_place_is_named_in_words_only(check_chart, list_texts):
    root = check_chart(draw_bad_channels(make_table([f"X99 {REASON}"])))
    assert "X99" not in list_channels(root)
    assert any("X99 100 %" in text for text in list_texts(root))


def test_names_of_many_bad_channels_do_not_lie_on_each_other(check_chart):
    names = ["Fp1", "Fpz", "Fp2", "AF7", "AF3", "AFz", "F1", "Fz", "F2", "FC1", "FCz",
             "C1", "Cz", "C2", "CP1", "CPz", "P1", "Pz", "P2", "PO3", "POz"]  # fmt: skip
    bads = ", ".join(f"{name} {REASON}" for name in names)
    assert len(list_channels(check_chart(draw_bad_channels(make_table([bads]))))) > 21
