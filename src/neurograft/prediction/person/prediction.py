"""The answer to one person, with everything that has to be said beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurograft.prediction.card import PredictorCard
from neurograft.prediction.norms.comparing import Comparison
from neurograft.prediction.person.told import Told
from neurograft.store.inspection import Inspection


@dataclass(frozen=True)
class Quality:
    """Amounts of signal that could be used.

    Attributes:
        recorded_s: Length of all recordings, used or not, seconds; NaN if no length is
            known.
        usable_s: Of it without cuts, in recordings that are not dropped.
        used_s: Length of the windows that the answer is made from; 0 without an answer.
        n_recordings: Recordings, used or not.
        n_bad: Bad channels, mean over recordings that are not dropped.
    """

    recorded_s: float
    usable_s: float
    used_s: float
    n_recordings: int
    n_bad: float


@dataclass(frozen=True)
class Prediction:
    """Answer of a predictor to one person, or the reasons why there is none.

    Attributes:
        participant_id: Label of the person.
        age: Years, as given; NaN where unknown.
        sex: F, M or empty, as given.
        card: Of the predictor.
        value: A number, or the probability of the last group; None if refused.
        probabilities: Of every group; of a number, none.
        raw: As the method says them, before calibration; of a number, none.
        interval: Of a number.
        set: Groups that cannot be ruled out.
        gap: Predicted minus true age without the usual error at that age; None unless
            the age was predicted and is known.
        distance: From those learned from.
        share_below: Share of training people, each left out, who are nearer.
        quality: Of the recordings.
        warnings: What has to be said.
        refusals: Why there is no answer.
        contributions: What moved the answer (`tabulate_contributions`).
        occlusion: What the answer owes to parts of the EEG that were hidden from the
            encoder (`tabulate_occlusion`).
        recordings: Rows of all recordings of the person, used or not.
        inspections: What a page shows of those that are used, by name.
        prevalence: For which probabilities hold; None, as in the study.
        comparison: With the healthy people of that age, or why there is none; None if
            there is no answer.
    """

    participant_id: str
    age: float
    sex: str
    card: PredictorCard
    quality: Quality
    value: float | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    raw: Mapping[str, float] = field(default_factory=dict)
    interval: tuple[float, float] | None = None
    set: tuple[str, ...] | None = None
    gap: float | None = None
    distance: float = np.nan
    share_below: float = np.nan
    warnings: tuple[Told, ...] = ()
    refusals: tuple[Told, ...] = ()
    contributions: pd.DataFrame = field(default_factory=pd.DataFrame)
    occlusion: pd.DataFrame = field(default_factory=pd.DataFrame)
    recordings: tuple[Mapping[str, Any], ...] = ()
    inspections: Mapping[str, Inspection] = field(default_factory=dict)
    prevalence: float | None = None
    comparison: Comparison | Told | None = None

    @property
    def is_refused(self) -> bool:
        """Return whether there is no answer."""
        return bool(self.refusals)

    def save_page(self, path: Path | str, *, language: str = "en") -> Path:
        """Write the page of the person, which needs nothing else.

        Args:
            path: Of the HTML file.
            language: `en` or `de`.

        Raises:
            WriteError: If it cannot be written.
        """
        from neurograft.prediction.page.person_page import save_patient_page

        return save_patient_page(self, Path(path), language=language)

    def __str__(self) -> str:
        """Say the answer, and what is said beside it, a sentence a line."""
        from neurograft.prediction.person.sentences import say_answer

        told = [f"{self.participant_id}: {say_answer(self).say()}"]
        told += [f"  Caution: {one.say()}" for one in self.warnings]
        return "\n".join(told)
