"""Texts that became `note` in a copy: how many there are, and the most frequent."""

from collections import Counter
from collections.abc import Iterator

from neurograft.cohorts.deidentify.people.known_people import KnownPeople
from neurograft.cohorts.deidentify.people.personal_names import names_somebody
from neurograft.cohorts.deidentify.plain_values import holds_date, holds_long_number
from neurograft.cohorts.deidentify.scrubbing import (
    ALL_FILES,
    REPLACEMENT,
    Copied,
    Scrubber,
)
from neurograft.files.text import count_things

# So many texts are shown, if they are so short: a sentence is a remark. Chosen here.
MOST_SHOWN, MAX_LENGTH = 5, 30


def say_replaced(scrubber: Scrubber, people: KnownPeople) -> Iterator[Copied]:
    """Say how many texts became `note` in how many files, and how they are kept.

    The most frequent are shown, but for those that may name or date somebody.

    Args:
        scrubber: Which replaced them.
        people: Of the data set.

    Example:
        >>> scrubber = Scrubber("secret", file="a.edf")
        >>> [scrubber.scrub(text) for text in ("oddball", "Dr. Huber")]
        ['note', 'note']
        >>> (said,) = say_replaced(scrubber, KnownPeople())
        >>> said.note.partition(":")[0]
        '2 different texts of events or titles became `note` in 1 file'
    """
    counted: Counter[str] = Counter()
    for (text, _), number in scrubber.replaced.items():
        counted[text] += number
    if not counted:
        return
    files = {file for _, file in scrubber.replaced}
    shown = [text for text, _ in counted.most_common() if _may_be_shown(text, people)]
    texts = count_things(len(counted), "different text")
    sentence = (
        f"{texts} of events or titles became `{REPLACEMENT}` in "
        f"{count_things(len(files), 'file')}: --keep TEXT keeps one that names nobody"
    )
    if shown:
        sentence += f" (the most frequent: {', '.join(shown[:MOST_SHOWN])})"
    yield Copied(ALL_FILES, ALL_FILES, sentence)


def _may_be_shown(text: str, people: KnownPeople) -> bool:
    is_named = names_somebody(text, people, ()) or people.has_label(text)
    is_safe = not is_named and not holds_date(text) and not holds_long_number(text)
    return is_safe and len(text) <= MAX_LENGTH
