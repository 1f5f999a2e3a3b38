"""Facts about recordings come from their table, and unknown ones are zeros."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.files.keys import RecordingKey
from neurograft.files.tables import write_table
from neurograft.store.acquisition import RecordingFacts, read_facts
from neurograft.store.signal_store import (
    RECORDINGS_FILE,
    SignalStore,
    StoredRecording,
    write_index,
)


@given(
    sfreq_hz=st.sampled_from([0.0, math.nan, 100.0, 256.0, 500.0]),
    line_freq_hz=st.sampled_from([math.nan, 50.0, 60.0]),
    reference=st.sampled_from(["", "average", "A1+A2", "Cz", "tip of the tongue"]),
)
def test_an_acquisition_is_a_rate_and_two_choices(sfreq_hz, line_freq_hz, reference):
    facts = RecordingFacts(
        sfreq_hz=sfreq_hz, line_freq_hz=line_freq_hz, reference=reference
    )
    rate, *rest = facts.acquisition
    mains, kinds = rest[:2], rest[2:]
    assert len(facts.acquisition) == 7
    assert math.isfinite(rate)
    assert sum(mains) == (0 if math.isnan(line_freq_hz) else 1)
    assert sum(kinds) == (1 if reference else 0)


@given(st.floats(64, 4096))
def test_twice_the_rate_is_one_more(sfreq_hz):
    once = RecordingFacts(sfreq_hz=sfreq_hz).acquisition[0]
    twice = RecordingFacts(sfreq_hz=2 * sfreq_hz).acquisition[0]
    assert twice - once == pytest.approx(1)
    assert RecordingFacts(sfreq_hz=256.0).acquisition[0] == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("average", 3), ("linked ears", 4), ("A1/A2 (earlobes)", 4),
        ("one mastoid (right or left)", 4), ("FCz", 5), ("CMS/DRL at P3/P4", 5),
        ("tip of the tongue", 6), ("", None),
    ],
)  # fmt: skip
def test_references_are_told_apart(text, kind):
    numbers = RecordingFacts(reference=text).acquisition
    assert [i for i, number in enumerate(numbers) if number] == ([kind] if kind else [])


@pytest.fixture
def store(tmp_path):
    """A store of three people, whose table has other people and another order."""
    entries = [
        StoredRecording(
            RecordingKey("c", f"sub-{i}", "", "rest"), 10, ("Cz",), ((0.0, 0.0, 1.0),),
            (1.0,), 10.0, ((0, 10),), "",
        )
        for i in range(3)
    ]  # fmt: skip
    write_index(tmp_path, entries, sfreq=128.0, has_microvolts=True)
    return SignalStore.open(tmp_path)


def test_without_a_table_everything_is_unknown(store):
    for facts in read_facts(store):
        assert set(facts.acquisition) == {0.0}
        assert math.isnan(facts.age)
        assert facts.sex == ""


def test_facts_are_matched_by_key_and_not_by_order(store):
    rows = [
        dict(RecordingKey("c", f"sub-{i}", "", "rest")._asdict())
        | {"age": 20.0 + i, "sex": "F" if i else "", "sfreq_hz": 128.0 * (i + 1),
           "line_freq_hz": 60.0, "reference": "average"}
        for i in (2, 7, 0, 1)
    ]  # fmt: skip
    write_table(store.folder / RECORDINGS_FILE, pd.DataFrame(rows))
    facts = read_facts(store)
    assert [one.age for one in facts] == [20, 21, 22]
    assert [one.sex for one in facts] == ["", "F", "F"]
    assert [one.sfreq_hz for one in facts] == [128, 256, 384]
    assert facts[1].acquisition == (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
