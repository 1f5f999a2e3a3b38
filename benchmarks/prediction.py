"""Does a predictor keep to new people what it promises, and does it know strangers?

    nice -n 15 python benchmarks/prediction_pool.py FOLDER
    nice -n 15 python benchmarks/prediction.py FOLDER [--cohorts 60] [--jobs 2]

Every training cohort is 40 patients and 40 controls, drawn from the home pool; 200
others of it are new. A cohort is cross-validated and fitted as `neurograft fit` does
it. A line for each cohort, task and method is appended to `FOLDER/cohorts.tsv`; started
again, it goes on. At the end it prints the tables of docs/prediction-proof.md.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from prediction_pool import CHANNELS, HOME, N_WINDOWS, POOLS, read_pool

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.config.methods import parse_method
from neurograft.evaluation.cross_validation import evaluate_fold
from neurograft.evaluation.method_result import gather_method
from neurograft.evaluation.methods.problem import Question
from neurograft.kinds import Kind
from neurograft.prediction.card import (
    BUNDLE_VERSION,
    ChosenMethod,
    LearnedFrom,
    PredictorCard,
    Taken,
)
from neurograft.prediction.fitting import Material, fit_predictor
from neurograft.prediction.learned.held_out import (
    HeldOut,
    collect_held_out,
    take_logarithms,
)
from neurograft.prediction.person.limits import find_warnings
from neurograft.prediction.predictor import Predictor
from neurograft.statistics.metrics.classification import (
    auroc,
    calibration_intercept,
    calibration_slope,
)
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.splits import Split, make_splits
from neurograft.types import Arrays, BoolArray, IntArray

N_EACH, N_NEW = 40, 200
N_SPLITS, N_INNER = 5, 5
METHODS = ("encoder", "band-power")
TASKS = {"disease": "is_patient", "age": "age"}
CLASSES = ("control", "patient")
FILE = "cohorts.tsv"
# Refusals that a method is subject to: band power needs its electrodes.
REFUSED = {"encoder": ("NG701", "NG704"), "band-power": ("NG701", "NG703", "NG704")}


def draw_cohort(home: Arrays, seed: int) -> tuple[IntArray, IntArray]:
    """Draw people to learn from, and others who are new."""
    rng = np.random.default_rng([11, seed])
    is_usable = home["refused"] == ""
    is_usable &= ~np.isnan(home["facts"]).any(1)
    groups = [
        rng.permutation(np.flatnonzero(is_usable & (home["is_patient"] == label)))
        for label in (0, 1)
    ]
    learned = np.sort(np.concatenate([own[:N_EACH] for own in groups]))
    rest = np.concatenate([own[N_EACH:] for own in groups])
    return learned, np.sort(rng.permutation(rest)[:N_NEW])


def learn(
    home: Arrays, rows: IntArray, task: str, method: str, *, n_repeats: int, seed: int
) -> tuple[Predictor, HeldOut]:
    """Cross-validate a cohort, and fit a predictor to all of it.

    Of groups, what is returned of cross-validation are logarithms of probabilities.
    """
    labels = home[TASKS[task]][rows]
    features = {method: home[method][rows]}
    people = pd.DataFrame(
        {
            "label": labels,
            "cluster": np.arange(len(rows)),
            "age": home["age"][rows],
            "sex": np.where(home["is_female"][rows] == 1, "F", "M"),
            "site": HOME,
            "domain": 1,
        }
    )
    is_groups = task == "disease"
    splits = make_splits(
        people,
        is_classification=is_groups,
        n_splits=N_SPLITS,
        n_repeats=n_repeats,
        seed=seed,
    )
    kind: Kind = "classification" if is_groups else "regression"
    question = Question(
        kind, 2 if is_groups else 0, np.arange(len(rows)), N_INNER, people
    )
    nothing, one = np.empty((0, len(rows))), parse_method(method)
    outputs = [
        evaluate_fold([one], features, labels, nothing, split, question).predicted
        for split in splits
    ]
    said = [output[method] for output in outputs]
    found = gather_method(labels, nothing, splits, said, question)
    everybody = np.arange(len(rows))
    held_out = collect_held_out(found.predictions, np.ones(len(rows), dtype=bool))
    material = Material(
        features, labels, Split(0, 0, everybody, everybody[:1]), question, held_out,
        home["facts"][rows],
    )  # fmt: skip
    card = make_card(task, method, people)
    predictor = fit_predictor(one, material, card, seed=seed)
    return predictor, take_logarithms(held_out) if is_groups else held_out


def make_card(task: str, method: str, people: pd.DataFrame) -> PredictorCard:
    """Make the card of a cohort's predictor, as far as it decides about warnings."""
    is_groups = task == "disease"
    site = POOLS[HOME].make_site(2)
    groups = people["label"].value_counts()
    chosen = ChosenMethod(
        name=method, why="asked_for", metric="", value=0, ci_low=0, ci_high=0,
        n_methods=1, is_shown=True, code="", values={},
    )  # fmt: skip
    learned = LearnedFrom(
        n=len(people),
        groups={k: int(groups[float(i)]) for i, k in enumerate(CLASSES)}
        if is_groups
        else {},
        youngest=5 * np.floor(people["age"].min() / 5),
        oldest=5 * np.ceil(people["age"].max() / 5),
        ages=None,
        sexes={k: int(n) for k, n in people["sex"].value_counts().items()},
        n_sites=1,
        devices=((site.n_channels, float(site.sfreq)),),
        references=("+".join(site.reference),),
        seen={},
    )
    taken = Taken(
        harmonise=HarmoniseConfig(), reading={}, has_microvolts=True, window_s=10.0,
        n_windows=N_WINDOWS, bids_tasks=(), conditions=("rest",), channels=CHANNELS,
    )  # fmt: skip
    return PredictorCard(
        version=BUNDLE_VERSION, study="", task=task,
        kind="classification" if is_groups else "regression",
        classes=CLASSES if is_groups else (), target="" if is_groups else "age",
        column=TASKS[task], method=chosen, taken=taken, people=learned, answers={},
        coverage={}, intended_use="", owner="", contact="", software={}, made_on="",
        could_be_inferred="",
    )  # fmt: skip


