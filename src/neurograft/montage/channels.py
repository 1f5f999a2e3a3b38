"""Channel names as recordings write them, and the places of those electrodes."""

import re
from collections.abc import Sequence
from functools import cache

import mne
import numpy as np
from jaxtyping import Float

from neurograft.errors import ChannelError
from neurograft.types import FloatArray

# The 19 electrodes of the 10-20 system, with their modern names.
TEN_TWENTY = tuple(
    "Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2".split()  # noqa: SIM905
)
# Old 10-20 names and their modern ones (Chatrian, Lettich and Nelson 1985).
RENAMED = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}
# Type of channel, written in front of the electrode.
PREFIX = re.compile(r"^(EEG|POL)[\s_-]+", re.IGNORECASE)
# Reference, written behind the electrode.
SUFFIX = re.compile(
    r"[\s_-]+(REF|LE|RE|AR|AVG?|AVERAGE|A1-?\+?A2|M1-?\+?M2|A[12]|M[12])$",
    re.IGNORECASE,
)
# Names of channels that are no scalp electrode; read from EDF, MNE types them as EEG.
NOT_SCALP = re.compile(
    r"(EOG|ECG|EKG|EMG|PHOTIC|STIM|STATUS|TRIG|MARK|ANNOT|RESP|PULSE|IBI|BURSTS|SUPPR"
    r"|SPO2|SAO2|PLETH|TEMP|NASAL|THOR|ABDO|SNORE|CHIN|LEG\b|GSR|^EDA|^ACC|EVENT"
    r"|^(A1|A2|M1|M2|REF|GND|COM|VREF|PHO|DTRIG|LOC|ROC|HEO[GL]?|VEO[GL]?|OSAT|PR|HR|BP"
    r"|DC\d*|EXG\d|DIG\b.*|CM|DRL)$)",
    re.IGNORECASE,
)
# The two electrodes of a bipolar channel.
PAIR = re.compile(r"^([A-Z]+\d*z?)\s*[-/\u2013]\s*([A-Z]+\d*z?)$", re.IGNORECASE)
# Least share of pairs in a bipolar montage. Chosen here: half.
MIN_PAIR_SHARE = 0.5
# MNE numbers channels of the same name.
NUMBERED = re.compile(r"^(.*)-(\d+)$")
# Centre of the head sphere in MNE's head frame (default origin of its sphere model).
HEAD_CENTRE_M = np.array([0.0, 0.0, 0.04])


def canonical_name(name: str) -> str:
    """Return the modern 10-05 name, or the name as written if there is none.

    Example:
        >>> canonical_name("EEG T3-REF"), canonical_name("fp1")
        ('T7', 'Fp1')
    """
    stripped = SUFFIX.sub("", PREFIX.sub("", name.strip().rstrip("."))).rstrip(".")
    known = template_names().get(stripped.upper(), stripped)
    return RENAMED.get(known, known)


def is_scalp_name(name: str) -> bool:
    """Return whether a name can be a scalp electrode, not EOG, earlobe, trigger ..."""
    return NOT_SCALP.search(PREFIX.sub("", name.strip())) is None


def split_pair(name: str) -> tuple[str, str] | None:
    """Return the two electrodes of a bipolar channel; None if it is not bipolar.

    Example:
        >>> split_pair("EEG F7-T3"), split_pair("EEG F7-A1")
        (('F7', 'T7'), None)
    """
    match = PAIR.match(PREFIX.sub("", name.strip()))
    if match is None:
        return None
    pair = canonical_name(match[1]), canonical_name(match[2])
    electrodes = template_positions().keys() - {"A1", "A2", "M1", "M2"}
    both = pair[0] in electrodes and pair[1] in electrodes and pair[0] != pair[1]
    return pair if both else None


def is_bipolar(names: Sequence[str]) -> bool:
    """Return whether most channels of a montage are pairs, of several partners.

    A montage whose channels all end in the same electrode (Fp1-Cz, O2-Cz) is an
    ordinary montage with that reference.
    """
    pairs = [pair for name in names if (pair := split_pair(name))]
    partners = {second for _, second in pairs}
    return len(pairs) >= MIN_PAIR_SHARE * len(names) > 0 and (
        len(partners) > 1 or len(pairs) == 1
    )


