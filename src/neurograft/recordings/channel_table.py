"""Names of channels in `channels.tsv`, and those of the file that they belong to."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pandas as pd

from neurograft.files.text import fold, fold_all
from neurograft.montage.channels import canonical_name, template_names
from neurograft.montage.known_words import show_channels
from neurograft.recordings.opening import OpenedFile

# Names that say nothing but the order of channels: EEG 001, Ch1, E1, 1.
NUMBERED = re.compile(
    r"(EEG|Ch|Chan|Channel|Sig|Signal|Input|AD|EX|E|X)?[\s_.#-]*\d{1,3}",
    re.IGNORECASE,
)
# Share of the names that must be known or numbered. Chosen here: half.
MIN_SHARE = 0.5


def name_by_table(
    opened: OpenedFile,
    table: pd.DataFrame,
    aliases: Collection[str],
    notes: list[str],
) -> tuple[OpenedFile, pd.DataFrame]:
    """Bring the names of a file and of its table of channels together.

    Where both name the same electrodes in other spellings, the table gets the names of
    the file. Where the file has numbers only, it gets the names of the table, in its
    order, if there are as many.

    Args:
        opened: The file.
        table: `channels.tsv`.
        aliases: Names that the study gives a meaning.
        notes: What was noticed is added here, in words.
    """
    if "name" not in table:
        notes.append("channels.tsv has no column of names: not used")
        return opened, table
    own = fold_all(opened.ch_names)
    table = table.assign(name=_spell(table["name"], opened.ch_names))
    if not len(table) or table["name"].isin(opened.ch_names).any():
        return opened, table
    names = _list_by_order(opened, [str(name) for name in table["name"]])
    is_numbered = _share(own, lambda name: NUMBERED.fullmatch(name) is not None)
    is_known = _share(names, _is_known)
    if {*own} & {*fold_all(aliases)}:
        return opened, table
    if is_numbered >= MIN_SHARE and is_known >= MIN_SHARE:
        first = show_channels(opened.ch_names[:1])
        notes.append(
            f"channels are numbered in the file ({first} ...): named by channels.tsv, "
            "in its order"
        )
        return replace(opened, ch_names=names), table
    notes.append("channels.tsv names no channel of the file: not used")
    return opened, table


def _spell(names: pd.Series, written: Sequence[str]) -> pd.Series:
    """Spell the names of a table as the file does, where they mean one electrode."""
    exact = {fold(name): name for name in reversed(written)}
    meant: dict[str, str] = {}
    for name in reversed(written):
        meant[canonical_name(name).upper()] = name
    return names.map(
        lambda name: (
            name
            if pd.isna(name)
            else exact.get(name, meant.get(canonical_name(name).upper(), name))
        )
    )


def _list_by_order(opened: OpenedFile, names: list[str]) -> list[str]:
    """Return the table's name of every channel, by order; empty if counts differ."""
    if len(names) == len(opened.ch_names):
        return names
    if len(names) == opened.n_written and opened.places:
        return [names[place] for place in opened.places]
    return []


def _is_known(name: str) -> bool:
    return canonical_name(name).upper() in template_names()


def _share(names: Sequence[str], is_such: Callable[[str], bool]) -> float:
    return sum(map(is_such, names)) / len(names) if names else 0.0
