"""Answer for new people: refuse, warn, and say what moved the answer."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from neurograft.errors import DataError
from neurograft.models.saving import read_encoder_card
from neurograft.prediction.learned.calibration import NumberCalibration
from neurograft.prediction.learned.familiarity import Distances
from neurograft.prediction.person.compared import compare_person
from neurograft.prediction.person.contributions import tabulate_contributions
from neurograft.prediction.person.limits import (
    find_refusals,
    find_warnings,
    judge_distance,
)
from neurograft.prediction.person.new_people import Describer, NewRecordings
from neurograft.prediction.person.occlusion import (
    occlude_people,
    tabulate_occlusion,
)
from neurograft.prediction.person.prediction import Prediction, Quality
from neurograft.prediction.person.told import Told
from neurograft.prediction.predictor import GivenAnswers, Predictor
from neurograft.store.inspection import Inspection, read_inspection
from neurograft.store.signal_store import StoredRecording
from neurograft.store.views import ReadView
from neurograft.tasks.seen_people import DataSet, RecordedPerson, SeenPeople


def answer_people(
    describer: Describer,
    new: NewRecordings,
    *,
    data_set: DataSet,
    prevalence: float | None = None,
    is_explained: bool = False,
) -> list[Prediction]:
    """Answer for everybody whose recordings were found, in the order of `new.people`.

    Args:
        describer: Of the predictor that is asked.
        new: Recordings of new people.
        data_set: What their folder is; labels mean the same person inside it.
        prevalence: Of the second group where the predictor is used; None keeps the
            shares of the study.
        is_explained: Whether parts of the EEG are hidden from an encoder, to see what
            the answer owes to them.
    """
    predictor = describer.predictor
    refused = _refuse(new, predictor)
    answered: dict[str, dict[str, Any]] = {}
    for view in new.read():
        read = _keep(view, refused)
        if read.chosen:
            answered |= _answer(describer, new, read, prevalence, is_explained)
    seen = _find_seen(new, predictor, data_set)
    used_s = {
        who: n * new.taken.window_s
        for who, n in new.count_used().items()
        if who not in refused
    }
    found = []
    for person in new.people.to_dict("records"):
        who, age, sex = (person[name] for name in ("participant_id", "age", "sex"))
        rows = [row for row in new.rows if row["participant_id"] == who]
        used = [row for row in rows if row["status"] != "dropped"]
        warnings = [
            *seen.get(who, ()),
            *find_warnings(age, sex, used, predictor.card),
            *answered.get(who, {}).pop("warnings", ()),
        ]
        found.append(
            Prediction(
                participant_id=who,
                age=float(age) if pd.notna(age) else np.nan,
                sex=str(sex) if pd.notna(sex) else "",
                card=predictor.card,
                quality=_describe_quality(rows, used_s.get(who, 0.0)),
                warnings=tuple(warnings),
                refusals=tuple(refused.get(who, ())),
                recordings=tuple(rows),
                inspections=_read_inspections(used, new),
                prevalence=prevalence,
                **answered.get(who, {}),
            )
        )
    return found


def _refuse(new: NewRecordings, predictor: Predictor) -> dict[str, list[Told]]:
    """Find who gets no answer, and why."""
    counts = new.count_windows()
    stored = () if new.store is None else new.store.recordings
    found = {}
    for who in new.people["participant_id"]:
        rows = [row for row in new.rows if row["participant_id"] == who]
        own = [one for one in stored if one.key.participant_id == who]
        found[who] = find_refusals(rows, own, counts.get(who, 0), predictor)
    return {who: told for who, told in found.items() if told}


def _keep(read: ReadView, refused: Mapping[str, list[Told]]) -> ReadView:
    """Keep the people who are not refused."""
    kept = [one for one in read.chosen if one.participant_id not in refused]
    return read._replace(chosen=kept)


def _answer(
    describer: Describer,
    new: NewRecordings,
    read: ReadView,
    prevalence: float | None,
    is_explained: bool,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield who is answered, and the fields of the answer."""
    predictor = describer.predictor
    features = describer.describe(new, read)
    facts = describer.describe_facts(new, read)
    answers = predictor.answer(features, prevalence=prevalence)
    distances = predictor.measure_distances(features, facts)
    ages = new.people.set_index("participant_id")["age"].astype(float)
    occluded = occlude_people(describer, new, read, features) if is_explained else {}
    few = _look_at_windows(len(read.chosen[0].windows), predictor)
    for number, who in enumerate(read.people):
        limit = predictor.familiarity.limit
        told = judge_distance(distances, number, limit, predictor.card)
        answer = _take_answer(answers, number, predictor, ages[who])
        likely = tuple(answer.get("probabilities", {}).values())
        problem, _ = predictor.card.find_moved(likely)
        yield (
            who,
            answer
            | _take_distance(distances, number, predictor)
            | {
                "warnings": [*few, *([told] if told else [])],
                "contributions": tabulate_contributions(
                    predictor, features, number, problem=problem
                ),
                "occlusion": tabulate_occlusion(
                    predictor, features, occluded, number, problem=problem
                ),
                "comparison": compare_person(
                    new, read, number, predictor, age=ages[who], gap=answer.get("gap")
                ),
            },
        )


