"""Read one file into a `Recording`: EDF, BDF, BrainVision, EEGLAB, FIF, through MNE."""

import json
import warnings
from pathlib import Path
from typing import Any

import mne
import mne_bids
import numpy as np

from neurograft.errors import ChannelError, DataError
from neurograft.recordings.channels import (
    canonical_name,
    find_positions,
    is_scalp_name,
)
from neurograft.recordings.discovery import FoundRecording
from neurograft.recordings.recording import Recording

MICROVOLTS = 1e6
# What MNE's readers raise for files that are not what they claim to be.
READER_ERRORS = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    RuntimeError,
    AssertionError,
)


def read_recording(found: FoundRecording) -> Recording:
    """Read the scalp EEG of one file, in microvolts, with canonical names.

    Channels that are not scalp electrodes, have no position or are named twice are
    left out and listed in the notes. Nothing of the header that could name a person
    is kept.

    Raises:
        DataError: If the file cannot be read as what its name says.
        ChannelError: If no channel is left.
    """
    if found.problem:
        raise DataError(found.problem)
    raw, notes = _open(found)
    types = raw.get_channel_types() if raw.ch_names else []
    picks = [
        index
        for index, (name, kind) in enumerate(zip(raw.ch_names, types, strict=True))
        if kind == "eeg" and is_scalp_name(name)
    ]
    notes += _list_left_out("not scalp EEG", raw.ch_names, picks)
    picks, names = _keep_unique([(i, canonical_name(raw.ch_names[i])) for i in picks])
    if not picks:
        raise ChannelError("the file holds no scalp EEG channel")
    in_file = np.array([raw.info["chs"][i]["loc"][:3] for i in picks])
    positions, lost = find_positions(names, in_file)
    if lost:
        notes.append(f"without position, left out: {', '.join(lost)}")
    placed = [j for j in range(len(picks)) if np.isfinite(positions[j, 0])]
    signals = raw.get_data([picks[j] for j in placed]) * MICROVOLTS
    if not np.isfinite(signals).all():
        raise DataError("the file holds values that are not numbers")
    return Recording(
        key=found.key,
        signals=signals,
        sfreq=float(raw.info["sfreq"]),
        ch_names=tuple(names[j] for j in placed),
        positions=positions[placed],
        bads=tuple(sorted({canonical_name(n) for n in raw.info["bads"]} & set(names))),
        line_freq=raw.info["line_freq"],
        reference=_read_reference(found),
        notes=tuple(notes),
    )


def _open(found: FoundRecording) -> tuple[Any, list[str]]:
    """Open with MNE; its warnings become notes, its errors one sentence."""
    if found.path.stat().st_size == 0:
        raise DataError("the file is empty")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            raw = _read_raw(found).load_data(verbose="error")
        except Exception as error:
            # MNE raises plain Exception for damaged annotation channels.
            if type(error) is not Exception and not isinstance(error, READER_ERRORS):
                raise
            what = str(error).replace(str(found.path.parent), "")
            what = " ".join(what.replace(found.path.stem, "<file>").split())[:160]
            kind = type(error).__name__
            raise DataError(f"the file cannot be read: {what or kind}") from error
    messages = {str(one.message).split("\n")[0][:120] for one in caught}
    return raw, sorted(messages)


def _read_raw(found: FoundRecording) -> Any:
    if found.bids_root is None or found.path.suffix == ".fif":  # not EEG in BIDS
        return mne.io.read_raw(found.path, verbose="error")
    path = mne_bids.get_bids_path_from_fname(found.path)
    return mne_bids.read_raw_bids(path, verbose="error")


def _read_reference(found: FoundRecording) -> str:
    """What the BIDS sidecar says the reference was, empty if it does not say."""
    if found.bids_root is None:
        return ""
    sidecar = mne_bids.get_bids_path_from_fname(found.path).find_matching_sidecar(
        suffix="eeg", extension=".json", on_error="ignore"
    )
    if sidecar is None:
        return ""
    content = json.loads(Path(sidecar).read_text(encoding="utf-8-sig"))
    return str(content.get("EEGReference", ""))


def _keep_unique(named: list[tuple[int, str]]) -> tuple[list[int], list[str]]:
    first: dict[str, int] = {}
    for index, name in named:
        first.setdefault(name, index)
    return list(first.values()), list(first)


def _list_left_out(reason: str, names: list[str], picks: list[int]) -> list[str]:
    left = [name for index, name in enumerate(names) if index not in picks]
    return [f"{reason}, left out: {', '.join(left)}"] if left else []
