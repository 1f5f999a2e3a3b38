"""Six scalp regions that every montage fills, so that montages can be compared."""

import numpy as np
from jaxtyping import Bool, Float

# Centres of the six scalp regions (x right, y front, z up) before scaling to length 1.
# Chosen here: the lobes, with left and right apart where 19 electrodes can tell them.
REGIONS = {
    "frontal": (0.0, 0.85, 0.5),
    "left temporal": (-0.95, 0.1, 0.3),
    "central": (0.0, 0.0, 1.0),
    "right temporal": (0.95, 0.1, 0.3),
    "parietal": (0.0, -0.7, 0.7),
    "occipital": (0.0, -1.0, 0.1),
}
# SD of the weights over the angle to the region's centre, radians. Chosen here: about
# the distance of neighbours in the 10-20 system (docs/decisions/0009).
REGION_WIDTH_RAD = 0.4
# An electrode stands for a region up to this angle from its centre: two SDs of the
# weights.
REACH_RAD = 2 * REGION_WIDTH_RAD


def weigh_regions(
    positions: Float[np.ndarray, "n_channels 3"],
) -> Float[np.ndarray, "n_regions n_channels"]:
    """Weigh electrodes in each scalp region; the weights of a region sum to 1.

    Gaussian in the angle to the region's centre, so that any montage fills every
    region, with the nearest electrodes there are.

    Args:
        positions: Unit sphere; x right, y front, z up.
    """
    centres = np.array(list(REGIONS.values()))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    angles = np.arccos(np.clip(centres @ positions.T, -1, 1))
    logits = -0.5 * (angles / REGION_WIDTH_RAD) ** 2
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(weights / weights.sum(1, keepdims=True))


def find_members(
    positions: Float[np.ndarray, "n_channels 3"],
) -> Bool[np.ndarray, "n_regions n_channels"]:
    """Find the electrodes that count for more than an even share in each region.

    Regions overlap, and every montage of two electrodes or more has some in each; none
    holds all of them.

    Args:
        positions: Unit sphere; x right, y front, z up.
    """
    even = (1 + 1e-9) / len(positions)
    return np.asarray(weigh_regions(positions) > even)


def find_uncovered(
    positions: Float[np.ndarray, "n_channels 3"],
) -> Bool[np.ndarray, " n_regions"]:
    """Find the regions that no electrode stands for, as the nearest is too far away.

    Args:
        positions: Unit sphere; x right, y front, z up.
    """
    centres = np.array(list(REGIONS.values()))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    angles = np.arccos(np.clip(centres @ positions.T, -1, 1))
    return np.asarray(angles.min(1) > REACH_RAD)
