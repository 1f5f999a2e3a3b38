"""Describe what was done to recordings and people, as codes with their values."""

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from neurograft.config.cards import read_card
from neurograft.report.documents.reasons import list_reasons
from neurograft.report.documents.stored_study import StoredStudy

Said = tuple[str, dict[str, Any]]
DROPPED = "dropped"
MAX_REASONS = 6
COMPONENTS = re.compile(r"ICLabel removed (\d+) components")


def describe_recordings(study: StoredStudy) -> Iterator[Said]:
    """Yield what was found, what was kept, and why other recordings were dropped."""
    table = study.recordings
    if table.empty:
        return
    kept = table[table["status"] != DROPPED]
    people = ["cohort", "participant_id"]
    sizes = table.groupby("cohort", sort=False)["participant_id"].nunique()
    yield (
        "found",
        {
            "n_found": len(table),
            "n_people": len(table.drop_duplicates(people)),
            "cohorts": ", ".join(f"{name} ({n})" for name, n in sizes.items()),
        },
    )
    yield from _describe_sources(study)
    yield (
        "kept",
        {
            "n_kept": len(kept),
            "n_people": len(kept.drop_duplicates(people)),
            "n_repaired": int((kept["status"] == "repaired").sum()),
            "n_dropped": len(table) - len(kept),
        },
    )
    reasons = table.loc[table["status"] == DROPPED, "reason"]
    if reasons.notna().any():
        yield "reasons", {"reasons": count_reasons(reasons)}
    yield (
        "acquisition",
        {
            "n_channels": _list_values(kept["n_channels"]),
            "sfreq": _list_values(kept["sfreq_hz"]),
            "reference": _list_values(kept["reference"]),
        },
    )
    seconds = kept["duration_s"]
    yield (
        "durations",
        {"hours": seconds.sum() / 3600, "median": seconds.median() / 60},
    )


def count_reasons(reasons: pd.Series) -> str:
    """Write reasons with how often each was given; numbers in them are left out.

    Example:
        >>> count_reasons(pd.Series(["no age", "no age", None]))
        'no age (2)'
    """
    counts = list_reasons(reasons)
    shown = [f"{kind} ({n})" for kind, n in counts[:MAX_REASONS]]
    return "; ".join([*shown, "..."] if len(counts) > MAX_REASONS else shown)


def describe_cleaning(study: StoredStudy) -> Iterator[Said]:
    """Yield every step from the file to the stored signal, and what it cut."""
    stored = {c: study.settings(folder) for c, folder in study.cohorts.items()}
    settings = next((s["harmonise"] for s in stored.values() if "harmonise" in s), None)
    if settings is None or study.recordings.empty:
        return
    kept = study.recordings[study.recordings["status"] != DROPPED]
    for cohort, own in stored.items():
        told = own.get("cohort", {})
        if told.get("condition"):
            yield "condition", {"cohort": cohort, "condition": told["condition"]}
        if told.get("units") == "arbitrary":
            yield "arbitrary", {"cohort": cohort}
    lines = kept["line_freq_hz"].dropna()
    yield ("mains", {"lines": _list_values(lines)}) if len(lines) else ("no-mains", {})
    yield "band", settings
    yield "bad-channels", settings | {"lonely": settings["max_lonely_share"]}
    yield _count_bad(kept)
    yield "too-bad", {"share": settings["max_bad_share"]}
    yield "reference", {}
    if settings["iclabel"]:
        yield "iclabel", _count_components(kept)
    yield "rate", settings
    yield "clipping", settings | {"share": settings["max_bad_share"]}
    if settings["autoreject"]:
        yield "autoreject", {}
    yield from _describe_cuts(study.windows)
    yield "short", {"min_duration": settings["min_duration_s"]}


