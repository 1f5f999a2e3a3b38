"""Write what was done to the data as text to paste into a methods section."""

from collections.abc import Iterator
from typing import NamedTuple

from neurograft.files.sentences import fill, read_words
from neurograft.report.documents.analysis_steps import (
    describe_encoder_steps,
    describe_models,
    describe_shift_steps,
    describe_software,
    describe_statistics,
)
from neurograft.report.documents.preparation_steps import (
    Said,
    describe_cleaning,
    describe_people,
    describe_recordings,
)
from neurograft.report.documents.references import (
    MARK,
    Reference,
    number_citations,
    write_bibtex,
)
from neurograft.report.documents.stored_study import StoredStudy

# Headings in the order of the text, each with what it says.
STEPS = {
    "recordings": describe_recordings,
    "harmonising": describe_cleaning,
    "people": describe_people,
    "encoder": describe_encoder_steps,
    "models": describe_models,
    "statistics": describe_statistics,
    "shift": describe_shift_steps,
    "software": describe_software,
}


class MethodsStep(NamedTuple):
    """A paragraph of the methods text.

    Attributes:
        anchor: Of the paragraph in the page.
        title: Heading.
        sentences: Whole sentences, with numbers of publications in brackets.
    """

    anchor: str
    title: str
    sentences: tuple[str, ...]


class MethodsText(NamedTuple):
    """The methods text of a study.

    Attributes:
        steps: Paragraphs in their order.
        references: Publications by number.
        references_title: Heading of the references.
    """

    steps: tuple[MethodsStep, ...]
    references: tuple[Reference, ...]
    references_title: str

    @property
    def plain(self) -> str:
        """Return the text to paste, with the references below it."""
        parts = [f"{step.title}\n{' '.join(step.sentences)}" for step in self.steps]
        if self.references:
            lines = [f"{one.number}. {one.text}" for one in self.references]
            parts.append("\n".join([self.references_title, *lines]))
        return "\n\n".join(parts) + "\n"

    @property
    def bibtex(self) -> str:
        """Return the BibTeX file with exactly the publications that are cited."""
        return write_bibtex(reference.key for reference in self.references)


def write_methods(study: StoredStudy, language: str | None = None) -> MethodsText:
    """Write what was done, in order, from stored settings and tables.

    Args:
        study: A finished study.
        language: Of the text; by default the one that the author chose.
    """
    language = language or study.author.language
    words = read_words("steps", language)

    def say(said: Said) -> str:
        code, values = said
        plain = {key: _keep_plain(key, value) for key, value in values.items()}
        return fill(str(words[code]["sentence"]), plain, language=language)

    written = {name: [say(one) for one in told(study)] for name, told in STEPS.items()}
    flat = [sentence for sentences in written.values() for sentence in sentences]
    numbered, references = number_citations(flat)
    texts: Iterator[str] = iter(numbered)
    steps = tuple(
        MethodsStep(
            f"done-{name}",
            words[f"title-{name}"]["sentence"],
            tuple(next(texts) for _ in own),
        )
        for name, own in written.items()
        if own
    )
    title = words["title-references"]["sentence"]
    return MethodsText(steps, tuple(references), title)


def _keep_plain(key: str, value: object) -> object:
    """Return a value in which nothing looks like a citation but what is one."""
    if isinstance(value, str) and key != "cites":
        return MARK.sub(lambda found: f"({found[1]})", value)
    return value
