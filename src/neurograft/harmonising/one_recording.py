"""Harmonise and store one recording; as a program, one after another on request.

Run as `python -m neurograft.harmonising.one_recording`, it reads one JSON request
a line and answers each with one line: the recording's row, or why the whole run must
end. A file that crashes its reader ends this process and no other (`processes.py`).
"""

import errno
import io
import json
import os
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from neurograft.config.cohort import CohortConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import DataError, WriteError
from neurograft.files.keys import RecordingKey
from neurograft.files.writing import digest, write_json
from neurograft.harmonising.bounds import count_bytes, limit_memory
from neurograft.harmonising.harmonise import HarmonisedRecording, harmonise_recording
from neurograft.harmonising.inspected.making import make_inspection
from neurograft.harmonising.inspection import inspect_recording
from neurograft.harmonising.writing import write_recording
from neurograft.recordings.found_recording import (
    FoundRecording,
    hash_sources,
    list_sources,
)
from neurograft.recordings.reading import ReadingRules, read_found
from neurograft.recordings.recording import Recording
from neurograft.store.inspection import write_inspection
from neurograft.store.signal_store import SIGNALS_FOLDER, parse_recording

# Raise when the same files and settings give other signals.
SIGNALS_VERSION = 6
# A file that is gone, unreadable or on a device that fails.
LOST = (
    errno.ENOENT, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE, errno.ENOTDIR,
    errno.ELOOP,
)  # fmt: skip


def make_request(
    found: FoundRecording,
    folder: Path,
    settings: CohortConfig,
    harmonising: HarmoniseConfig,
) -> dict[str, Any]:
    """Make a request to harmonise one recording, which survives JSON.

    Args:
        found: The recording.
        folder: The folder that signals and row are written to.
        settings: Of its cohort.
        harmonising: Band, rate and limits.
    """
    return {
        "do": "harmonise",
        "key": list(found.key),
        "path": str(found.path),
        "bids_root": str(found.bids_root or ""),
        "problem": found.problem,
        "base": str(found.base),
        "folder": str(folder),
        "settings": settings.model_dump(mode="json"),
        "harmonising": harmonising.model_dump(mode="json"),
    }


def find_row_file(folder: Path, key: RecordingKey) -> Path:
    """Return where the row of a recording is kept, beside its signals."""
    return folder / SIGNALS_FOLDER / f"{key.name}.json"


def mark_recording(
    found: FoundRecording,
    settings: CohortConfig,
    harmonising: HarmoniseConfig,
    hashes: dict[str, str],
) -> str:
    """Hash everything that the stored signals follow from.

    Args:
        found: The recording.
        settings: Of its cohort.
        harmonising: Band, rate and limits.
        hashes: Hash of each file it is read from.
    """
    chosen = [settings.signal_settings, harmonising.model_dump(mode="json")]
    return digest([SIGNALS_VERSION, *chosen, hashes, found.problem])


def parse_found(request: dict[str, Any]) -> FoundRecording:
    """Parse the recording that a request is about."""
    return FoundRecording(
        RecordingKey(*request["key"]),
        Path(request["path"]),
        Path(request["bids_root"]) if request["bids_root"] else None,
        request["problem"],
        Path(request["base"]),
    )


