"""The spectra of the people of a task, as they are compared."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

# Name of the only group where the label is a number.
EVERYBODY = "everybody"


@dataclass(frozen=True)
class MeasuredTask:
    """The spectra of a task's people, one row per person; of a contrast two.

    Attributes:
        name: Of the task.
        classes: Names of the groups, in the order of `groups`.
        people: `cohort`, `participant_id`, `view` (number in the task's views).
        groups: Number of every row's group.
        clusters: Person or matched pair of every row, from 0.
        blocks: Rows among which labels can be exchanged.
        is_within: Whether every cluster holds both groups.
        is_relative: Whether power is a share of the whole band, for the scale of some
            cohort means nothing.
        frequencies_hz: Bins.
        log_power: By region, logarithm to base 10 of power density.
        alpha_hz: Frequency of the posterior alpha peak; NaN if there is none.
        alpha_height: Its height above the 1/f part, logarithm to base 10.
        exponent: Of the 1/f part.
        channels: Those that all recordings have; none if they share too few.
        positions: Of these, on the unit sphere.
        band_power: Logarithm to base 10 of power by band and channel.
    """

    name: str
    classes: tuple[str, ...]
    people: pd.DataFrame
    groups: Int[np.ndarray, " n_rows"]
    clusters: Int[np.ndarray, " n_rows"]
    blocks: Int[np.ndarray, " n_rows"]
    is_within: bool
    is_relative: bool
    frequencies_hz: Float[np.ndarray, " n_bins"]
    log_power: Float[np.ndarray, "n_rows n_regions n_bins"]
    alpha_hz: Float[np.ndarray, " n_rows"]
    alpha_height: Float[np.ndarray, " n_rows"]
    exponent: Float[np.ndarray, " n_rows"]
    channels: tuple[str, ...]
    positions: Float[np.ndarray, "n_channels 3"]
    band_power: Float[np.ndarray, "n_rows n_bands n_channels"]

    @property
    def unit(self) -> str:
        """Return the unit of densities before their logarithm is taken."""
        return "share of power per Hz" if self.is_relative else "uV^2/Hz"

    @property
    def band_unit(self) -> str:
        """Return the unit of band power before its logarithm is taken."""
        return "share of power" if self.is_relative else "uV^2"

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """List pairs of groups that are compared: first and second."""
        return list(combinations(range(len(self.classes)), 2))
