"""Paths hold fewer points than lines, and nobody sees it."""

import numpy as np
import pytest
from tests.report.conftest import read_path

from neurograft.report.figures.paths import TOLERANCE, thin, write_path


def measure_distance(points, line):
    """Measure how far every point is from the nearest part of a line."""
    start, step = line[:-1], np.diff(line, axis=0)
    away = points[:, None] - start
    share = np.clip((away * step).sum(2) / (step**2).sum(1), 0, 1)
    return np.linalg.norm(away - share[..., None] * step, axis=2).min(1)


@pytest.mark.parametrize("scale", [0.1, 3, 60])
def test_no_point_is_further_from_the_path_than_may_be(scale):
    rng = np.random.default_rng(0)
    y = 80 + scale * rng.standard_normal(200).cumsum() / 10
    points = np.stack([np.arange(200.0), y], axis=1)
    read = read_path(write_path(points))
    assert measure_distance(points, read).max() <= TOLERANCE + 0.1


def test_a_straight_line_has_two_points_and_a_corner_stays():
    line = np.stack([np.arange(50.0), 2 * np.arange(50.0)], axis=1)
    assert len(thin(line)) == 2
    corner = np.array([[0, 0], [1, 0.1], [2, 0], [3, 9], [4, 0]], dtype=float)
    assert thin(corner).tolist() == [[0, 0], [2, 0], [3, 9], [4, 0]]


def test_steps_do_not_add_up_to_an_error():
    points = np.stack([np.arange(400) * 0.96, 50 + 9 * np.sin(np.arange(400.0))], 1)
    read = read_path(write_path(points))
    kept = thin(points)
    assert np.abs(read - kept).max() <= 0.0501


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        ([(0, 0), (0.5, -0.5)], "M0,0l.5-.5"),
        ([(-0.3, 10), (10.2, 10.5), (10.4, 90)], "M-0.3,10l10.5.5.2 79.5"),
        ([(1, 2)], "M1,2"),
        ([(1, 2), (1, 2.04)], "M1,2l0 0"),
    ],
)
def test_numbers_are_as_short_as_they_can_be(points, wanted):
    assert write_path(points) == wanted


def test_a_closed_path_goes_through_all_runs_and_an_open_one_is_interrupted():
    there, back = [(0, 0), (9, 0)], [(9, 9), (0, 9)]
    assert write_path(there, back, is_closed=True) == "M0,0l9 0 0 9-9 0z"
    assert write_path(there, back) == "M0,0l9 0M9,9l-9 0"
