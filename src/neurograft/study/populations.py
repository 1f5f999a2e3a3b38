"""Say before a run in what the people tested differ from those pretrained on.

An encoder that learned from adults was harmful in children where its objective was to
find the latents of simulated adults; masked modelling of real people was not. LeJEPA
alone was harmful in people with dementia (docs/pretraining.md). So a difference is
said, and harm only where it was seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from neurograft.study.known_recordings import KnownRecording
from neurograft.study.opened_study import Study
from neurograft.tasks.task import Task
from neurograft.types import FloatArray

# Share of the people pretrained on whose ages are left out at either end, percent, and
# share of the people tested above which a difference is said. Chosen here.
TAIL_PERCENT = 5
MIN_SHARE = 0.1
# Fewer known ages have no middle 90 %. Chosen here.
MIN_AGES = 10
# Objectives that harmed people of other ages than those learned from.
HARMFUL = {"latent": "`latent` harmed children where it had learned from adults"}

# Objectives that harmed where nothing else was learned.
HARMFUL_ALONE = {
    "lejepa": "`lejepa` alone harmed the classification of dementia (4 000 steps)"
}


class Population(NamedTuple):
    """The people whom an encoder was or will be pretrained on.

    Attributes:
        n_ages: People whose age is known.
        low: The 5th percentile of their ages, whole years.
        high: The 95th percentile.
        bids_tasks: Names of what they were recorded at, such as `rest`.
    """

    n_ages: int
    low: float
    high: float
    bids_tasks: tuple[str, ...]


def describe_population(
    ages: FloatArray, bids_tasks: Sequence[str]
) -> dict[str, object]:
    """Describe people as the card of an encoder does, without telling one of them.

    Args:
        ages: Years, of every person; NaN where unknown.
        bids_tasks: Of every recording; empty where unknown.

    Example:
        >>> describe_population(np.array([20.0, 30.0, np.nan]), ["rest", ""])
        {'n_ages': 2, 'low': 20.0, 'high': 30.0, 'bids_tasks': ['rest']}
    """
    known = ages[np.isfinite(ages)]
    low, high = (
        np.percentile(known, [TAIL_PERCENT, 100 - TAIL_PERCENT])
        if len(known)
        else (np.nan, np.nan)
    )
    return {
        "n_ages": len(known),
        "low": float(np.floor(low)) if len(known) else None,
        "high": float(np.ceil(high)) if len(known) else None,
        "bids_tasks": sorted({name for name in bids_tasks if name}),
    }


def read_population(card: Mapping[str, Any]) -> Population | None:
    """Read the population from the card of an encoder; older cards have none."""
    own = card.get("population")
    if not isinstance(own, dict):
        return None
    low, high = (float("nan" if own[k] is None else own[k]) for k in ("low", "high"))
    return Population(int(own["n_ages"]), low, high, tuple(own["bids_tasks"]))


def foresee_population(
    study: Study, known: Mapping[str, Sequence[KnownRecording]]
) -> Population:
    """Describe the people whom a study will pretrain on, from tables and file names."""
    sources = study.settings.source_cohorts
    people = [study.cohort(name).people for name in sources]
    ages = [one.known["age"].to_numpy(dtype=float) for one in people]
    tasks = [one.found.key.task for name in sources for one in known.get(name, ())]
    told = describe_population(np.concatenate(ages), tasks)
    found = read_population({"population": told})
    return found or Population(0, np.nan, np.nan, ())


def list_harmful(objectives: Sequence[str]) -> Iterator[str]:
    """Say of an objective that harmed that it may harm, whoever is tested.

    Args:
        objectives: Of the pretraining.

    Example:
        >>> len(list(list_harmful(["lejepa"]))), list(list_harmful(["mae", "lejepa"]))
        (1, [])
    """
    if len(set(objectives)) == 1 and objectives[0] in HARMFUL_ALONE:
        words = HARMFUL_ALONE[objectives[0]]
        yield f"pretraining: {words}, so it may harm here"


def list_differences(
    source: Population,
    task: Task,
    known: Mapping[str, Sequence[KnownRecording]],
    objectives: Sequence[str],
) -> Iterator[str]:
    """List in what a task's people differ from those the encoder learned from.

    Args:
        source: Whom the encoder learned from.
        task: The task.
        known: Recordings of every cohort.
        objectives: Of the pretraining.
    """
    ages = task.subjects["age"].to_numpy(dtype=float)
    ages = ages[np.isfinite(ages)]
    outside = (ages < source.low) | (ages > source.high)
    if source.n_ages >= MIN_AGES and outside.sum() >= max(1, MIN_SHARE * len(ages)):
        harm = [words for name, words in HARMFUL.items() if name in objectives]
        yield (
            f"task {task.name}: {int(outside.sum())} of {len(ages)} people are younger "
            f"or older than those the encoder learns from ({source.low:.0f} to "
            f"{source.high:.0f} years, the middle 90 % of {source.n_ages} people)"
            + "".join(f"; {words}, so it may harm here" for words in harm)
        )
    wanted = {name for view in task.views for name in view.bids_tasks}
    cohorts = dict.fromkeys(view.cohort for view in task.views)
    recorded = {one.found.key.task for name in cohorts for one in known.get(name, ())}
    new = sorted((wanted or recorded) - {"", *source.bids_tasks})
    if source.bids_tasks and new:
        yield (
            f"task {task.name}: people are recorded at {', '.join(new)}; the encoder "
            f"learns from {', '.join(source.bids_tasks)}"
        )
