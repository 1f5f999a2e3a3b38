"""Write harmonised signals into the store, piece by piece, half as large as float32."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from neurograft.files.writing import replace_file
from neurograft.harmonising.harmonise import HarmonisedRecording
from neurograft.store.signal_fingerprint import make_fingerprint
from neurograft.store.signal_store import SIGNALS_FOLDER, StoredRecording
from neurograft.types import FloatArray

# Steps per robust SD of the channel (docs/decisions/0005): rounding noise is
# step / sqrt(12), so 320 steps put it 61 dB below the signal, and int16 still reaches
# 102 SD.
STEPS_PER_SD = 320.0


def write_recording(folder: Path, recording: HarmonisedRecording) -> StoredRecording:
    """Write the signals of one recording; the index is written by `write_index`."""
    sds = recording.limits / recording.clip_sd
    steps = (sds / STEPS_PER_SD).astype(np.float32)
    path = folder / SIGNALS_FOLDER / f"{recording.key.name}.npy"
    shape = (recording.n_times, len(recording.ch_names))
    digest = hashlib.sha256()
    with replace_file(path) as file:
        for content in _encode(recording, steps, shape):
            digest.update(content)
            file.write(content)
    return StoredRecording(
        key=recording.key,
        n_times=recording.n_times,
        ch_names=recording.ch_names,
        positions=tuple(tuple(map(float, row)) for row in recording.positions),
        steps_uv=tuple(map(float, steps)),
        scale_uv=recording.scale,
        segments=recording.segments,
        sha256=digest.hexdigest(),
        fingerprint=make_fingerprint(
            lambda start, n_times: recording.read(start, start + n_times).T,
            recording.n_times,
            recording.sfreq,
        ),
    )


def _encode(
    recording: HarmonisedRecording, steps: FloatArray, shape: tuple[int, int]
) -> Iterator[bytes]:
    """Yield the bytes of an `.npy` file: its header, then integers, piece by piece."""
    header = {"descr": "<i2", "fortran_order": False, "shape": shape}
    yield _make_header(header)
    limit = np.iinfo(np.int16).max
    for piece in recording.iterate_pieces():
        piece /= steps
        np.rint(piece, out=piece)
        np.clip(piece, -limit, limit, out=piece)
        yield piece.astype("<i2").tobytes()


def _make_header(header: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    npy.write_array_header_1_0(buffer, header)
    return buffer.getvalue()
