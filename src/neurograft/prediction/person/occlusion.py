"""Hide parts of the EEG of new people from an encoder, and ask again.

What an answer owes to a part is the answer minus that without the part: positive, the
part raised it.
"""

from collections.abc import Mapping
from functools import partial

import pandas as pd

from neurograft.evaluation.feature_reader import select_embedded
from neurograft.features.hidden_parts import HiddenPart, list_parts
from neurograft.prediction.person.contributions import COLUMNS
from neurograft.prediction.person.new_people import Describer, NewRecordings
from neurograft.prediction.predictor import Predictor
from neurograft.store.views import ReadView
from neurograft.transfer.occlusion import occlude
from neurograft.types import FloatArray

PART_KINDS = ("band", "region")
Hidden = dict[HiddenPart, dict[str, FloatArray]]


def occlude_people(
    describer: Describer,
    new: NewRecordings,
    read: ReadView,
    features: Mapping[str, FloatArray],
) -> Hidden:
    """Describe people again without every part; nothing without an encoder.

    Args:
        describer: Of the predictor that is asked.
        new: Recordings of new people.
        read: Their windows.
        features: Feature sets of all of them.

    Returns:
        By part, the feature sets; those without an encoder stay as they are.
    """
    predictor = describer.predictor
    if not predictor.embedded:
        return {}
    taken = predictor.card.taken
    recorded_hz = (taken.harmonise.l_freq, taken.harmonise.h_freq)
    sfreq = read.store.sfreq
    found: Hidden = {}
    for part in list_parts(recorded_hz):
        change = partial(occlude, hidden=part, sfreq=sfreq, recorded_hz=recorded_hz)
        arrays = describer.embed(new, read, change=change)
        own = select_embedded(
            arrays, read, predictor.features, has_scale=taken.has_microvolts
        )
        found[part] = {**features, **own}
    return found


def tabulate_occlusion(
    predictor: Predictor,
    features: Mapping[str, FloatArray],
    occluded: Hidden,
    number: int,
    *,
    problem: int = 0,
) -> pd.DataFrame:
    """Tabulate what the answer to a person owes to every part.

    Columns are those of `tabulate_contributions`, in the same unit. Parts do not add up
    to the answer: what one part loses, another may stand in for.

    Args:
        predictor: Which answered.
        features: Feature sets of some people.
        occluded: The same without every part.
        number: Of the person among them.
        problem: Number of the score (`PredictorCard.find_moved`).
    """
    own = {name: values[[number]] for name, values in features.items()}
    rows = []
    for part, hidden in occluded.items():
        without = {name: values[[number]] for name, values in hidden.items()}
        scores = (predictor.fitted.score(one)[problem, 0] for one in (own, without))
        change = float(next(scores) - next(scores))
        band, region = (part.part if part.kind == kind else "" for kind in PART_KINDS)
        rows.append(("encoder", band, region, round(change, 6)))
    return pd.DataFrame(rows, columns=COLUMNS)
