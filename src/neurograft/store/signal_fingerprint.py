"""Make a fingerprint of a recording: a byte for every quarter of a second.

Each bit says whether the power of one band is now above its median of the seconds
around. Power is averaged over electrodes and compared with itself alone, so gain,
polarity, the order and names of electrodes and most filters leave the bits as they
are, and a part of a recording has the bits of that part. Neither diagnosis nor voltage
can be read from them, but whoever has the recording can recognise it
(docs/decisions/0020). `fingerprint_matching.py` compares.
"""

import base64
import binascii
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from scipy.ndimage import median_filter

from neurograft.errors import DataError
from neurograft.types import FloatArray, IntArray

# Raise when the same signals give other bytes: cards then cannot be compared.
FINGERPRINT_VERSION = 1
# Bands, Hz, first included and last excluded: a bit each. Chosen here: below every
# usual low-pass, above every usual high-pass.
BANDS_HZ = ((2, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 15), (15, 19), (19, 25))
# Length and distance of the stretches whose power is taken, seconds. Chosen here among
# 0.75, 1, 1.5 and 2 s: the longer, the less a copy's start matters, and the fewer
# independent bits there are.
STRETCH_S, HOP_S = 1.5, 0.25
# Stretches, around each, whose median decides. Chosen here: four seconds on each side.
N_AROUND = 33
# A card holds every second byte.
CARD_STEP = 2
# Seconds read at once.
PIECE_S = 60
# Power below this share of the median of the piece is silence. Chosen here.
SILENCE = 1e-3


@runtime_checkable
class Readable(Protocol):
    """A recording that can be read in pieces, in any unit."""

    def __call__(
        self, start: int, n_times: int
    ) -> Float[np.ndarray, "n_channels n_times"]:
        """Return `n_times` samples from `start` on."""


def make_fingerprint(read: Readable, n_times: int, sfreq: float) -> bytes:
    """Make the fingerprint of a recording, which is read piece by piece.

    Args:
        read: Gives its samples.
        n_times: Its length, samples.
        sfreq: Hz.

    Returns:
        A byte for each quarter of a second; nothing of recordings too short.
    """
    n_stretch = round(STRETCH_S * sfreq)
    n_stretches = int((n_times - n_stretch) / (HOP_S * sfreq)) + 1
    if n_times < n_stretch:
        return b""
    starts = np.round(np.arange(n_stretches) * HOP_S * sfreq).astype(int)
    levels = []
    for own in np.array_split(starts, -(-n_times // round(PIECE_S * sfreq))):
        if own.size:
            piece = read(int(own[0]), int(own[-1] - own[0]) + n_stretch)
            levels.append(_find_levels(piece, own - own[0], n_stretch, sfreq))
    level = np.concatenate(levels)
    above = level > median_filter(level, size=(N_AROUND, 1), mode="nearest")
    return np.packbits(above, axis=1).tobytes()


def _find_levels(
    signals: FloatArray, starts: IntArray, n_stretch: int, sfreq: float
) -> Float[np.ndarray, "n_stretches n_bands"]:
    """Return the mean log power of every band in stretches that begin at `starts`."""
    stretches = np.lib.stride_tricks.sliding_window_view(signals, n_stretch, axis=1)
    window = np.hanning(n_stretch + 2)[1:-1].astype(np.float32)
    frequencies = np.fft.rfftfreq(n_stretch, 1 / sfreq)
    weights = np.array(
        [(frequencies >= low) & (frequencies < high) for low, high in BANDS_HZ]
    ).T
    level = np.zeros((len(starts), len(BANDS_HZ)))
    for own in stretches:
        spectrum = np.fft.rfft(own[starts] * window, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2) @ weights
        floor = SILENCE * np.median(power, axis=0) + np.finfo(float).tiny
        level += np.log(power + floor)
    return np.asarray(level / len(signals))


def thin_fingerprint(fingerprint: bytes) -> bytes:
    """Return the part of a fingerprint that a card holds: every second byte."""
    return fingerprint[::CARD_STEP]


def write_fingerprint(fingerprint: bytes) -> str:
    """Write a fingerprint as text that JSON can hold."""
    return base64.b64encode(fingerprint).decode("ascii")


def parse_fingerprint(text: str) -> bytes:
    """Parse what `write_fingerprint` wrote.

    Raises:
        DataError: If it is not that.

    Example:
        >>> parse_fingerprint(write_fingerprint(b"abc"))
        b'abc'
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise DataError(
            "A fingerprint of a recording is damaged; harmonise the cohort again, or "
            "take the encoder's card from where it came from."
        ) from error