def _look_at_windows(n_windows: int, predictor: Predictor) -> list[Told]:
    """Say that an answer is made from less than the study took of everybody."""
    taken = predictor.card.taken
    if n_windows >= taken.n_windows:
        return []
    told = {"n_windows": n_windows, "usual": taken.n_windows}
    return [Told("NG722", told | {"window_s": taken.window_s})]


def _take_answer(
    answers: GivenAnswers, number: int, predictor: Predictor, age: float
) -> dict[str, Any]:
    """Take the answer to one person."""
    card, values = predictor.card, answers.values[number]
    if not isinstance(predictor.calibration, NumberCalibration):
        sets = zip(card.classes, answers.sets[number], strict=True)
        raw = answers.raw[number]
        whole = [1 - raw[0], raw[0]] if len(raw) == 1 else list(raw)
        return {
            "value": float(values[-1]),
            "probabilities": dict(zip(card.classes, values.tolist(), strict=True)),
            "raw": dict(zip(card.classes, map(float, whole), strict=True)),
            "set": tuple(name for name, is_kept in sets if is_kept),
        }
    value = float(values[0])
    interval = (float(answers.low[number]), float(answers.high[number]))
    gap = None
    if card.target == "age" and np.isfinite(age):
        corrected = predictor.calibration.remove_bias(
            np.array([value]), np.array([age])
        )
        gap = float(corrected[0] - age)
    return {"value": value, "interval": interval, "gap": gap}


def _take_distance(
    distances: Distances, number: int, predictor: Predictor
) -> dict[str, Any]:
    """Take the distance of one person, and whom of the training people it exceeds."""
    distance = float(distances.distance[number])
    usual = predictor.familiarity.quantiles
    share = np.nan
    if len(usual):
        levels = np.arange(1, len(usual) + 1) / (len(usual) + 1)
        share = float(np.interp(distance, usual, levels))
    return {"distance": distance, "share_below": share}


def _find_seen(
    new: NewRecordings, predictor: Predictor, data_set: DataSet
) -> dict[str, list[Told]]:
    """Find people whom the predictor, or its encoder, has met before."""
    people = [
        RecordedPerson("", str(who), data_set, list_fingerprints(new, str(who)))
        for who in new.people["participant_id"]
    ]
    found: dict[str, list[Told]] = {one.participant_id: [] for one in people}
    learned = SeenPeople.of_card(predictor.card.people.seen)
    for number, how in learned.find_people(people).items():
        who = people[number].participant_id
        by_signal = how == "signal"
        told = (
            Told("NG717", {"how": how}) if by_signal else Told("NG724", {"label": who})
        )
        found[who].append(told)
    if predictor.encoder_folder is not None:
        seen = SeenPeople.of_card(read_encoder_card(predictor.encoder_folder))
        for number, how in seen.find_people(people).items():
            found[people[number].participant_id].append(Told("NG718", {"how": how}))
    return found


def list_fingerprints(new: NewRecordings, who: str) -> tuple[bytes, ...]:
    """List the fingerprints of the recordings of a person.

    Args:
        new: Recordings of new people.
        who: Label of the person.
    """
    stored: Sequence[StoredRecording] = new.store.recordings if new.store else ()
    own = (one for one in stored if one.key.participant_id == who)
    return tuple(one.fingerprint for one in own if one.fingerprint)


def _describe_quality(rows: Sequence[Mapping[str, Any]], used_s: float) -> Quality:
    """Describe how much was recorded, and how much of it can be and is used."""
    used = [row for row in rows if row["status"] != "dropped"]
    lengths = [float(row["duration_s"]) for row in rows if "duration_s" in row]
    n_bad = [str(row.get("bads", "")).count("(") for row in used]
    return Quality(
        recorded_s=sum(lengths) if lengths else np.nan,
        usable_s=sum(float(row["usable_s"]) for row in used),
        used_s=used_s,
        n_recordings=len(rows),
        n_bad=float(np.mean(n_bad)) if n_bad else 0.0,
    )


def _read_inspections(
    used: Sequence[Mapping[str, Any]], new: NewRecordings
) -> dict[str, Inspection]:
    """Read what a page shows of recordings, as far as it is there."""
    found = {}
    for row in used:
        with suppress(DataError):
            found[str(row["name"])] = read_inspection(new.folder, str(row["name"]))
    return found
