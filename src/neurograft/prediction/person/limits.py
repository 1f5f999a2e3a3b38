"""Limits: find why there must be no answer, and what has to be said beside one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from neurograft.features.feature_sets import DESCRIBERS
from neurograft.montage.channels import template_positions
from neurograft.montage.regions import REGIONS, find_uncovered
from neurograft.prediction.card import PredictorCard
from neurograft.prediction.facts import DEVICE, name_facts
from neurograft.prediction.learned.familiarity import Distances
from neurograft.prediction.person.told import Told
from neurograft.prediction.predictor import Predictor
from neurograft.store.acquisition import classify_reference
from neurograft.store.signal_store import StoredRecording
from neurograft.types import FloatArray

# A quarter of the electrodes may be missing, as a quarter may be bad (`max_bad_share`).
MAX_MISSING = 0.25
# From this share on, bad electrodes are warned of. Chosen here: four of 19.
MANY_BAD = 0.2
# Rates that differ by less are the same (Hz). Chosen here.
SAME_RATE_HZ = 0.5
# A fact counts as unusual beyond so many SDs; so many are named. Chosen here.
UNUSUAL_SD, MOST_NAMED = 2.0, 3
# Missing electrodes that are named.
MOST_MISSING = 5

# What the study says of a factor that alone does as well as the EEG.
RIVAL = ("factor", "metric", "alone", "unit")
# How what a study warns of in a task is told of a person.
TOLD_AS = {
    "NG306": "NG306", "NG308": "NG308", "NG310": "NG727", "NG320": "NG728",
    "NG321": "NG728",
}  # fmt: skip
Rows = Sequence[Mapping[str, Any]]


def find_refusals(
    rows: Rows,
    recordings: Sequence[StoredRecording],
    n_windows: int,
    predictor: Predictor,
) -> list[Told]:
    """Find why there is no answer for a person; nothing, if there is one.

    Args:
        rows: Of all recordings of the person.
        recordings: Those that are used.
        n_windows: Windows that their usable signal holds.
        predictor: Asked for an answer.
    """
    taken = predictor.card.taken
    if not recordings:
        return [
            Told("NG705" if row.get("condition") else "NG701", _name_row(row))
            for row in rows
        ]
    if n_windows < taken.least_windows:
        values = {
            "n_windows": n_windows,
            "needed": taken.least_windows,
            "usual": taken.n_windows,
            "window_s": taken.window_s,
            "usable_s": sum(float(row.get("usable_s", 0)) for row in rows),
        }
        return [Told("NG702", values)]
    found = []
    for recording in recordings:
        found += _find_missing(recording, predictor)
    return found


def _name_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": row["name"], "sentence": str(row["reason"])}


def _find_missing(recording: StoredRecording, predictor: Predictor) -> list[Told]:
    """Find electrodes that the method cannot do without."""
    channels = predictor.card.taken.channels
    missing = [name for name in channels if name not in recording.ch_names]
    needs_channels = any(name in DESCRIBERS for name in predictor.features)
    if needs_channels and len(missing) > MAX_MISSING * len(channels):
        more = ["…"] if len(missing) > MOST_MISSING else []
        values = {
            "name": recording.key.name,
            "n_missing": len(missing),
            "n": len(channels),
            "missing": [*missing[:MOST_MISSING], *more],
        }
        return [Told("NG703", values)]
    bare = find_bare_regions(channels, np.array(recording.positions))
    if bare:
        return [Told("NG704", {"name": recording.key.name, "regions": list(bare)})]
    return []


def find_bare_regions(channels: Sequence[str], positions: FloatArray) -> list[str]:
    """Find regions over which electrodes were learned from, and none lies now.

    Args:
        channels: Learned from.
        positions: Of the electrodes now, `(n_channels, 3)` on the unit sphere.
    """
    places = template_positions()
    learned = np.array([places[name] for name in channels if name in places])
    if not len(learned):
        return []
    is_bare = find_uncovered(positions) & ~find_uncovered(learned)
    return [name for name, bare in zip(REGIONS, is_bare, strict=True) if bare]


def find_warnings(age: Any, sex: Any, rows: Rows, card: PredictorCard) -> list[Told]:
    """Find what has to be said of a person and the recordings before any distance.

    Args:
        age: Years, missing where unknown.
        sex: F or M, missing where unknown.
        rows: Of the recordings that are used.
        card: Of the predictor.
    """
    return [
        *_look_at_evidence(card),
        *_look_at_age(age, card),
        *_look_at_sex(sex, card),
        *_look_at_bads(rows),
        *_look_at_devices(rows, card),
        *_look_at_conditions(rows, card),
    ]


def _look_at_evidence(card: PredictorCard) -> Iterator[Told]:
    if not card.method.is_shown:
        yield Told("NG719", {"task": card.task, "study": card.study})
    rival = card.method.values.get("caution")
    if rival:
        yield Told("NG725", {key: rival[key] for key in RIVAL})
    for caution in card.method.cautions:
        if caution["code"] in TOLD_AS:
            yield Told(TOLD_AS[caution["code"]], caution)


def _look_at_age(age: Any, card: PredictorCard) -> Iterator[Told]:
    youngest, oldest = card.people.youngest, card.people.oldest
    if youngest is None or oldest is None:
        return
    values = {"low": youngest, "high": oldest}
    if pd.isna(age):
        yield Told("NG712", values)
    elif not youngest <= float(age) <= oldest:
        yield Told("NG711", {"age": float(age)} | values)


def _look_at_sex(sex: Any, card: PredictorCard) -> Iterator[Told]:
    known = card.people.sexes
    if known and not pd.isna(sex) and sex and sex not in known:
        yield Told("NG713", {"n": card.people.n, "other": next(iter(known))})


def _look_at_bads(rows: Rows) -> Iterator[Told]:
    for row in rows:
        n_bad, n = str(row.get("bads") or "").count("("), int(row["n_channels"])
        if n_bad >= MANY_BAD * n:
            yield Told("NG726", {"name": row["name"], "n_bad": n_bad, "n": n})


def _look_at_devices(rows: Rows, card: PredictorCard) -> Iterator[Told]:
    devices = {(int(row["n_channels"]), float(row["sfreq_hz"])) for row in rows}
    for n_channels, rate in sorted(devices):
        is_known = any(
            n == n_channels and abs(hz - rate) < SAME_RATE_HZ
            for n, hz in card.people.devices
        )
        if not is_known:
            known = [
                {"code": "NG791", "n_channels": n, "sfreq_hz": hz}
                for n, hz in card.people.devices
            ]
            told = {"n_channels": n_channels, "sfreq_hz": rate, "known": known}
            yield Told("NG714", told)
    known_kinds = set(map(classify_reference, card.people.references))
    if not known_kinds:
        return
    names = ", ".join(card.people.references)
    for reference in sorted({str(row["reference"] or "") for row in rows}):
        if not reference:
            yield Told("NG723", {"known": names})
        elif classify_reference(reference) not in known_kinds:
            yield Told("NG715", {"reference": reference, "known": names})


def _look_at_conditions(rows: Rows, card: PredictorCard) -> Iterator[Told]:
    allowed = card.taken.bids_tasks or card.taken.conditions
    if allowed and any(not row["task"] for row in rows):
        yield Told("NG721", {"conditions": ", ".join(allowed)})


def judge_distance(
    distances: Distances, number: int, limit: float, card: PredictorCard
) -> Told | None:
    """Say that a person is unlike those learned from, and in what.

    Args:
        distances: Of some people.
        number: Of the person among them.
        limit: Usual distances stay below it; infinite if nobody can tell.
        card: Of the predictor.

    Returns:
        Nothing where the person is as usual.
    """
    if not np.isfinite(limit):
        return Told("NG720", {"n": card.people.n})
    if distances.distance[number] <= limit:
        return None
    return Told("NG716", {"parts": _name_unusual(distances, number, card)})


def _name_unusual(
    distances: Distances, number: int, card: PredictorCard
) -> list[dict[str, Any]]:
    """Name what is unusual of a person, the most unusual first."""
    names = name_facts(has_microvolts=card.taken.has_microvolts)
    found = [
        (abs(z), _name_fact(name, z))
        for name, z in zip(names, distances.facts[number].tolist(), strict=True)
        if abs(z) > UNUSUAL_SD
    ]
    rest = float(distances.rest[number])
    if rest > UNUSUAL_SD:
        found.append((rest, {"code": "NG795", "sd": rest}))
    found.sort(key=lambda one: -one[0])
    named = [one for _, one in found[:MOST_NAMED]]
    return named or [{"code": "NG794"}]


def _name_fact(name: str, z: float) -> dict[str, Any]:
    if name in DEVICE:
        return {"code": "NG798", "fact": name}
    return {"code": "NG792" if z > 0 else "NG793", "fact": name, "sd": abs(z)}
