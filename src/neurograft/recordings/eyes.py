"""Which BIDS tasks were recorded with eyes closed, and which with eyes open."""

from collections.abc import Iterable

# Words for closed, each with its counterpart: eyesclosed, eyesopen; restEC, restEO.
WORDS = (("closed", "open"), ("ec", "eo"))


def pair_eyes(tasks: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """BIDS tasks with eyes closed, and their counterparts with eyes open.

    A task counts if another has the same name but for the word: no label alone says
    enough.

    Example:
        >>> pair_eyes(["restEC", "restEO", "oddball"])
        (('restEC',), ('restEO',))
    """
    of_name = {task.lower(): task for task in sorted(tasks)}
    pairs = {}
    for closed, opened in WORDS:
        for name, task in of_name.items():
            other = of_name.get(opened.join(name.rsplit(closed, 1)), task)
            if other != task:
                pairs[task] = other
    return tuple(sorted(pairs)), tuple(sorted(pairs.values()))
