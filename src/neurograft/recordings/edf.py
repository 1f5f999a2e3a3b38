"""EDF and BDF files: their header, their gaps, and channels of several rates.

Kemp 1992 (EDF), Kemp and Olivan 2003 (EDF+). MNE reads the signals; what it does not
tell (units as written, broken promises about the length, gaps between data records) is
read here.

MNE brings all channels to the fastest rate, piece by piece: each piece is resampled by
itself, to whole records, so that pieces do not add up to the whole. Channels of another
rate than the EEG are left out, and the rest is read as it was recorded.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from neurograft.errors import DataError
from neurograft.montage.channels import (
    canonical_name,
    is_scalp_name,
    strip_numbers,
    template_names,
)
from neurograft.montage.known_words import show_channels
from neurograft.types import FloatArray

# Length of the header without channels, and labels of annotations (Kemp 2003).
FIXED_BYTES = 256
ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
# MNE takes these as they are; any other unit it reads as volts.
UNITS_MNE_KNOWS = ("uV", "µV", "\u03bcV", "\x83\xcaV", "mV", "V")
# Counts of this size and above are not shown. Chosen here: over a day of seconds.
MAX_SHOWN_COUNT = 100_000
# Width of every field of a channel's header, in the order of the file (Kemp 1992).
CHANNEL_FIELDS = {
    "label": 16, "transducer": 80, "unit": 8, "physical_min": 8, "physical_max": 8,
    "digital_min": 8, "digital_max": 8, "prefilter": 80, "samples": 8, "reserved": 32,
}  # fmt: skip

# Channels that are named in a note. Chosen here.
MAX_SHOWN = 6


class NoteWarning(UserWarning):
    """Something odd in a file was noticed, in our words."""


@dataclass(frozen=True)
class EdfHeader:
    """The fields of an EDF or BDF header that are needed here.

    Attributes:
        labels: Channel labels as written.
        units: Physical units as written.
        samples: Samples per data record of every channel.
        n_records: Data records that the header promises; -1 if it never was closed.
        record_s: Length of a data record, seconds.
        header_bytes: Length of the header.
        sample_bytes: 2 for EDF, 3 for BDF.
        is_discontinuous: Whether the file says that there are gaps (EDF+D).
        file_bytes: Length of the file.
    """

    labels: tuple[str, ...]
    units: tuple[str, ...]
    samples: tuple[int, ...]
    n_records: int
    record_s: float
    header_bytes: int
    sample_bytes: int
    is_discontinuous: bool
    file_bytes: int

    @property
    def record_bytes(self) -> int:
        """Return the length of one data record, in bytes."""
        return sum(self.samples) * self.sample_bytes

    @property
    def whole_records(self) -> int:
        """Return how many whole data records the file really holds."""
        data_bytes = self.file_bytes - self.header_bytes
        return data_bytes // self.record_bytes if self.record_bytes else 0

    @property
    def annotation_channels(self) -> tuple[int, ...]:
        """Return the numbers of the channels that hold annotations."""
        return tuple(i for i, label in enumerate(self.labels) if label in ANNOTATIONS)

    @property
    def signal_channels(self) -> tuple[int, ...]:
        """Return the numbers of the channels that hold signals."""
        notes = self.annotation_channels
        return tuple(i for i in range(len(self.labels)) if i not in notes)

    def find_field(self, channel: int, field: str) -> tuple[int, int]:
        """Return first byte and width of a field of a channel's header."""
        start = FIXED_BYTES
        for name, width in CHANNEL_FIELDS.items():
            if name == field:
                return start + channel * width, width
            start += width * len(self.labels)
        raise KeyError(field)


def read_edf_header(path: Path) -> EdfHeader:
    """Read the header of an EDF or BDF file.

    Raises:
        DataError: If it is not one.
    """
    with path.open("rb") as file:
        fixed = file.read(FIXED_BYTES)
        if fixed[:8].rstrip() != b"0" and fixed[:8] != b"\xffBIOSEMI":
            raise DataError("the file does not begin like EDF or BDF")
        try:
            n_channels = int(fixed[252:256])
            rest = file.read(n_channels * FIXED_BYTES)
            columns = _split_columns(rest, n_channels)
            return EdfHeader(
                labels=columns["label"],
                units=columns["unit"],
                samples=tuple(map(int, columns["samples"])),
                n_records=int(fixed[236:244]),
                record_s=float(fixed[244:252].decode("latin-1").replace(",", ".")),
                header_bytes=int(fixed[184:192]),
                sample_bytes=3 if fixed[0] == 0xFF else 2,
                is_discontinuous=fixed[192:197] in (b"EDF+D", b"BDF+D"),
                file_bytes=path.stat().st_size,
            )
        except ValueError as error:
            raise DataError(
                "the header is damaged: a field that must be a number is none; copy "
                "the file again from the source"
            ) from error


def _split_columns(rest: bytes, n_channels: int) -> dict[str, tuple[str, ...]]:
    columns, start = {}, 0
    for name, width in CHANNEL_FIELDS.items():
        cells = [rest[start + i * width :][:width] for i in range(n_channels)]
        columns[name] = tuple(cell.decode("latin-1").strip() for cell in cells)
        start += width * n_channels
    return columns


def check_edf_length(header: EdfHeader) -> list[str]:
    """Check that the file is as long as its header promises.

    Returns:
        Oddities that were noticed, in words.

    Raises:
        DataError: If signals are missing at the end.
    """
    promised, present = header.n_records, header.whole_records
    if promised < 0:
        return [f"the header was never closed: the {present} records found are used"]
    if present < promised:
        raise DataError(
            f"the file is cut off: it holds {present} data records, and its header "
            f"promises {_show_count(promised)}; copy it again from the source"
        )
    if present > promised:
        return [f"the header promises {promised} of {present} records; those are used"]
    return []


