"""Small tables of a study, as the report reads them."""

import re

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def texts():
    """Read the texts of an SVG, in their order."""

    def read(svg: str) -> list[str]:
        found = re.findall(r"<text[^>]*>(?:<tspan[^>]*>)?([^<]+)", svg)
        return [text.replace("\u2212", "-").strip() for text in found]

    return read


@pytest.fixture(scope="session")
def find_line():
    """Find the line between two points of an axes."""

    def find(axes, start, stop):
        for line in axes.lines:
            points = np.column_stack(
                [np.asarray(line.get_data()[i], float) for i in (0, 1)]
            )
            if points.shape == (2, 2) and np.allclose(points, [start, stop]):
                return line
        raise AssertionError(f"no line from {start} to {stop}")

    return find


@pytest.fixture
def results():
    rows = [
        ("dummy", 0.5, 0.5, 0.5, 1.0, np.nan),
        ("encoder", 0.7, 0.5, 0.8, 0.0001, 0.0002),
        ("band-power", 0.8, 0.7, 0.9, 0.002, 0.004),
        ("random-encoder", 0.75, 0.6, 0.9, 0.002, 0.004),
    ]
    columns = ["method", "value", "ci_low", "ci_high", "p_permutation", "p_holm"]
    return pd.DataFrame(rows, columns=columns).assign(task="t", metric="AUROC")


@pytest.fixture
def comparisons():
    return pd.DataFrame(
        {
            "task": ["t", "t"],
            "method": ["encoder", "encoder"],
            "reference": ["band-power", "random-encoder"],
            "question": ["best baseline", "pretraining"],
            "metric": "AUROC",
            "difference": [-0.1, -0.05],
            "ci_low": [-0.2, -0.1],
            "ci_high": [0.0, 0.02],
            "p_corrected": [0.2, 0.3],
        }
    )


@pytest.fixture
def curves():
    rows = [
        ("encoder", 5, 0.65, 0.55, 0.75),
        ("encoder", 10, 0.75, 0.65, 0.85),
        ("random-encoder", 5, 0.6, 0.5, 0.7),
        ("random-encoder", 10, 0.7, 0.6, 0.8),
        ("pretraining gain", 5, 0.05, -0.01, 0.11),
        ("pretraining gain", 10, 0.05, 0.01, 0.09),
        ("labels saved", 10, 4.0, 1.0, 6.0),
    ]
    columns = ["method", "labels_per_class", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns).assign(task="t", metric="AUROC")


@pytest.fixture
def recordings():
    return pd.DataFrame(
        {
            "cohort": ["a", "a", "a"],
            "participant_id": ["1", "1", "2"],
            "status": ["kept", "kept", "dropped"],
            "reason": [None, None, "too short"],
            "age": [30.0, 30.0, 99.0],
            "sex": ["F", "F", "M"],
            "duration_s": [1800.0, 1800.0, 5.0],
            "n_channels": [19.0, 19.0, 8.0],
            "sfreq_hz": [128.0, 256.0, 128.0],
            "reference": ["Cz", "Cz", "Cz"],
            "line_freq_hz": [50.0, 50.0, np.nan],
        }
    )


@pytest.fixture
def subjects():
    return pd.DataFrame(
        {
            "task": "t",
            "label": [1.0, 0.0, 0.0, np.nan],
            "age": [60.0, 50.0, 52.0, 70.0],
            "sex": ["F", "M", "F", "F"],
            "left_out": [None, None, None, "no usable recording"],
        }
    )


@pytest.fixture
def metrics():
    return pd.DataFrame(
        {
            "step": [0, 50, 100],
            "stage": [0, 0, 1],
            "loss": [0.7, 0.5, 0.4],
            "watched_loss": [0.7, 0.5, 0.45],
            "predict_mean_loss": 0.6,
            "spectral_r2": [0.7, 0.72, 0.75],
            "recognised": [0.6, 0.7, 0.8],
            "age_r2": [-0.1, 0.0, 0.1],
        }
    )
