"""The spectrum of a recording is that of its usable seconds."""

import numpy as np

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.inspected.spectrum import find_spectra


def test_bins_are_half_a_hertz_apart_and_a_drop_out_changes_little(make_recording):
    whole = harmonise_recording(make_recording(duration_s=60), HarmoniseConfig())
    frequencies, log_power = find_spectra(whole)
    np.testing.assert_allclose(frequencies, np.arange(1, 91) / 2)
    assert log_power.shape == (19, 90)
    recording = make_recording(duration_s=60)
    recording.signals[:, 20 * 256 : 23 * 256] = 7.0
    _, without = find_spectra(harmonise_recording(recording, HarmoniseConfig()))
    assert np.median(np.abs(without - log_power)) < 0.1
