"""Encoders of somebody else: what they want, what they give."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from neurograft.config.study_file.own_class import find_own_class
from neurograft.errors import ConfigError
from neurograft.store.signal_store import SignalStore
from neurograft.store.window_choice import SubjectWindows
from neurograft.transfer.embedding import Watcher, ignore
from neurograft.types import FloatArray


@runtime_checkable
class EncoderSource(Protocol):
    """An encoder that embeds windows; made with `is_trained` and `seed`.

    Attributes:
        sfreq: Sampling rate of the windows it takes, Hz.
        window_s: Their length, seconds.
    """

    sfreq: float
    window_s: float

    def embed(
        self,
        windows: Float[np.ndarray, "n_windows n_channels n_times"],
        *,
        ch_names: Sequence[str],
        positions: Float[np.ndarray, "n_channels 3"],
    ) -> Float[np.ndarray, "n_windows n_features"]:
        """Embed windows, in microvolts with average reference.

        Args:
            windows: Of one montage.
            ch_names: Canonical names.
            positions: Electrodes on the unit sphere, x right, y front, z up.
        """
        ...


def make_source(
    path: str, *, is_trained: bool, seed: int, sfreq: float, window_s: float
) -> EncoderSource:
    """Make an encoder of the user's own, or its untrained twin.

    Args:
        path: `package.module:Class`, called with `is_trained` and `seed`.
        is_trained: False for the same architecture with random weights.
        seed: Of the random weights.
        sfreq: Sampling rate of the study, Hz.
        window_s: Window length of the study, seconds.

    Raises:
        ConfigError: If it is no encoder, takes other arguments, or other windows than
            the study cuts.
    """
    own = find_own_class(path)
    try:
        source = own(is_trained=is_trained, seed=seed)
    except TypeError as error:
        raise ConfigError(
            f"{path} must be a class that takes is_trained and seed: {error}."
        ) from error
    if not isinstance(source, EncoderSource):
        raise ConfigError(
            f"{path} is no encoder; it must have `sfreq`, `window_s` and `embed`."
        )
    for name, wanted, given in (
        ("harmonise.sfreq", source.sfreq, sfreq),
        ("pretraining.window_s", source.window_s, window_s),
    ):
        if wanted != given:
            raise ConfigError(
                f"{path} takes {name} = {wanted:g}, the study says {given:g}; set it "
                f"to {wanted:g}."
            )
    return source


def embed_with_source(
    store: SignalStore,
    chosen: Sequence[SubjectWindows],
    source: EncoderSource,
    *,
    n_times: int,
    progress: Watcher = ignore,
) -> FloatArray:
    """Embed every subject's windows with an encoder of the user's own.

    Args:
        store: Signals.
        chosen: People and their windows.
        source: The encoder.
        n_times: Window length, samples.
        progress: Called after every subject.

    Returns:
        Shape `(n_subjects, n_windows, 1, n_features)`: one region, the whole head.

    Raises:
        ConfigError: If the encoder gives anything but one finite row per window.
    """
    embedded = []
    for done, subject in enumerate(chosen, start=1):
        rows = []
        for number, start in subject.windows:
            recording = store.recordings[number]
            row = np.asarray(
                source.embed(
                    store.read(number, start, n_times)[None],
                    ch_names=recording.ch_names,
                    positions=np.array(recording.positions),
                )
            )
            if row.ndim != 2 or len(row) != 1 or not np.isfinite(row).all():
                raise ConfigError(
                    f"{type(source).__name__}.embed gave shape {row.shape} of one "
                    "window; expected (1, n_features), finite."
                )
            rows.append(row)
        embedded.append(np.stack(rows))
        progress(done, len(chosen))
    return np.stack(embedded).astype(np.float32)
