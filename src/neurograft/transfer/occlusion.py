"""Hide a part of the windows that an encoder embeds.

Source: Zeiler and Fergus 2014, where a grey square hides a part of an image. Here a
band takes the height of the 1/f line, and the electrodes of a region are left out.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np
import torch

from neurograft.features.band_filling import fill_band
from neurograft.features.hidden_parts import HiddenPart
from neurograft.features.person_spectra import ALL_BANDS
from neurograft.models.batches import WindowBatch
from neurograft.montage.regions import REGIONS, find_members


def occlude(
    batch: WindowBatch,
    hidden: HiddenPart,
    *,
    sfreq: float,
    recorded_hz: tuple[float, float],
) -> Iterator[WindowBatch]:
    """Yield windows without the part that is hidden, in their order.

    Windows whose montages lose different electrodes come in batches of their own.

    Args:
        batch: Windows.
        hidden: Part that is hidden.
        sfreq: Sampling rate, Hz.
        recorded_hz: Edges of what was kept of the signals.
    """
    if hidden.kind == "band":
        signals = fill_band(
            batch.signals.numpy(),
            ALL_BANDS[hidden.part],
            sfreq=sfreq,
            recorded_hz=recorded_hz,
        )
        yield replace(batch, signals=torch.from_numpy(signals))
        return
    region = list(REGIONS).index(hidden.part)
    kept = [
        tuple(np.flatnonzero(~find_members(own)[region]).tolist())
        for own in batch.positions.numpy()
    ]
    for channels, rows in groupby(range(len(batch)), key=kept.__getitem__):
        same = list(rows)
        own = batch.select(slice(same[0], same[-1] + 1))
        yield replace(
            own,
            signals=own.signals[:, list(channels)],
            positions=own.positions[:, list(channels)],
        )
