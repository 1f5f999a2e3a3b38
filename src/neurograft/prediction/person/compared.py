"""Compare one of the people asked about with the healthy people of that age."""

import numpy as np

from neurograft.prediction.norms.comparing import (
    Comparison,
    compare_with_healthy,
    explain_absence,
)
from neurograft.prediction.norms.measures import list_compared_channels, measure_people
from neurograft.prediction.person.new_people import NewRecordings
from neurograft.prediction.person.told import Told
from neurograft.prediction.predictor import Predictor
from neurograft.store.subject_windows import place_channels
from neurograft.store.views import ReadView


def compare_person(
    new: NewRecordings,
    read: ReadView,
    number: int,
    predictor: Predictor,
    *,
    age: float,
    gap: float | None,
) -> Comparison | Told:
    """Compare a person with the healthy people of that age, or say why not.

    Args:
        new: Recordings of new people.
        read: Their windows.
        number: Of the person among those of `read`.
        predictor: That knows the healthy people.
        age: Of the person, years; NaN where unknown.
        gap: Predicted minus true age, corrected; None if age is not predicted.
    """
    subject, card = read.chosen[number], predictor.card
    rows = [
        row
        for row in new.rows
        if row["participant_id"] == subject.participant_id
        and row["status"] != "dropped"
    ]
    reason = explain_absence(card.norms, rows, age)
    if reason is not None or predictor.norms is None:
        return reason or Told("NG740", {})
    (measured,) = measure_people(read, [subject], card.taken, n_times=new.n_times)
    channels = list_compared_channels(card.taken)
    positions = place_channels(read.store, channels) if channels else np.zeros((0, 3))
    return compare_with_healthy(
        measured, predictor.norms, card.norms, age=age, positions=positions, gap=gap
    )
