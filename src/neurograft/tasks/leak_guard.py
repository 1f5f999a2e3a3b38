"""Guard against leaks: nobody is on both sides, nobody tested was pretrained on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

from neurograft.config.cards import find_overlaps
from neurograft.errors import LeakageError


def check_no_leakage(train: Iterable[str], test: Iterable[str]) -> None:
    """Check that no person is in both the training and the test rows.

    Raises:
        LeakageError: If a person is in both; the message names the first.
    """
    shared = sorted(set(train) & set(test))
    if shared:
        raise LeakageError(
            f"{shared[0]!r} and {len(shared) - 1} more are both learned from and "
            "tested on; split by subject."
            if len(shared) > 1
            else f"{shared[0]!r} is both learned from and tested on; split by subject."
        )


def check_pretraining(
    seen: Mapping[str, str], *, cohort: str, allow_transductive: bool
) -> None:
    """Check that pretraining has seen none of the people who are tested.

    Args:
        seen: How the people who were seen are recognised (`label`, `signal`).
        cohort: Theirs.
        allow_transductive: Whether the study allows it.

    Raises:
        LeakageError: If it has and the study does not allow it.
    """
    if seen and not allow_transductive:
        first = min(seen)
        raise LeakageError(
            f"Pretraining sees {len(seen)} of the people of {cohort!r} who are tested "
            f"({first!r} first, known by {seen[first]}), perhaps under other labels. "
            "Name the cohorts to pretrain on in pretraining.cohorts without the one "
            "that holds them, take an encoder that never saw them, or set "
            "pretraining.allow_transductive and results are labelled so."
        )


class SharedPeople(NamedTuple):
    """Two cohorts that hold the same people.

    Attributes:
        source: Cohort pretrained on.
        target: Cohort tested on.
        how: What says that they do, in words.
    """

    source: str
    target: str
    how: str


def check_cohorts(
    shared: Sequence[SharedPeople], *, allow_transductive: bool, sealed: bool = False
) -> None:
    """Check that nobody is both pretrained on and tested on, before any work.

    The same people under another name are found later, by their signals.

    Args:
        shared: Cohorts with the same people, as `find_shared_cohorts` gives them.
        allow_transductive: Whether the study allows it.
        sealed: Whether pretraining leaves out the sealed people of the cohorts tested.

    Raises:
        LeakageError: If there are any and the study does not allow it.
    """
    for source, target, how in shared:
        if allow_transductive or (sealed and source == target):
            continue
        if source == target:
            raise LeakageError(
                f"Cohort {source!r} is pretrained on and belongs to a task; leave it "
                "out of pretraining.cohorts, or set pretraining.allow_transductive and "
                "results are labelled so."
            )
        raise LeakageError(
            f"Cohorts {source!r} (pretrained on) and {target!r} (tested on) hold the "
            f"same people: {how}. Name the cohorts to pretrain on in "
            f"pretraining.cohorts without {source!r}, take an encoder that comes with "
            'the package (pretraining.shipped = "tiny"), or set '
            "pretraining.allow_transductive and results are labelled so."
        )


def find_shared_cohorts(
    sources: Sequence[str],
    targets: Sequence[str],
    *,
    cards: Mapping[str, str] = MappingProxyType({}),
    compare_folders: Callable[[str, str], str] = lambda _source, _target: "",
) -> list[SharedPeople]:
    """Find cohorts pretrained on that hold people of cohorts tested on.

    Data sets that are known to hold the same people count as one.

    Args:
        sources: Cohorts pretrained on.
        targets: Cohorts tested on.
        cards: Name of the data-set card of every cohort that has one.
        compare_folders: Says what two cohorts' folders share; empty if nothing.
    """
    found = []
    for source, target in product(sources, targets):
        own, other = cards.get(source), cards.get(target)
        told = find_overlaps(own) if own else {}
        how = compare_folders(source, target) if source != target else "the same"
        if source != target and other and (other in told or own == other):
            how = told.get(other, "the same data set")
        if how:
            found.append(SharedPeople(source, target, how))
    return sorted(found, key=lambda one: one.source == one.target)