def harmonise_one(request: dict[str, Any]) -> dict[str, Any]:
    """Harmonise and store one recording, and write its row beside it.

    Raises:
        WriteError: If the disk is full.
    """
    found = parse_found(request)
    folder = Path(request["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    settings = CohortConfig.model_validate(request["settings"])
    harmonising = HarmoniseConfig.model_validate(request["harmonising"])
    sources = hash_sources(list_sources(found), known={})
    hashes = {name: source.sha256 for name, source in sources.items()}
    row = _make_row(found, folder, settings, harmonising) | {
        "made_from": mark_recording(found, settings, harmonising, hashes),
        "sources": {name: list(source) for name, source in sources.items()},
    }
    write_json(find_row_file(folder, found.key), row)
    return row


def _make_row(
    found: FoundRecording,
    folder: Path,
    settings: CohortConfig,
    harmonising: HarmoniseConfig,
) -> dict[str, Any]:
    try:
        recording = read_found(found, make_rules(settings))
    except DataError as error:
        named = dict(found.key._asdict()) | {"name": found.key.name}
        return named | {"status": "dropped", "reason": str(error)}
    return store_recording(recording, folder, settings, harmonising)


def store_recording(
    recording: Recording,
    folder: Path,
    settings: CohortConfig,
    harmonising: HarmoniseConfig,
) -> dict[str, Any]:
    """Harmonise and store a recording that was read; return its row.

    Args:
        recording: In microvolts.
        folder: That signals are written to.
        settings: Of its cohort.
        harmonising: Band, rate and limits.
    """
    row: dict[str, Any] = dict(recording.key._asdict()) | {"name": recording.key.name}
    row |= _describe_recording(recording)
    try:
        result = _harmonise(recording, folder, settings, harmonising)
        stored = write_recording(folder, result)
        _write_inspection(folder, recording, result, settings)
        result.rows.close()
    except DataError as error:
        return row | {"status": "dropped", "reason": str(error)}
    return row | _describe_result(recording, result) | {"stored": stored.to_entry()}


def _harmonise(
    recording: Recording,
    folder: Path,
    settings: CohortConfig,
    harmonising: HarmoniseConfig,
) -> HarmonisedRecording:
    return harmonise_recording(
        recording,
        harmonising,
        has_microvolts=settings.units == "microvolts",
        line_freq=settings.line_freq,
        scratch=folder,
    )


def _write_inspection(
    folder: Path,
    recording: Recording,
    result: HarmonisedRecording,
    settings: CohortConfig,
) -> None:
    has_microvolts = settings.units == "microvolts"
    shown = make_inspection(recording, result, has_microvolts=has_microvolts)
    write_inspection(folder, recording.key.name, shown)


def show_one(request: dict[str, Any]) -> dict[str, Any]:
    """Harmonise a recording again, and write only what pages show of it.

    Signals and row stay as they are, and so does the mark of the cohort.

    Raises:
        WriteError: If the disk is full.
    """
    found, folder = parse_found(request), Path(request["folder"])
    settings = CohortConfig.model_validate(request["settings"])
    harmonising = HarmoniseConfig.model_validate(request["harmonising"])
    row = json.loads(find_row_file(folder, found.key).read_text(encoding="utf-8"))
    facts = dict(found.key._asdict()) | {"name": found.key.name, "reason": ""}
    try:
        recording = read_found(found, make_rules(settings))
        result = _harmonise(recording, folder, settings, harmonising)
        stored = parse_recording(row["stored"])
        own = (stored.n_times, stored.segments, stored.ch_names)
        if own != (result.n_times, result.segments, result.ch_names):
            raise DataError(
                "harmonised anew it is not what is stored: run `neurograft run` with "
                "`--force harmonise` to see it"
            )
        _write_inspection(folder, recording, result, settings)
        result.rows.close()
    except DataError as error:
        return facts | {"status": "dropped", "reason": str(error)}
    return facts | {"status": "kept"}


def make_rules(settings: CohortConfig) -> ReadingRules:
    """Make the rules for reading a cohort's files from its settings."""
    conditions = settings.conditions
    wanted = conditions.get(settings.condition, ())
    others = {
        event
        for name, events in conditions.items()
        for event in events
        if name != settings.condition
    }
    return ReadingRules(
        aliases=settings.channel_aliases,
        condition=wanted,
        other_conditions=tuple(sorted(others - set(wanted))),
        unit_factor=settings.unit_factor,
        reference=settings.reference,
    )


def _describe_recording(recording: Recording) -> dict[str, Any]:
    return {
        "duration_s": round(recording.duration_s, 3),
        "n_channels": len(recording.ch_names),
        "sfreq_hz": recording.sfreq,
        "reference": recording.reference,
    }


def _describe_result(
    recording: Recording, result: HarmonisedRecording
) -> dict[str, Any]:
    """Describe the verdict on the recording and what decided it."""
    usable = sum(stop - start for start, stop in result.segments) / result.sfreq
    bads = ", ".join(f"{name} ({why})" for name, why in result.bads.items())
    clipped = any(stretch.verdict == "repaired" for stretch in result.seconds)
    is_repaired = bool(result.bads or recording.repairs or clipped)
    return {
        "status": "repaired" if is_repaired else "kept",
        "reason": "",
        "line_freq_hz": result.line_freq,
        "scale_uv": round(result.scale, 4),
        "recorded_scale": float(f"{result.recorded_scale:.4g}"),
        "usable_s": round(usable, 3),
        "bads": bads,
        "repairs": "; ".join(recording.repairs),
        "notes": "; ".join(result.notes),
        "seconds": [list(stretch) for stretch in result.seconds],
    }


def inspect_one(request: dict[str, Any]) -> dict[str, Any]:
    """Inspect one recording; nothing is written."""
    rules = make_rules(CohortConfig.model_validate(request["settings"]))
    return inspect_recording(
        parse_found(request),
        rules,
        request["settings"]["units"] == "microvolts",
        is_tried=request.get("is_tried", True),
    )


def answer(line: str) -> dict[str, Any]:
    """Answer one request; what ends the run is told, not raised."""
    request = json.loads(line)
    do = {"harmonise": harmonise_one, "inspect": inspect_one, "show": show_one}
    try:
        return {"row": do[request["do"]](request)}
    except MemoryError:
        reason = "reading it asks for more memory than a file of its size needs"
        return {"row": _make_lost_row(request, reason)}
    except WriteError as error:
        return {"stop": str(error)}
    except OSError as error:
        if _is_lost(error, request.get("folder", "")):
            reason = f"a file of the recording could not be read: {error.strerror}"
            return {"row": _make_lost_row(request, reason)}
        return {"stop": f"{error.filename} could not be written: {error.strerror}."}


def _is_lost(error: OSError, folder: str) -> bool:
    """Return whether a file of the recording is gone, rather than one not writable."""
    if error.errno not in LOST or not error.filename:
        return False
    return not (folder and Path(str(error.filename)).is_relative_to(folder))


def _make_lost_row(request: dict[str, Any], reason: str) -> dict[str, Any]:
    """Make the row of a recording that could not be read to its end."""
    key = RecordingKey(*request["key"])
    status = "refused" if request["do"] == "inspect" else "dropped"
    facts = {"name": key.name, "status": status, "reason": reason}
    return dict(key._asdict()) | facts


def answer_all(requests: Iterable[str], answers: io.TextIOBase) -> None:
    """Answer requests until there are no more."""
    for line in requests:
        _limit_memory(json.loads(line))
        answers.write(json.dumps(answer(line)) + "\n")
        answers.flush()


def _limit_memory(request: dict[str, Any]) -> None:
    iclabel = bool(request.get("harmonising", {}).get("iclabel"))
    limit_memory(count_bytes(request["path"]), iclabel=iclabel)


def serve() -> None:
    """Answer requests from standard input; a mistake of ours is told, then fatal.

    Readers print; only answers may go where the parent listens. Of a mistake, its kind
    and its place in the code are told: its text may quote the file.
    """
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(kind: type, _: BaseException, trace: Any) -> None:
        channel.write(json.dumps({"bug": f"{kind.__name__} {_find_place(trace)}"}))
        channel.write("\n")
        channel.flush()

    sys.excepthook = tell
    answer_all(sys.stdin, channel)


def _find_place(trace: Any) -> str:
    """Return the line of neurograft's code in which an exception was raised."""
    frames = traceback.extract_tb(trace)
    own = [f for f in frames if "neurograft" in Path(f.filename).parts] or frames
    return f"at {Path(own[-1].filename).name}, line {own[-1].lineno}"


if __name__ == "__main__":
    serve()
