"""Commands about data sets: cards, downloads, copies without names."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def print_cards() -> None:
    """List the public data sets that neurograft knows by name.

    Each line has the name, the number of people, how to get the data, and the title.
    `neurograft cards show ds004504` prints what is known of one.
    """
    from neurograft.config.cards import list_cards, read_card

    for name in list_cards():
        card = read_card(name)
        how = "fetch" if card.source.kind != "manual" else "by hand"
        print(f"{name:<23}{card.n_subjects:>6} {how:<9}{card.title}")


def print_card(name: str, /) -> None:
    """Print what is known of a public data set, and how a study file names it.

    Args:
        name: Name of its card, for example ds004504.
    """
    from neurograft.config.cards import say_card

    for line in say_card(name):
        print(line)


def fetch_card(
    name: str,
    folder: Path,
    /,
    *,
    include: str = "*",
    quiet: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Download a public data set; the same command goes on after a stop.

    For example: `neurograft fetch ds004504 data/ds004504`.

    Args:
        name: Name of its card.
        folder: Folder for the files.
        include: Pattern of the files to download, for example "sub-01/*".
        quiet: Show no progress.
    """
    from neurograft.cli.progress import watch
    from neurograft.cohorts.download import fetch_dataset
    from neurograft.config.cards import read_card

    card = read_card(name)
    with watch(quiet=quiet) as progress:
        paths = fetch_dataset(card, folder, include=include, progress=progress)
    print(f"{len(paths)} files of {name} in {folder}. Licence: {card.licence}")
    print(f"{card.use} {card.citation}")


@Parameter(name="*")
@dataclass(frozen=True)
class TableOptions:
    """Columns of the tables of people.

    Attributes:
        table: Table of a folder that is not BIDS.
        participant_column: Its column of labels of people; without it, one that is
            called participant_id, subject or id is looked for.
        file_column: Its column of files.
        keep_columns: Columns of text that hold codes and stay, with commas between
            them; of their cells, those stay that two people share.
    """

    table: str = "participants.tsv"
    participant_column: Annotated[str, Parameter(show_default=False)] = ""
    file_column: str = "file"
    keep_columns: Annotated[str, Parameter(show_default=False)] = ""


USUAL_TABLE = TableOptions()


def copy_without_names(
    source: Path,
    target: Path,
    /,
    *,
    hash_ids: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    salt: Annotated[str, Parameter(show_default=False)] = "",
    cap_age: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    keep: Annotated[
        tuple[str, ...],
        Parameter(negative="", show_default=False, consume_multiple=False),
    ] = (),
    columns: TableOptions = USUAL_TABLE,
    quiet: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Copy a folder of recordings without names, dates or free text.

    For example: `neurograft deidentify clinic clinic-anonymous --hash-ids`.

    Args:
        source: BIDS folder, or any folder of recordings.
        target: New folder.
        hash_ids: Replace the labels of people by keyed hashes.
        salt: Secret of the hashes and date shifts: the same salt gives the same labels
            and shifts. Without one, a secret is drawn and forgotten.
        cap_age: Write ages above 89 as 89.
        keep: Text of an annotation that is harmless; may be repeated.
        columns: Columns of the tables of people.
        quiet: Show no progress.
    """
    import secrets

    from neurograft.cli.progress import watch
    from neurograft.cohorts.deidentify.copying import deidentify
    from neurograft.cohorts.deidentify.scrubbing import WITH_HEADER, Rules, Scrubber
    from neurograft.files.text import count_things

    rules = Rules(
        Scrubber(salt or secrets.token_hex(16), hash_ids, frozenset(keep)),
        cap_age=cap_age,
        table=columns.table,
        file_column=columns.file_column,
        participant_column=columns.participant_column,
        keep_columns=frozenset(
            filter(None, map(str.strip, columns.keep_columns.split(",")))
        ),
    )
    with watch(quiet=quiet) as progress:
        files = deidentify(source, target, rules, progress=progress)
    for file in files:
        if not file.target:
            print(f"left out {file.source}: {file.note}")
        elif file.note and file.note != WITH_HEADER:
            print(f"{file.source}: {file.note}".replace("\n", "\n    "))
    if not hash_ids:
        print(
            "Labels of people stay as they are: if one tells who somebody is, copy "
            "again with --hash-ids."
        )
    made = sum(path.is_file() for path in target.rglob("*"))
    print(f"{count_things(made, 'file')} in {target}")
