"""The card of a predictor: what it answers, from whom it learned, how far it holds."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.config.section import Section
from neurograft.files.sentences import say
from neurograft.kinds import Kind

# Raise when a bundle means something else; older ones are refused.
BUNDLE_VERSION = 2


class ChosenMethod(Section):
    """The method, and why this one.

    Attributes:
        name: As a study file writes it.
        why: `asked_for`, `best` of the study, or `best_saved`: that can be saved.
        metric: Primary metric of the task.
        value: Out of fold.
        ci_low: Lower end of its 95 % interval.
        ci_high: Upper end.
        n_methods: Methods that it was chosen from.
        is_shown: Whether the study shows that it is better than chance.
        code: Of what the study says of the task.
        values: Of that sentence.
        cautions: What the study warns of in the task, each as code and values.
    """

    name: str
    why: Literal["asked_for", "best", "best_saved"]
    metric: str
    value: float
    ci_low: float
    ci_high: float
    n_methods: int
    is_shown: bool
    code: str
    values: dict[str, Any]
    cautions: tuple[dict[str, Any], ...] = ()

    def say_evidence(self, language: str = "en") -> str:
        """Say what the study says of the task."""
        return say(self.code, self.values, language=language)

    def say_cautions(self, language: str = "en") -> list[str]:
        """Say what the study warns of in the task, a sentence each."""
        return [say(one["code"], one, language=language) for one in self.cautions]


class Taken(Section):
    """Requirements of recordings, and how these are brought to them.

    Attributes:
        harmonise: Band, rate and limits.
        reading: How files of the cohort are read: events, names of channels, unit.
        table: How its table of people is read: columns, codes of the sex.
        has_microvolts: Whether amplitudes mean something.
        window_s: Length of a window.
        n_windows: Windows that are taken of everybody.
        bids_tasks: Conditions that the study looked at; empty, all.
        conditions: Conditions of the recordings learned from; empty, none is named.
        channels: Electrodes that features are computed on: those that all had.
        demographics: Which of `age` and `sex` are features.
    """

    harmonise: HarmoniseConfig
    reading: dict[str, Any]
    has_microvolts: bool
    window_s: float
    n_windows: int = Field(ge=1)
    bids_tasks: tuple[str, ...]
    conditions: tuple[str, ...]
    channels: tuple[str, ...]
    demographics: tuple[str, ...] = ()
    table: dict[str, Any] = Field(default_factory=dict)

    @property
    def least_windows(self) -> int:
        """Return the windows without which there is no answer: half of the study's."""
        return (self.n_windows + 1) // 2


class Quantiles(Section):
    """A distribution over at least ten people, without the value of anybody.

    Attributes:
        n: People.
        levels: Between 0 and 1, the same steps apart.
        values: At these levels.
    """

    n: int = Field(ge=10)
    levels: tuple[float, ...]
    values: tuple[float, ...]


class LearnedFrom(Section):
    """People learned from, without a row of anybody.

    Attributes:
        n: Number.
        groups: People of each group.
        youngest: Age, rounded down to five years; None if unknown.
        oldest: Rounded up.
        ages: Their distribution; None of fewer than ten.
        sexes: People of each sex that is known.
        n_sites: Sites.
        devices: Electrodes and sampling rate (Hz) of the recordings.
        references: As files and study name them.
        seen: Salted hashes of labels, fingerprints of recordings (`SeenPeople`).
    """

    n: int
    groups: dict[str, int]
    youngest: float | None
    oldest: float | None
    ages: Quantiles | None
    sexes: dict[str, int]
    n_sites: int
    devices: tuple[tuple[int, float], ...]
    references: tuple[str, ...]
    seen: dict[str, Any]


class NormCard(Section):
    """Healthy people with whom a person is compared, without a row of anybody.

    Attributes:
        n: People, of one kind of device and reference, whose age is known.
        reason: Code of the reason why there are no norms; empty if there are.
        n_channels: Electrodes.
        sfreq_hz: Sampling rate, rounded.
        reference: Kind of it; empty if unknown.
        youngest: Age, rounded down to five years; None without norms.
        oldest: Rounded up.
        ages: Their distribution.
        gaps: Distribution of predicted minus true age, each left out and corrected;
            None where age is not what is predicted.
        unit: Of power.
    """

    n: int = 0
    reason: Literal["", "NG740", "NG741"] = ""
    n_channels: int = 0
    sfreq_hz: int = 0
    reference: str = ""
    youngest: float | None = None
    oldest: float | None = None
    ages: Quantiles | None = None
    gaps: Quantiles | None = None
    unit: str = ""


class PredictorCard(Section):
    """Everything about a predictor but its numbers.

    Attributes:
        version: Of the format.
        study: Title of the study.
        task: Name of the task.
        kind: Of the task.
        classes: Groups in the order of their numbers; of a number, none.
        target: `age` or `sex` where that is what is predicted.
        column: Column of the table that was learned.
        method: The method.
        taken: What recordings must be like.
        people: Those learned from.
        answers: Distribution of the answers to people left out, by group; of a number
            by `predicted` and `true`.
        coverage: Coverage to expect of sets or intervals, by group; of a number under
            `all`.
        intended_use: In the words of the study's author; empty, nothing was said.
        owner: Who answers for it.
        contact: Address for questions.
        software: Versions.
        made_on: Date.
        could_be_inferred: What the bundle still says of those learned from.
        norms: Healthy people with whom a person is compared.
    """

    version: int
    study: str
    task: str
    kind: Kind
    classes: tuple[str, ...]
    target: str
    column: str
    method: ChosenMethod
    taken: Taken
    people: LearnedFrom
    answers: dict[str, Quantiles]
    coverage: dict[str, float]
    intended_use: str
    owner: str
    contact: str
    software: dict[str, str]
    made_on: str
    could_be_inferred: str
    norms: NormCard = NormCard(reason="NG740")

    def find_moved(self, probabilities: Sequence[float]) -> tuple[int, tuple[str, ...]]:
        """Find the score that says most of an answer, and the groups it speaks for.

        Of several groups it is that of the likeliest; of ordered groups a score speaks
        for all groups above a threshold, here the one above the likeliest group.

        Args:
            probabilities: Of every group; of a number, none.

        Returns:
            Number of the score, and the groups whose log odds it is.
        """
        if self.kind not in ("multiclass", "ordinal"):
            return 0, self.classes[-1:]
        largest = int(np.argmax(probabilities))
        if self.kind == "multiclass":
            return largest, (self.classes[largest],)
        threshold = min(largest, len(self.classes) - 2)
        return threshold, self.classes[threshold + 1 :]
