"""Recordings from files or from MNE, harmonised to windows in memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neurograft.cohorts.discovery import parse_key
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.windowed import Harmonised, cut_windows
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.opening import open_raw
from neurograft.recordings.reading import ReadingRules, assemble, read_found
from neurograft.recordings.recording import Recording


def read_recording(
    path: Path | str,
    *,
    channel_aliases: Mapping[str, str] | None = None,
    reference: str = "",
    unit_factor: float = 1.0,
) -> Recording:
    """Read the scalp EEG of one file of any known format, in microvolts.

    Inside a BIDS folder, sidecars are read and names of people, sessions and tasks
    come from the file's name. Signals stay in the file until they are sliced.

    Args:
        path: File, or folder of formats that are folders.
        channel_aliases: 10-05 names of channels that the file calls otherwise.
        reference: Recording reference, where the file does not say.
        unit_factor: Factor for the signals, where the file states a wrong unit.

    Raises:
        DataError: If the file cannot be read as what its name says.
        ChannelError: If no scalp channel is left.
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"There is no file {path}; give the path of a recording.")
    root = _find_bids_root(path)
    key = parse_key("", path) if root else RecordingKey("", path.stem)
    rules = ReadingRules(
        dict(channel_aliases or {}), unit_factor=unit_factor, reference=reference
    )
    return read_found(FoundRecording(key, path, root), rules)


def _find_bids_root(path: Path) -> Path | None:
    """Find the folder that holds the subject's folder of a BIDS file."""
    for parent in path.resolve().parents:
        if parent.name.startswith("sub-"):
            return parent.parent
    return None


def from_raw(
    raw: Any,
    *,
    participant_id: str = "recording",
    channel_aliases: Mapping[str, str] | None = None,
    reference: str = "",
) -> Recording:
    """Take a recording that MNE has read (`mne.io.Raw`), with its annotations.

    Args:
        raw: EEG channels in volts, as MNE keeps them.
        participant_id: Label of the person.
        channel_aliases: 10-05 names of channels that are called otherwise.
        reference: Recording reference.

    Raises:
        ChannelError: If no scalp channel is left.
    """
    key = RecordingKey("", participant_id)
    found = FoundRecording(key, Path(participant_id), None)
    rules = ReadingRules(dict(channel_aliases or {}), reference=reference)
    return assemble(found, open_raw(raw), rules)


def harmonise(
    recording: Recording,
    *,
    sfreq: float = 128.0,
    l_freq: float = 0.5,
    h_freq: float = 45.0,
    window_s: float = 10.0,
    line_freq: float | None = None,
    has_microvolts: bool = True,
) -> Harmonised:
    """Notch, band-pass, repair bad channels, average reference, resample, cut windows.

    The same steps as in a study; the defaults are what the packaged encoder was taught.

    Args:
        recording: A recording.
        sfreq: Sampling rate kept, Hz.
        l_freq: Lower band edge, Hz.
        h_freq: Upper band edge, Hz.
        window_s: Length of a window, seconds.
        line_freq: Mains frequency, Hz, where the recording does not say; else it is
            read or detected.
        has_microvolts: False if the amplitude scale means nothing.

    Raises:
        DataError: If nothing usable is left.
    """
    settings = HarmoniseConfig(sfreq=sfreq, l_freq=l_freq, h_freq=h_freq)
    done = harmonise_recording(
        recording, settings, has_microvolts=has_microvolts, line_freq=line_freq
    )
    try:
        return cut_windows(recording, done, window_s=window_s)
    finally:
        done.rows.close()
