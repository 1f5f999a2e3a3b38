"""Fit a predictor to a study that was run, and ask it about new people."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from neurograft.api.recordings import from_raw
from neurograft.cohorts.labels import is_subject
from neurograft.config.study import StudyConfig, read_study
from neurograft.errors import ConfigError
from neurograft.prediction.asked import Stated, check_stated, find_asked
from neurograft.prediction.asking import ask, check_prevalence
from neurograft.prediction.bundle import read_predictor
from neurograft.prediction.card import PredictorCard
from neurograft.prediction.person.new_people import Describer, harmonise_read
from neurograft.prediction.person.predicting import answer_people
from neurograft.prediction.person.prediction import Prediction
from neurograft.recordings.recording import Recording
from neurograft.study.opened_study import Study
from neurograft.study.stages.fit import run_fit
from neurograft.tasks.seen_people import DataSet
from neurograft.types import Progress, no_progress


def fit(
    study: StudyConfig | Path | str,
    task: str = "",
    method: str = "",
    *,
    anyway: bool = False,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> "LoadedPredictor":
    """Fit a method to everybody of a task of a study that was run.

    Args:
        study: Path of a study file, or its settings.
        task: Name of the task; empty takes the only one with evidence.
        method: As in the study file; empty takes the best that can be saved.
        anyway: Also fit what the study found no evidence for; every output says so.
        n_jobs: Processes.
        progress: Called along the way.

    Raises:
        ConfigError: If the task or method is unknown or cannot be saved, or there is
            no evidence for it.
        DesignError: If the design of the study refuses any claim.
        DataError: If the study was not run, or changed since.

    Example:
        >>> predictor = fit("study.toml", "disease")  # doctest: +SKIP
    """
    settings = study if isinstance(study, StudyConfig) else read_study(Path(study))
    folder = run_fit(
        Study(settings), task, method, anyway=anyway, n_jobs=n_jobs, progress=progress
    )
    return load_predictor(folder)


def load_predictor(folder: Path | str) -> "LoadedPredictor":
    """Load a predictor that `fit`, or `neurograft fit`, wrote.

    Args:
        folder: Its folder, also a copy on another machine.

    Raises:
        DataError: If it is missing, damaged, edited, or of another version.

    Example:
        >>> predictor = load_predictor("results/models/disease/blend")  # doctest: +SKIP
        >>> print(predictor.predict("sub-01_eeg.edf", age=40))  # doctest: +SKIP
    """
    return LoadedPredictor(Path(folder))


class _How(NamedTuple):
    """Options of a question (`answer_people`)."""

    prevalence: float | None
    is_explained: bool


class LoadedPredictor:
    """A predictor that stays loaded, to be asked many times.

    Args:
        folder: Its folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._describer = Describer(read_predictor(folder))

    @property
    def card(self) -> PredictorCard:
        """Return what the predictor is, and from whom it learned."""
        return self._describer.predictor.card

    def predict(
        self,
        recording: Any,
        *,
        age: float | None = None,
        sex: str = "",
        label: str = "",
        condition: str = "",
        prevalence: float | None = None,
        explain: bool = False,
    ) -> Prediction:
        """Answer for one person.

        Args:
            recording: A path, a `Recording`, an `mne.io.Raw`, or several of one kind,
                all of one person.
            age: Years; None if unknown.
            sex: F or M; empty if unknown.
            label: Of the person; empty takes what the recording says.
            condition: In which it was recorded, for example `rest`, where its name does
                not say it.
            prevalence: Share of the second group where the predictor is used; None
                keeps that of the study.
            explain: Hide bands and regions from the encoder, to see what the answer
                owes to each; takes some seconds.

        Returns:
            The answer, or why there is none, with all that has to be said beside it.

        Raises:
            ConfigError: If it is no recording, or of several people.
            DataError: If a file is no recording.
        """
        given = recording if isinstance(recording, list | tuple) else [recording]
        if not given:
            raise ConfigError("No recording was given; give at least one.")
        stated = Stated(label, age, sex, condition)
        how = _How(prevalence, explain)
        if all(isinstance(one, str | Path) for one in given):
            return self._predict_files([Path(one) for one in given], stated, how)
        return self._predict_read(given, stated, how)

    def _predict_files(
        self, paths: list[Path], stated: Stated, how: _How
    ) -> Prediction:
        asked = find_asked(paths, stated=stated)
        if len(asked.people) != 1:
            raise ConfigError(
                f"These are recordings of {len(asked.people)} people; ask about one "
                "person at a time, or give a label."
            )
        with tempfile.TemporaryDirectory() as scratch:
            (found,) = ask(
                self._describer, asked, scratch=Path(scratch), **how._asdict()
            )
        return found

    def _predict_read(
        self, given: Sequence[Any], stated: Stated, how: _How
    ) -> Prediction:
        check_prevalence(self.card, how.prevalence)
        check_stated(stated)
        read = [one if isinstance(one, Recording) else from_raw(one) for one in given]
        # Outside BIDS, a recording is called as its file is, which may be by a name.
        told = read[0].key.participant_id
        label = stated.label or (told if is_subject(told) else "person-01")
        named = [
            replace(
                one,
                key=one.key._replace(
                    cohort="",
                    participant_id=label,
                    task=one.key.task or stated.condition,
                ),
            )
            for one in read
        ]
        people = pd.DataFrame(
            {
                "participant_id": [label],
                "age": [float("nan") if stated.age is None else float(stated.age)],
                "sex": [stated.sex or None],
            }
        )
        with tempfile.TemporaryDirectory() as scratch:
            new = harmonise_read(named, people, self.card.taken, Path(scratch))
            nowhere = DataSet("", (), "")
            (found,) = answer_people(
                self._describer, new, data_set=nowhere, **how._asdict()
            )
        return found
