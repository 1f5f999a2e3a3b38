"""Recordings from files or from MNE, harmonised to windows in memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from neurograft.cohorts.finding.discovery import find_bids_root, parse_key
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.config.study_file.explanations import explain
from neurograft.errors import ConfigError, DataError
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

    Example:
        >>> import mne, numpy, tempfile
        >>> info = mne.create_info(["Fz", "Cz", "Pz"], 256.0, "eeg")
        >>> noise = numpy.random.default_rng(0).normal(0, 1e-5, (3, 2560))
        >>> raw = mne.io.RawArray(noise, info, verbose="error")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "someone_raw.fif"
        ...     _ = raw.save(path, verbose="error")
        ...     read_recording(path).duration_s
        10.0
    """
    path = Path(path).absolute()
    if not path.exists():
        raise DataError(f"There is no file {path}; give the path of a recording.")
    root = find_bids_root(path)
    key = parse_key("", path) if root else RecordingKey("", path.stem)
    rules = ReadingRules(
        dict(channel_aliases or {}), unit_factor=unit_factor, reference=reference
    )
    return read_found(FoundRecording(key, path, root), rules)


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
        ConfigError: If it is no `mne.io.Raw`.

    Example:
        >>> import mne, numpy
        >>> info = mne.create_info(["Fz", "Cz", "EOG"], 256.0, ["eeg", "eeg", "eog"])
        >>> raw = mne.io.RawArray(numpy.zeros((3, 2560)), info, verbose="error")
        >>> from_raw(raw).ch_names
        ('Fz', 'Cz')
    """
    if not hasattr(raw, "first_samp") or not hasattr(raw, "info"):  # epochs have none
        raise ConfigError(
            f"A {type(raw).__name__} is no mne.io.Raw; use read_recording(path) for a "
            "file."
        )
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
        ConfigError: If a setting is out of range.

    Example:
        >>> import numpy
        >>> from neurograft.montage.channels import template_positions
        >>> names = ("Fp1", "Fp2", "C3", "Cz", "C4", "O1", "O2")
        >>> places = numpy.array([template_positions()[name] for name in names])
        >>> sources = numpy.random.default_rng(0).normal(0, 10, (3, 7680))
        >>> key = RecordingKey("", "someone")
        >>> found = harmonise(Recording(key, places @ sources, 256.0, names, places))
        >>> found.windows.shape, list(found.quality)[:3]
        ((3, 7, 1280), ['start_s', 'duration_s', 'verdict'])
    """
    settings = check_settings(recording, sfreq, l_freq, h_freq, window_s)
    done = harmonise_recording(
        recording, settings, has_microvolts=has_microvolts, line_freq=line_freq
    )
    try:
        return cut_windows(recording, done, window_s=window_s)
    finally:
        done.rows.close()


def check_settings(
    recording: Any, sfreq: float, l_freq: float, h_freq: float, window_s: float
) -> HarmoniseConfig:
    """Check the arguments of `harmonise`.

    Args:
        recording: A recording.
        sfreq: Sampling rate kept, Hz.
        l_freq: Lower band edge, Hz.
        h_freq: Upper band edge, Hz.
        window_s: Length of a window, seconds.

    Raises:
        ConfigError: If one is out of range, or the recording is none.
    """
    if not isinstance(recording, Recording):
        raise ConfigError(
            f"A {type(recording).__name__} is no recording; use read_recording(path) "
            "or from_raw(raw) first."
        )
    if round(window_s * sfreq) < 1:
        raise ConfigError(f"window_s={window_s:g} is no length; give seconds.")
    try:
        return HarmoniseConfig(sfreq=sfreq, l_freq=l_freq, h_freq=h_freq)
    except ValidationError as error:
        raise ConfigError(explain(error, HarmoniseConfig, "harmonise")) from error