def _show_count(number: int) -> str:
    """Return a number of the header in words; a long one may be a date or a label."""
    return str(number) if number < MAX_SHOWN_COUNT else "far more"


def scale_units(header: EdfHeader) -> dict[int, float]:
    """Return factors that make volts of what MNE takes for volts, by channel.

    MNE knows microvolts, millivolts and volts; "nV" it takes for volts.

    Example:
        >>> header = EdfHeader(("Cz",), ("nV",), (1,), 1, 1.0, 512, 2, False, 514)
        >>> scale_units(header)
        {0: 1e-09}
    """
    factors = {"nv": 1e-9, "uv": 1e-6, "µv": 1e-6, "microvolt": 1e-6, "mv": 1e-3}
    return {
        channel: factors[unit.lower()]
        for channel, unit in enumerate(header.units)
        if unit not in UNITS_MNE_KNOWS and unit.lower() in factors
    }


def find_unknown_units(header: EdfHeader) -> list[str]:
    """List units of signal channels that are no unit of voltage, as written."""
    known = {*UNITS_MNE_KNOWS, *(header.units[i] for i in scale_units(header))}
    units = {header.units[i] for i in header.signal_channels}
    return sorted(units - known)


def iterate_annotation_bytes(
    path: Path, header: EdfHeader
) -> Iterator[tuple[int, bytes]]:
    """Yield place in the file and bytes of every annotation channel of every record."""
    starts = np.concatenate([[0], np.cumsum(header.samples)]) * header.sample_bytes
    with path.open("rb") as file:
        for record in range(header.whole_records):
            base = header.header_bytes + record * header.record_bytes
            for channel in header.annotation_channels:
                place = base + int(starts[channel])
                file.seek(place)
                n_bytes = header.samples[channel] * header.sample_bytes
                yield place, file.read(n_bytes)


def find_gaps(path: Path, header: EdfHeader) -> list[int]:
    """List the data records that do not begin where the one before ended.

    The first annotation of every record keeps its time (EDF+ specification, 2.2.4).
    """
    if not (header.is_discontinuous and header.annotation_channels):
        return []
    step = len(header.annotation_channels)
    contents = islice(iterate_annotation_bytes(path, header), 0, None, step)
    times: FloatArray = np.array([_parse_onset(content) for _, content in contents])
    late = np.abs(np.diff(times) - header.record_s) > 1e-3
    return [int(number) + 1 for number in np.flatnonzero(late)]


def _parse_onset(content: bytes) -> float:
    text = content.split(b"\x14", 1)[0].split(b"\x15", 1)[0]
    try:
        return float(text)
    except ValueError:
        return float("nan")


def read_at_eeg_rate(reader: Callable[..., Any], path: Path, **options: Any) -> Any:
    """Open a file without the channels that have another rate than its EEG.

    Args:
        reader: Of MNE, for EDF or BDF.
        path: Of the file.
        options: For the reader.
    """
    raw = reader(path, **options)
    samples = _count_samples(raw)
    if len(set(samples)) < 2:
        return raw
    labels = strip_numbers(raw.ch_names)
    chosen = choose_rate(labels, samples)
    others = [i for i, count in enumerate(samples) if count != chosen]
    narrow = reader(path, exclude=sorted({labels[i] for i in others}), **options)
    record_s = raw.info["sfreq"] / max(samples)
    shown = [
        f"{show_channels([labels[i]])} ({samples[i] * record_s:g} Hz)" for i in others
    ]
    more = ", ..." if len(shown) > MAX_SHOWN else ""
    left = f"{', '.join(shown[:MAX_SHOWN])}{more}"
    text = f"recorded at another rate than the EEG, left out: {left}"
    warnings.warn(NoteWarning(text), stacklevel=2)
    return narrow


def read_gdf_whole(reader: Callable[..., Any], path: Path, **options: Any) -> Any:
    """Open a GDF file; where channels have several rates, all of it is read at once.

    MNE 1.13 reads the wrong channels of a GDF file when some are left out. Read at
    once, all channels are resampled from beginning to end.
    """
    raw = reader(path, **options)
    if len(set(_count_samples(raw))) > 1:
        raw.load_data(verbose="error")
        text = f"channels of several rates, brought to {raw.info['sfreq']:g} Hz"
        warnings.warn(NoteWarning(text), stacklevel=2)
    return raw


def list_header_channels(raw: Any) -> list[int]:
    """Return the number in the header of every channel that was opened."""
    return [int(number) for number in raw._raw_extras[0]["sel"]]


def _count_samples(raw: Any) -> list[int]:
    """Return the samples per data record of every channel, but for triggers."""
    extras = raw._raw_extras[0]
    counts = np.asarray(extras["n_samps"])[list_header_channels(raw)]
    return [int(count) for count in counts]


def choose_rate(labels: list[str], samples: list[int]) -> int:
    """Choose the samples per record that most EEG channels have.

    Names of the 10-05 system decide; without any, names that can be on the scalp do; of
    equally many, the fastest.

    Example:
        >>> choose_rate(["Fp1", "Cz", "ECG", "X"], [256, 256, 512, 512])
        256
    """
    known = template_names()
    named = [canonical_name(label).upper() in known for label in labels]
    if not any(named):
        named = [is_scalp_name(label) for label in labels]
    if not any(named):
        named = [True] * len(labels)
    pairs = zip(samples, named, strict=True)
    counts = Counter(count for count, is_named in pairs if is_named)
    return max(counts, key=lambda count: (counts[count], count))
