"""Embed recordings with an encoder: from a file, or from MNE, to a row of a table."""

from collections.abc import Iterable
from pathlib import Path

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
from neurograft.store.acquisition import RecordingFacts
from neurograft.transfer.embedding import BATCH_SIZE, embed_batch, make_encoder_pool
from neurograft.types import FloatArray, Progress, no_progress

Embeddable = Harmonised | Recording | Path | str


def embed(
    recordings: Iterable[Embeddable],
    encoder: Encoder | Path | str = "tiny",
    *,
    per: str = "recording",
    progress: Progress = no_progress,
) -> pd.DataFrame:
    """Embed recordings, one after the other.

    Args:
        recordings: Paths, recordings, or harmonised recordings.
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
        >>> from neurograft.api.simulation import simulate_recording
        >>> embed([simulate_recording(duration_s=30)]).shape
        (1, 2304)
    """
    if per not in ("recording", "window"):
        raise ConfigError(f"per={per!r} is unknown; choose 'recording' or 'window'.")
    network = encoder if isinstance(encoder, Encoder) else load_encoder(encoder)
    given = list(recordings)
    tables = []
    for done, recording in enumerate(given, start=1):
        harmonised = prepare(recording, network)
        embedded = embed_windows_of(harmonised, network)
        rows = (
            summarise_windows(embedded)[None]
            if per == "recording"
            else embedded.reshape(len(embedded), -1)
        )
        keys = {
            "participant_id": harmonised.key.participant_id,
            "recording": harmonised.key.name,
        }
        index = pd.DataFrame(keys, index=range(len(rows)))
        if per == "window":
            index["start_s"] = harmonised.starts_s
        columns = [f"e{number}" for number in range(rows.shape[1])]
        tables.append(
            pd.DataFrame(rows, pd.MultiIndex.from_frame(index), columns=columns)
        )
        progress("embedding recordings", done, len(given))
    if not tables:
        raise ConfigError("There are no recordings to embed; give at least one.")
    return pd.concat(tables)


def prepare(recording: Embeddable, encoder: Encoder) -> Harmonised:
    """Read and harmonise a recording as far as that is not done.

    Raises:
        ConfigError: If it was harmonised at another rate than the encoder's.
    """
    if isinstance(recording, str | Path):
        recording = read_recording(recording)
    sfreq = encoder.config.patch_size
    if isinstance(recording, Recording):
        return harmonise(recording, sfreq=sfreq)
    if recording.sfreq != sfreq:
        raise ConfigError(
            f"{recording.key.name} was harmonised to {recording.sfreq:g} Hz; the "
            f"encoder takes {sfreq:g} Hz. Harmonise it with sfreq={sfreq:g}."
        )
    return recording


def embed_windows_of(recording: Harmonised, encoder: Encoder) -> FloatArray:
    """Embed the windows of one recording.

    Returns:
        Shape `(n_windows, n_regions, n_features)`.
    """
    facts = RecordingFacts(
        sfreq_hz=recording.recorded_hz,
        line_freq_hz=np.nan if recording.line_freq is None else recording.line_freq,
        reference=recording.reference,
    )
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
            torch.tensor([facts.acquisition] * n, dtype=torch.float32),
        )
        parts.append(embed_batch(batch, pool))
    return np.concatenate(parts)
