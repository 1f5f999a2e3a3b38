"""File formats: by which name they are known, which reader opens them.

Every reader is MNE's, except XDF's (pyxdf).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import mne

from neurograft.errors import DataError
from neurograft.recordings.xdf import read_xdf


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes:
        name: What its users call it.
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
    try:
        return mne.io.read_raw_edf(path, verbose="error")
    except Exception as error:
        # MNE raises plain Exception for bytes that are not UTF-8.
        if "latin1" not in str(error):
            raise
        return mne.io.read_raw_edf(path, encoding="latin1", verbose="error")


def _read_bdf(path: Path) -> Any:
    return mne.io.read_raw_bdf(path, verbose="error")


def _read_gdf(path: Path) -> Any:
    return mne.io.read_raw_gdf(path, verbose="error")


def _read_brainvision(path: Path) -> Any:
    return mne.io.read_raw_brainvision(path, verbose="error")


def _read_eeglab(path: Path) -> Any:
    try:
        return mne.io.read_raw_eeglab(path, verbose="error")
    except TypeError as error:
        if "number of trials" not in str(error):
            raise
        return join_epochs(mne.io.read_epochs_eeglab(path, verbose="error"))


def join_epochs(epochs: Any) -> Any:
    """Put epochs one after the other, with a boundary between each two."""
    data = epochs.get_data(verbose="error")
    n_epochs, n_channels, n_times = data.shape
    joined = data.transpose(1, 0, 2).reshape(n_channels, -1)
    raw = mne.io.RawArray(joined, epochs.info, verbose="error")
    onsets = [number * n_times / raw.info["sfreq"] for number in range(1, n_epochs)]
    raw.set_annotations(mne.Annotations(onsets, 0.0, "boundary"), verbose="error")
    return raw


def _read_fif(path: Path) -> Any:
    return mne.io.read_raw_fif(path, allow_maxshield=False, verbose="error")


def _read_egi(path: Path) -> Any:
    return mne.io.read_raw_egi(path, verbose="error")


def _read_nicolet(path: Path) -> Any:
    return mne.io.read_raw_nicolet(path, ch_type="eeg", verbose="error")


def _read_eximia(path: Path) -> Any:
    return mne.io.read_raw_eximia(path, verbose="error")


def _read_nedf(path: Path) -> Any:
    return mne.io.read_raw_nedf(path, verbose="error")


def _read_nihon(path: Path) -> Any:
    return mne.io.read_raw_nihon(path, verbose="error")


def _read_persyst(path: Path) -> Any:
    return mne.io.read_raw_persyst(path, verbose="error")


def _read_curry(path: Path) -> Any:
    return mne.io.read_raw_curry(path, verbose="error")


def _read_ant(path: Path) -> Any:
    return mne.io.read_raw_ant(path, verbose="error")


def _read_neuroscan(path: Path) -> Any:
    return mne.io.read_raw_cnt(path, verbose="error")


EDF = Format("EDF", _read_edf)
BDF = Format("BDF", _read_bdf)
BRAINVISION = Format("BrainVision", _read_brainvision)
EEGLAB = Format("EEGLAB", _read_eeglab)
EGI = Format("EGI simple binary", _read_egi)
CURRY = Format("Curry", _read_curry, "curryreader")
ANT = Format("ANT eego", _read_ant, "antio")
NEUROSCAN = Format("Neuroscan", _read_neuroscan)
FORMATS = {
    ".edf": EDF,
    ".bdf": BDF,
    ".vhdr": BRAINVISION,
    ".set": EEGLAB,
    ".fif": Format("FIF", _read_fif),
    ".fif.gz": Format("FIF", _read_fif),
    ".gdf": Format("GDF", _read_gdf),
    ".mff": Format("EGI MFF", _read_egi, "mffpy"),
    ".raw": EGI,
    ".eeg": Format("Nihon Kohden", _read_nihon),
    ".lay": Format("Persyst", _read_persyst),
    ".cdt": CURRY,
    ".dap": CURRY,
    ".data": Format("Nicolet", _read_nicolet),
    ".nxe": Format("eXimia", _read_eximia),
    ".nedf": Format("NEDF", _read_nedf),
    ".xdf": Format("XDF", read_xdf, "pyxdf"),
    ".cnt": NEUROSCAN,
}
EXTENSIONS = tuple(FORMATS)
# First bytes of the two formats that share an extension. The wrong reader does not
# fail, it ends the process.
CNT_SIGNATURES = {b"RIFF": ANT, b"RF64": ANT, b"Vers": NEUROSCAN}
NIHON_SIGNATURE = re.compile(rb"^EEG-(1100|2100)")


def find_extension(path: Path) -> str:
    """The known extension of a file name in lower case, empty if it has none.

    Example:
        >>> find_extension(Path("rest_raw.fif.gz")), find_extension(Path("notes.docx"))
        ('.fif.gz', '')
    """
    name = path.name.lower()
    endings = [ending for ending in EXTENSIONS if name.endswith(ending)]
    return max(endings, key=len, default="")


def find_format(path: Path) -> Format:
    """The format of a file, by its name and, where names are shared, its first bytes.

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
                "the file is neither ANT's .cnt (RIFF) nor Neuroscan's (Version): it "
                f"begins with {signature!r}"
            )
        return CNT_SIGNATURES[signature]
    return FORMATS[extension]


def is_recording(path: Path) -> bool:
    """Whether a file or folder can be a recording, rather than part of one."""
    extension = find_extension(path)
    if extension == ".eeg":  # also the signals of BrainVision
        return not path.with_suffix(".vhdr").exists() and is_nihon_kohden(path)
    return bool(extension) and path.is_dir() == (extension == ".mff")


def is_nihon_kohden(path: Path) -> bool:
    """Whether an `.eeg` file is Nihon Kohden's."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return NIHON_SIGNATURE.match(file.read(16)) is not None
