"""Fields pass their sensors, and heads are seen from above."""

import base64
import zlib

import numpy as np
import pytest

from neurograft.montage.channels import template_positions
from neurograft.report.figures.heads import (
    DIVERGING,
    N_PIXELS,
    SEQUENTIAL,
    interpolate_disc,
    make_colours,
    paint,
    project,
)
from neurograft.report.figures.traces import PREFERRED

PLACES = np.array([template_positions()[name] for name in PREFERRED])


def look_up(field, place):
    column = int((place[0] + 1) / 2 * N_PIXELS)
    row = int((1 - place[1]) / 2 * N_PIXELS)
    return field[min(row, N_PIXELS - 1), min(column, N_PIXELS - 1)]


def test_the_front_is_up_and_the_right_is_right():
    places = dict(zip(PREFERRED, project(PLACES), strict=True))
    assert places["Fp1"][1] > 0.7
    assert places["O1"][1] < -0.7
    assert places["T8"][0] > 0.7
    assert np.abs(places["Cz"]).max() < 0.2
    assert (np.hypot(*project(PLACES).T) <= 1).all()


def test_a_field_passes_its_sensors():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((2, 19))
    fields = interpolate_disc(values, PLACES)
    for field, own in zip(fields, values, strict=True):
        found = [look_up(field, place) for place in project(PLACES)]
        assert np.corrcoef(found, own)[0, 1] > 0.95


def test_a_constant_stays_constant_and_a_smooth_field_is_found_between_sensors():
    constant, tilted = interpolate_disc(
        np.stack([np.full(19, 3.0), PLACES[:, 1]]), PLACES
    )
    np.testing.assert_allclose(constant, 3, atol=1e-6)
    assert (
        np.corrcoef(tilted[:, N_PIXELS // 2], np.arange(N_PIXELS, 0, -1))[0, 1] > 0.95
    )


def test_two_sensors_at_one_place_break_nothing():
    doubled = np.vstack([PLACES, PLACES[:1]])
    field = interpolate_disc(np.arange(20.0)[None], doubled)
    assert np.isfinite(field).all()


@pytest.mark.parametrize("anchors", [SEQUENTIAL, DIVERGING])
def test_colours_run_from_end_to_end(anchors):
    colours = make_colours(anchors)
    assert (colours[0], colours[-1]) == (anchors[0], anchors[-1])
    assert len(set(colours)) == len(colours)


def test_a_picture_is_a_png_whose_pixels_are_the_field():
    field = np.zeros((N_PIXELS, N_PIXELS))
    field[0] = 1
    address = paint(field, (0, 1), SEQUENTIAL)
    assert len(address) < 4_000
    png = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    start = png.index(b"IDAT") + 4
    rows = np.frombuffer(zlib.decompress(png[start:]), np.uint8)
    assert png[24] == 4, "bits of a pixel"
    steps = rows.reshape(N_PIXELS, N_PIXELS // 2 + 1)
    assert set(steps[:, 0]) == {2}, "a row is told by its difference to the one above"
    pairs = steps[:, 1:].cumsum(0, dtype=np.uint8)
    pixels = np.stack([pairs >> 4, pairs & 15], axis=-1).reshape(N_PIXELS, N_PIXELS)
    assert set(pixels[0]) == {15}
    assert set(pixels[1:].ravel()) == {0}
