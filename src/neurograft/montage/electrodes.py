"""Measured electrode positions: from `electrodes.tsv` to the unit sphere.

Files disagree about units, axes and origin, and often say nothing of them. The centre
is that of the best sphere through the electrodes, so units do not matter; the axes are
those under which electrodes with 10-05 names lie nearest to their template. Positions
that agree with no axes are not used.
"""

from collections.abc import Sequence

import numpy as np

from neurograft.montage.channels import template_positions
from neurograft.types import FloatArray

# x right, y front, z up (CapTrak, MNI); and x front, y left (CTF, EEGLAB).
AXES = {
    "RAS": np.eye(3),
    "ALS": np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
}
# Mean angle between measured and template electrodes that is still anatomy.
MAX_ANGLE_DEG = 25.0
# Fewer electrodes do not determine a sphere.
MIN_ELECTRODES = 8


def fit_sphere(points: FloatArray) -> FloatArray:
    """Centre of the sphere nearest to the points, by linear least squares.

    Args:
        points: Shape `(n_points, 3)`, any unit.
    """
    design = np.column_stack([2 * points, np.ones(len(points))])
    solution, *_ = np.linalg.lstsq(design, (points**2).sum(1), rcond=None)
    return np.asarray(solution[:3])


def place_electrodes(
    names: Sequence[str], points: FloatArray
) -> tuple[FloatArray | None, str]:
    """Turn measured positions into unit-sphere positions.

    Args:
        names: Canonical channel names.
        points: Positions in any unit, shape `(n_channels, 3)`; NaN where missing.

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
    cosines = np.clip((a * b).sum(1), -1, 1)
    return float(np.degrees(np.arccos(cosines)).mean())
