"""Sum what moved an answer away from that of the mean person learned from.

A linear method adds up weights times deviations. They are summed by feature set, band
and region, as far as its features know bands and regions.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from neurograft.features.band_power import POWER_EDGES
from neurograft.features.covariances import RIEMANN_EDGES
from neurograft.features.person_spectra import ALL_BANDS
from neurograft.montage.channels import template_positions
from neurograft.montage.regions import REGIONS, weigh_regions
from neurograft.prediction.card import Taken
from neurograft.prediction.predictor import Predictor
from neurograft.types import FloatArray

COLUMNS = ["features", "band", "region", "value"]
# What an embedding adds besides regions: the logarithm of the amplitude.
AMPLITUDE = "amplitude"
Summed = Iterator[tuple[str, str, float]]


def tabulate_contributions(
    predictor: Predictor,
    features: Mapping[str, FloatArray],
    number: int,
    *,
    problem: int = 0,
) -> pd.DataFrame:
    """Tabulate what moved the answer to a person.

    Columns are `features`, `band`, `region` and `value`. Values are log odds of the
    groups that `PredictorCard.find_moved` names, or the unit of the number.

    Args:
        predictor: Which answered.
        features: Feature sets of some people.
        number: Of the person among them.
        problem: Number of the score (`PredictorCard.find_moved`).
    """
    own = {name: values[[number]] for name, values in features.items()}
    rows = []
    parts = predictor.fitted.find_contributions(own, problem=problem)
    for part, added in zip(predictor.fitted.parts, parts, strict=True):
        add = SUMS.get(part.name, _sum_all)
        rows += [
            (part.name, band, region, round(value, 6))
            for band, region, value in add(added[0], predictor.card.taken)
        ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _sum_all(added: FloatArray, taken: Taken) -> Summed:  # noqa: ARG001
    yield "", "", float(added.sum())


def _sum_embedding(added: FloatArray, taken: Taken) -> Summed:
    """Sum over means and spreads of features, which lie region by region."""
    if taken.has_microvolts:
        added, scale = added[:-1], float(added[-1])
        yield "", AMPLITUDE, scale
    by_region = added.reshape(2, len(REGIONS), -1).sum((0, 2))
    for region, value in zip(REGIONS, by_region.tolist(), strict=True):
        yield "", region, value


def _sum_band_power(added: FloatArray, taken: Taken) -> Summed:
    """Sum over fine bands to those of reports, over electrodes to regions."""
    channels = taken.channels
    shares = _share_among_regions(channels)
    fine = list(pairwise(POWER_EDGES))
    by_band = added.reshape(-1, len(fine), len(channels)).sum(0)
    for band, (low, high) in ALL_BANDS.items():
        rows = [row for row, (start, _) in enumerate(fine) if low <= start < high]
        by_region = shares @ by_band[rows].sum(0)
        for region, value in zip(REGIONS, by_region.tolist(), strict=True):
            yield band, region, value


def _share_among_regions(channels: tuple[str, ...]) -> FloatArray:
    """Share every electrode among the regions it counts for, `(n_regions, n)`."""
    places = template_positions()
    positions = np.array([places[name] for name in channels])
    weights = weigh_regions(positions)
    return np.asarray(weights / weights.sum(0))


def _sum_covariances(added: FloatArray, taken: Taken) -> Summed:  # noqa: ARG001
    """Sum over the tangent vector of every band."""
    edges = list(pairwise(RIEMANN_EDGES))
    for (low, high), own in zip(edges, added.reshape(len(edges), -1), strict=True):
        yield f"{low:g}-{high:g} Hz", "", float(own.sum())


def _sum_demographics(added: FloatArray, taken: Taken) -> Summed:
    names = taken.demographics
    for name, value in zip(names, added.tolist(), strict=False):
        yield "", name, value


SUMS: dict[str, Callable[[FloatArray, Taken], Summed]] = {
    "encoder": _sum_embedding,
    "random-encoder": _sum_embedding,
    "band-power": _sum_band_power,
    "riemann": _sum_covariances,
    "demographics": _sum_demographics,
}
