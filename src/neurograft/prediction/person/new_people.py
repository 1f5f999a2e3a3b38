"""New people: their recordings harmonised as the study did, and their features."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.cohort import CohortConfig
from neurograft.evaluation.feature_reader import select_embedded
from neurograft.features.feature_sets import DESCRIBERS, compute_baseline_features
from neurograft.features.window_summary import summarise_windows
from neurograft.files.keys import RecordingKey
from neurograft.files.tables import write_table
from neurograft.harmonising.one_recording import make_request, store_recording
from neurograft.harmonising.processes import run_all
from neurograft.models.saving import UNTRAINED_FOLDER, load_encoder
from neurograft.prediction.card import Taken
from neurograft.prediction.facts import describe_facts
from neurograft.prediction.predictor import Predictor, find_embedding
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.recording import Recording
from neurograft.store.recordings_table import (
    read_recorded,
    tabulate_found,
)
from neurograft.store.signal_store import (
    RECORDINGS_FILE,
    SignalStore,
    parse_recording,
    write_index,
)
from neurograft.store.views import ReadView
from neurograft.store.window_choice import choose_windows
from neurograft.store.window_count import count_whole_windows
from neurograft.transfer.embedding import (
    Change,
    embed_windows,
    keep,
    make_encoder_pool,
    make_token_pool,
)
from neurograft.types import Arrays, FloatArray, Progress, no_progress


@dataclass(frozen=True)
class NewRecordings:
    """Recordings of new people, harmonised.

    Attributes:
        rows: One per recording found, kept or dropped, with the reason.
        people: `participant_id`, `age`, `sex`.
        folder: Holds signals and what pages show.
        store: Signals of those that are used; None if none is.
        taken: How they had to be.
    """

    rows: tuple[dict[str, Any], ...]
    people: pd.DataFrame
    folder: Path
    store: SignalStore | None
    taken: Taken

    @property
    def n_times(self) -> int:
        """Return the length of a window, in samples."""
        return round(self.taken.window_s * self.taken.harmonise.sfreq)

    def count_windows(self) -> dict[str, int]:
        """Count the windows that everybody's usable signal holds."""
        if self.store is None:
            return {}
        return count_whole_windows(self.store, n_times=self.n_times)

    def count_used(self) -> dict[str, int]:
        """Count the windows that are taken of everybody who has at least half of them.

        Like the study, a person gives as many windows as the study took; a shorter
        recording gives what it has.
        """
        taken = self.taken
        return {
            who: min(count, taken.n_windows)
            for who, count in self.count_windows().items()
            if count >= taken.least_windows
        }

    def read(self) -> list[ReadView]:
        """Choose the windows of everybody who has enough, by their number."""
        used = self.count_used()
        views = []
        for n_windows in sorted(set(used.values()), reverse=True):
            assert self.store is not None
            chosen, _ = choose_windows(
                self.store, n_windows=n_windows, n_times=self.n_times
            )
            own = [one for one in chosen if used.get(one.participant_id) == n_windows]
            views.append(ReadView(self.store, own, {}))
        return views


