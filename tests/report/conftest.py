"""Small tables of a study, as the report reads them."""

import re
from xml.etree import ElementTree

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


@pytest.fixture(scope="session")
def list_marks():
    """List the marks of an SVG: shape and centre."""

    def find(root, shape=""):
        found = []
        for element in root.iter():
            named = element.get("data-mark")
            if named and shape in ("", named):
                place = (
                    (element.get("cx"), element.get("cy"))
                    if named == "circle"
                    else re.match(r"M([-\d.]+),([-\d.]+)", element.get("d")).groups()
                )
                found.append((named, *map(float, place)))
        return found

    return find


@pytest.fixture(scope="session")
def check_chart(read_svg):
    """Check that texts of an SVG neither leave it nor lie on each other."""

    def check(svg):
        root = read_svg(svg)
        width, height = map(float, root.get("viewBox").split()[2:])
        space = "{http://www.w3.org/2000/svg}"
        boxes = [(text.text, *find_box(text)) for text in root.iter(f"{space}text")]
        for words, left, top, right, bottom in boxes:
            assert left >= -0.5, words
            assert right <= width + 0.5, words
            assert top >= 0, words
            assert bottom <= height, words
        for place, (words, left, top, right, bottom) in enumerate(boxes):
            for other, *(a, b, c, d) in boxes[place + 1 :]:
                apart = right <= a or c <= left or bottom <= b or d <= top
                assert apart, f"{words!r} lies on {other!r}"
        return root

    return check


def find_box(text):
    """Estimate the box of a text by widths of DejaVu Sans, a wide font."""
    size, anchor = float(text.get("font-size")), text.get("text-anchor", "start")
    wide = sum(0.76 if letter.isupper() else 0.57 for letter in text.text)
    width = size * wide * (1.06 if text.get("font-weight") else 1)
    x, y = float(text.get("x")), float(text.get("y"))
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    return left, y - 0.76 * size, left + width, y + 0.2 * size


@pytest.fixture(scope="session")
def list_points():
    """List the points of the paths that bear a name, path by path."""

    def find(root, name):
        paths = [e.get("d") for e in root.iter() if e.get(f"data-{name}") is not None]
        return [
            np.array(re.findall(r"([-\d.]+),([-\d.]+)", path), dtype=float)
            for path in paths
        ]

    return find


@pytest.fixture(scope="session")
def read_svg():
    """Parse an SVG as strictly as XML is, and check what every figure has."""

    def read(svg):
        root = ElementTree.fromstring(svg)
        space = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        named = {
            root.find(f"{space}{tag}").get("id"): root.find(f"{space}{tag}").text
            for tag in ("title", "desc")
        }
        assert root.get("aria-labelledby").split() == list(named)
        assert all(named.values())
        ids = re.findall(r'\bid="([^"]+)"', svg)
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)
        assert len(ids) == len(set(ids)), "an id stands twice"
        assert "@" not in svg
        for text in root.iter(f"{space}text"):
            assert float(text.get("font-size")) >= 11, "too small on a telephone"
            assert_fits(text)
        return root

    return read


def assert_fits(text):
    """Check that a text lies within the drawing, by a wide letter's width."""
    width = 0.57 * float(text.get("font-size")) * len(text.text)
    x, anchor = float(text.get("x")), text.get("text-anchor", "start")
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    assert left >= -4, text.text
    assert left + width <= 404, text.text


@pytest.fixture(scope="session")
def list_texts():
    """List the texts of an SVG."""

    def find(root):
        return [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]

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
