"""Recognise people who were left out by one half of their windows from the other half.

How many people an embedding recognises needs no label. It ranked seven encoders of an
earlier version as their transfer did, and four later ones not: LeJEPA recognised
everybody, and harmed (docs/pretraining.md). So it is shown, and chooses nothing.
"""

from contextlib import suppress

import numpy as np
from jaxtyping import Float

from neurograft.errors import DataError
from neurograft.pretraining.corpus import Corpus, Drawn, Window
from neurograft.store.window_choice import choose_windows

# Windows of everybody, evenly spaced, every other one in each half. Chosen here: two
# minutes of signal, which most recordings have, and seconds of work.
N_WINDOWS = 12
# Chosen here: among fewer people, the share that is recognised is mostly chance.
MIN_PEOPLE = 5


def draw_halves(corpus: Corpus) -> list[Drawn]:
    """Draw the windows of everybody who is left out and has enough of them.

    Returns:
        For every person `N_WINDOWS` windows, evenly spaced in time.
    """
    left_out = {(one.cohort, one.participant_id) for one in corpus.left_out}
    drawn = []
    for number, store in enumerate(corpus.stores):
        with suppress(DataError):  # nobody of this store has so many windows
            people, _ = choose_windows(
                store, n_windows=N_WINDOWS, n_times=corpus.n_times
            )
            for person in people:
                cohort = store.recordings[person.windows[0][0]].key.cohort
                if (cohort, person.participant_id) in left_out:
                    windows = [Window(number, *place) for place in person.windows]
                    drawn += _read_alike(corpus, windows)
    return drawn if len(drawn) >= MIN_PEOPLE else []


def _read_alike(corpus: Corpus, windows: list[Window]) -> list[Drawn]:
    """Read windows of a person whose recordings have one montage size."""
    recordings = [corpus.stores[w.store].recordings[w.recording] for w in windows]
    if len({len(recording.ch_names) for recording in recordings}) > 1:
        return []
    return [Drawn(corpus.read(windows), tuple(windows))]


def find_recognised(
    embedded: Float[np.ndarray, "n_people n_windows n_features"],
) -> float:
    """Return the share of people whose odd windows lie nearest to their even windows.

    Mean and standard deviation over windows are standardised over people and compared
    by Euclidean distance.

    Example:
        >>> people = np.random.default_rng(0).normal(size=(20, 1, 8))
        >>> find_recognised(np.repeat(people, 12, axis=1))
        1.0
    """
    halves = [
        np.concatenate([half.mean(1), half.std(1)], axis=1)
        for half in (embedded[:, ::2], embedded[:, 1::2])
    ]
    both = np.concatenate(halves)
    even, odd = ((half - both.mean(0)) / (both.std(0) + 1e-9) for half in halves)
    squared = (odd**2).sum(1)[:, None] + (even**2).sum(1)[None] - 2 * odd @ even.T
    return float((squared.argmin(1) == np.arange(len(odd))).mean())