def harmonise_recordings(
    found: Sequence[FoundRecording],
    people: pd.DataFrame,
    taken: Taken,
    folder: Path,
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> NewRecordings:
    """Harmonise recordings exactly as the study did, each in a process of its own.

    Args:
        found: Recordings of new people.
        people: `participant_id`, `age` (years), `sex` (F, M); unknown ones are missing.
        taken: How recordings must be.
        folder: An empty one, for signals.
        n_jobs: Processes.
        progress: Called after every recording.
    """
    settings = _read_rules(taken)
    requests = [
        make_request(one, folder, settings, taken.harmonise)
        for one in found
        if not explain_condition(one.key, taken)
    ]
    done = {}
    for number, row in run_all(requests, n_jobs=n_jobs):
        done[tuple(requests[number]["key"])] = row
        progress("harmonising recordings", len(done), len(requests))
    rows = [done.get(tuple(one.key)) or _leave_out(one.key, taken) for one in found]
    _refuse_copies(rows)
    return _open_rows(rows, people, taken, folder)


def harmonise_read(
    recordings: Sequence[Recording], people: pd.DataFrame, taken: Taken, folder: Path
) -> NewRecordings:
    """Harmonise recordings that were read already, in this process.

    Args:
        recordings: In microvolts.
        people: `participant_id`, `age` (years), `sex` (F, M).
        taken: How recordings must be.
        folder: An empty one, for signals.
    """
    settings = _read_rules(taken)
    rows = [
        _leave_out(one.key, taken)
        if explain_condition(one.key, taken)
        else store_recording(one, folder, settings, taken.harmonise)
        for one in recordings
    ]
    _refuse_copies(rows)
    return _open_rows(rows, people, taken, folder)


def _refuse_copies(rows: Sequence[dict[str, Any]]) -> None:
    """Keep the first of the same signals; none if they are given as of two people."""
    same: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["status"] != "dropped":
            same.setdefault(row["stored"]["sha256"], []).append(row)
    for copies in same.values():
        people = dict.fromkeys(str(row["participant_id"]) for row in copies)
        for row in copies if len(people) > 1 else copies[1:]:
            row["status"] = "dropped"
            row["reason"] = (
                f"the same signals were given for {', '.join(people)}"
                if len(people) > 1
                else f"the signals are those of {copies[0]['name']}, sample by sample"
            )


def _read_rules(taken: Taken) -> CohortConfig:
    return CohortConfig.model_validate({"folder": ".", **taken.reading})


def _open_rows(
    rows: Sequence[dict[str, Any]], people: pd.DataFrame, taken: Taken, folder: Path
) -> NewRecordings:
    """Open the signals that were stored."""
    used = [row for row in rows if row["status"] != "dropped"]
    store = None
    if used:
        write_table(folder / RECORDINGS_FILE, tabulate_found(used, people))
        write_index(
            folder,
            [parse_recording(row["stored"]) for row in used],
            sfreq=taken.harmonise.sfreq,
            has_microvolts=_read_rules(taken).units == "microvolts",
        )
        store = SignalStore.open(folder)
    return NewRecordings(tuple(rows), people, folder, store, taken)


def explain_condition(key: RecordingKey, taken: Taken) -> str:
    """Say why a recording is of a condition that was not learned; else nothing."""
    allowed = taken.bids_tasks or taken.conditions
    if not key.task or not allowed or key.task in allowed:
        return ""
    return (
        f"it is of the condition {key.task!r}; this predictor learned from "
        f"{', '.join(map(repr, allowed))}"
    )


def _leave_out(key: RecordingKey, taken: Taken) -> dict[str, Any]:
    """Make the row of a recording that is not opened."""
    named = dict(key._asdict()) | {"name": key.name}
    reason = explain_condition(key, taken)
    return named | {"status": "dropped", "reason": reason, "condition": True}


class Describer:
    """Describes people by the features of a predictor; its encoder is loaded once.

    Args:
        predictor: Whose features are wanted.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self._pools = {}
        for name in dict.fromkeys(map(find_embedding, predictor.embedded)):
            folder = predictor.encoder_folder
            assert folder is not None
            own = folder / UNTRAINED_FOLDER if name == "random-encoder" else folder
            make = make_token_pool if name == "tokens" else make_encoder_pool
            self._pools[name] = make(load_encoder(own))

    def describe(self, new: NewRecordings, read: ReadView) -> dict[str, FloatArray]:
        """Describe people, in the order of `read.chosen`.

        Args:
            new: Their recordings.
            read: Their windows.
        """
        taken, wanted = self.predictor.card.taken, self.predictor.features
        found = compute_baseline_features(
            read.store,
            read.chosen,
            n_times=new.n_times,
            wanted=[name for name in wanted if name in DESCRIBERS],
            channels=taken.channels,
        )
        found |= select_embedded(
            self.embed(new, read), read, wanted, has_scale=taken.has_microvolts
        )
        if "demographics" in wanted:
            found["demographics"] = self._list_demographics(new, read)
        return found

    def embed(
        self, new: NewRecordings, read: ReadView, *, change: Change = keep
    ) -> Arrays:
        """Embed the windows of people, as the embedding stage of a study does.

        Args:
            new: Their recordings.
            read: Their windows.
            change: What is done to windows before.
        """
        arrays: Arrays = {}
        for name, pool in self._pools.items():
            windows = embed_windows(
                read.store, read.chosen, pool, n_times=new.n_times, change=change
            )
            arrays[f"{name}_windows"] = windows
            arrays[name] = np.stack([summarise_windows(one) for one in windows])
        return arrays

    def describe_facts(self, new: NewRecordings, read: ReadView) -> FloatArray:
        """Describe people by facts that a reader can name."""
        return describe_facts(read, read_recorded(new.folder), n_times=new.n_times)

    def _list_demographics(self, new: NewRecordings, read: ReadView) -> FloatArray:
        """List age and sex as numbers, as far as the study had them."""
        people = new.people.set_index("participant_id").reindex(read.people)
        columns = {
            "age": people["age"].to_numpy(dtype=float),
            "sex": people["sex"].map({"F": 1.0, "M": 0.0}).to_numpy(dtype=float),
        }
        wanted = self.predictor.card.taken.demographics
        return np.stack([columns[name] for name in wanted], axis=1)
