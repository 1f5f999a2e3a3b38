"""Ask a predictor about recordings: from paths to predictions, and to files of them."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd

from neurograft.cohorts.finding.plain_folders import find_bad_label
from neurograft.errors import ConfigError
from neurograft.files.keys import RecordingKey
from neurograft.files.tables import read_table, write_table
from neurograft.harmonising.processes import close_workers
from neurograft.prediction.asked import Asked
from neurograft.prediction.card import PredictorCard
from neurograft.prediction.page.person_page import save_patient_page
from neurograft.prediction.person.new_people import Describer, harmonise_recordings
from neurograft.prediction.person.predicting import answer_people
from neurograft.prediction.person.prediction import Prediction
from neurograft.prediction.person.sentences import say_answer
from neurograft.types import Progress, no_progress

PREDICTIONS_FILE, RECORDINGS_FILE = "predictions.tsv", "recordings.tsv"
# What a table tells of every recording.
RECORDING_COLUMNS = [
    "participant_id", "session", "task", "run", "acquisition", "status", "reason",
    "duration_s", "usable_s", "n_channels", "sfreq_hz", "reference", "line_freq_hz",
    "scale_uv", "bads", "repairs", "notes",
]  # fmt: skip


def ask(
    describer: Describer,
    asked: Asked,
    *,
    scratch: Path,
    prevalence: float | None = None,
    is_explained: bool = False,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> list[Prediction]:
    """Answer for everybody whose recordings were found.

    Args:
        describer: Of the predictor; it may be asked many times.
        asked: Recordings and people.
        scratch: An existing folder in which signals lie meanwhile.
        prevalence: Share of the second group where the predictor is used; None keeps
            that of the study.
        is_explained: Whether parts of the EEG are hidden from an encoder, to see what
            answers owe to them.
        n_jobs: Processes.
        progress: Called along the way.

    Raises:
        ConfigError: If a prevalence is given of what is not one of two groups.
    """
    check_prevalence(describer.predictor.card, prevalence)
    taken = describer.predictor.card.taken
    with _hold_signals(scratch) as folder:
        new = harmonise_recordings(
            asked.found,
            asked.people,
            taken,
            folder,
            n_jobs=n_jobs,
            progress=progress,
        )
        progress("answering", 0, 1)
        found = answer_people(
            describer,
            new,
            data_set=asked.data_set,
            prevalence=prevalence,
            is_explained=is_explained,
        )
        progress("answering", 1, 1)
        return found


@contextmanager
def _hold_signals(scratch: Path) -> Iterator[Path]:
    """Yield a folder for signals, which is gone at the end, however it comes."""
    holding = tempfile.TemporaryDirectory(dir=scratch, prefix=".signals-")
    with holding as name, ExitStack() as undo:
        undo.callback(close_workers)  # those that still write would keep the folder
        yield Path(name)
        undo.pop_all()


def check_prevalence(card: PredictorCard, prevalence: float | None) -> None:
    """Check that a prevalence means something for a predictor.

    Raises:
        ConfigError: If not.
    """
    if prevalence is None:
        return
    classes = card.classes
    if len(classes) != 2:
        raise ConfigError(
            "A prevalence is the share of one of two groups; the task "
            f"{card.task!r} has {len(classes) or 'no'} groups."
        )
    if not 0 < prevalence < 1:
        raise ConfigError(
            f"A prevalence of {prevalence:g} is no share; give a number between 0 and "
            f"1, the share of {classes[1]!r} where the predictor is used."
        )


def tabulate_predictions(predictions: Sequence[Prediction]) -> pd.DataFrame:
    """Tabulate predictions, one row per person."""
    return pd.DataFrame([_make_row(one) for one in predictions])


def _make_row(one: Prediction) -> dict[str, object]:
    low, high = one.interval or (None, None)
    card, quality = one.card, one.quality
    is_number = card.kind == "regression"
    answer: dict[str, object] = {}
    if is_number:
        answer = {"value": one.value, "low": low, "high": high, "gap": one.gap}
    else:
        answer = {f"probability_{k}": one.probabilities.get(k) for k in card.classes}
        answer["set"] = None if one.set is None else ", ".join(one.set)
    return {
        "participant_id": one.participant_id,
        "age": one.age,
        "sex": one.sex or None,
        "task": card.task,
        "method": card.method.name,
        "status": "refused" if one.is_refused else "answered",
        **{k: round(v, 6) if isinstance(v, float) else v for k, v in answer.items()},
        "prevalence": one.prevalence,
        "distance": round(one.distance, 4),
        "nearer": round(one.share_below, 4),
        "recorded_s": round(quality.recorded_s, 1),
        "usable_s": round(quality.usable_s, 1),
        "used_s": round(quality.used_s, 1),
        "n_recordings": quality.n_recordings,
        "n_bad": round(quality.n_bad, 2),
        "codes": ", ".join(t.code for t in (*one.refusals, *one.warnings)) or None,
        "answer": say_answer(one).say(),
        "cautions": " ".join(t.say() for t in one.warnings) or None,
    }


def tabulate_asked(predictions: Sequence[Prediction]) -> pd.DataFrame:
    """Tabulate the recordings of everybody, those that were left out too."""
    rows = [row for one in predictions for row in one.recordings]
    table = pd.DataFrame(rows).reindex(columns=RECORDING_COLUMNS)
    return table.replace("", None)


def write_predictions(
    folder: Path, predictions: Sequence[Prediction], *, language: str = "en"
) -> list[Path]:
    """Write `predictions.tsv`, `recordings.tsv`, and a page for each person.

    Args:
        folder: Of the files.
        predictions: Of some people.
        language: Of the pages.

    Returns:
        The pages, in the order of the predictions.
    """
    _remove_pages(folder)
    pages = [
        save_patient_page(one, folder / f"{one.participant_id}.html", language=language)
        for one in predictions
    ]
    write_table(folder / RECORDINGS_FILE, tabulate_asked(predictions))
    write_table(folder / PREDICTIONS_FILE, tabulate_predictions(predictions))
    return pages


def _remove_pages(folder: Path) -> None:
    """Remove the pages of the predictions that are replaced, and no other file."""
    path = folder / PREDICTIONS_FILE
    if not path.is_file():
        return
    for who in map(str, read_table(path)["participant_id"]):
        if not find_bad_label(RecordingKey("", who)):
            (folder / f"{who}.html").unlink(missing_ok=True)
    path.unlink()