def strip_numbers(names: Sequence[str]) -> list[str]:
    """Undo the numbers that MNE adds to channels of the same name.

    Example:
        >>> strip_numbers(["EEG F1-Ref-0", "EEG F2-Ref", "EEG F1-Ref-1"])
        ['EEG F1-Ref', 'EEG F2-Ref', 'EEG F1-Ref']
    """
    numbers: dict[str, set[str]] = {}
    for name in names:
        if match := NUMBERED.match(name):
            numbers.setdefault(match[1], set()).add(match[2])
    # MNE counts from 0, without zeros in front; CH-01, CH-02 are channels of their own.
    repeated = {
        stem
        for stem, found in numbers.items()
        if len(found) > 1 and found == set(map(str, range(len(found))))
    }
    return [
        m[1] if (m := NUMBERED.match(name)) and m[1] in repeated else name
        for name in names
    ]


@cache
def read_template_montage() -> mne.channels.DigMontage:
    """Return the 10-05 template montage; MNE 1.13 renamed `standard_1005`."""
    names = mne.channels.get_builtin_montages()
    name = "colin27_1005" if "colin27_1005" in names else "standard_1005"
    return mne.channels.make_standard_montage(name)


def read_places(montage: mne.channels.DigMontage) -> dict[str, FloatArray]:
    """Return the place `(3,)` of every electrode in MNE's head frame, metres."""
    info = mne.create_info(montage.ch_names, 100.0, "eeg")
    info.set_montage(montage)
    return {channel["ch_name"]: channel["loc"][:3] for channel in info["chs"]}


@cache
def template_positions() -> dict[str, FloatArray]:
    """Return the unit-sphere position `(3,)` of every electrode of the 10-05 system.

    Positions are in MNE's head frame (x right, y front, z up), centred at the head
    sphere's origin and scaled to length 1.
    """
    places = read_places(read_template_montage())
    return {name: to_unit_sphere(place[None])[0] for name, place in places.items()}


@cache
def template_names() -> dict[str, str]:
    """Return template names by their upper-case spelling."""
    return {name.upper(): name for name in template_positions()}


def to_unit_sphere(
    head_positions_m: Float[np.ndarray, "n 3"],
) -> Float[np.ndarray, "n 3"]:
    """Project head-frame positions in metres to the unit sphere around the head."""
    centred = head_positions_m - HEAD_CENTRE_M
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True))


def find_positions(
    names: Sequence[str],
    file_positions_m: FloatArray,
    measured: FloatArray | None = None,
) -> tuple[FloatArray, list[str]]:
    """Give every channel a position: measured, written in the file, or the template's.

    Args:
        names: Canonical channel names; bipolar ones such as `F7-T7`.
        file_positions_m: Head-frame positions in metres, NaN or zero where the file
            has none, shape `(n_channels, 3)`.
        measured: Positions on the unit sphere, shape `(n_channels, 3)`, NaN where
            there is none; or None.

    Returns:
        Unit-sphere positions `(n_channels, 3)`, NaN for channels that have none, and
        the names of these channels.

    Raises:
        ChannelError: If no channel has a position.
    """
    written = np.isfinite(file_positions_m).all(1) & np.any(file_positions_m != 0, 1)
    if written.all():
        positions = to_unit_sphere(file_positions_m)
    else:
        positions = np.array([_place(name) for name in names]).reshape(-1, 3)
    if measured is not None:
        positions = np.where(np.isfinite(measured), measured, positions)
    lost = [n for n, p in zip(names, positions, strict=True) if np.isnan(p[0])]
    if len(lost) == len(names):
        shown = ", ".join(names[:5])
        raise ChannelError(
            f"None of the {len(names)} channels ({shown}) has a position: the file "
            "holds none and the names are not of the 10-05 system; rename the channels "
            "or add electrodes.tsv"
        )
    return positions, lost


def _place(name: str) -> FloatArray:
    """Return the template position, the middle of a pair, or NaN."""
    template = template_positions()
    if name in template:
        return template[name]
    first, _, second = name.partition("-")
    if first in template and second in template:
        middle = template[first] + template[second]
        return np.asarray(middle / np.linalg.norm(middle))
    return np.full(3, np.nan)
