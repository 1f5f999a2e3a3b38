"""Facts follow amplitude and spectrum, and nothing else."""

import numpy as np
import pytest

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.writing import write_recording
from neurograft.prediction.facts import (
    DEVICE,
    DEVICE_OCTAVES,
    describe_facts,
    list_least_widths,
    name_facts,
)
from neurograft.store.recordings_table import Recorded
from neurograft.store.signal_store import SignalStore, write_index
from neurograft.store.views import ReadView
from neurograft.store.window_choice import choose_windows

BEFORE = Recorded(20.0, 256.0, 19)


@pytest.fixture
def describe(make_recording, tmp_path):
    def run(scale_uv=10.0, before=BEFORE, **facts):
        recording = make_recording(scale_uv=scale_uv, **facts)
        done = harmonise_recording(recording, HarmoniseConfig())
        stored = write_recording(tmp_path, done)
        done.rows.close()
        write_index(tmp_path, [stored], sfreq=128.0, has_microvolts=True)
        store = SignalStore.open(tmp_path)
        chosen, left_out = choose_windows(store, n_windows=2, n_times=1280)
        names = {stored.key.name: before}
        read = ReadView(store, chosen, left_out)
        return dict(
            zip(name_facts(has_microvolts=True),
                describe_facts(read, names, n_times=1280)[0], strict=True)
        )  # fmt: skip

    return run


def test_a_gain_moves_the_amplitude_and_no_share_of_power(describe):
    one, ten = describe(10.0), describe(100.0)
    assert ten["amplitude"] - one["amplitude"] == pytest.approx(1.0, abs=0.01)
    for name in name_facts(has_microvolts=False):
        assert ten[name] == pytest.approx(one[name], abs=0.01)
    assert one["amplitude before filtering"] == pytest.approx(np.log10(20.0))


def test_without_a_unit_there_is_no_amplitude():
    assert "amplitude" not in name_facts(has_microvolts=False)
    assert name_facts(has_microvolts=True)[0] == "amplitude"


def test_rate_and_electrodes_are_octaves_and_vary_by_a_tenth_at_least(describe):
    one = describe(before=Recorded(20.0, 250.0, 19))
    other = describe(before=Recorded(20.0, 500.0, 38))
    assert [other[name] - one[name] for name in DEVICE] == pytest.approx([1.0, 1.0])
    names = name_facts(has_microvolts=False)
    least = dict(zip(names, list_least_widths(has_microvolts=False), strict=True))
    assert {name for name, width in least.items() if width} == set(DEVICE)
    assert least["sampling rate"] == DEVICE_OCTAVES
