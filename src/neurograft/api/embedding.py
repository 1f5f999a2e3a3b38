"""Embed recordings with an encoder: from a file, or from MNE, to a row of a table."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from neurograft.api.recordings import harmonise, read_recording
from neurograft.errors import ConfigError
from neurograft.features.window_summary import summarise_windows
from neurograft.harmonising.windowed import Harmonised
from neurograft.models.batches import WindowBatch
from neurograft.models.encoder import Encoder
from neurograft.models.saving import load_encoder
from neurograft.recordings.recording import Recording
from neurograft.transfer.embedding import BATCH_SIZE, embed_batch, make_encoder_pool
from neurograft.types import FloatArray, Progress, no_progress

Embeddable = Harmonised | Recording | Path | str
PER = ("recording", "window")


def embed(
    recordings: Embeddable | Iterable[Embeddable],
    encoder: Encoder | Path | str = "tiny",
    *,
    per: str = "recording",
    progress: Progress = no_progress,
) -> pd.DataFrame:
    """Embed recordings, one after the other.

    Args:
        recordings: Paths, recordings, or harmonised recordings; one of them or several.
        encoder: Name of an encoder that comes with the package, folder of one that you
            pretrained, or an encoder that was loaded.
        per: `recording`: mean and spread over its windows; `window`: every window.
        progress: Called after every recording.

    Returns:
        One row per recording or window. The index holds `participant_id` and
        `recording` (and `start_s` of a window, seconds); columns are `e0`, `e1`, ...

    Raises:
        DataError: If a recording cannot be read or is shorter than a window.
        ConfigError: If a recording was harmonised at another rate than the encoder's.

    Example:
        >>> import mne
        >>> from neurograft.api.recordings import from_raw
        >>> from neurograft.simulation.brain import simulate_recording
        >>> from neurograft.simulation.person import draw_person
        >>> from neurograft.simulation.sites import MONTAGES, default_sites
        >>> rng, site = np.random.default_rng(0), default_sites()[0]
        >>> person = draw_person(rng, age=40.0, sex="F")
        >>> signals = simulate_recording(person, site, duration_s=30, rng=rng)
        >>> info = mne.create_info(list(MONTAGES[site.n_channels]), site.sfreq, "eeg")
        >>> raw = mne.io.RawArray(signals / 1e6, info, verbose="error")
        >>> embed(from_raw(raw)).shape
        (1, 3072)
    """
    network = encoder if isinstance(encoder, Encoder) else load_encoder(encoder)
    tables, given = [], list_recordings(recordings, per)
    for done, recording in enumerate(given, start=1):
        harmonised = prepare(recording, network)
        tables.append(_tabulate(harmonised, embed_windows_of(harmonised, network), per))
        progress("embedding recordings", done, len(given))
    return pd.concat(tables)


def list_recordings(recordings: Any, per: str) -> list[Any]:
    """List recordings.

    Raises:
        ConfigError: If there are none, or they are something else, or `per` is unknown.
    """
    if per not in PER:
        raise ConfigError(f"per={per!r} is unknown; choose 'recording' or 'window'.")
    if isinstance(recordings, Harmonised | Recording | Path | str):
        return [recordings]
    if not isinstance(recordings, Iterable) or hasattr(recordings, "info"):
        raise ConfigError(
            f"A {type(recordings).__name__} is no recording; use read_recording(path) "
            "or from_raw(raw) first."
        )
    given = list(recordings)
    if not given:
        raise ConfigError("There are no recordings to embed; give at least one.")
    return given


def _tabulate(recording: Harmonised, embedded: FloatArray, per: str) -> pd.DataFrame:
    """Put the windows of a recording, or their summary, into rows."""
    rows = embedded.reshape(len(embedded), -1)
    if per == "recording":
        rows = summarise_windows(embedded)[None]
    keys = {
        "participant_id": recording.key.participant_id,
        "recording": recording.key.name,
    }
    index = pd.DataFrame(keys, index=range(len(rows)))
    if per == "window":
        index["start_s"] = recording.starts_s
    columns = [f"e{number}" for number in range(rows.shape[1])]
    return pd.DataFrame(rows, pd.MultiIndex.from_frame(index), columns=columns)


def prepare(recording: Any, encoder: Encoder) -> Harmonised:
    """Read and harmonise a recording as far as that is not done.

    Raises:
        ConfigError: If it was harmonised at another rate than the encoder's, or is no
            recording.
    """
    if isinstance(recording, str | Path):
        recording = read_recording(recording)
    sfreq = encoder.config.patch_size
    if not isinstance(recording, Harmonised):
        return harmonise(recording, sfreq=sfreq)
    if recording.sfreq != sfreq:
        raise ConfigError(
            f"{recording.key.name} was harmonised to {recording.sfreq:g} Hz; the "
            f"encoder takes {sfreq:g} Hz. Harmonise it with sfreq={sfreq:g}."
        )
    if recording.windows.shape[-1] % sfreq:
        raise ConfigError(
            f"Windows of {recording.windows.shape[-1] / sfreq:g} s are not whole "
            "seconds; harmonise with a whole window_s."
        )
    return recording


def embed_windows_of(recording: Harmonised, encoder: Encoder) -> FloatArray:
    """Embed the windows of one recording.

    Returns:
        Shape `(n_windows, n_regions, n_features)`.
    """
    pool = make_encoder_pool(encoder)
    parts = []
    for first in range(0, len(recording.windows), BATCH_SIZE):
        signals = recording.windows[first : first + BATCH_SIZE].astype(np.float32)
        n = len(signals)
        positions = np.repeat(recording.positions[None], n, axis=0).astype(np.float32)
        batch = WindowBatch(
            torch.from_numpy(signals),
            torch.from_numpy(positions),
            torch.full((n,), recording.scale_uv, dtype=torch.float32),
            torch.tensor([recording.acquisition] * n, dtype=torch.float32),
        )
        parts.append(embed_batch(batch, pool))
    return np.concatenate(parts)
