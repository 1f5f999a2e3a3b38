"""Headers and markers of BrainVision files: read whatever wrote them, and repaired.

A recording is three files: header (`.vhdr`), markers (`.vmrk`) and signals (`.eeg`).
The header names the two others, and renaming the files is enough to break it.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from neurograft.errors import DataError
from neurograft.files.text import decode_text

# Lines of a header (BrainVision Core Data Format 1.0): sections, entries, first lines.
SECTION = re.compile(r"^\[(.+)\]\s*$")
ENTRY = re.compile(r"^(\w+)\s*=\s*(.*)$")
HEADER_LINE = "Brain Vision Data Exchange Header File Version 1.0"
MARKER_LINE = "Brain Vision Data Exchange Marker File, Version 1.0"
SAMPLE_BYTES = {"INT_16": 2, "INT_32": 4, "IEEE_FLOAT_32": 4}
# Sections that say how to read the signals; all others are text for people.
SECTIONS = (
    "Common Infos",
    "Binary Infos",
    "ASCII Infos",
    "Channel Infos",
    "Coordinates",
)


@dataclass(frozen=True)
class BrainVisionHeader:
    """The parts of a header that say how to read the signals.

    Attributes:
        sections: Key and value of every entry, by section.
        comment: Everything after the sections.
        encoding: Text encoding it was read with.
    """

    sections: dict[str, dict[str, str]]
    comment: str
    encoding: str

    @property
    def common(self) -> dict[str, str]:
        """Return the section that names the other files."""
        return self.sections.get("Common Infos", {})

    def name_companion(self, entry: str, path: Path) -> str:
        """Return the file that an entry names; `$b` in it is the header's own name."""
        return self.common.get(entry, "").replace("$b", path.stem)

    @property
    def lacks_filters(self) -> bool:
        """Return whether the comment's table of channels has no filter columns.

        MNE 1.13 reads filters from that table and fails if there are none.
        """
        lines = [line.strip() for line in self.comment.splitlines()]
        first = lines.index("Channels") if "Channels" in lines else len(lines)
        heads = [line for line in lines[first:] if re.match(r"#\s+Name", line)]
        return bool(heads) and "Low Cutoff" not in heads[0]

    def splits_samples(self, n_bytes: int) -> bool:
        """Return whether a file of so many bytes ends before all channels are there."""
        form = self.sections.get("Binary Infos", {}).get("BinaryFormat", "")
        n_channels = self.common.get("NumberOfChannels", "")
        if form not in SAMPLE_BYTES or not n_channels.isdigit():
            return False
        return n_bytes % max(int(n_channels) * SAMPLE_BYTES[form], 1) > 0

    def list_repeated(self) -> list[str]:
        """List the entries of channels whose name an earlier one has."""
        names: set[str] = set()
        found = []
        for key, entry in self.sections.get("Channel Infos", {}).items():
            name = entry.partition(",")[0]
            if name in names:
                found.append(key)
            names.add(name)
        return found

    def to_text(self) -> str:
        """Return the header as text, without the comment."""
        parts = [HEADER_LINE, ""]
        for name in SECTIONS:
            if name in self.sections:
                entries = self.sections[name].items()
                parts += [f"[{name}]", *(f"{k}={v}" for k, v in entries), ""]
        return "\n".join(parts)


def read_header(path: Path) -> BrainVisionHeader:
    """Read a `.vhdr` or `.vmrk` file.

    Raises:
        DataError: If it is not one.
    """
    text, encoding = decode_text(path.read_bytes())
    lines = text.splitlines()
    if not lines or not re.match(r"\s*Brain ?Vision", lines[0]):
        raise DataError("the file does not begin like a BrainVision header")
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=1):
        section = SECTION.match(line.strip())
        entry = ENTRY.match(line.strip())
        if section and section[1].lower() == "comment":
            comment = "\n".join(lines[number + 1 :])
            return BrainVisionHeader(sections, comment, encoding)
        if section:
            current = sections.setdefault(_name_section(section[1]), {})
        elif entry and not line.startswith(";"):
            current[entry[1]] = entry[2].strip()
    return BrainVisionHeader(sections, "", encoding)


