"""Sort received files into recordings: files that belong together get one name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from neurograft.app.patient.archives import unpack
from neurograft.app.patient.uploads import Received
from neurograft.errors import DataError

# The main file of a recording, and the endings of files that belong to it.
COMPANIONS = {
    ".edf": (), ".bdf": (), ".vhdr": (".eeg", ".vmrk", ".dat"), ".set": (".fdt",),
    ".fif": (), ".gdf": (), ".xdf": (), ".cnt": (),
}  # fmt: skip
# Lines of a BrainVision header that name other files.
NAMED = re.compile(rb"(?m)^(\s*(?:DataFile|MarkerFile)\s*=\s*)([^\r\n]*)")
BELONGS = {
    ".eeg": "it belongs to a BrainVision header (.vhdr), which was not sent",
    ".vmrk": "it belongs to a BrainVision header (.vhdr), which was not sent",
    ".dat": "it belongs to a BrainVision header (.vhdr), which was not sent",
    ".fdt": "it belongs to an EEGLAB file (.set), which was not sent",
}


@dataclass
class Arranged:
    """Recordings among the files that were received.

    Attributes:
        recordings: Main files, under names of ours.
        names: Names under which they were sent, by ours.
        unused: Names of all other files, with the reason.
    """

    recordings: list[Path] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    unused: list[tuple[str, str]] = field(default_factory=list)


def sort_files(files: Sequence[Received], folder: Path, *, limit: int) -> Arranged:
    """Sort files into recordings, each under a neutral name in a folder.

    Names that were sent may be those of people: none becomes that of a file.

    Args:
        files: As they were received.
        folder: An existing one, for the recordings.
        limit: Bytes that a zip may unpack to.

    Raises:
        DataError: If a zip cannot be unpacked, or no file is a recording.
    """
    flat: list[Received] = []
    for file in files:
        is_zip = file.name.lower().endswith(".zip")
        flat += unpack(file, file.path.parent, limit=limit) if is_zip else [file]
    arranged = Arranged()
    rest = list(flat)
    for main in [file for file in flat if _get_ending(file) in COMPANIONS]:
        rest.remove(main)
        stem = f"recording-{len(arranged.recordings) + 1:02d}"
        ending = _get_ending(main)
        target = folder / f"{stem}{ending}"
        own = _find_companions(main, rest)
        for companion in own:
            rest.remove(companion)
            companion.path.rename(folder / f"{stem}{_get_ending(companion)}")
        main.path.rename(target)
        if ending == ".vhdr":
            _rename_inside(target, own, stem)
        arranged.recordings.append(target)
        arranged.names[target.name] = main.name
    arranged.unused += [(file.name, _say_unused(file)) for file in rest]
    if not arranged.recordings:
        raise DataError(_say_nothing(arranged.unused))
    return arranged


def _get_ending(file: Received) -> str:
    return Path(file.name).suffix.lower()


def _find_companions(main: Received, rest: Sequence[Received]) -> list[Received]:
    """Find the files of a recording: those that its header names, or of its stem."""
    stem = Path(main.name).stem.lower()
    named = set()
    if _get_ending(main) == ".vhdr":
        text = main.path.read_bytes()[: 2**20]
        named = {
            match[2].decode("utf-8", "replace").strip().rsplit("\\", 1)[-1].lower()
            for match in NAMED.finditer(text)
        }
    found: dict[str, Received] = {}
    for file in sorted(rest, key=lambda one: one.name.lower() not in named):
        ending = _get_ending(file)
        is_own = file.name.lower() in named or Path(file.name).stem.lower() == stem
        if is_own and ending in COMPANIONS[_get_ending(main)]:
            found.setdefault(ending, file)
    return list(found.values())


def _rename_inside(header: Path, companions: Sequence[Received], stem: str) -> None:
    """Let a BrainVision header name its files as they are called now."""
    endings = {_get_ending(file) for file in companions}

    def rename(match: re.Match[bytes]) -> bytes:
        is_data = b"datafile" in match[1].lower()
        wanted = (".eeg", ".dat") if is_data else (".vmrk",)
        own = [ending for ending in wanted if ending in endings]
        return match[1] + f"{stem}{own[0] if own else wanted[0]}".encode()

    header.write_bytes(NAMED.sub(rename, header.read_bytes()))


def _say_unused(file: Received) -> str:
    default = f"a {_get_ending(file) or 'file without ending'} is no recording"
    return BELONGS.get(_get_ending(file), default)


def _say_nothing(unused: Sequence[tuple[str, str]]) -> str:
    told = "; ".join(f"{name}: {why}" for name, why in unused[:5])
    return (
        "No recording was sent; expected EDF, BDF, BrainVision (all three files), "
        f"EEGLAB, or a zip of them{f' ({told})' if told else ''}."
    )
