"""Labels of people: in names of folders, and in tables that spell them otherwise."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd

from neurograft.files.text import fold

SUBJECT = re.compile(r"sub-", re.IGNORECASE)


def is_bids(folder: Path) -> bool:
    """Return whether a folder holds subjects as BIDS does."""
    return bool(list_subject_folders(folder))


def is_subject(name: str) -> bool:
    """Return whether the name of a folder is that of a subject."""
    return SUBJECT.match(name) is not None


def list_subject_folders(folder: Path) -> list[Path]:
    """List the folders of subjects; `Sub-01` counts too."""
    return sorted(
        path for path in folder.iterdir() if is_subject(path.name) and path.is_dir()
    )


def name_subject(label: str) -> str:
    """Return a label with the `sub-` of BIDS in front.

    Example:
        >>> name_subject("Sub-01"), name_subject("BP-01")
        ('sub-01', 'sub-BP-01')
    """
    return f"sub-{SUBJECT.sub('', fold(label), count=1)}"


def match_labels(
    labels: Sequence[str], recorded: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """Match the labels of a table to those of folders that are spelled otherwise.

    A label without `sub-`, or in other case, is that of the only folder that is alike;
    a number (`1`) that of the only folder with this number (`sub-01`). Where two could
    be meant, nobody is.

    Returns:
        Labels of folders by those of the table, where they differ; and a sentence.

    Example:
        >>> match_labels(["01", "2"], ["sub-01", "sub-02"])[0]
        {'01': 'sub-01', '2': 'sub-02'}
    """
    known = set(recorded)
    found: dict[str, str] = {}
    for loosen in (ignore_case, ignore_zeros):
        taken = {*found.values(), *(one for one in labels if one in known)}
        asked = _group(
            (one for one in labels if one not in known and one not in found), loosen
        )
        offered = _group(recorded, loosen)
        for plain, same in asked.items():
            meant = offered.get(plain, set())
            if len(same) == len(meant) == 1 and not meant & taken:
                found[next(iter(same))] = next(iter(meant))
    if not found:
        return {}, []
    label, folder = next(iter(found.items()))
    sentence = (
        f"{len(found)} labels of the table are those of folders in another spelling, "
        f"such as {label} for {folder}"
    )
    return found, [sentence]


def _group(labels: Iterable[str], loosen: Callable[[str], str]) -> dict[str, set[str]]:
    """Group labels by what they have in common."""
    groups: dict[str, set[str]] = {}
    for label in labels:
        groups.setdefault(loosen(label), set()).add(label)
    return groups


def ignore_case(label: str) -> str:
    """Return a label in lower case, without the `sub-` of BIDS."""
    return SUBJECT.sub("", label, count=1).casefold()


def ignore_zeros(label: str) -> str:
    """Return a number without zeros in front and without the decimals of Excel."""
    plain = ignore_case(label)
    match = re.fullmatch(r"0*(\d+)(?:\.0+)?", plain)
    return match[1] if match else plain


def rename_people(table: pd.DataFrame, folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """Give the people of a table the labels of their folders; say what was done."""
    recorded = [name_subject(path.name) for path in list_subject_folders(folder)]
    found, notes = match_labels(table["participant_id"].tolist(), recorded)
    return table.assign(participant_id=table["participant_id"].replace(found)), notes
