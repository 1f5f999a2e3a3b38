"""The blocks of which pages are made: text, statements, figures, tables, sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from markupsafe import Markup

from neurograft.files.sentences import fill, read_words

# How a statement is marked, by word, by shape and by colour.
State = Literal["found", "nothing", "undecided", "refused", "caution", "told"]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text.

    Attributes:
        text: Whole sentences.
        style: `""`, `small` or `caution`.
    """

    kind: ClassVar[str] = "paragraph"
    text: str
    style: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading inside a section.

    Attributes:
        text: Of the heading.
        anchor: Where links to it lead; empty without one.
        level: 3 or 4.
    """

    kind: ClassVar[str] = "heading"
    text: str
    anchor: str = ""
    level: int = 3


@dataclass(frozen=True)
class Statement:
    """A sentence of the study with its code.

    Attributes:
        sentence: Whole sentence.
        state: How it is marked.
        code: For example `NG101`; empty if it has none.
        about: Of what it is said, for example the task; may be empty.
    """

    sentence: str
    state: State = "told"
    code: str = ""
    about: str = ""


@dataclass(frozen=True)
class Statements:
    """A list of statements."""

    kind: ClassVar[str] = "statements"
    rows: tuple[Statement, ...]


@dataclass(frozen=True)
class Figure:
    """A figure with its caption.

    Attributes:
        name: Of its file.
        svg: The drawing.
        caption: Whole sentences.
    """

    kind: ClassVar[str] = "figure"
    name: str
    svg: Markup
    caption: str


@dataclass(frozen=True)
class Table:
    """A table that can be sorted, copied and downloaded.

    Attributes:
        name: Of the file that is downloaded.
        columns: Headers.
        rows: Cells as people read them.
        caption: Whole sentences above it.
        has_places: Whether cells name places and pages that become links.
    """

    kind: ClassVar[str] = "table"
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    has_places: bool = False


class Foreign(str):
    """A cell in English on a page of another language: shown in quotes, and marked."""


@dataclass(frozen=True)
class Terms:
    """Words and codes, each with its explanation.

    Attributes:
        rows: Anchor, name and explanations.
    """

    kind: ClassVar[str] = "terms"
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Folded:
    """Blocks that are shown when somebody asks, and printed always.

    Attributes:
        title: What is inside.
        blocks: The blocks.
    """

    kind: ClassVar[str] = "folded"
    title: str
    blocks: "tuple[Block, ...]"


@dataclass(frozen=True)
class Answer:
    """The answer to one task: a card of the first page.

    Attributes:
        task: Its name.
        anchor: Of its results.
        state: In one of four states.
        sentence: The answer with n, interval and unit.
        code: Of the sentence.
        others: What else could explain it.
        needed: What would be needed to say more.
    """

    task: str
    anchor: str
    state: State
    sentence: str
    code: str
    others: tuple[Statement, ...] = ()
    needed: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Answers:
    """The cards of all tasks."""

    kind: ClassVar[str] = "answers"
    rows: tuple[Answer, ...]


Block: TypeAlias = (
    Paragraph | Heading | Statements | Figure | Table | Terms | Folded | Answers
)


@dataclass(frozen=True)
class PageSection:
    """A part of a page that the table of contents names.

    Attributes:
        anchor: Where links lead.
        title: Heading.
        blocks: What it holds.
    """

    anchor: str
    title: str
    blocks: tuple[Block, ...]


class PageWords:
    """The words of pages in one language.

    Args:
        language: For example `de`.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._words: Mapping[str, str] = read_words("page", language)

    def __call__(self, key: str, **values: Any) -> str:
        """Write the words of a key; numbers are written as the language does."""
        return fill(self._words[key], values, language=self.language)

    def write(self, key: str, values: Mapping[Any, Any], *names: str) -> str:
        """Write the words of a key from a row of a table; empty if a value is missing.

        Args:
            key: Of the words.
            values: The row.
            *names: Columns that must be known; by default `value`.
        """
        wanted = names or ("value",)
        if any(_is_missing(values.get(name)) for name in wanted):
            return ""
        return self(key, **{str(name): value for name, value in values.items()})

    def columns(self, *keys: str) -> tuple[str, ...]:
        """Return the headers of columns."""
        return tuple(self(f"column_{key}") if key else "" for key in keys)


def _is_missing(value: Any) -> bool:
    return value is None or value != value


def walk(blocks: Sequence[Block]) -> list[Block]:
    """List blocks with those that are folded."""
    found: list[Block] = []
    for block in blocks:
        found.append(block)
        if isinstance(block, Folded):
            found += walk(block.blocks)
    return found
