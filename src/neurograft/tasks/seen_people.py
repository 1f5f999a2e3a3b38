"""Tell whom an encoder has seen in pretraining, and who of other people it has met.

The card of an encoder holds no label and no signal, but by what both are recognised:
hashes of labels, fingerprints of recordings, names of data sets.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from neurograft.config.cards import find_overlaps, list_cards
from neurograft.files.keys import hash_subject
from neurograft.files.writing import digest
from neurograft.store.fingerprint_matching import find_copies
from neurograft.store.signal_fingerprint import (
    FINGERPRINT_VERSION,
    parse_fingerprint,
    thin_fingerprint,
    write_fingerprint,
)


class DataSet(NamedTuple):
    """The data set that a cohort of a study is, whatever the study calls it.

    Attributes:
        name: Of its card, else of the cohort.
        labelled_by: Names under which its labels mean a person: of its card, and of
            its folder with the folder around it. The first is kept on cards.
        folder: Where its recordings lie.
    """

    name: str
    labelled_by: tuple[str, ...]
    folder: str = ""

    @classmethod
    def of_folder(cls, cohort: str, card: str, folder: Path) -> "DataSet":
        """Name the data set of a cohort.

        A folder called like a card is that data set; other folders are known by two
        names, for many are called `bids` or `eeg`.
        """
        folder = folder.resolve()
        card = card or (folder.name if folder.name in list_cards() else "")
        place = "/".join(folder.parts[-2:])
        keys = (card, place) if card else (place,)
        return cls(card or cohort, keys, str(folder))


class RecordedPerson(NamedTuple):
    """A person of a cohort, with the fingerprints of every recording.

    Attributes:
        cohort: Name of the cohort in the study.
        participant_id: Label.
        data_set: What the cohort is.
        fingerprints: Whole ones, of all recordings that are long enough.
    """

    cohort: str
    participant_id: str
    data_set: DataSet
    fingerprints: tuple[bytes, ...]


@dataclass(frozen=True)
class SeenPeople:
    """People and recordings that an encoder has seen.

    Attributes:
        data_sets: Names of their data sets.
        n_people: How many there were, as far as the card tells.
        salt: Of the hashes of labels.
        labels: Those hashes.
        fingerprints: Thinned ones, of all recordings that had one.
    """

    data_sets: tuple[str, ...]
    n_people: int
    salt: str
    labels: frozenset[str]
    fingerprints: tuple[bytes, ...]

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> "SeenPeople":
        """Read the card of an encoder; what it lacks is empty.

        Raises:
            DataError: If a fingerprint is damaged.
        """
        is_known = card.get("fingerprint_version") == FINGERPRINT_VERSION
        names = dict.fromkeys([*card.get("data_sets", ()), *card.get("cohorts", ())])
        texts = card.get("seen_recordings", ()) if is_known else ()
        return cls(
            tuple(names),
            int(card.get("n_subjects", 0)),
            str(card.get("salt", "")),
            frozenset(card.get("seen_subjects", ()) if card.get("salt") else ()),
            tuple(parse_fingerprint(text) for text in texts),
        )

    def name_relatives(self, data_sets: Iterable[str]) -> dict[str, str]:
        """Name the data sets seen that hold the people of others, and say how."""
        found = {}
        for own in data_sets:
            told = find_overlaps(own) if own in list_cards() else {}
            for seen in self.data_sets:
                if seen == own:
                    found[seen] = "the same data set"
                elif seen in told:
                    found[seen] = told[seen]
        return found

    def find_people(self, people: Sequence[RecordedPerson]) -> dict[int, str]:
        """Find who of some people was seen, by label or by signal.

        Returns:
            By number of the person: `label` or `signal`.
        """
        found = {}
        if self.salt:
            for number, one in enumerate(people):
                hashes = {
                    hash_subject(name, one.participant_id, self.salt)
                    for name in one.data_set.labelled_by
                }
                if hashes & self.labels:
                    found[number] = "label"
        owners = [i for i, one in enumerate(people) for _ in one.fingerprints]
        own = [mark for one in people for mark in one.fingerprints]
        for copy in find_copies(own, self.fingerprints):
            found[owners[copy.own]] = "signal"
        return found


def describe_seen(
    people: Sequence[RecordedPerson], *, salt: str = ""
) -> dict[str, object]:
    """Return what a card tells of people, so that they are recognised and not named.

    Args:
        people: All whom the encoder has seen.
        salt: Of a card that is added to; made of the recordings by default, so that
            the same study gives the same card.
    """
    marks = [thin_fingerprint(mark) for one in people for mark in one.fingerprints]
    recordings = sorted(write_fingerprint(mark) for mark in marks)
    salt = salt or digest([recordings, [one[:2] for one in people]])[:32]
    return {
        "salt": salt,
        "data_sets": sorted({one.data_set.name for one in people}),
        "seen_subjects": sorted(
            hash_subject(one.data_set.labelled_by[0], one.participant_id, salt)
            for one in people
        ),
        "seen_recordings": recordings,
        "fingerprint_version": FINGERPRINT_VERSION,
    }


def find_shared_recordings(
    people: Sequence[RecordedPerson], owners: Sequence[Hashable]
) -> tuple[int, int, float] | None:
    """Find the two people whose recordings share the most, if any do.

    Args:
        people: As they are listed; somebody may be listed twice.
        owners: Who each is.

    Returns:
        Numbers of both, and the seconds that they share.
    """
    numbers = [i for i, one in enumerate(people) for _ in one.fingerprints]
    own = [mark for one in people for mark in one.fingerprints]
    for copy in find_copies(own, [thin_fingerprint(mark) for mark in own]):
        first, second = sorted((numbers[copy.own], numbers[copy.seen]))
        if owners[first] != owners[second]:
            return first, second, copy.seconds
    return None