def judge_answers(
    predictor: Predictor, home: Arrays, rows: IntArray
) -> dict[str, float]:
    """Compare the answers to new people with the truth."""
    card = predictor.card
    labels = home[card.column][rows]
    answers = predictor.answer({card.method.name: home[card.method.name][rows]})
    if not card.classes:
        is_held = (answers.low <= labels) & (labels <= answers.high)
        error = answers.values[:, 0] - labels
        return {
            "coverage": float(is_held.mean()),
            "mean_absolute_error": float(np.abs(error).mean()),
            "width": float((answers.high - answers.low).mean()),
        }
    p = answers.values[:, 1]
    said = Predictions(
        labels, p[None], np.round(p)[None], np.zeros((1, len(rows)), int)
    )
    is_held = answers.sets[np.arange(len(rows)), labels.astype(int)]
    once = np.ones((1, len(rows)))
    return {
        "coverage": float(is_held.mean()),
        **{
            f"coverage_{name}": float(is_held[labels == label].mean())
            for label, name in enumerate(CLASSES)
        },
        "one_group": float((answers.sets.sum(1) == 1).mean()),
        "auroc": float(auroc(said, once)[0]),
        "slope": float(calibration_slope(said, once)[0]),
        "intercept": float(calibration_intercept(said, once)[0]),
    }


def warn(predictor: Predictor, pool: Arrays, name: str) -> dict[str, float]:
    """Count whom of a pool the distance warns of, and who is noticed at all."""
    method = predictor.card.method.name
    refused = find_refused(pool, method)
    warned = np.zeros(len(refused), dtype=bool)
    if not refused.all():
        own = {method: pool[method][~refused]}
        distances = predictor.measure_distances(own, pool["facts"][~refused])
        warned[~refused] = distances.distance > predictor.familiarity.limit
    told = np.array([_has_warning(age, name, predictor) for age in pool["age"]])
    answered = float(warned[~refused].mean()) if not refused.all() else np.nan
    return {
        f"refused:{name}": float(refused.mean()),
        f"distance:{name}": answered,
        f"noticed:{name}": float((refused | warned).mean()),
        f"any:{name}": float((refused | warned | told).mean()),
    }


def find_refused(pool: Arrays, method: str) -> BoolArray:
    """Find who gets no answer."""
    codes = REFUSED[method]
    refused = np.array([str(why).startswith(codes) for why in pool["refused"]])
    if method not in pool:
        return np.ones(len(refused), dtype=bool)
    return np.asarray(refused | np.isnan(pool[method]).any(1))


