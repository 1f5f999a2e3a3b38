"""Find recordings that are copies of each other, or share a part, by fingerprints.

Blocks of sixteen seconds are laid over every place of the other recordings. Where more
bits agree than chance explains, the stretch around is measured: its agreement, times
the square root of its bits, must be large, and no other place may fit as well, for what
repeats (a flicker, a pump) fits everywhere. Haitsma and Kalker (2002) find music so.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8, UInt64
from scipy.signal import fftconvolve

from neurograft.store.signal_fingerprint import BANDS_HZ, CARD_STEP, HOP_S
from neurograft.types import FloatArray

# Bytes of a block, and from one block to the next. Chosen here: a minute of a copy
# holds two whole blocks wherever it begins.
BLOCK, BLOCK_HOP = 32, 40
# Agreement (1 all bits, 0 chance) from which on a place is looked at. Chosen here: of a
# thousand million places of strangers, some hundreds.
SEED = 0.34
# Least bytes of a stretch that decides (20 s), and the grid of its ends.
N_LEAST, GRID = 40, 8
# Bytes that say something, from which on equal recordings are copies. Chosen here.
N_IDENTICAL = 12
# Agreement times the square root of the bits that makes a copy. Chosen on simulated
# people and half of the real ones (benchmarks/fingerprints.py).
ENOUGH = 9.0
# Agreement at the second-best place may be this share of that at the best. Chosen here.
SECOND = 0.75
# Places of a pair that are measured, those that most blocks fit. Chosen here.
MOST_PLACES = 8
# Places closer than this, bytes, are the same place.
NEAR = 6
# Bytes of which all bits are equal say only that something was loud, or silent.
SAYS_NOTHING = (0, 255)
# References compared at once, bytes: they stay in the processor's cache.
CHUNK = 1 << 15

_Bytes = UInt8[np.ndarray, "_"]


class Copy(NamedTuple):
    """A stretch that two recordings share.

    Attributes:
        own: Number of the recording that was looked for.
        seen: Number of the recording it was found in.
        score: Agreement times the square root of the bits.
        agreement: 1 if all bits agree, 0 by chance.
        seconds: Length of the stretch.
    """

    own: int
    seen: int
    score: float
    agreement: float
    seconds: float


def find_copies(
    own: Sequence[bytes], seen: Sequence[bytes], *, enough: float = ENOUGH
) -> list[Copy]:
    """Find pairs of recordings that share a stretch of at least twenty seconds.

    Shorter recordings are found if all of their bits are the same.

    Args:
        own: Whole fingerprints.
        seen: Thinned ones, as a card holds them.
        enough: Score from which on a stretch is shared.

    Returns:
        The longest shared stretch of each pair, the best pair first.
    """
    return list(_find_copies(tuple(own), tuple(seen), enough))


# Most tasks of a study ask the same people: they are compared once.
@lru_cache(maxsize=16)
def _find_copies(
    own: tuple[bytes, ...], seen: tuple[bytes, ...], enough: float
) -> tuple[Copy, ...]:
    phases = [
        [np.frombuffer(one, np.uint8)[phase::CARD_STEP] for phase in range(CARD_STEP)]
        for one in own
    ]
    references = [np.frombuffer(one, np.uint8) for one in seen]
    best = {(one.own, one.seen): one for one in _find_identical(phases, references)}
    for (i, j), places in _find_places(phases, references).items():
        fitting = [
            (_measure(phases[i][phase], references[j], lag), phase, lag)
            for (phase, lag), _ in places.most_common(MOST_PLACES)
        ]
        stretch, phase, lag = max(fitting)
        if stretch.score < enough or (i, j) in best:
            continue
        part = phases[i][phase][stretch.begin : stretch.end]
        second = _find_second(part, references[j], stretch.begin + lag)
        if second <= SECOND * stretch.agreement:
            seconds = len(part) * HOP_S * CARD_STEP
            best[i, j] = Copy(i, j, stretch.score, stretch.agreement, seconds)
    return tuple(sorted(best.values(), key=lambda one: -one.score))


def _find_identical(
    phases: list[list[_Bytes]], references: list[_Bytes]
) -> Iterator[Copy]:
    """Find recordings with the same bytes from beginning to end."""
    known: dict[bytes, list[int]] = {}
    for j, bits in enumerate(references):
        known.setdefault(bits.tobytes(), []).append(j)
    for i, of_recording in enumerate(phases):
        n_telling = int((~np.isin(of_recording[0], SAYS_NOTHING)).sum())
        if n_telling >= N_IDENTICAL:
            score = float(np.sqrt(n_telling * len(BANDS_HZ)))
            for j in known.get(of_recording[0].tobytes(), ()):
                yield Copy(i, j, score, 1.0, n_telling * HOP_S * CARD_STEP)


def _find_places(
    phases: list[list[_Bytes]], references: list[_Bytes]
) -> dict[tuple[int, int], Counter[tuple[int, int]]]:
    """Find places worth a look: by pair, blocks that fit by phase and lag in bytes."""
    places = [
        (i, phase, start)
        for i, of_recording in enumerate(phases)
        for phase, bits in enumerate(of_recording)
        for start in _space_blocks(bits)
    ]
    found: dict[tuple[int, int], Counter[tuple[int, int]]] = {}
    if not places:
        return found
    blocks = [phases[i][phase][start : start + BLOCK] for i, phase, start in places]
    wanted = np.stack(blocks).view(np.uint64)
    largest = int((1 - SEED) / 2 * BLOCK * len(BANDS_HZ))
    for windows, owners, offsets in _cut_references(references):
        for (i, phase, start), block in zip(places, wanted, strict=True):
            distance = np.bitwise_count(windows[0] ^ block[0])
            for row, word in zip(windows[1:], block[1:], strict=True):
                distance += np.bitwise_count(row ^ word)
            for hit in np.flatnonzero(distance <= largest):
                lag = int(offsets[hit]) - start
                found.setdefault((i, int(owners[hit])), Counter())[phase, lag] += 1
    return found


def _space_blocks(bits: _Bytes) -> list[int]:
    """Return where blocks begin that say something; the last is at the end."""
    last = len(bits) - BLOCK
    if last < 0:
        return []
    starts = np.unique(np.append(np.arange(0, last, BLOCK_HOP), last))
    return [int(start) for start in starts if _is_telling(bits[start : start + BLOCK])]


def _is_telling(bits: UInt8[np.ndarray, "..."]) -> np.ndarray:
    """Return whether at least half of the bytes say something."""
    return np.asarray(np.isin(bits, SAYS_NOTHING).mean(-1) <= 0.5)


def _cut_references(
    references: list[_Bytes],
) -> Iterator[
    tuple[
        UInt64[np.ndarray, "n_words n_places"],
        np.ndarray,
        np.ndarray,
    ]
]:
    """Yield all places of references as words of 64 bits, whose they are, and where."""
    parts: list[tuple[np.ndarray, int, np.ndarray]] = []
    waiting = 0
    for number, bits in enumerate(references):
        if len(bits) < BLOCK:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(bits, BLOCK)
        offsets = np.flatnonzero(_is_telling(windows))
        parts.append((windows[offsets], number, offsets))
        waiting += len(offsets)
        if waiting >= CHUNK:
            yield _join(parts)
            parts, waiting = [], 0
    if waiting:
        yield _join(parts)


def _join(
    parts: list[tuple[np.ndarray, int, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    windows = np.concatenate([part[0] for part in parts])
    words = np.ascontiguousarray(np.ascontiguousarray(windows).view(np.uint64).T)
    owners = np.concatenate([np.full(len(part[2]), part[1]) for part in parts])
    return words, owners, np.concatenate([part[2] for part in parts])


class _Stretch(NamedTuple):
    score: float
    agreement: float
    begin: int
    end: int


def _measure(one: _Bytes, other: _Bytes, lag: int) -> _Stretch:
    """Measure the best stretch at a lag; it begins and ends in bytes of the first."""
    start, stop = max(0, -lag), min(len(one), len(other) - lag)
    agreement, telling = _compare(one[start:stop], other[start + lag : stop + lag])
    grid = np.r_[0 : stop - start : GRID, stop - start]
    sums = np.cumsum(np.r_[0, agreement])[grid]
    counts = np.cumsum(np.r_[0, telling])[grid]
    n_bytes = counts[None] - counts[:, None]
    n_bits = np.maximum(n_bytes, 1) * len(BANDS_HZ)
    scores = (sums[None] - sums[:, None]) / np.sqrt(n_bits)
    scores[n_bytes < N_LEAST] = -np.inf
    first, last = np.unravel_index(scores.argmax(), scores.shape)
    agreeing = float((sums[last] - sums[first]) / n_bits[first, last])
    ends = start + int(grid[first]), start + int(grid[last])
    return _Stretch(float(scores[first, last]), agreeing, *ends)


def _compare(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return by byte how many bits agree more than differ, and whether it tells."""
    telling = ~(np.isin(one, SAYS_NOTHING) | np.isin(other, SAYS_NOTHING))
    differing = np.bitwise_count(one ^ other).astype(int)
    return (len(BANDS_HZ) - 2 * differing) * telling, telling.astype(int)


def _find_second(part: _Bytes, other: _Bytes, place: int) -> float:
    """Return the best agreement of a stretch at any other place of a recording."""
    (own, own_tells), (seen, seen_tells) = map(_spread, (part, other))
    sums = fftconvolve(seen, own[::-1], axes=0).sum(1)
    n_bits = fftconvolve(seen_tells, own_tells[::-1]).round() * len(BANDS_HZ)
    places = np.arange(len(sums)) - (len(part) - 1)
    is_other = (np.abs(places - place) >= NEAR) & (n_bits >= N_LEAST * len(BANDS_HZ))
    return float((sums[is_other] / n_bits[is_other]).max(initial=0))


def _spread(part: _Bytes) -> tuple[FloatArray, FloatArray]:
    """Return bits as -1 and 1, none where a byte says nothing, and where one does."""
    tells = ~np.isin(part, SAYS_NOTHING)
    bits = 2.0 * np.unpackbits(part[:, None], axis=1) - 1
    return bits * tells[:, None], tells.astype(float)