def _name_section(name: str) -> str:
    known = {section.lower(): section for section in SECTIONS}
    return known.get(name.lower(), name)


def find_companion(header: Path, named: str, suffix: str) -> Path | None:
    """Return the file that a header names, else the one of the header's name."""
    candidates = [header.parent / Path(named.replace("\\", "/")).name] if named else []
    candidates += [header.with_suffix(suffix), header.with_suffix(suffix.upper())]
    return next((path for path in candidates if path.is_file()), None)


def find_signals(path: Path, header: BrainVisionHeader) -> Path:
    """Return the file of signals that belongs to a header.

    Raises:
        DataError: If the signals are not there under any name.
    """
    data = find_companion(path, header.name_companion("DataFile", path), ".eeg")
    if data is None:
        raise DataError("the signals are missing: there is no .eeg beside the header")
    return data


def find_markers(path: Path, header: BrainVisionHeader) -> Path | None:
    """Return the file of markers that belongs to a header; None if it names none."""
    named = header.name_companion("MarkerFile", path)
    return find_companion(path, named, ".vmrk") if named else None


def repair_header(path: Path, folder: Path) -> tuple[Path, list[str]]:
    """Make a header that MNE can read, if the one there is broken.

    Args:
        path: The header file.
        folder: Empty folder for the repaired header and markers.

    Returns:
        The header to read, and what was repaired, in words.

    Raises:
        DataError: If the signals are not there under any name, or the header has no
            channels or no time between samples.
    """
    header = read_header(path)
    _check_numbers(header)
    repairs = []
    data = find_signals(path, header)
    if data.name != header.name_companion("DataFile", path):
        repairs.append(
            "the header names another signal file: the one beside it is read"
        )
    markers = find_markers(path, header)
    named = header.name_companion("MarkerFile", path)
    if named and (markers is None or markers.name != named):
        repairs.append("the header names another marker file than the one beside it")
    faults = {
        "the signals end inside a sample: the file may be cut off": (
            header.splits_samples(data.stat().st_size)
        ),
        "the header's channel table has no filter columns": header.lacks_filters,
        "channels of the same name: the first of each is kept": header.list_repeated(),
        "the header has two comments": "[Comment]" in header.comment,
    }
    repairs += [said for said, is_there in faults.items() if is_there]
    if markers and decode_text(markers.read_bytes())[1] != "utf-8":
        repairs.append("the markers are in Latin-1")
    if not repairs:
        return path, []
    return _write_repaired(header, data, markers, folder), repairs


def _check_numbers(header: BrainVisionHeader) -> None:
    """Check that the header states channels and a time between samples."""
    for entry in ("NumberOfChannels", "SamplingInterval"):
        stated = header.common.get(entry, "1")
        if re.fullmatch(r"[-+]?0*([.,]0*)?", stated) or stated.startswith("-"):
            raise DataError(
                f"the header says {entry}={stated[:20]}, but it must be above 0"
            )


def _write_repaired(
    header: BrainVisionHeader, data: Path, markers: Path | None, folder: Path
) -> Path:
    channels = header.sections.get("Channel Infos", {})
    channels = channels | {
        key: f"{key} again,{channels[key].partition(',')[2]}"
        for key in header.list_repeated()
    }
    common = header.common | {"Codepage": "UTF-8", "DataFile": str(data.resolve())}
    common.pop("MarkerFile", None)
    if markers:
        text, _ = decode_text(markers.read_bytes())
        (folder / "repaired.vmrk").write_text(text, encoding="utf-8")
        common["MarkerFile"] = "repaired.vmrk"
    told = {"Common Infos": common, "Channel Infos": channels}
    repaired = replace(header, sections=header.sections | told)
    target = folder / "repaired.vhdr"
    target.write_text(repaired.to_text(), encoding="utf-8")
    return target
