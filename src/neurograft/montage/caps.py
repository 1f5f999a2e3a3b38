"""Places that the electrode numbers of EGI nets and BioSemi caps stand for.

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

from neurograft.montage.channels import TEN_TWENTY, read_places
from neurograft.types import FloatArray

# Electrodes that the manufacturer names: the 10-20 system and Oz.
EGI_PLACES = (*TEN_TWENTY[:-1], "Oz", TEN_TWENTY[-1])
# HydroCel Geodesic Sensor Net, "10-10 equivalents" (EGI technical note, Luu and
# Ferree 2005); electrode numbers in the order of EGI_PLACES.
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
# Templates of MNE with the places of the nets, by the number of electrodes.
EGI_MONTAGES = {
    32: "GSN-HydroCel-32",
    64: "GSN-HydroCel-65_1.0",
    128: "GSN-HydroCel-129",
    256: "GSN-HydroCel-257",
}
# Number of an electrode, as EGI writes it: the E is never missing. `EEG 001` is what
# MNE and Neuromag call channels of any cap.
EGI_NAME = re.compile(r"^(?:EEG\s+)?E0*(\d{1,3})$", re.IGNORECASE)
# Share of a net's electrodes that must be there. Chosen here: two thirds, so that a net
# without its electrodes of the face is still known.
MIN_EGI_SHARE = 2 / 3
# BioSemi head caps: letters stand for the connectors of 32 electrodes each. Caps of 32
# and 64 follow the 10-20 system; the equiradial ones of 128 and 256 do not, so their
# electrodes keep the manufacturer's names.
BIOSEMI_MONTAGES = {n: f"biosemi{n}" for n in (32, 64, 128, 256)}
# Letters of complete caps.
BIOSEMI_BLOCKS = ("A", "AB", "ABCD", "ABCDEFGH")
# Fewest of the 32 electrodes of every block, because depth electrodes are named alike.
# Chosen here: three quarters, so that a cap with bad channels is still known.
MIN_OF_BLOCK = 24
# Letter and number of an electrode, as BioSemi writes it.
BIOSEMI_NAME = re.compile(r"^([A-H])0?([1-9]|[12]\d|3[0-2])$", re.IGNORECASE)


def find_cap(names: Sequence[str]) -> dict[str, tuple[str, FloatArray]]:
    """Recognise the numbering of a cap.

    Args:
        names: Channel names as written.

    Returns:
        Canonical name and head-frame position `(3,)` (metres) by name as written;
        empty if the names are of no known cap.
    """
    biosemi = {m[0]: m for n in names if (m := BIOSEMI_NAME.match(n.strip()))}
    letters = Counter(m[1].upper() for m in biosemi.values())
    blocks = "".join(sorted(letters))
    if blocks in BIOSEMI_BLOCKS and min(letters.values()) >= MIN_OF_BLOCK:
        return _match_biosemi(list(biosemi), 32 * len(blocks))
    egi = {n: int(m[1]) for n in names if (m := EGI_NAME.match(n.strip()))}
    return _match_egi(egi, names) if _is_net(set(egi.values())) else {}


def _find_net(highest: int) -> int:
    """Return the size of the smallest net with an electrode of this number."""
    return next((n for n in EGI_MONTAGES if n + 1 >= highest), 256)


def _is_net(numbers: set[int]) -> bool:
    """Return whether numbers are those of a net, whole or without some electrodes.

    Numbers from 1 to one that is no net's last are those of any amplifier.
    """
    if not numbers:
        return False
    highest = max(numbers)
    size = _find_net(highest)
    has_none_missing = len(numbers) == highest
    if has_none_missing and highest not in (size, size + 1):
        return False
    return len(numbers) >= MIN_EGI_SHARE * size


def _match_biosemi(
    names: Sequence[str], n_channels: int
) -> dict[str, tuple[str, FloatArray]]:
    """Return name and place of every electrode of a BioSemi cap."""
    size = next((n for n in BIOSEMI_MONTAGES if n >= n_channels), 256)
    places = _read_places(BIOSEMI_MONTAGES[size])
    plain = {name: _plain(name) for name in names}
    if size <= 64:  # the template lists 10-20 names in the order of the connectors
        order = list(places)
        numbered = {
            f"{letter}{number}": order[32 * block + number - 1]
            for block, letter in enumerate("AB"[: size // 32])
            for number in range(1, 33)
        }
        plain = {name: numbered[place] for name, place in plain.items()}
    return {n: (place, places[place]) for n, place in plain.items() if place in places}


def _plain(name: str) -> str:
    """Return letter and number without leading zero."""
    match = BIOSEMI_NAME.match(name.strip())
    assert match is not None
    return f"{match[1].upper()}{int(match[2])}"


def _match_egi(
    numbers: dict[str, int], names: Sequence[str]
) -> dict[str, tuple[str, FloatArray]]:
    """Return name and place of every electrode of an EGI net."""
    highest = max(numbers.values())
    size = _find_net(highest)
    places = _read_places(EGI_MONTAGES[size])
    known = dict(zip(EGI_NUMBERS[size], EGI_PLACES, strict=True))
    numbered = {
        name: (known.get(number, f"E{number}"), places[_egi_label(number, size)])
        for name, number in numbers.items()
        if _egi_label(number, size) in places
    }
    vertex = [n for n in names if n.strip().upper() in ("CZ", "VREF", "VERTEX")]
    return numbered | {name: ("Cz", places["Cz"]) for name in vertex if "Cz" in places}


def _egi_label(number: int, size: int) -> str:
    """Return the name in MNE's template; the number after the last is the vertex."""
    return "Cz" if number == size + 1 else f"E{number}"


@cache
def _read_places(montage: str) -> dict[str, FloatArray]:
    """Return the places of a template of MNE in the head frame, metres."""
    return read_places(mne.channels.make_standard_montage(montage))
