"""Cards of public data sets: how to read each, what it holds, what is wrong with it.

A card is a TOML file in `recordings/cards/`. `card = "NAME"` in a cohort's section of
the study file fills in the settings of that data set; whatever the study says wins.
"""

import difflib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from neurograft.config.study_file.explanations import explain
from neurograft.errors import ConfigError

CARDS_FOLDER = Path(__file__).parent / "cards"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataSource(_Part):
    """Place of a data set, and the way to get it."""

    kind: Literal["openneuro", "physionet", "zenodo", "manual"]
    identifier: str = Field("", description="Accession, project or record.")
    version: str = Field("", description="Version that the card describes.")
    how: str = Field(description="What a person has to do.")


class Overlap(_Part):
    """Another data set that holds some of the same people."""

    name: str
    how: str


class DatasetCard(_Part):
    """Facts about a data set.

    Attributes:
        name: Under which it is known here.
        title: Title that its authors gave it.
        n_subjects: People.
        channels: Number and kind of electrodes.
        sfreq: Sampling rates, as text.
        states: What people did: eyes closed, eyes open, task.
        labels: What is known of the people.
        licence: Licence or data-use agreement.
        use: What that asks of users.
        citation: What to cite.
        source: Where to get it.
        overlaps: Data sets with the same people.
        defects: What is known to be wrong with it.
        checked: Which facts come from the files, rather than from publications or
            memory.
        diagnoses: Meaning of the values of the diagnosis column.
        cohort: Settings of `[cohorts.<name>]` that fit it.
    """

    name: str
    title: str
    n_subjects: int
    channels: str
    sfreq: str
    states: str
    labels: str
    licence: str
    use: str
    citation: str
    source: DataSource
    checked: str
    overlaps: tuple[Overlap, ...] = ()
    defects: tuple[str, ...] = ()
    diagnoses: dict[str, str] = {}
    cohort: dict[str, Any] = {}


def list_cards() -> list[str]:
    """List the names of all cards."""
    return sorted(path.stem for path in CARDS_FOLDER.glob("*.toml"))


@cache
def read_card(name: str) -> DatasetCard:
    """Read a card.

    Raises:
        ConfigError: If there is no such card; the message names similar ones.
    """
    path = CARDS_FOLDER / f"{name}.toml"
    if name not in list_cards():
        near = difflib.get_close_matches(name, list_cards(), n=3, cutoff=0.4)
        meant = f"did you mean {' or '.join(near)}?" if near else ""
        raise ConfigError(
            f"There is no card {name!r}; {meant or 'see'} `neurograft cards`."
        )
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return DatasetCard(name=name, **content)
    except ValidationError as error:
        raise ConfigError(explain(error, DatasetCard, path.name)) from error


def find_overlaps(name: str) -> dict[str, str]:
    """Return the cards with some of the same people, as either card states."""
    told = {one.name: one.how for one in read_card(name).overlaps}
    for other in list_cards():
        for overlap in read_card(other).overlaps:
            if overlap.name == name:
                told.setdefault(other, overlap.how)
    return told


def say_card(name: str) -> list[str]:
    """Write a card as lines of text, with the section of a study file that fits it.

    Raises:
        ConfigError: If there is no such card.
    """
    card = read_card(name)
    facts = {
        "people": str(card.n_subjects),
        "electrodes": card.channels,
        "sampling rate, Hz": card.sfreq,
        "states": card.states,
        "labels": card.labels,
        "diagnoses": ", ".join(f"{k} = {v}" for k, v in card.diagnoses.items()),
        "licence": card.licence,
        "use": card.use,
        "citation": card.citation,
        "how to get it": card.source.how,
        "facts": card.checked,
    }
    lines = [f"{card.name}: {card.title}"]
    lines += [f"  {label}: {text}" for label, text in facts.items() if text]
    lines += [f"  defect: {text}" for text in card.defects]
    lines += [
        f"  same people: {other} ({how})" for other, how in find_overlaps(name).items()
    ]
    filled = f"  # fills in {', '.join(card.cohort)}" if card.cohort else ""
    section = [f"[cohorts.{name}]", f'folder = "{name}"', f'card = "{name}"{filled}']
    return [*lines, "", *section]
