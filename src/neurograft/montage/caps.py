"""Electrode numbers of EGI nets and BioSemi caps: which place each one stands for.

Names of the 10-20 system come from the manufacturers' tables, not from the nearest
template electrode, which disagrees on 6 of 19 sites of the 128-channel net. Places are
those of the cap itself (MNE's template montages), so a renamed electrode stays where it
is.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import mne

from neurograft.types import FloatArray

TEN_TWENTY = (
    "Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 Oz O2".split()  # noqa: SIM905
)
# HydroCel Geodesic Sensor Net, "10-10 equivalents" (EGI technical note, Luu and
# Ferree 2005); electrode numbers in the order of TEN_TWENTY.
EGI_NUMBERS = {
    32: (1, 2, 11, 3, 17, 4, 12, 13, 5, 33, 6, 14, 15, 7, 19, 8, 16, 9, 20, 10),
    64: (10, 5, 18, 12, 6, 60, 58, 24, 20, 65, 50, 52, 30, 28, 34, 42, 44, 35, 37, 39),
    128: (
        22, 9, 33, 24, 11, 124, 122, 45, 36, 129, 104, 108, 58, 52, 62, 92, 96, 70, 75,
        83,
    ),
    256: (
        37, 18, 47, 36, 21, 224, 2, 69, 59, 257, 183, 202, 96, 87, 101, 153, 170, 116,
        126, 150,
    ),
}  # fmt: skip
EGI_MONTAGES = {
    32: "GSN-HydroCel-32",
    64: "GSN-HydroCel-65_1.0",
    128: "GSN-HydroCel-129",
    256: "GSN-HydroCel-257",
}
EGI_NAME = re.compile(r"^(?:EEG\s+)?E?0*(\d{1,3})$", re.IGNORECASE)
# BioSemi head caps: letters stand for the connectors of 32 electrodes each. Caps of 32
# and 64 follow the 10-20 system; the equiradial ones of 128 and 256 do not, so their
# electrodes keep the manufacturer's names.
BIOSEMI_MONTAGES = {
    32: "biosemi32",
    64: "biosemi64",
    128: "biosemi128",
    256: "biosemi256",
}
BIOSEMI_BLOCKS = ("A", "AB", "ABCD", "ABCDEFGH")
# At least so many of the 32 electrodes of every block must be there: depth electrodes
# are named alike.
MIN_OF_BLOCK = 24
BIOSEMI_NAME = re.compile(r"^([A-H])0?([1-9]|[12]\d|3[0-2])$", re.IGNORECASE)


def find_cap(names: Sequence[str]) -> dict[str, tuple[str, FloatArray]]:
    """Recognise the numbering of a cap.

    Args:
        names: Channel names as written.

    Returns:
        Canonical name and head-frame position (metres) by name as written; empty if
        the names are of no known cap.
    """
    biosemi = {m[0]: m for n in names if (m := BIOSEMI_NAME.match(n.strip()))}
    letters = Counter(m[1].upper() for m in biosemi.values())
    blocks = "".join(sorted(letters))
    if blocks in BIOSEMI_BLOCKS and min(letters.values()) >= MIN_OF_BLOCK:
        return _match_biosemi(list(biosemi), 32 * len(blocks))
    egi = {n: int(m[1]) for n in names if (m := EGI_NAME.match(n.strip()))}
    if len(egi) >= 16 and any("E" in name.upper() for name in egi):
        return _match_egi(egi, names)
    return {}


def _match_biosemi(
    names: Sequence[str], n_channels: int
) -> dict[str, tuple[str, FloatArray]]:
    size = next((n for n in BIOSEMI_MONTAGES if n >= n_channels), 256)
    places = _read_places(BIOSEMI_MONTAGES[size])
    if size <= 64:  # the template lists 10-20 names in the order of the connectors
        order = list(places)
        numbered = {
            f"{letter}{number}": order[32 * block + number - 1]
            for block, letter in enumerate("AB"[: size // 32])
            for number in range(1, 33)
        }
        return {n: (numbered[_plain(n)], places[numbered[_plain(n)]]) for n in names}
    return {n: (_plain(n), places[_plain(n)]) for n in names if _plain(n) in places}


def _plain(name: str) -> str:
    """Letter and number without leading zero."""
    match = BIOSEMI_NAME.match(name.strip())
    assert match is not None
    return f"{match[1].upper()}{int(match[2])}"


def _match_egi(
    numbers: dict[str, int], names: Sequence[str]
) -> dict[str, tuple[str, FloatArray]]:
    highest = max(numbers.values())
    size = next((n for n in EGI_MONTAGES if n + 1 >= highest), 256)
    places = _read_places(EGI_MONTAGES[size])
    known = dict(zip(EGI_NUMBERS[size], TEN_TWENTY, strict=True))
    found = {
        name: (known.get(number, f"E{number}"), places[_egi_label(number, size)])
        for name, number in numbers.items()
        if _egi_label(number, size) in places
    }
    vertex = [n for n in names if n.strip().upper() in ("CZ", "VREF", "VERTEX")]
    return found | {name: ("Cz", places["Cz"]) for name in vertex if "Cz" in places}


def _egi_label(number: int, size: int) -> str:
    return "Cz" if number == size + 1 else f"E{number}"


@cache
def _read_places(montage: str) -> dict[str, FloatArray]:
    """Positions in MNE's head frame, metres."""
    template = mne.channels.make_standard_montage(montage)
    info = mne.create_info(template.ch_names, 100.0, "eeg")
    info.set_montage(template)
    return {channel["ch_name"]: channel["loc"][:3] for channel in info["chs"]}
