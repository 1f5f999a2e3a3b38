"""Parts of the EEG that can be hidden from an encoder: bands, and regions."""

from typing import NamedTuple

from neurograft.features.person_spectra import ALL_BANDS
from neurograft.montage.regions import REGIONS


class HiddenPart(NamedTuple):
    """A part that is hidden.

    Attributes:
        kind: `band`, or `region` of the scalp.
        part: Its name.
    """

    kind: str
    part: str


def list_parts(recorded_hz: tuple[float, float]) -> list[HiddenPart]:
    """List the bands of which something was recorded, then the regions.

    Args:
        recorded_hz: Edges of what was kept of the signals.

    Example:
        >>> [part.part for part in list_parts((0.5, 25.0))][:5]
        ['delta', 'theta', 'alpha', 'beta', 'frontal']
    """
    low, high = recorded_hz
    bands = [
        name for name, ends in ALL_BANDS.items() if ends[0] < high and low < ends[1]
    ]
    return [
        *(HiddenPart("band", name) for name in bands),
        *(HiddenPart("region", name) for name in REGIONS),
    ]
