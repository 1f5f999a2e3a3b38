"""The embedding stage: people's windows in, one vector per person out."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from neurograft.features.window_summary import summarise_windows
from neurograft.files.stage import Stage
from neurograft.files.writing import digest, write_arrays
from neurograft.store.signal_store import SignalStore
from neurograft.store.window_choice import SubjectWindows
from neurograft.study.embedders import list_embedders
from neurograft.study.opened_study import Study
from neurograft.study.stages.pretrain import describe_pretraining
from neurograft.types import Arrays, Progress, no_progress


def describe_embedding(study: Study) -> Stage:
    """Describe the stage: windows per subject, fingerprints of encoder and cohorts."""
    settings = study.settings
    inputs = {"encoder": study.mark("pretraining", settings.pretraining.name)}
    inputs |= {name: study.mark("cohorts", name) for name in settings.target_cohorts}
    has_surrogate = "surrogate" in settings.evaluation.all_features
    described = {
        "windows_per_subject": settings.evaluation.windows_per_subject,
        "windows": settings.evaluation.windows,
        "window_s": settings.pretraining.window_s,
        # Whose windows are counted, where their number is left open.
        "people": _describe_people(study),
        "views": [view.name for view in study.views],
        # Earlier surrogates depended on the windows beside them: they are redone.
        "surrogate": "of each window" if has_surrogate else False,
    }
    return Stage(study.embeddings_folder, described, inputs)


def _describe_people(study: Study) -> str:
    """Return a hash of labels and tasks where they decide the number of windows."""
    evaluation = study.settings.evaluation
    if all(evaluation.count_windows(view.cohort) is not None for view in study.views):
        return ""
    asked = study.without_controls.settings.all_tasks
    tasks = {name: task.model_dump(mode="json") for name, task in asked.items()}
    people = [study.mark_people(name) for name in study.settings.target_cohorts]
    return digest([tasks, people])


def run_embed(study: Study, *, progress: Progress = no_progress) -> None:
    """Embed the target cohorts with the encoder, its untrained twin, and no encoder.

    Raises:
        DataError: If the encoder or a store is missing or out of date.
    """
    describe_pretraining(study).require("pretrain one first")
    stage = describe_embedding(study)
    stage.begin()
    embedders = list_embedders(study)
    for view in study.views:
        store, chosen, _ = study.view(view)
        arrays = _name_rows(store, chosen)
        for name, embed in embedders.items():
            windows = embed(
                store,
                chosen,
                n_times=study.n_times,
                progress=partial(progress, f"embedding {view.name} with {name}"),
            )
            arrays[f"{name}_windows"] = windows
            arrays[name] = np.stack([summarise_windows(one) for one in windows])
        write_arrays(stage.folder / f"{view.name}.npz", arrays)
    stage.finish()


def _name_rows(store: SignalStore, chosen: Sequence[SubjectWindows]) -> Arrays:
    """Name the person of every row; recording and start (seconds) of every window."""
    numbers = [[number for number, _ in one.windows] for one in chosen]
    starts = [[start / store.sfreq for _, start in one.windows] for one in chosen]
    names = [[store.recordings[n].key.name for n in row] for row in numbers]
    return {
        "participant_id": np.array([one.participant_id for one in chosen]),
        "window_recording": np.array(names),
        "window_start_s": np.array(starts),
    }
