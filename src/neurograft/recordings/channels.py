"""Channel names as the field writes them, and where those electrodes sit."""

import re
from functools import cache

import mne
import numpy as np

from neurograft.errors import ChannelError
from neurograft.types import FloatArray

# Old 10-20 names and their modern ones (Chatrian, Lettich and Nelson 1985).
RENAMED = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}
PREFIX = re.compile(r"^(EEG|POL)[\s_-]+", re.IGNORECASE)
SUFFIX = re.compile(r"[\s_-]+(REF|LE|AR|AVG|A1A2|A1-A2|M1M2|A1|A2)$", re.IGNORECASE)
# Names of what is not a scalp electrode; MNE types them as EEG when read from EDF.
NOT_SCALP = re.compile(
    r"(EOG|ECG|EKG|EMG|PHOTIC|STIM|STATUS|TRIG|MARK|ANNOT|RESP|PULSE|IBI|BURSTS|SUPPR"
    r"|^(A1|A2|M1|M2|REF|GND)$)",
    re.IGNORECASE,
)
# Centre of the head sphere in MNE's head frame (default origin of its sphere model).
HEAD_CENTRE_M = np.array([0.0, 0.0, 0.04])


def canonical_name(name: str) -> str:
    """Return the modern 10-05 name, or the name as it is if it is not one.

    Example:
        >>> canonical_name("EEG T3-REF"), canonical_name("fp1")
        ('T7', 'Fp1')
    """
    stripped = SUFFIX.sub("", PREFIX.sub("", name.strip().rstrip("."))).rstrip(".")
    known = template_names().get(stripped.upper(), stripped)
    return RENAMED.get(known, known)


def is_scalp_name(name: str) -> bool:
    """Whether a name can be a scalp electrode (not EOG, ECG, earlobe, trigger ...)."""
    return NOT_SCALP.search(PREFIX.sub("", name.strip())) is None


@cache
def read_template_montage() -> mne.channels.DigMontage:
    """The 10-05 template montage; MNE 1.13 renamed `standard_1005`."""
    names = mne.channels.get_builtin_montages()
    name = "colin27_1005" if "colin27_1005" in names else "standard_1005"
    return mne.channels.make_standard_montage(name)


@cache
def template_positions() -> dict[str, FloatArray]:
    """Unit-sphere positions of the 10-05 system (MNE's `standard_1005`).

    Positions are in MNE's head frame (x right, y front, z up), centred at the head
    sphere's origin and scaled to length one.
    """
    montage = read_template_montage()
    info = mne.create_info(montage.ch_names, 100.0, "eeg")
    info.set_montage(montage)
    return {
        channel["ch_name"]: to_unit_sphere(channel["loc"][:3][None])[0]
        for channel in info["chs"]
    }


@cache
def template_names() -> dict[str, str]:
    """Template names by their upper-case spelling."""
    return {name.upper(): name for name in template_positions()}


def to_unit_sphere(head_positions_m: FloatArray) -> FloatArray:
    """Project head-frame positions in metres to the unit sphere around the head."""
    centred = head_positions_m - HEAD_CENTRE_M
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True))


def find_positions(
    names: list[str], file_positions_m: FloatArray
) -> tuple[FloatArray, list[str]]:
    """Give every channel a position: the file's own, else the template's.

    Args:
        names: Canonical channel names.
        file_positions_m: Head-frame positions in metres, NaN or zero where the file
            has none, shape `(n_channels, 3)`.

    Returns:
        Unit-sphere positions, NaN for channels that have none, and their names.

    Raises:
        ChannelError: If no channel has a position.
    """
    positions = np.full((len(names), 3), np.nan)
    own = np.isfinite(file_positions_m).all(1) & np.any(file_positions_m != 0, 1)
    if own.all():
        return to_unit_sphere(file_positions_m), []
    template = template_positions()
    for index, name in enumerate(names):
        if name in template:
            positions[index] = template[name]
    lost = [n for n, p in zip(names, positions, strict=True) if np.isnan(p[0])]
    if len(lost) == len(names):
        shown = ", ".join(names[:5])
        raise ChannelError(
            f"None of the {len(names)} channels ({shown}) has a position: the file "
            "holds none and the names are not of the 10-05 system; rename the channels "
            "or add electrodes.tsv."
        )
    return positions, lost
