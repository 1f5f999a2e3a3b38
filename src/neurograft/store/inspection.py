"""The small file beside a recording's signals from which pages draw it.

Ten seconds before and after harmonising, the verdict on every second, a spectrum per
channel. It holds no date, no time of day and no name but those of electrodes. Other
stages do without it. Reading needs numpy alone.
"""

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np

from neurograft.errors import DataError
from neurograft.files.writing import DAMAGED, write_bytes
from neurograft.types import Arrays, BoolArray, FloatArray, IntArray

# The folder inside a cohort's folder.
INSPECTION_FOLDER = "inspection"
# Raise when the arrays mean something else; files of another version are made again.
INSPECTION_VERSION = 1
# Codes of seconds: the words of `measure` in windows.tsv, and what is too short then.
SECOND_WORDS = (
    "kept", "amplitude clipped", "constant channels", "amplitude beyond the limit",
    "autoreject", "rest too short to use",
)  # fmt: skip
# Seconds with a code from here on are cut out.
FIRST_CUT = 2
# Steps per robust SD with which excerpts are stored, and the largest integer of int8:
# nobody sees rounding of a twelfth of an SD in a drawing, and a quarter of float32 is
# enough. Chosen here.
STEPS_PER_SD, LARGEST = 12.0, 127


class Inspection(NamedTuple):
    """An excerpt of a recording, the verdicts on its seconds, its spectrum.

    Attributes:
        unit: `microvolts`, or `arbitrary` where the amplitude scale means nothing.
        ch_names: All scalp channels, canonical names.
        positions: Unit sphere, x right, y front, z up; `(n_channels, 3)`.
        bads: Why a channel is bad, empty for a good one; one per channel. Bad ones were
            interpolated, or left out of a bipolar montage.
        is_left_out: Channels that are not among the harmonised ones, `(n_channels,)`.
        excerpt_start_s: Where the excerpt begins, seconds from the file's beginning.
        excerpt_hz: Its sampling rate.
        before: As read, without a linear trend, `(n_channels, n_times)`; in microvolts
            or the unit of the file.
        after: The same stretch harmonised, `(n_channels, n_times)`; NaN if left out.
        duration_s: Length of the file.
        second_s: Length of a second of the stored signal; the last one of a stretch may
            be shorter.
        stretches_s: Stretches of the file that are in the stored signal: begin in the
            file, begin in the stored signal, length; `(n_stretches, 3)`, seconds.
        codes: Verdict on every second of the stored signal, `(n_seconds,)`; numbers of
            `SECOND_WORDS`.
        shares: Share of channels that were constant or beyond the limit in every
            second, `(n_seconds,)`.
        frequencies_hz: `(n_bins,)`, half a hertz apart.
        log_power: Logarithm to base 10 of the power of the usable seconds after
            harmonising, `(n_channels, n_bins)`: microvolts squared per Hz, or arbitrary
            units squared per Hz; NaN if left out.
    """

    unit: str
    ch_names: tuple[str, ...]
    positions: FloatArray
    bads: tuple[str, ...]
    is_left_out: BoolArray
    excerpt_start_s: float
    excerpt_hz: float
    before: FloatArray
    after: FloatArray
    duration_s: float
    second_s: float
    stretches_s: FloatArray
    codes: IntArray
    shares: FloatArray
    frequencies_hz: FloatArray
    log_power: FloatArray


class PlacedSeconds(NamedTuple):
    """Places of the seconds of a stored signal, one entry per second.

    Attributes:
        in_file_s: Begin, seconds from the file's beginning.
        stored_s: Begin, seconds of the stored signal, as in windows.tsv.
        lengths_s: Length, seconds.
    """

    in_file_s: FloatArray
    stored_s: FloatArray
    lengths_s: FloatArray


def place_seconds(inspection: Inspection) -> PlacedSeconds:
    """Return where every second of the stored signal lies, and how long it is."""
    step = inspection.second_s
    parts = []
    for in_file, stored, length in inspection.stretches_s.astype(float).tolist():
        begins = step * np.arange(_count_seconds(length, step))
        lengths = np.minimum(step, length - begins)
        parts.append((in_file + begins, stored + begins, lengths))
    return PlacedSeconds(*map(np.concatenate, zip(*parts, strict=True)))


def _count_seconds(length_s: float, second_s: float) -> int:
    """Count the seconds of a stretch, the last and shorter one included."""
    return int(np.ceil(round(length_s / second_s, 4)))


def find_inspection(folder: Path, name: str) -> Path:
    """Return where the inspection of a recording lies.

    Args:
        folder: The cohort's folder.
        name: Of the recording, `RecordingKey.name`.
    """
    return folder / INSPECTION_FOLDER / f"{name}.npz"


