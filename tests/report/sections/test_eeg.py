"""What the EEG shows: figures per task, once for the same people and groups."""

import numpy as np
import pandas as pd

from neurograft.montage.regions import REGIONS
from neurograft.report.blocks import Figure, PageWords, Paragraph, Table
from neurograft.report.sections.eeg import show_eeg

WORDS = PageWords("en")


def make_spectra(task, level=0.0):
    n_bins = 20
    rows = [
        pd.DataFrame(
            {"task": task, "group": group, "n": 4, "region": region,
             "frequency_hz": np.arange(1, n_bins + 1) * 1.0,
             "log10_power": 1 + level - 0.05 * np.arange(n_bins),
             "ci_low": 0.9, "ci_high": 1.1, "unit": "uV^2/Hz"}
        )
        for group in ("control", "patient") for region in REGIONS
    ]  # fmt: skip
    return pd.concat(rows)


def list_figures(section):
    return [one.name for one in section.blocks if isinstance(one, Figure)]


def test_a_study_without_spectra_has_no_section(stored):
    assert show_eeg(stored, WORDS).blocks == ()


def test_the_same_people_are_drawn_once(stored, change):
    parts = [make_spectra("disease"), make_spectra("again"), make_spectra("other", 0.3)]
    section = show_eeg(change("summary", "spectra", pd.concat(parts)), WORDS)
    assert list_figures(section) == ["spectra-disease", "spectra-other"]
    said = [one.text for one in section.blocks if isinstance(one, Paragraph)]
    assert WORDS("as_in", task="disease") in said


def test_means_of_groups_have_their_interval_and_people(stored, change):
    peaks = pd.DataFrame(
        {"task": "disease", "measure": ["alpha_hz", "exponent"], "group": "control",
         "n": [3, 4], "value": [9.81, 1.25], "ci_low": [9.0, np.nan],
         "ci_high": [10.5, np.nan]}
    )  # fmt: skip
    change("summary", "spectra", make_spectra("disease"))
    section = show_eeg(change("summary", "peak_groups", peaks), WORDS)
    (table,) = [one for one in section.blocks if isinstance(one, Table)]
    assert table.rows == (
        ("Alpha peak, Hz", "control", "3", "9.81 [9.00, 10.50]"),
        ("Aperiodic exponent", "control", "4", "1.25"),
    )