def describe_people(study: StoredStudy) -> Iterator[Said]:
    """Yield who is in which task, and why others are not."""
    tasks, subjects = study.tasks, study.subjects
    for task in tasks.to_dict("records"):
        own = subjects[subjects["task"] == task["task"]]
        kept = own[own["left_out"].isna()]
        counts = {
            "task": task["task"],
            "n": len(kept),
            "n_left_out": len(own) - len(kept),
        }
        if task["kind"] == "regression":
            yield "task-number", counts
        else:
            yield "task-groups", counts | {"groups": _count_groups(task, kept)}
        if counts["n_left_out"]:
            reasons = {"reasons": count_reasons(own["left_out"])}
            yield "left-out", {"task": task["task"]} | reasons
    window_s = study.card.get("input", {}).get("window_s")
    if "n_windows" in tasks and window_s:
        n_windows = _list_values(tasks["n_windows"])
        yield "windows", {"n_windows": n_windows, "window_s": window_s}
    if "demographics" in study.methods and not _is_known(subjects):
        yield "imputed", {}


def _describe_sources(study: StoredStudy) -> Iterator[Said]:
    """Yield which cohorts are BIDS folders or public data sets."""
    bids = []
    for cohort, folder in study.cohorts.items():
        settings = study.settings(folder).get("cohort", {})
        own = study.read(folder, "recordings")
        has_tasks = len(own) and own["task"].notna().all()
        if settings.get("table") == "participants.tsv" and has_tasks:
            bids.append(cohort)
        if settings.get("card"):
            card = read_card(settings["card"])
            named = {"cohort": cohort, "card": settings["card"]}
            cited = {"citation": card.citation, "licence": card.licence}
            yield "data-set", named | cited
    if bids:
        yield "bids", {"cohorts": ", ".join(bids)}


def _count_bad(kept: pd.DataFrame) -> Said:
    n_bad = kept["bads"].dropna().astype(str).str.count(r"\([^()]*\)")
    if not n_bad.sum():
        return "none-interpolated", {}
    counts = {"n_bad": int(n_bad.sum()), "n_recordings": int((n_bad > 0).sum())}
    return "interpolated", counts | {"n_kept": len(kept)}


def _count_components(kept: pd.DataFrame) -> dict[str, int]:
    cells = [str(cell) for name in ("repairs", "notes") for cell in kept[name]]
    counts = [int(n) for cell in cells for n in COMPONENTS.findall(cell)]
    return {"n_components": sum(counts), "n_recordings": sum(n > 0 for n in counts)}


def _describe_cuts(windows: pd.DataFrame) -> Iterator[Said]:
    if windows.empty:
        return
    dropped = windows[windows["verdict"] == DROPPED]
    clipped = windows[windows["measure"].astype(str).str.contains("clipped")]
    yield (
        "cut",
        {
            "total": windows["duration_s"].sum() / 3600,
            "clipped": clipped["duration_s"].sum(),
            "dropped": dropped["duration_s"].sum(),
        },
    )
    if len(dropped):
        sums = dropped.groupby("measure")["duration_s"].sum()
        reasons = ", ".join(f"{name} {seconds:.0f}" for name, seconds in sums.items())
        yield "cut-reasons", {"reasons": reasons}


def _count_groups(task: dict[Any, Any], kept: pd.DataFrame) -> str:
    names = str(task["classes"]).split(", ")
    labels = kept["label"].astype(float).to_numpy()
    counts = [int((labels == number).sum()) for number in range(len(names))]
    return ", ".join(f"{n} {name}" for n, name in zip(counts, names, strict=True))


def _is_known(subjects: pd.DataFrame) -> bool:
    kept = subjects[subjects["left_out"].isna()]
    return bool(kept[["age", "sex"]].notna().all(axis=None))


def _list_values(cells: pd.Series) -> str:
    values = [
        f"{v:g}" if isinstance(v, int | float) else str(v) for v in cells.dropna()
    ]
    counts = pd.Series(values, dtype=object).value_counts()
    return ", ".join(map(str, counts.index)) or "n/a"
