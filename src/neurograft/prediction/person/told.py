"""Something that is told with an answer: a code, and the values of its sentence."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from neurograft.files.sentences import say


class Told(NamedTuple):
    """A code with the values of its sentence.

    Attributes:
        code: For example `NG711`.
        values: Of the placeholders of the sentence.
    """

    code: str
    values: Mapping[str, Any]

    def say(self, language: str = "en") -> str:
        """Say it in a language."""
        return say(self.code, self.values, language=language)
