"""Small recordings and tables to draw."""

import numpy as np
import pandas as pd
import pytest

from neurograft.features.person_spectra import CLINICAL_BANDS
from neurograft.montage.channels import template_positions
from neurograft.montage.regions import REGIONS
from neurograft.report.figures.traces import PREFERRED
from neurograft.store.inspection import Inspection


@pytest.fixture(scope="session")
def make_inspection():
    """Nineteen channels with alpha at the back, sixty seconds."""

    def make(ch_names=PREFERRED, n_seconds=60, **changes):
        rng = np.random.default_rng(0)
        n = len(ch_names)
        places = np.array([template_positions()[name] for name in ch_names])
        frequencies = np.arange(1, 91) / 2
        back = np.clip(-places[:, 1], 0, None)
        bump = np.exp(-((frequencies - 10) ** 2) / 2)
        waves = rng.standard_normal((2, n, 1280)).cumsum(-1)
        one = Inspection(
            unit="microvolts",
            ch_names=ch_names,
            positions=places,
            bads=("",) * n,
            is_left_out=np.zeros(n, dtype=bool),
            excerpt_start_s=20.0,
            excerpt_hz=128.0,
            before=10 * waves[0],
            after=waves[1] - waves[1].mean(0),
            duration_s=float(n_seconds),
            second_s=1.0,
            stretches_s=np.array([[0.0, 0.0, n_seconds]]),
            codes=np.zeros(n_seconds, dtype=int),
            shares=np.zeros(n_seconds),
            frequencies_hz=frequencies,
            log_power=-np.log10(frequencies) + 2 * back[:, None] * bump,
        )
        return one._replace(**changes)

    return make


def tabulate_spectra(groups=("control", "patient"), unit="uV^2/Hz"):
    """Make `summary/spectra.tsv` of a task."""
    frequencies = np.arange(1, 91) / 2
    parts = [
        pd.DataFrame(
            {
                "task": "t", "group": group, "n": 20 + place, "region": region,
                "frequency_hz": frequencies,
                "log10_power": 1 - np.log10(frequencies) + 0.3 * place,
                "ci_low": 0.8 - np.log10(frequencies) + 0.3 * place,
                "ci_high": 1.2 - np.log10(frequencies) + 0.3 * place,
                "unit": unit,
            }
        )
        for place, group in enumerate(groups)
        for region in REGIONS
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def tabulate_topographies(groups=("control", "patient"), p=1.0, channels=PREFERRED):
    """Make `summary/topographies.tsv` of a task with two groups."""
    places = np.array([template_positions()[name] for name in channels])
    rng = np.random.default_rng(0)
    rows = []
    kinds = [(group, None) for group in groups]
    kinds += [(groups[1], groups[0])] if len(groups) > 1 else []
    for group, minus in kinds:
        for band in CLINICAL_BANDS:
            for name, place in zip(channels, places, strict=True):
                is_found = minus is not None and band == "alpha" and name == "O1"
                rows.append(
                    ("t", group, minus, 20, None, band, name, *place,
                     rng.normal() / 5, 1.0, p if is_found else 0.9, "uV^2")
                )  # fmt: skip
    columns = ["task", "group", "minus", "n", "n_minus", "band", "channel", "x",
               "y", "z", "value", "t", "p", "unit"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table.loc[table["minus"].isna(), ["t", "p"]] = np.nan
    return table


@pytest.fixture(scope="session")
def make_spectra():
    """`summary/spectra.tsv` of a task."""
    return tabulate_spectra


@pytest.fixture(scope="session")
def make_topographies():
    """`summary/topographies.tsv` of a task with two groups."""
    return tabulate_topographies