def write_inspection(folder: Path, name: str, inspection: Inspection) -> None:
    """Write what is shown of a recording, whole or not at all.

    Args:
        folder: The cohort's folder.
        name: Of the recording.
        inspection: To be written; amplitudes are rounded to a twelfth of a robust SD.
    """
    before, before_steps = _round_traces(inspection.before)
    after, after_steps = _round_traces(inspection.after)
    arrays: Arrays = {
        "version": np.int64(INSPECTION_VERSION),  # type: ignore[dict-item]
        "is_microvolts": np.bool_(inspection.unit == "microvolts"),  # type: ignore[dict-item]
        "ch_names": np.array(inspection.ch_names, dtype=str),
        "positions": inspection.positions.astype(np.float32),
        "bads": np.array(inspection.bads, dtype=str),
        "is_left_out": inspection.is_left_out,
        "excerpt": np.array([inspection.excerpt_start_s, inspection.excerpt_hz]),
        "before": before,
        "before_steps": before_steps,
        "after": after,
        "after_steps": after_steps,
        "lengths": np.array([inspection.duration_s, inspection.second_s]),
        "stretches_s": inspection.stretches_s.astype(np.float64),
        "codes": inspection.codes.astype(np.uint8),
        "shares": inspection.shares.astype(np.float16),
        "frequencies_hz": inspection.frequencies_hz.astype(np.float32),
        "log_power": inspection.log_power.astype(np.float16),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(find_inspection(folder, name), buffer.getvalue())


def _round_traces(traces: FloatArray) -> tuple[IntArray, FloatArray]:
    """Round every channel to integers of one byte; return them and their steps."""
    filled = np.nan_to_num(traces.astype(float), posinf=0.0, neginf=0.0)
    low, high = np.percentile(filled, [25, 75], axis=1, keepdims=True)
    largest = np.abs(filled).max(1, keepdims=True)
    steps = np.maximum((high - low) / 1.349 / STEPS_PER_SD, largest / LARGEST)
    steps = np.where(steps > 0, steps, 1.0).astype(np.float32)
    integers = np.clip(np.rint(filled / steps), -LARGEST, LARGEST)
    return integers.astype(np.int8), steps


def read_inspection(folder: Path, name: str) -> Inspection:
    """Read what is shown of a recording.

    Args:
        folder: The cohort's folder.
        name: Of the recording, `RecordingKey.name`.

    Raises:
        DataError: If the file is not there, of another version, or damaged.
    """
    path = find_inspection(folder, name)
    if not path.is_file():
        raise DataError(
            f"There is no {path}; run `neurograft harmonise` again to see this."
        )
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            is_known = int(arrays["version"]) == INSPECTION_VERSION
            found = _parse({key: arrays[key] for key in arrays}) if is_known else None
    except DAMAGED as error:
        raise DataError(_say_damaged(path)) from error
    if found is None:
        raise DataError(
            f"{path} was written by another version of neurograft; delete it and run "
            "`neurograft harmonise` again."
        )
    if not _is_consistent(found):
        raise DataError(_say_damaged(path))
    return found


def _say_damaged(path: Path) -> str:
    return f"{path} is damaged; delete it and run `neurograft harmonise` again."


def _parse(arrays: Arrays) -> Inspection:
    left_out = arrays["is_left_out"].astype(bool)
    before, after = (
        arrays[name].astype(np.float32) * arrays[f"{name}_steps"]
        for name in ("before", "after")
    )
    after[left_out] = np.nan
    start_s, hz = arrays["excerpt"].astype(float)
    duration_s, second_s = arrays["lengths"].astype(float)
    return Inspection(
        unit="microvolts" if bool(arrays["is_microvolts"]) else "arbitrary",
        ch_names=tuple(arrays["ch_names"].astype(str).tolist()),
        positions=arrays["positions"].astype(np.float32),
        bads=tuple(arrays["bads"].astype(str).tolist()),
        is_left_out=left_out,
        excerpt_start_s=float(start_s),
        excerpt_hz=float(hz),
        before=before,
        after=after,
        duration_s=float(duration_s),
        second_s=float(second_s),
        stretches_s=arrays["stretches_s"].astype(float),
        codes=arrays["codes"].astype(int),
        shares=arrays["shares"].astype(np.float32),
        frequencies_hz=arrays["frequencies_hz"].astype(float),
        log_power=arrays["log_power"].astype(np.float32),
    )


def _is_consistent(one: Inspection) -> bool:
    """Return whether shapes agree, and numbers are what they can be."""
    n_channels, n_bins = len(one.ch_names), len(one.frequencies_hz)
    shapes = (
        one.positions.shape == (n_channels, 3)
        and len(one.bads) == n_channels
        and one.is_left_out.shape == (n_channels,)
        and one.before.shape == one.after.shape == (n_channels, one.before.shape[-1])
        and one.log_power.shape == (n_channels, n_bins)
        and one.stretches_s.ndim == 2
        and one.stretches_s.shape[1] == 3
        and one.codes.shape == one.shares.shape
    )
    if not (shapes and one.second_s > 0 and one.excerpt_hz > 0 and n_channels):
        return False
    shown = one.log_power[~one.is_left_out]
    finite = (one.positions, one.before, one.stretches_s, one.shares, shown)
    if not all(np.isfinite(array).all() for array in finite):
        return False
    lengths = one.stretches_s[:, 2].tolist()
    n_seconds = sum(_count_seconds(length, one.second_s) for length in lengths)
    known = one.codes < len(SECOND_WORDS)
    return bool(one.codes.shape == (n_seconds,) and known.all())
