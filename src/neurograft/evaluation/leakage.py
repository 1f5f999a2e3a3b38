"""The leak guard: nobody is on both sides, and the encoder has not met the patients."""

from collections.abc import Iterable
from typing import Any

from neurograft.errors import LeakageError
from neurograft.provenance import hash_subject


def check_no_leakage(train: Iterable[str], test: Iterable[str]) -> None:
    """Check that no subject is in both.

    Raises:
        LeakageError: If one is; the message names the first.
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
    card: dict[str, Any], cohort: str, signals: dict[str, set[str]]
) -> list[str]:
    """Whom of a cohort an encoder has seen, by their label or by their very signals.

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
    """Check that pretraining has not seen the people it is tested on.

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
    sources: Iterable[str], targets: Iterable[str], *, allow_transductive: bool
) -> None:
    """Check that no cohort is both pretrained on and tested on, before any work.

    The same people under another cohort's name are found later, by their signals.

    Raises:
        LeakageError: If one is and the study does not allow it.
    """
    shared = sorted(set(sources) & set(targets))
    if shared and not allow_transductive:
        raise LeakageError(
            f"Cohort {shared[0]!r} is pretrained on and belongs to a task; leave it "
            "out of pretraining.cohorts, or set pretraining.allow_transductive and "
            "results are labelled so."
        )
