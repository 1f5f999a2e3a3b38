"""Optional cleaning: what it finds is removed or dropped, and said."""

import numpy as np
import pytest

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.keys import RecordingKey
from neurograft.harmonising import cleaning
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.montage.channels import canonical_name, template_positions
from neurograft.recordings.recording import Recording
from neurograft.simulation.brain import EYES, simulate_recording
from neurograft.simulation.person import draw_person
from neurograft.simulation.sites import MONTAGES, default_sites


@pytest.fixture(scope="module")
def blinking():
    """A simulated person who blinks once in three seconds, and when."""
    rng = np.random.default_rng(0)
    site = default_sites()[1]  # 32 electrodes
    person = draw_person(rng, age=30.0, sex="F")
    signals = simulate_recording(person, site, duration_s=60, rng=rng)
    names = tuple(map(canonical_name, MONTAGES[site.n_channels]))
    places = np.array([template_positions()[name] for name in names])
    times = np.arange(signals.shape[1]) / site.sfreq
    onsets = np.arange(2.0, 58, 3)
    blinks = sum(150 * np.exp(-0.5 * ((times - one) / 0.08) ** 2) for one in onsets)
    direction = EYES[0] / np.linalg.norm(EYES[0])
    spread = np.exp(-0.5 * (np.arccos(places @ direction) / EYES[1]) ** 2)
    signals = signals + spread[:, None] * blinks
    key = RecordingKey("c", "sub-1")
    return Recording(key, signals, float(site.sfreq), names, places), onsets


def measure_blinks(result, onsets):
    """Mean frontal amplitude at blinks, microvolts."""
    frontal = [result.ch_names.index(name) for name in ("Fp1", "Fp2")]
    samples = np.round(onsets * result.sfreq).astype(int)
    return float(np.abs(result.signals[samples][:, frontal]).mean())


@pytest.mark.slow
def test_iclabel_removes_blinks_and_says_so(blinking):
    pytest.importorskip("mne_icalabel")
    recording, onsets = blinking
    plain = harmonise_recording(recording, HarmoniseConfig())
    cleaned = harmonise_recording(recording, HarmoniseConfig(iclabel=True))
    assert measure_blinks(plain, onsets) > 60
    assert measure_blinks(cleaned, onsets) < 0.5 * measure_blinks(plain, onsets)
    (note,) = [one for one in cleaned.notes if one.startswith("ICLabel removed")]
    assert "eye blink" in note
    back = [plain.ch_names.index(name) for name in ("O1", "O2", "Pz")]
    for channel in back:
        similar = np.corrcoef(plain.signals[:, channel], cleaned.signals[:, channel])
        assert similar[0, 1] > 0.9


def test_autoreject_drops_what_it_rejects(blinking):
    pytest.importorskip("autoreject")
    recording, _ = blinking
    signals = recording.signals.copy()
    burst = slice(30 * 250, 34 * 250)
    wave = 400 * np.sin(2 * np.pi * 5 * np.arange(4 * 250) / 250)
    signals[:, burst] += recording.positions[:, :1] * wave
    noisy = Recording(
        recording.key, signals, recording.sfreq, recording.ch_names, recording.positions
    )
    result = harmonise_recording(noisy, HarmoniseConfig(autoreject=True))
    dropped = [one for one in result.seconds if one.measure == "autoreject"]
    seconds = {
        s // 128 for one in dropped for s in range(one.start, one.start + one.n_times)
    }
    assert {30, 31, 32, 33} <= seconds
    assert len(seconds) < 30


def test_what_is_not_installed_says_what_to_install(blinking, monkeypatch):
    recording, _ = blinking

    def fail(name):
        raise ImportError(name)

    monkeypatch.setattr(cleaning.importlib, "import_module", fail)
    for setting in ("iclabel", "autoreject"):
        with pytest.raises(ConfigError, match=f"harmonise.{setting} needs the package"):
            harmonise_recording(recording, HarmoniseConfig(**{setting: True}))


def test_too_short_and_too_long_recordings_say_so(blinking, monkeypatch):
    recording, _ = blinking
    short = Recording(
        recording.key,
        recording.signals[:, : 15 * 250],
        recording.sfreq,
        recording.ch_names,
        recording.positions,
    )
    settings = HarmoniseConfig(autoreject=True, min_duration_s=5)
    with pytest.raises(DataError, match="too short for autoreject: 7 epochs of 2 s"):
        harmonise_recording(short, settings)
    monkeypatch.setattr("neurograft.harmonising.buffer.MAX_BYTES", 1000)
    with pytest.raises(DataError, match="too long for ICLabel or autoreject"):
        harmonise_recording(short, HarmoniseConfig(iclabel=True, min_duration_s=5))
