"""Read one file into a `Recording`: whose it is, where the electrodes are, microvolts.

Signals stay in the file until they are sliced, so that a day of EEG needs no more
memory than a minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from neurograft.errors import ChannelError, DataError
from neurograft.files.numbers import has_decimal_commas, parse_numbers
from neurograft.files.text import fold, say_text
from neurograft.montage.caps import EGI_NAME, find_cap
from neurograft.montage.channels import (
    canonical_name,
    find_positions,
    is_bipolar,
    is_scalp_name,
    split_pair,
)
from neurograft.montage.electrodes import place_electrodes
from neurograft.montage.known_words import (
    is_channel_name,
    show_channels,
    show_reference,
)
from neurograft.recordings.channel_table import name_by_table
from neurograft.recordings.events import read_events
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.opening import OpenedFile, call_reader, open_file
from neurograft.recordings.recording import Recording
from neurograft.recordings.segments import find_segments
from neurograft.recordings.sidecars import (
    SidecarSet,
    read_mains,
    read_optional,
    read_sidecar,
)
from neurograft.types import FloatArray

# Microvolts per volt, the unit of MNE.
MICROVOLTS = 1e6


@dataclass(frozen=True)
class RawSignals:
    """Microvolts of some channels of an opened file, read when they are sliced."""

    opened: OpenedFile
    picks: tuple[int, ...]
    factor: float = MICROVOLTS

    @property
    def shape(self) -> tuple[int, ...]:
        """Return `(n_channels, n_times)`."""
        return len(self.picks), self.opened.n_times

    def __getitem__(self, index: tuple[slice, slice], /) -> FloatArray:
        """Read channels and times; steps are not supported."""
        picks = list(self.picks[index[0]])
        start, stop, _ = index[1].indices(self.opened.n_times)
        signals = call_reader(self.opened.raw.get_data, picks, start, stop)
        return np.asarray(signals * (self.factor * self.opened.factors[picks, None]))


@dataclass(frozen=True)
class ReadingRules:
    """Settings of a study for reading a cohort's files.

    Attributes:
        aliases: Canonical name by the name in the files, for names nobody knows.
        condition: Events that begin the stretches to keep; empty keeps everything.
        other_conditions: Events that end them.
        unit_factor: Factor for the signals, where the unit is wrong.
        reference: Reference, where the files do not tell.
    """

    aliases: dict[str, str]
    condition: tuple[str, ...] = ()
    other_conditions: tuple[str, ...] = ()
    unit_factor: float = 1.0
    reference: str = ""


NO_RULES = ReadingRules({})


def read_found(found: FoundRecording, rules: ReadingRules = NO_RULES) -> Recording:
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
    return assemble(found, open_file(found.path), rules)


def assemble(
    found: FoundRecording, opened: OpenedFile, rules: ReadingRules = NO_RULES
) -> Recording:
    """Put together what the file and its sidecars say.

    Raises:
        DataError: If a sidecar is damaged.
        ChannelError: If no channel is left.
    """
    sidecars = found.sidecars
    repairs, notes = list(opened.repairs), list(opened.notes)
    table = read_optional(sidecars.channels, repairs)
    if table is not None:
        opened, table = name_by_table(opened, table, rules.aliases, notes)
    kinds = _read_kinds(opened, table)
    channels, bipolar = _choose_channels(opened, kinds, rules.aliases, notes)
    placed = _place(channels, sidecars, repairs, notes)
    sidecar = read_sidecar(sidecars)
    events = read_events(
        sidecars,
        repairs,
        sfreq=opened.sfreq,
        in_file=opened.events,
        alike=[group for group in (rules.condition, rules.other_conditions) if group],
        notes=notes,
    )
    segments, cuts = find_segments(
        events,
        n_times=opened.n_times,
        sfreq=opened.sfreq,
        gaps=opened.gaps,
        condition=rules.condition,
        others=rules.other_conditions,
    )
    if rules.unit_factor != 1:
        repairs.append(f"unit_factor: multiplied by {rules.unit_factor:g}")
    return Recording(
        key=found.key,
        signals=RawSignals(
            opened,
            tuple(channel.pick for channel in placed),
            MICROVOLTS * rules.unit_factor,
        ),
        sfreq=opened.sfreq,
        ch_names=tuple(channel.name for channel in placed),
        positions=np.array([channel.position for channel in placed]),
        segments=segments,
        bads=_list_bads(opened, table, placed),
        line_freq=read_mains(sidecar, notes),
        reference=show_reference(say_text(sidecar.get("EEGReference")))
        or rules.reference,
        is_bipolar=bipolar,
        repairs=tuple(repairs),
        notes=(*notes, *cuts),
    )


@dataclass(frozen=True)
class _Channel:
    """A scalp channel: its number in the file, names, and where it is."""

    pick: int
    written: str
    name: str
    position: FloatArray


def _read_kinds(opened: OpenedFile, table: pd.DataFrame | None) -> list[str]:
    """Return the types of all channels: those of channels.tsv, else the reader's."""
    kinds: list[str] = list(opened.raw.get_channel_types())
    if table is None or not {"name", "type"} <= set(table):
        return kinds
    typed = table[table["type"].notna() & table["name"].notna()]
    declared = dict(zip(typed["name"], typed["type"].str.lower(), strict=True))
    pairs = zip(opened.ch_names, kinds, strict=True)
    return [str(declared.get(name, kind)) for name, kind in pairs]


