"""The people whom an encoder learns from, and random windows of theirs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from neurograft.errors import DataError
from neurograft.models.batches import WindowBatch
from neurograft.pretraining.sampling import Place, Sampler
from neurograft.store.acquisition import RecordingFacts, read_facts
from neurograft.store.signal_store import SignalStore


class Subject(NamedTuple):
    """A person of the corpus, and where their recordings are."""

    cohort: str
    participant_id: str
    recordings: tuple[Place, ...]
    facts: RecordingFacts


class Window(NamedTuple):
    """The place of a window: store, recording, first sample."""

    store: int
    recording: int
    start: int


class Drawn(NamedTuple):
    """Windows and where they are from, row by row."""

    batch: WindowBatch
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Corpus:
    """Stores, the people to learn from and those left out to watch.

    Attributes:
        stores: Signals, one store per cohort.
        facts: Facts about every recording, by store.
        subjects: People to learn from.
        left_out: People to watch; never learned from.
        n_times: Window length, samples.
        sampler: Draws recordings of `subjects`.
        watched: Draws recordings of `left_out`.
    """

    stores: Sequence[SignalStore]
    facts: Sequence[Sequence[RecordingFacts]]
    subjects: Sequence[Subject]
    left_out: Sequence[Subject]
    n_times: int
    sampler: Sampler
    watched: Sampler

    def draw(
        self,
        n_windows: int,
        seed: Sequence[int],
        *,
        watched: bool = False,
        n_views: int = 1,
    ) -> Drawn:
        """Draw windows of one montage size; they follow from the seed alone.

        Args:
            n_windows: Number of windows.
            seed: Seed.
            watched: From the people left out.
            n_views: Windows from each recording drawn, one row after the other.
        """
        rng = np.random.default_rng(list(seed))
        places = (self.watched if watched else self.sampler).draw(n_windows, rng)
        return self._draw_at(places, n_views, rng)

    def draw_mixed(
        self,
        n_windows: int,
        seed: Sequence[int],
        *,
        watched: bool = False,
        n_views: int = 1,
    ) -> list[Drawn]:
        """Draw windows of every montage size, one batch for each, in proportion.

        Args:
            n_windows: Number in all; at least one of each montage size.
            seed: Seed.
            watched: From the people left out.
            n_views: Windows from each recording drawn, one row after the other.
        """
        rng = np.random.default_rng(list(seed))
        sampler = self.watched if watched else self.sampler
        drawn = []
        for size, share in zip(sampler.sizes, sampler.size_shares, strict=True):
            n = max(1, round(share * n_windows))
            places = sampler.draw_of_size(size, n, rng)
            drawn.append(self._draw_at(places, n_views, rng))
        return drawn

    def _draw_at(
        self, places: Sequence[Place], n_views: int, rng: np.random.Generator
    ) -> Drawn:
        """Draw and read some windows of each recording, one row after the other."""
        windows = tuple(
            self._draw_window(place, rng) for place in places for _ in range(n_views)
        )
        return Drawn(self.read(windows), windows)

    def _draw_window(self, place: Place, rng: np.random.Generator) -> Window:
        """Draw a first sample, each of all ranges equally likely."""
        store, recording = place
        ranges = self.stores[store].recordings[recording].list_starts(self.n_times)
        number = int(rng.integers(sum(last - first for first, last in ranges)))
        for first, last in ranges:
            if number < last - first:
                break
            number -= last - first
        return Window(store, recording, first + number)

    def read(self, windows: Sequence[Window]) -> WindowBatch:
        """Read windows of one montage size."""
        return read_batch(windows, self.stores, self.facts, n_times=self.n_times)


def open_corpus(
    stores: Sequence[SignalStore],
    *,
    n_times: int,
    validation_share: float,
    temperature: float,
    seed: int,
    without: Collection[tuple[str, str]] = (),
    n_people: int = 0,
) -> Corpus:
    """List the people who have a window, and set some of every cohort aside.

    Args:
        stores: One per cohort.
        n_times: Window length, samples.
        validation_share: Share of the people of every cohort left out to watch.
        temperature: See `sampling.weigh_subjects`.
        seed: Decides who is left out.
        without: Cohort and label of people who are neither learned from nor watched.
        n_people: People to learn from, drawn at random; 0 takes all.

    Raises:
        DataError: If nobody has a window, nobody would be left to learn from or to
            watch, or there are fewer people than are asked for.
    """
    facts = [read_facts(store) for store in stores]
    subjects = [
        person
        for person in list_subjects(stores, facts, n_times=n_times)
        if (person.cohort, person.participant_id) not in without
    ]
    kept, left_out = split_subjects(subjects, share=validation_share, seed=seed)
    kept = _draw_subjects(kept, n_people, seed=seed)
    samplers = [
        Sampler.of_subjects(
            [(person.cohort, person.recordings, person.facts) for person in people],
            [[len(r.ch_names) for r in store.recordings] for store in stores],
            temperature=temperature,
        )
        for people in (kept, left_out)
    ]
    return Corpus(stores, facts, kept, left_out, n_times, *samplers)


def list_subjects(
    stores: Sequence[SignalStore],
    facts: Sequence[Sequence[RecordingFacts]],
    *,
    n_times: int,
) -> list[Subject]:
    """List the people who have at least one window, ordered by cohort and label.

    Raises:
        DataError: If nobody has.
    """
    people: dict[tuple[str, str], list[Place]] = {}
    for s, store in enumerate(stores):
        for r, recording in enumerate(store.recordings):
            if recording.list_starts(n_times):
                person = (recording.key.cohort, recording.key.participant_id)
                people.setdefault(person, []).append((s, r))
    if not people:
        raise DataError("No recording is as long as one window; lower window_s.")
    return [
        Subject(*person, tuple(places), facts[places[0][0]][places[0][1]])
        for person, places in sorted(people.items())
    ]


def split_subjects(
    subjects: Sequence[Subject], *, share: float, seed: int
) -> tuple[list[Subject], list[Subject]]:
    """Set a share of every cohort's people aside: those kept, and those left out.

    Somebody is left out of the largest cohort, however small the share.

    Raises:
        DataError: If nobody would be left to learn from, or nobody to watch.
    """
    rng = np.random.default_rng([seed, 1])
    members: dict[str, list[Subject]] = {}
    for subject in subjects:
        members.setdefault(subject.cohort, []).append(subject)
    n_out = {name: round(share * len(own)) for name, own in members.items()}
    largest = max(members, key=lambda name: len(members[name]), default="")
    if len(subjects) > 1 and not any(n_out.values()):
        n_out[largest] = 1
    kept: list[Subject] = []
    left_out: list[Subject] = []
    for cohort in sorted(members):
        out = set(rng.permutation(len(members[cohort]))[: n_out[cohort]].tolist())
        for number, member in enumerate(members[cohort]):
            (left_out if number in out else kept).append(member)
    if not kept or not left_out:
        raise DataError(
            f"{len(subjects)} people with whole windows cannot be pretrained on: one "
            "to learn from and one to watch are the least; add people, or take an "
            'encoder that comes with the package (pretraining.shipped = "tiny").'
        )
    return kept, left_out


def _draw_subjects(
    subjects: list[Subject], n_people: int, *, seed: int
) -> list[Subject]:
    """Draw people at random, in the order they stand in; 0 takes all.

    Raises:
        DataError: If there are fewer.
    """
    if not n_people:
        return subjects
    if n_people > len(subjects):
        raise DataError(
            f"pretraining.n_people={n_people}, and there are {len(subjects)} people to "
            "learn from; lower it, or leave it out to take all."
        )
    drawn = np.random.default_rng([seed, 10]).permutation(len(subjects))[:n_people]
    return [subjects[number] for number in sorted(drawn)]


def read_batch(
    windows: Sequence[Window],
    stores: Sequence[SignalStore],
    facts: Sequence[Sequence[RecordingFacts]],
    *,
    n_times: int,
) -> WindowBatch:
    """Read windows of one montage size.

    Args:
        windows: Their places.
        stores: Signals, one store per cohort.
        facts: Facts about every recording, by store.
        n_times: Window length, samples.

    Raises:
        DataError: If a signal is not a finite number.
    """
    entries = [stores[w.store].recordings[w.recording] for w in windows]
    scale = np.array([entry.scale_uv for entry in entries], dtype=np.float32)
    is_bad = ~(np.isfinite(scale) & (scale > 0))
    if is_bad.any():
        raise DataError(
            f"{entries[is_bad.argmax()].key.name} holds numbers that are not finite; "
            "harmonise its cohort again."
        )
    signals = np.empty((len(windows), len(entries[0].ch_names), n_times), np.float32)
    for window, out in zip(windows, signals, strict=True):
        stores[window.store].read(window.recording, window.start, n_times, out)
    positions = np.array([entry.positions for entry in entries], dtype=np.float32)
    known = [facts[w.store][w.recording].acquisition for w in windows]
    return WindowBatch(
        torch.from_numpy(signals),
        torch.from_numpy(positions),
        torch.from_numpy(scale),
        torch.tensor(known, dtype=torch.float32),
    )
