"""A head from above: sensors in the plane, and the field between them.

The field is a spherical spline through the sensors (Perrin 1989), looked at from above
with angles from the vertex as distances.
"""

import base64
import struct
import zlib
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from jaxtyping import Float, UInt8
from numpy.polynomial import legendre

from neurograft.types import FloatArray

# Order of the spline and terms of its sum (Perrin 1989; MNE), and what is allowed for
# noise. Chosen here: sensors are passed at a distance that nobody sees.
ORDER, N_TERMS, NOISE = 4, 30, 1e-5
# The head's edge is at this angle from the vertex, or where the lowest sensor is.
EDGE_RAD = np.deg2rad(98)
# Pixels of a side. Chosen here: drawn at about the same size.
N_PIXELS = 72
# Steps of colour. Chosen here: seen as lines of equal value.
N_COLOURS = 16
# A row of a PNG that is told by its difference to the row above.
FILTER_UP = 2

# Ends and middle of the colours. Sequential: viridis; diverging: blue, white, orange,
# the colours of the figures.
SEQUENTIAL = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")
DIVERGING = ("#124aa8", "#6fa3f5", "#f7f7f7", "#ee9a61", "#99400a")


# Attributes of a picture whose pixels are stretched and stay sharp.
SHARP = 'preserveAspectRatio="none" style="image-rendering:pixelated"'


def project(
    positions: Float[np.ndarray, "n_channels 3"],
) -> Float[np.ndarray, "n_channels 2"]:
    """Return places on the head of radius 1: x to the right, y to the front."""
    angles = np.arccos(np.clip(positions[:, 2], -1, 1))
    edge = max(EDGE_RAD, float(angles.max()) * 1.02)
    flat = np.hypot(positions[:, 0], positions[:, 1])
    directions = positions[:, :2] / np.where(flat > 1e-9, flat, 1)[:, None]
    return np.asarray(directions * (angles / edge)[:, None])


def interpolate_disc(
    values: Float[np.ndarray, "n_maps n_channels"],
    positions: Float[np.ndarray, "n_channels 3"],
) -> Float[np.ndarray, "n_maps n_pixels n_pixels"]:
    """Interpolate maps to the pixels of the square around the head, front row first.

    Args:
        values: By sensor.
        positions: Unit sphere, x right, y front, z up.
    """
    weights = _weigh_sensors(positions.astype(float).tobytes())
    return np.asarray((values @ weights.T).reshape(len(values), N_PIXELS, N_PIXELS))


@lru_cache(maxsize=8)
def _weigh_sensors(places: bytes) -> FloatArray:
    """Return the weight of every sensor at every pixel: caps are few, heads are many.

    Args:
        places: Positions of sensors, as bytes of numbers.
    """
    positions = np.frombuffer(places).reshape(-1, 3)
    edge = max(EDGE_RAD, float(np.arccos(np.clip(positions[:, 2], -1, 1)).max()) * 1.02)
    side = (np.arange(N_PIXELS) + 0.5) / N_PIXELS * 2 - 1
    x, y = np.meshgrid(side, -side)
    radius = np.minimum(np.hypot(x, y), 1.0)
    angle, flat = radius * edge, np.maximum(np.hypot(x, y), 1e-9)
    sine = np.sin(angle)
    pixels = np.stack([x / flat * sine, y / flat * sine, np.cos(angle)], -1)
    pixels = pixels.reshape(-1, 3)
    n = len(positions)
    gram = _spline(positions @ positions.T) + NOISE * np.eye(n)
    system = np.block([[gram, np.ones((n, 1))], [np.ones((1, n)), np.zeros((1, 1))]])
    wanted = np.hstack([_spline(pixels @ positions.T), np.ones((len(pixels), 1))])
    return np.asarray(wanted @ np.linalg.solve(system, np.eye(n + 1, n)))


def _spline(cosines: FloatArray) -> FloatArray:
    """Return Perrin's g of the cosine of an angle."""
    n = np.arange(1, N_TERMS + 1, dtype=float)
    weights = np.r_[0, (2 * n + 1) / (n * (n + 1)) ** ORDER] / (4 * np.pi)
    return np.asarray(legendre.legval(np.clip(cosines, -1, 1), weights))


@cache
def make_colours(anchors: tuple[str, ...]) -> tuple[str, ...]:
    """Return `N_COLOURS` colours between anchors, as hexadecimal numbers."""
    known = np.array([[int(a[i : i + 2], 16) for i in (1, 3, 5)] for a in anchors])
    places = np.linspace(0, len(anchors) - 1, N_COLOURS)
    mixed = np.stack(
        [np.interp(places, range(len(anchors)), column) for column in known.T], 1
    )
    return tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in mixed.round().astype(int))


def paint(
    field: Float[np.ndarray, "height width"],
    ends: tuple[float, float],
    anchors: Sequence[str],
) -> str:
    """Return a field as a small picture: a `data:` address of a PNG with a palette.

    Args:
        field: Front row first.
        ends: Values of the first and last colour.
        anchors: Ends and middle of the colours.
    """
    low, high = ends
    share = (field - low) / max(high - low, 1e-12)
    codes = np.clip((share * N_COLOURS).astype(int), 0, N_COLOURS - 1)
    png = _write_png(codes.astype(np.uint8), make_colours(tuple(anchors)))
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def paint_scale(anchors: Sequence[str]) -> str:
    """Return the colours from first to last as a picture of one row."""
    return paint(np.arange(N_COLOURS)[None] + 0.5, (0, N_COLOURS), anchors)


def _write_png(
    codes: UInt8[np.ndarray, "height width"], palette: Sequence[str]
) -> bytes:
    """Write a picture of at most 16 colours, two in a byte (PNG, second edition).

    Every row is told by its difference to the row above, which is mostly none.
    """

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return (
            struct.pack(">I", len(content))
            + checked
            + struct.pack(">I", zlib.crc32(checked))
        )

    height, width = codes.shape
    header = struct.pack(">IIBBBBB", width, height, 4, 3, 0, 0, 0)
    colours = b"".join(bytes.fromhex(colour[1:]) for colour in palette)
    even = np.pad(codes, ((0, 0), (0, width % 2)))
    pairs = even[:, 0::2] << 4 | even[:, 1::2]
    steps = np.diff(pairs, axis=0, prepend=np.zeros_like(pairs[:1]))
    rows = np.pad(steps, ((0, 0), (1, 0)), constant_values=FILTER_UP).tobytes()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            chunk(b"IHDR", header),
            chunk(b"PLTE", colours),
            chunk(b"IDAT", zlib.compress(rows, 9)),
            chunk(b"IEND", b""),
        ]
    )
