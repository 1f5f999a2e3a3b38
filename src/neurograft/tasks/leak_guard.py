"""Guard against leaks: nobody is on both sides, nobody tested was pretrained on."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import Any

from neurograft.config.cards import find_overlaps
from neurograft.errors import LeakageError
from neurograft.files.keys import hash_subject


def check_no_leakage(train: Iterable[str], test: Iterable[str]) -> None:
    """Check that no person is in both the training and the test rows.

    Raises:
        LeakageError: If a person is in both; the message names the first.
    """
    shared = sorted(set(train) & set(test))
    if shared:
        raise LeakageError(
            f"{shared[0]} and {len(shared) - 1} more are both learned from and tested "
            "on; split by subject."
            if len(shared) > 1
            else f"{shared[0]} is both learned from and tested on; split by subject."
        )


def find_seen_subjects(
    card: Mapping[str, Any], cohort: str, signals: dict[str, set[str]]
) -> list[str]:
    """Return the people of a cohort seen in pretraining, by label or by signals.

    Args:
        card: The encoder's card.
        cohort: Name of the cohort.
        signals: Hashes of every subject's stored recordings.

    Returns:
        Labels, sorted.
    """
    seen_people = set(card["seen_subjects"])
    seen_signals = set(card["seen_signals"])
    return sorted(
        subject
        for subject, hashes in signals.items()
        if hash_subject(cohort, subject) in seen_people or hashes & seen_signals
    )


def check_pretraining(
    seen: list[str], *, cohort: str, allow_transductive: bool
) -> None:
    """Check that pretraining has seen none of the people who are tested.

    Raises:
        LeakageError: If it has and the study does not allow it.
    """
    if seen and not allow_transductive:
        raise LeakageError(
            f"The encoder was pretrained on {len(seen)} of the people of {cohort!r} it "
            f"would be tested on ({seen[0]} first); leave the cohort out of "
            "pretraining, or set pretraining.allow_transductive and results are "
            "labelled so."
        )


def check_cohorts(
    sources: Sequence[str],
    targets: Sequence[str],
    *,
    allow_transductive: bool,
    cards: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Check that no cohort is both pretrained on and tested on, before any work.

    Data sets that are known to hold the same people count as one. The same people
    under another name are found later, by their signals.

    Args:
        sources: Cohorts pretrained on.
        targets: Cohorts tested on.
        allow_transductive: Whether the study allows it.
        cards: Name of the data-set card of every cohort that has one.

    Raises:
        LeakageError: If one is and the study does not allow it.
    """
    if allow_transductive:
        return
    for source, target in product(sources, targets):
        known = cards.get(source), cards.get(target)
        told = find_overlaps(known[0]) if known[0] else {}
        if source != target and known[1] and (known[1] in told or known[0] == known[1]):
            how = told.get(known[1], "the same data set")
            raise LeakageError(
                f"Cohorts {source!r} (pretrained on) and {target!r} (tested on) hold "
                f"the same people: {how}. Leave one out of pretraining.cohorts, or set "
                "pretraining.allow_transductive and results are labelled so."
            )
    shared = sorted(set(sources) & set(targets))
    if shared:
        raise LeakageError(
            f"Cohort {shared[0]!r} is pretrained on and belongs to a task; leave it "
            "out of pretraining.cohorts, or set pretraining.allow_transductive and "
            "results are labelled so."
        )


def check_duplicates(signals: Mapping[str, set[str]]) -> None:
    """Check that no two people have the same signal, bit by bit.

    Args:
        signals: Hashes of every person's stored recordings.

    Raises:
        LeakageError: If two have.
    """
    owner: dict[str, str] = {}
    for who, hashes in sorted(signals.items()):
        for one in sorted(hashes):
            if owner.setdefault(one, who) != who:
                raise LeakageError(
                    f"{owner[one]} and {who} have the same signal; one of them is a "
                    "copy. Remove it from the data, or give both the same label if "
                    "they are one person."
                )
