"""Something that is told with an answer: a code, and the values of its sentence."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from neurograft.files.sentences import say
from neurograft.report.documents.reasons import quote_reason

# Values that are reasons in English, as recordings hold them.
STORED, NESTED = "sentence", "reasons"


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
        return say(self.code, _say_reasons(self.values, language), language=language)


def _say_reasons(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Say in a language the reasons that recordings hold in English."""
    said = dict(values)
    if STORED in said:
        said[STORED] = quote_reason(said[STORED], language)
    if NESTED in said:
        said[NESTED] = [_say_reasons(one, language) for one in said[NESTED]]
    return said
