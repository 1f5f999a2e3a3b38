"""File formats: by which name they are known, which reader opens them.

Every reader is MNE's, except XDF's (pyxdf).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import mne

from neurograft.errors import DataError
from neurograft.recordings.edf import read_at_eeg_rate, read_gdf_whole
from neurograft.recordings.eeglab import read_eeglab
from neurograft.recordings.xdf import read_xdf


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes:
        name: Name that its users know.
        read: Opens a file as an MNE `Raw`, without loading the signals if it can.
        package: Package that the reader needs beyond what is always installed.
    """

    name: str
    read: Callable[[Path], Any]
    package: str = ""

    def open(self, path: Path) -> Any:
        """Open a file.

        Raises:
            DataError: If the reader's package is not installed.
        """
        if self.package and find_spec(self.package) is None:
            raise DataError(
                f"{self.name} files need the package {self.package}: "
                "pip install 'neurograft[readers]'"
            )
        return self.read(path)


def _read_edf(path: Path) -> Any:
    reader = mne.io.read_raw_edf
    try:
        return read_at_eeg_rate(reader, path, verbose="error")
    except Exception as error:
        # MNE raises plain Exception for bytes that are not UTF-8.
        if "latin1" not in str(error):
            raise
        return read_at_eeg_rate(reader, path, encoding="latin1", verbose="error")


def _quietly(reader: Callable[..., Any], **options: Any) -> Callable[[Path], Any]:
    """Return a reader of MNE that logs errors only."""
    return partial(reader, verbose="error", **options)


# Formats by extension; those that are asked for elsewhere have a name.
EDF = Format("EDF", _read_edf)
BDF = Format("BDF", partial(read_at_eeg_rate, mne.io.read_raw_bdf, verbose="error"))
GDF = Format("GDF", partial(read_gdf_whole, mne.io.read_raw_gdf, verbose="error"))
BRAINVISION = Format("BrainVision", _quietly(mne.io.read_raw_brainvision))
FIF = Format("FIF", _quietly(mne.io.read_raw_fif))
CURRY = Format("Curry", _quietly(mne.io.read_raw_curry), "curryreader")
ANT = Format("ANT eego", _quietly(mne.io.read_raw_ant), "antio")
NEUROSCAN = Format("Neuroscan", _quietly(mne.io.read_raw_cnt))
FORMATS = {
    ".edf": EDF,
    ".bdf": BDF,
    ".vhdr": BRAINVISION,
    ".set": Format("EEGLAB", read_eeglab),
    ".fif": FIF,
    ".fif.gz": FIF,
    ".gdf": GDF,
    ".mff": Format("EGI MFF", _quietly(mne.io.read_raw_egi), "mffpy"),
    ".raw": Format("EGI simple binary", _quietly(mne.io.read_raw_egi)),
    ".eeg": Format("Nihon Kohden", _quietly(mne.io.read_raw_nihon)),
    ".lay": Format("Persyst", _quietly(mne.io.read_raw_persyst)),
    ".cdt": CURRY,
    ".dap": CURRY,
    ".data": Format("Nicolet", _quietly(mne.io.read_raw_nicolet, ch_type="eeg")),
    ".nxe": Format("eXimia", _quietly(mne.io.read_raw_eximia)),
    ".nedf": Format("NEDF", _quietly(mne.io.read_raw_nedf)),
    ".xdf": Format("XDF", read_xdf, "pyxdf"),
    ".cnt": NEUROSCAN,
}
EXTENSIONS = tuple(FORMATS)
# First bytes of the two formats that share `.cnt` (the wrong reader does not fail, it
# ends the process), and of Nihon Kohden's, whose `.eeg` BrainVision shares.
CNT_SIGNATURES = {b"RIFF": ANT, b"RF64": ANT, b"Vers": NEUROSCAN}
NIHON_SIGNATURE = re.compile(rb"^EEG-(1100|2100)")


def find_extension(path: Path) -> str:
    """Return the known extension of a file name in lower case, or nothing.

    Example:
        >>> find_extension(Path("rest_raw.fif.gz")), find_extension(Path("notes.docx"))
        ('.fif.gz', '')
    """
    name = path.name.lower()
    endings = [ending for ending in EXTENSIONS if name.endswith(ending)]
    return max(endings, key=len, default="")


def find_format(path: Path) -> Format:
    """Return the format of a file, by its name and, if shared, its first bytes.

    Raises:
        DataError: If there is no reader for it.
    """
    extension = find_extension(path)
    if not extension:
        kind = path.suffix or "file without ending"
        raise DataError(f"a {kind} is not one of {', '.join(EXTENSIONS)}")
    if extension == ".cnt":
        with path.open("rb") as file:
            signature = file.read(4)
        if signature not in CNT_SIGNATURES:
            raise DataError(
                "the file begins neither like ANT's .cnt (RIFF) nor like Neuroscan's "
                "(Version)"
            )
        return CNT_SIGNATURES[signature]
    return FORMATS[extension]


def is_recording(path: Path) -> bool:
    """Return whether a file or folder can be a recording, not a part of one.

    What may not be looked at can be one, so that it is not passed over.
    """
    extension = find_extension(path)
    try:
        return _is_whole(path, extension)
    except OSError:
        return bool(extension)


def list_recording_files(folder: Path) -> list[Path]:
    """List the recordings below a folder, in the order of their paths.

    Hidden folders are not entered: there lie the stores of git-annex, and what the
    local page was sent. Nor are those that are one recording.
    """
    found = []
    for path in folder.rglob("*"):
        around = path.relative_to(folder).parts[:-1]
        if any(one.startswith(".") or one.lower().endswith(".mff") for one in around):
            continue
        if is_recording(path):
            found.append(path)
    return sorted(found)


def _is_whole(path: Path, extension: str) -> bool:
    if extension == ".eeg":  # also the signals of BrainVision
        return not path.with_suffix(".vhdr").exists() and _is_nihon_kohden(path)
    return bool(extension) and path.is_dir() == (extension == ".mff")


def _is_nihon_kohden(path: Path) -> bool:
    """Return whether an `.eeg` file is Nihon Kohden's."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return NIHON_SIGNATURE.match(file.read(16)) is not None