def _choose_channels(
    opened: OpenedFile,
    kinds: Sequence[str],
    aliases: dict[str, str],
    notes: list[str],
) -> tuple[list[_Channel], bool]:
    """Choose scalp channels, each name once; tell whether they are bipolar."""
    cap = find_cap(
        [n for n, kind in zip(opened.ch_names, kinds, strict=True) if kind == "eeg"]
    )
    told = {fold(name): alias for name, alias in aliases.items()}
    written = [told.get(fold(name), name) for name in opened.ch_names]
    if any(EGI_NAME.match(name) for name in cap):
        notes.append(f"{len(cap)} channels are taken for electrodes of an EGI net")
    eeg = [
        i
        for i, (name, kind) in enumerate(zip(written, kinds, strict=True))
        if kind == "eeg" and (is_scalp_name(name) or opened.ch_names[i] in cap)
    ]
    _note_left_out("not scalp EEG", opened.ch_names, eeg, notes)
    bipolar = is_bipolar([written[i] for i in eeg])
    if bipolar:
        notes.append("bipolar montage, kept as it is")
        no_pair = [i for i in eeg if split_pair(written[i]) is None]
        eeg = [i for i in eeg if i not in no_pair]
    channels: dict[str, _Channel] = {}
    for i in eeg:
        name, place = cap.get(opened.ch_names[i], (None, None))
        if name is None or place is None:
            name = _name_channel(written[i], bipolar=bipolar)
            place = opened.raw.info["chs"][i]["loc"][:3]
        if not is_channel_name(name):  # free text may name a person
            name = f"channel {i + 1}"
        channels.setdefault(name, _Channel(i, opened.ch_names[i], name, place))
    if not channels:
        raise ChannelError("the file holds no scalp EEG channel")
    return list(channels.values()), bipolar


def _name_channel(written: str, *, bipolar: bool) -> str:
    pair = split_pair(written)
    if pair is None:
        return canonical_name(written)
    return "-".join(pair) if bipolar else pair[0]


def _place(
    channels: list[_Channel],
    sidecars: SidecarSet,
    repairs: list[str],
    notes: list[str],
) -> list[_Channel]:
    """Give every channel a position on the unit sphere; leave out those without."""
    names = [channel.name for channel in channels]
    measured = _read_electrodes(channels, sidecars, repairs, notes)
    in_file = np.array([channel.position for channel in channels])
    positions, lost = find_positions(names, in_file, measured)
    if lost:
        notes.append(f"without position, left out: {show_channels(lost)}")
    return [
        replace(channel, position=position)
        for channel, position in zip(channels, positions, strict=True)
        if np.isfinite(position[0])
    ]


def _read_electrodes(
    channels: list[_Channel],
    sidecars: SidecarSet,
    repairs: list[str],
    notes: list[str],
) -> FloatArray | None:
    table = read_optional(sidecars.electrodes, repairs)
    if table is None or not {"name", "x", "y", "z"} <= set(table):
        return None
    if any(has_decimal_commas(table[axis]) for axis in "xyz"):
        repairs.append("electrodes.tsv has decimal commas")
    points = pd.DataFrame({axis: parse_numbers(table[axis]) for axis in "xyz"})
    points.index = pd.Index(table["name"], dtype=object)
    points = points[points.index.notna() & ~points.index.duplicated()]
    names = _find_rows(channels, list(points.index))
    measured = points.reindex(names).to_numpy(dtype=float)
    if not np.isfinite(measured).any():
        return None
    placed, note = place_electrodes([channel.name for channel in channels], measured)
    if note:
        notes.append(note)
    return placed


def _find_rows(channels: Sequence[_Channel], names: Sequence[str]) -> list[str]:
    """Find the name by which a table of electrodes knows every channel."""
    plain = {canonical_name(name): name for name in reversed(names)}
    return [
        fold(channel.written)
        if fold(channel.written) in names
        else plain.get(channel.name, channel.written)
        for channel in channels
    ]


def _list_bads(
    opened: OpenedFile, table: pd.DataFrame | None, channels: Sequence[_Channel]
) -> tuple[str, ...]:
    """List the channels that the file or its table calls bad."""
    marked = set(opened.raw.info["bads"])
    pairs = zip(opened.raw.ch_names, opened.ch_names, strict=True)
    bads = {name for written, name in pairs if written in marked}
    if table is not None and {"name", "status"} <= set(table):
        is_bad = table["status"].astype("string").str.lower() == "bad"
        bads |= set(table["name"][is_bad.fillna(False).astype(bool)].dropna())
    return tuple(sorted(one.name for one in channels if one.written in bads))


def _note_left_out(
    reason: str, names: Sequence[str], picks: Sequence[int], notes: list[str]
) -> None:
    left = [name for index, name in enumerate(names) if index not in picks]
    if left:
        notes.append(f"{reason}, left out: {show_channels(left)}")
