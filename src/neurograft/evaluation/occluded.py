"""Answers of an encoder and its untrained twin about people whose EEG lacks a part.

Every part is hidden from the windows of the tested people alone, and the models of the
folds that held them out predict them again: nothing learns from occluded EEG.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from neurograft.config.method_table import TWINS
from neurograft.config.tasks import View
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.feature_reader import FeatureReader, select_embedded
from neurograft.evaluation.held_out import predict_held_out
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.features.hidden_parts import HiddenPart
from neurograft.features.window_summary import summarise_windows
from neurograft.store.views import ReadView
from neurograft.tasks.task import Task
from neurograft.types import Arrays, FloatArray, Progress, no_progress

# The encoder as it is read out by default, and the same untrained.
OCCLUDED = ("encoder", TWINS["encoder"])
# Gives windows embedded without a part, `(n_people, n_windows, n_regions, n_features)`:
# of these people, without this part, by the encoder of this name.
EmbedWithout = Callable[[ReadView, HiddenPart, str], FloatArray]


class OccludedReader:
    """A reader that embeds the people of each view once without every part.

    Args:
        reader: Of the features of people.
        embed: Embeds windows without a part.
        parts: Parts to hide, one at a time.
    """

    def __init__(
        self, reader: FeatureReader, embed: EmbedWithout, parts: Sequence[HiddenPart]
    ) -> None:
        self.reader, self.embed, self.parts = reader, embed, tuple(parts)
        self._embedded: dict[View, list[Arrays]] = {}

    def collect(self, task: Task, names: Sequence[str]) -> dict[str, FloatArray]:
        """Collect the features of a task's rows without each part, part after part.

        Args:
            task: The task.
            names: Feature sets.

        Returns:
            By feature set, `(n_parts * n_rows, n_features)`.
        """
        has_scale, rows = self.reader.has_scale(task), self.reader.find_rows(task)
        described = [
            [
                select_embedded(one, self.reader.read(view), names, has_scale=has_scale)
                for one in self._embed(view, names)
            ]
            for view in task.views
        ]
        return {
            name: np.stack(
                [
                    described[view][number][name][person]
                    for number in range(len(self.parts))
                    for view, person in rows
                ]
            )
            for name in names
        }

    def _embed(self, view: View, names: Sequence[str]) -> list[Arrays]:
        """Embed the people of a view without each part."""
        if view not in self._embedded:
            read = self.reader.read(view)
            self._embedded[view] = [
                {
                    name: np.stack(
                        [summarise_windows(w) for w in self.embed(read, part, name)]
                    )
                    for name in names
                }
                for part in self.parts
            ]
        return self._embedded[view]


def add_occluded(
    prepared: PreparedTask,
    evaluated: EvaluatedTask,
    reader: OccludedReader,
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> EvaluatedTask:
    """Return the task with what the encoder and its twin say without each part.

    Args:
        prepared: The task.
        evaluated: Its results.
        reader: Embeds people without a part.
        n_jobs: Number of processes.
        progress: Called after every fold.
    """
    methods = [one for one in prepared.methods if one.name in OCCLUDED]
    if not methods:
        return evaluated
    n_rows = len(prepared.task.labels)
    rows = np.tile(np.arange(n_rows), len(reader.parts))
    found = predict_held_out(
        prepared,
        methods,
        rows,
        reader.collect(prepared.task, [one.name for one in methods]),
        about="occlusion",
        n_jobs=n_jobs,
        progress=progress,
    )
    occluded = {
        part: {
            name: replace(
                result,
                predictions=result.predictions.rows(
                    np.arange(number * n_rows, (number + 1) * n_rows)
                ),
            )
            for name, result in found.items()
        }
        for number, part in enumerate(reader.parts)
    }
    return replace(evaluated, occluded=occluded)
