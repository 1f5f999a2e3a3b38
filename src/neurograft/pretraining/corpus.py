"""Whom the encoder learns from, and random batches of their windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from neurograft.errors import DataError
from neurograft.recordings.recording import Segment
from neurograft.windows.store import SignalStore


class Subject(NamedTuple):
    """A person of the corpus, and where their recordings are."""

    cohort: str
    participant_id: str
    recordings: tuple[tuple[int, int], ...]  # (store, recording) numbers


@dataclass(frozen=True)
class WindowBatch:
    """Windows of any montages, padded to the largest.

    Attributes:
        signals: Microvolts.
        positions: Unit sphere; padding is zero.
        channel_mask: True where a channel is padding.
        scale: Robust scale of each window's recording, microvolts.
    """

    signals: Float[Tensor, "batch n_channels n_times"]
    positions: Float[Tensor, "batch n_channels 3"]
    channel_mask: Bool[Tensor, "batch n_channels"]
    scale: Float[Tensor, " batch"]


class Window(NamedTuple):
    """Where a window is: store, recording, first sample."""

    store: int
    recording: int
    start: int


def list_subjects(stores: Sequence[SignalStore], *, n_times: int) -> list[Subject]:
    """List the people who have at least one window, ordered by cohort and label.

    Raises:
        DataError: If nobody has.
    """
    people: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for s, store in enumerate(stores):
        for r, recording in enumerate(store.recordings):
            if recording.list_starts(n_times):
                person = (recording.key.cohort, recording.key.participant_id)
                people.setdefault(person, []).append((s, r))
    if not people:
        raise DataError("No recording is as long as one window; lower window_s.")
    return [
        Subject(*person, tuple(places)) for person, places in sorted(people.items())
    ]


def split_subjects(
    subjects: Sequence[Subject], *, share: float, seed: int
) -> tuple[list[Subject], list[Subject]]:
    """Set a share of every cohort's people aside: those kept, and those left out.

    Raises:
        DataError: If nobody would be left to learn from.
    """
    rng = np.random.default_rng([seed, 1])
    kept: list[Subject] = []
    left_out: list[Subject] = []
    for cohort in sorted({subject.cohort for subject in subjects}):
        members = [subject for subject in subjects if subject.cohort == cohort]
        n_out = round(share * len(members))
        out = set(rng.permutation(len(members))[:n_out].tolist())
        for number, member in enumerate(members):
            (left_out if number in out else kept).append(member)
    if not kept:
        raise DataError("Nobody is left to learn from; lower validation_share.")
    return kept, left_out


def draw_windows(
    subjects: Sequence[Subject],
    stores: Sequence[SignalStore],
    *,
    n_windows: int,
    n_times: int,
    rng: np.random.Generator,
) -> list[Window]:
    """Draw windows: every subject equally likely, then a recording, then a start."""
    windows = []
    for number in rng.integers(len(subjects), size=n_windows):
        places = subjects[number].recordings
        store, recording = places[rng.integers(len(places))]
        starts = stores[store].recordings[recording].list_starts(n_times)
        windows.append(Window(store, recording, _draw_start(starts, rng)))
    return windows


def _draw_start(starts: Sequence[Segment], rng: np.random.Generator) -> int:
    """Draw a first sample, each of all ranges equally likely."""
    number = int(rng.integers(sum(last - first for first, last in starts)))
    for first, last in starts:
        if number < last - first:
            break
        number -= last - first
    return first + number


def read_batch(
    windows: Sequence[Window], stores: Sequence[SignalStore], *, n_times: int
) -> WindowBatch:
    """Read windows and pad them to the largest montage among them."""
    entries = [stores[w.store].recordings[w.recording] for w in windows]
    widest = max(len(entry.ch_names) for entry in entries)
    signals = np.zeros((len(windows), widest, n_times), dtype=np.float32)
    positions = np.zeros((len(windows), widest, 3), dtype=np.float32)
    channel_mask = np.ones((len(windows), widest), dtype=bool)
    for row, (window, entry) in enumerate(zip(windows, entries, strict=True)):
        n_channels = len(entry.ch_names)
        signals[row, :n_channels] = stores[window.store].read(
            window.recording, window.start, n_times
        )
        positions[row, :n_channels] = entry.positions
        channel_mask[row, :n_channels] = False
    scales = np.array([entry.scale_uv for entry in entries], dtype=np.float32)
    return WindowBatch(
        torch.from_numpy(signals),
        torch.from_numpy(positions),
        torch.from_numpy(channel_mask),
        torch.from_numpy(scales),
    )
