"""A summary of windows does not depend on their order."""

import numpy as np

from neurograft.features.window_summary import summarise_windows


def test_windows_are_summarised_by_mean_and_sd():
    windows = np.random.default_rng(0).normal(3, 2, (500, 2, 4))
    summary = summarise_windows(windows)
    np.testing.assert_allclose(summary[:8], windows.reshape(500, 8).mean(0))
    np.testing.assert_allclose(summary[8:], windows.reshape(500, 8).std(0))
    shuffled = windows[np.random.default_rng(1).permutation(500)]
    np.testing.assert_allclose(summarise_windows(shuffled), summary)
