"""Bring measured electrode positions from `electrodes.tsv` to the unit sphere.

Files disagree about units, axes and origin, and often say nothing of them. The centre
is that of the best sphere through the electrodes, so units do not matter; the axes are
those under which electrodes with 10-05 names lie nearest to their template. Positions
that agree with no axes are not used.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from neurograft.montage.channels import template_positions
from neurograft.types import FloatArray

# Turns to x right, y front, z up: from the same axes (CapTrak, MNI), and from x front,
# y left (CTF, EEGLAB).
AXES = {
    "RAS": np.eye(3),
    "ALS": np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
}
# Largest mean angle between measured and template electrodes that is still anatomy.
# Chosen here: a neighbour in the 10-20 system is about as far; wrong axes are farther.
MAX_ANGLE_DEG = 25.0
# Fewest electrodes. Chosen here: twice the four that determine a sphere.
MIN_ELECTRODES = 8


def fit_sphere(points: Float[np.ndarray, "n_points 3"]) -> Float[np.ndarray, "3"]:
    """Return the centre of the sphere nearest to points, by linear least squares.

    Args:
        points: Places in any unit, which is that of the centre, too.
    """
    design = np.column_stack([2 * points, np.ones(len(points))])
    solution, *_ = np.linalg.lstsq(design, (points**2).sum(1), rcond=None)
    return np.asarray(solution[:3])


def place_electrodes(
    names: Sequence[str], points: Float[np.ndarray, "n_channels 3"]
) -> tuple[Float[np.ndarray, "n_channels 3"] | None, str]:
    """Turn measured positions into unit-sphere positions.

    Args:
        names: Canonical channel names.
        points: Positions in any unit; NaN where missing.

    Returns:
        Positions, NaN where missing, or None if they cannot be trusted; and a note.
    """
    known = np.isfinite(points).all(1)
    if known.sum() < MIN_ELECTRODES:
        return None, "too few measured positions: the template is used"
    centred = points - fit_sphere(points[known])
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    template = template_positions()
    named = [i for i in np.flatnonzero(known).tolist() if names[i] in template]
    if len(named) < MIN_ELECTRODES:
        return unit, "measured positions: taken for x right, y front, z up"
    wanted = np.array([template[names[i]] for i in named])
    angles = {
        axes: _mean_angle_deg(unit[named] @ turn.T, wanted)
        for axes, turn in AXES.items()
    }
    best = min(angles, key=lambda axes: angles[axes])
    if angles[best] > MAX_ANGLE_DEG:
        return None, (
            f"measured positions lie {angles[best]:.0f} degrees from where their names "
            "belong: the template is used"
        )
    return unit @ AXES[best].T, ""


def _mean_angle_deg(a: FloatArray, b: FloatArray) -> float:
    """Return the mean angle between unit vectors, row by row."""
    cosines = np.clip((a * b).sum(1), -1, 1)
    return float(np.degrees(np.arccos(cosines)).mean())