def _has_warning(age: float, name: str, predictor: Predictor) -> bool:
    """Tell whether there is a warning of age, device or reference."""
    site, kept = POOLS[name].make_site(2), POOLS[name].kept
    row = {
        "n_channels": len(kept) or site.n_channels,
        "sfreq_hz": float(site.sfreq),
        "reference": "+".join(site.reference),
        "task": "rest",
    }
    return bool(find_warnings(age, "F", [row], predictor.card))


def judge_cohort(
    pools: dict[str, Arrays], seed: int, *, n_repeats: int
) -> list[dict[str, Any]]:
    """Learn from a cohort by every method and task, and judge what comes of it."""
    home = pools[HOME]
    learned, new = draw_cohort(home, seed)
    rows = []
    for task in TASKS:
        for method in METHODS:
            predictor, _ = learn(
                home, learned, task, method, n_repeats=n_repeats, seed=seed
            )
            row = {"cohort": seed, "task": task, "method": method}
            row |= judge_answers(predictor, home, new)
            if task == "disease":
                # Distances know no labels: they are the same for both tasks.
                tested = {**pools, HOME: {k: v[new] for k, v in home.items()}}
                for name, pool in tested.items():
                    row |= warn(predictor, pool, name)
            rows.append(row)
    return rows


def append(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Append the lines of a cohort; columns are those of the first."""
    path = folder / FILE
    table = pd.DataFrame(rows)
    if path.exists():
        columns = pd.read_csv(path, sep="\t", nrows=0).columns
        table.reindex(columns=columns).to_csv(
            path, sep="\t", index=False, header=False, mode="a"
        )
        return
    first = pd.DataFrame(rows[::-1]).columns
    order = [*dict.fromkeys([*table.columns, *first])]
    table[order].to_csv(path, sep="\t", index=False)


def list_tables(table: pd.DataFrame) -> Iterator[str]:
    """Yield the lines of the tables."""
    yield f"{table['cohort'].nunique()} cohorts"
    for (task, method), own in table.groupby(["task", "method"], sort=False):
        yield f"\n{task}, {method}\n"
        yield "| measure | mean | SD of cohorts | 5 % - 95 % of cohorts | median |"
        yield "|---|---|---|---|---|"
        for name in own.columns[3:]:
            if ":" not in name and own[name].notna().any():
                yield say_row(name, own[name])
    for method, own in table[table["task"] == "disease"].groupby("method", sort=False):
        yield f"\nwarnings, {method!s}\n"
        yield (
            "| people | differ by | refused | distance | SD of cohorts | lowest "
            "| refused or distance | any warning |"
        )
        yield "|---|---|---|---|---|---|---|---|"
        for name in POOLS:
            if f"distance:{name}" in own:
                yield say_warnings(name, own)


def say_warnings(name: str, own: pd.DataFrame) -> str:
    """Write the row of a pool: shares of its people, means over cohorts."""
    distance = own[f"distance:{name}"]
    cells = [
        f"{own[f'refused:{name}'].mean():.1%}",
        f"{distance.mean():.1%}",
        f"{distance.std():.1%}",
        f"{distance.min():.1%}",
        f"{own[f'noticed:{name}'].mean():.1%}",
        f"{own[f'any:{name}'].mean():.1%}",
    ]
    return f"| {name} | {POOLS[name].about or 'nothing'} | {' | '.join(cells)} |"


def say_row(name: str, values: pd.Series) -> str:
    """Write the row of a measure."""
    low, high = values.quantile([0.05, 0.95])
    return (
        f"| {name} | {values.mean():.3f} | {values.std():.3f} "
        f"| {low:.3f} - {high:.3f} | {values.median():.3f} |"
    )


def main() -> None:
    """Judge cohorts that are not there yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cohorts", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    path = given.folder / FILE
    done = set(pd.read_csv(path, sep="\t")["cohort"]) if path.exists() else set()
    pools = {
        name: read_pool(given.folder, name)
        for name in POOLS
        if any((given.folder / name).glob("*.npz"))
    }
    wanted = [seed for seed in range(given.cohorts) if seed not in done]
    found = Parallel(n_jobs=given.jobs, return_as="generator")(
        delayed(judge_cohort)(pools, seed, n_repeats=given.repeats) for seed in wanted
    )
    for rows in found:
        append(given.folder, rows)
        print(f"cohort {rows[0]['cohort']}", flush=True)
    print("\n".join(list_tables(pd.read_csv(path, sep="\t"))))


if __name__ == "__main__":
    main()
