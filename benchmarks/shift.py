"""Proof on known truth: plant a shift, see whether it is found, named and undone.

    python benchmarks/shift.py [--draws 20] [--null-draws 200] [--people 500]

People are simulated at sites that differ in one thing (or in all), harmonised in memory
and described by regional spectra. A model of age and one of the disease learn at the
source and are tested at the target, before and after every adapter. Which adapter suits
which shift was written down first, but for a site that goes with the label: there, the
last of several that were looked at stands. docs/shift.md says what else was changed
after looking. Prints the tables of docs/shift.md.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.metrics import r2_score, roc_auc_score

from neurograft.adaptation.alignment import AlignDomains
from neurograft.adaptation.combat import ComBat
from neurograft.adaptation.label_shift import shift_to_mean, suspect_label_shift
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.config.shift import ShiftConfig
from neurograft.evaluation.methods.reduction import (
    Standardise,
    Steps,
    SubjectPCA,
    apply_steps,
    fit_steps,
)
from neurograft.features.regional_spectra import describe_regions
from neurograft.files.keys import RecordingKey
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.montage.channels import template_positions
from neurograft.recordings.recording import Recording
from neurograft.shift.factor_differences import compare_factors
from neurograft.shift.tables import measure_pair
from neurograft.shift.verdicts import find_shift
from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.person import draw_person
from neurograft.simulation.sites import LINKED_EARS, MONTAGES, Site
from neurograft.statistics.linear.solvers import LOGISTIC, RIDGE, Family, fit_tuned
from neurograft.tasks.design_audit import Factor, audit_design
from neurograft.types import FloatArray

WINDOW_S = 10
HERE = Site("here", 32, 250, ("FCz",), 50, 2, 1.0, 0.1, 100, ".edf", (20, 80), 0.5, 0)
DEVICES = {
    "here": HERE,
    "reference": replace(HERE, reference=LINKED_EARS),
    "montage": replace(HERE, n_channels=19),
    "gain": replace(HERE, gain=1.6),
    "band-limit": replace(HERE, low_pass=28),
    "mains": replace(HERE, line_freq=60, line_uv=20),
    "together": replace(
        HERE, reference=LINKED_EARS, n_channels=19, gain=1.6, low_pass=28, line_freq=60
    ),
}
FACTORS = (
    "age", "sex", "group", "reference", "sfreq_hz", "line_freq_hz", "n_channels",
    "log_scale", "roll_off",
)  # fmt: skip
# What should be named first, which outcome is looked at, and what should undo it.
PLANS = {
    "none": ("", "age R2", "none"),
    "age distribution": ("age", "age R2", "known mean"),
    "sex ratio": ("sex", "age R2", "none"),
    "prevalence": ("group", "AUROC", "none"),
    "reference": ("reference", "age R2", "none"),
    "reference, not harmonised": ("reference", "age R2", "common reference"),
    "montage": ("n_channels", "age R2", "recentre"),
    "gain": ("log_scale", "age R2", "recentre"),
    "band-limit": ("roll_off", "age R2", "recentre"),
    "mains": ("line_freq_hz", "age R2", "none"),
    "site ~ label": ("reference", "AUROC", "recentre, own rows"),
    "together": ("a planted one", "age R2", "recentre, known mean"),
}
# Cramer's V is 1 for each of them: which comes first is chance.
PLANTED_TOGETHER = ("reference", "line_freq_hz", "n_channels")
ADAPTERS = ("recentre", "rescale", "coral", "linear-ot", "combat")


@dataclass(frozen=True)
class Pool:
    """People recorded by one device: factors, features, and those of raw signals."""

    people: pd.DataFrame
    X: FloatArray
    raw: FloatArray

    def take(self, rows: Sequence[int] | np.ndarray) -> "Pool":
        """Some of the people."""
        rows = np.asarray(rows)
        return Pool(
            self.people.iloc[rows].reset_index(drop=True), self.X[rows], self.raw[rows]
        )


def predict_linearly(
    X: FloatArray, y: FloatArray, T: FloatArray, family: Family
) -> FloatArray:
    """Fit as a fold does, and predict log odds or values of other rows."""
    steps: Steps = [("scale", Standardise()), ("reduce", SubjectPCA())]
    fit = fit_tuned(fit_steps(steps, X), y[None], family, n_inner=5, seed=0)
    return np.asarray(fit.predict(apply_steps(steps, T))[0])


def join(one: Pool, other: Pool) -> Pool:
    """People of both."""
    return Pool(
        pd.concat([one.people, other.people], ignore_index=True),
        np.concatenate([one.X, other.X]),
        np.concatenate([one.raw, other.raw]),
    )


def make_pool(name: str, n: int, *, seed: int, duration_s: int, n_jobs: int) -> Pool:
    """Simulate, harmonise and describe people; half of them are patients."""
    make = delayed(make_person)
    rows = Parallel(n_jobs=n_jobs)(
        make(name, [seed, i], is_patient=i % 2 == 1, duration_s=duration_s)
        for i in range(n)
    )
    facts, X, raw = zip(*rows, strict=True)
    return Pool(pd.DataFrame(facts), np.stack(X), np.stack(raw))


def make_person(
    name: str, seed: list[int], *, is_patient: bool, duration_s: int
) -> tuple[dict[str, Any], FloatArray, FloatArray]:
    """One person: what a table would know; features with and without harmonising."""
    rng, site = np.random.default_rng(seed), DEVICES[name]
    age, sex = rng.uniform(*site.ages), "F" if rng.random() < 0.5 else "M"
    person = draw_person(rng, age=age, sex=sex, is_patient=is_patient)
    signals = simulate_recording(person, site, duration_s=duration_s, rng=rng)
    names, template = MONTAGES[site.n_channels], template_positions()
    places = np.array([template[name] for name in names])
    recording = Recording(
        RecordingKey(site.name, f"sub-{seed[1]}"),
        signals,
        site.sfreq,
        names,
        places,
        line_freq=site.line_freq,
        reference="+".join(site.reference),
    )
    settings = HarmoniseConfig()
    done = harmonise_recording(recording, settings, line_freq=site.line_freq)
    found = describe_regions(
        cut(done.signals.T, settings.sfreq), done.positions, sfreq=settings.sfreq
    )
    raw = describe_regions(cut(signals, site.sfreq), places, sfreq=site.sfreq)
    facts = {
        "site": name,
        "age": age,
        "sex": sex,
        "group": "patient" if is_patient else "control",
        "reference": "+".join(site.reference),
        "sfreq_hz": float(site.sfreq),
        "line_freq_hz": float(site.line_freq),
        "n_channels": float(site.n_channels),
        "log_scale": float(np.log(done.recorded_scale)),
        "roll_off": found.roll_off,
    }
    return facts, flatten(found), flatten(raw)


def cut(signals: FloatArray, sfreq: float) -> FloatArray:
    """Windows of ten seconds."""
    n = int(WINDOW_S * sfreq)
    whole = signals.shape[1] // n
    windows = signals[:, : whole * n].reshape(len(signals), whole, n)
    return np.asarray(windows.transpose(1, 0, 2), dtype=float)


def flatten(found: Any) -> FloatArray:
    """Rhythms above 1/f, exponents and offsets of all regions."""
    return np.concatenate([found.periodic.ravel(), found.exponent, found.offset])


def draw_pair(
    name: str, pools: Mapping[str, Pool], n: int, rng: np.random.Generator
) -> tuple[Pool, Pool, Pool, Pool]:
    """Source and target, and both as they would be without the shift.

    Rows of the pools are the same people, recorded by other devices.
    """
    base = pools["here"]
    rows = rng.permutation(len(base.people))
    first, second, rest = rows[:n], rows[n : 2 * n], rows[n:]
    source, clean = base.take(first), base.take(second)
    people = base.people.iloc[rest]
    if name == "age distribution":
        ages = base.people["age"].to_numpy()
        young, old = rows[ages[rows] < 50], rows[ages[rows] >= 50]
        n_young = min(n, len(young) // 2)
        source, clean = base.take(young[:n_young]), base.take(young[n_young:][:n])
        return source, base.take(old[:n]), source, clean
    if name in ("sex ratio", "prevalence"):
        column, value = {"sex ratio": ("sex", "F"), "prevalence": ("group", "patient")}[
            name
        ]
        chance = np.where(people[column] == value, 0.9, 0.2)
        chosen = rest[rng.random(len(rest)) < chance][:n]
        return source, base.take(chosen), source, clean
    if name == "site ~ label":
        patient = (source.people["group"] == "patient").to_numpy()
        there = rng.random(n) < np.where(patient, 0.9, 0.1)
        mixed = join(base.take(first[~there]), pools["together"].take(first[there]))
        half = rng.random(n) < 0.5
        target = join(base.take(second[~half]), pools["together"].take(second[half]))
        return mixed, target, source, clean
    if name == "none":
        return source, clean, source, clean
    target = pools[name.partition(",")[0]].take(second)
    if name == "together":
        old = np.flatnonzero(target.people["age"] > 40)
        target, clean = target.take(old), clean.take(old)
    return source, target, source, clean


def find_patients(pool: Pool) -> FloatArray:
    """1 where a person has the disease."""
    return np.asarray((pool.people["group"] == "patient").astype(float))


def predict(
    outcome: str, source: Pool, target: Pool, adapter: str, *, raw: bool = False
) -> float:
    """Learn at the source, adapt, test at the target.

    Unlabelled target people describe their site; of their labels only the mean age is
    used, where the adapter says so.
    """
    X, T = (source.raw, target.raw) if raw else (source.X, target.X)
    names = sorted(set(source.people["site"]))
    number = {site: row for row, site in enumerate(names, start=1)}
    domain, own = (
        pool.people["site"].map(number).fillna(-9).to_numpy(int)
        for pool in (source, target)
    )
    if len(names) == 1 or adapter.endswith("own rows"):
        own = -np.abs(own)  # the target's sites are described by the target's people
    if len(names) == 1:
        own = np.full(len(T), -9)  # other people, maybe by another device: a new site
    y, truth = (
        (pool.people["group"] == "patient").to_numpy(dtype=float)
        for pool in (source, target)
    )
    name = adapter.partition(",")[0]
    if name in ADAPTERS:
        aligner = ComBat() if name == "combat" else AlignDomains(cast(Any, name))
        aligner.fit(X, y, sample_domain=domain)
        T = aligner.transform(T, sample_domain=own)
        X = aligner.transform(X, sample_domain=domain)
    if outcome == "AUROC":
        return float(
            roc_auc_score(truth, predict_linearly(X, y.astype(float), T, LOGISTIC))
        )
    ages = source.people["age"].to_numpy(dtype=float)
    predicted = predict_linearly(X, ages, T, RIDGE)
    if adapter.endswith("known mean"):
        predicted = shift_to_mean(predicted, float(target.people["age"].mean()))
    return float(r2_score(target.people["age"], predicted))


def find(source: Pool, target: Pool, n_permutations: int) -> tuple[float, str]:
    """Smallest p of the audit, and the factor it names first."""
    factors = compare_factors(source.people, target.people, FACTORS)
    X = np.concatenate([source.X, target.X])
    settings = ShiftConfig(n_permutations=n_permutations)
    measures = measure_pair(X, len(source.X), settings, seed=0)
    return find_shift(factors, pd.DataFrame(measures))


def prove(
    name: str, pools: Mapping[str, Pool], n: int, n_draws: int
) -> tuple[dict[str, Any], pd.DataFrame]:
    """One row of the proof, and every adapter's outcome."""
    first, outcome, suited = PLANS[name]
    raw = name.endswith("not harmonised")
    rows, found, warned = [], [], []
    for draw in range(n_draws):
        source, target, before, after = draw_pair(
            name, pools, n, np.random.default_rng([17, draw])
        )
        found.append(look(name, source, target))
        warned.append(warn(source, target))
        row = {
            "clean": predict(outcome, before, after, "none"),
            "none": predict(outcome, source, target, "none", raw=raw),
        }
        for adapter in list_adapters(name, outcome):
            row[adapter] = predict(outcome, source, target, adapter, raw=raw)
        if name == "site ~ label":
            fewer = before.take(np.arange(count_telling(source)))
            row["without shift, as few as tell as much"] = predict(
                outcome, fewer, after, "none"
            )
        if raw:
            row["common reference"] = predict(outcome, source, target, "none")
        rows.append(row)
    wanted = PLANTED_TOGETHER if name == "together" else (first,)
    named = [one in wanted for _, one in found]
    flagged = [one for one, _ in found]
    table = pd.DataFrame(rows)
    mean = table.mean()
    lost = mean["clean"] - mean["none"]
    gained = mean[suited] - mean["none"]
    return {
        "shift": name,
        "flagged": np.mean(flagged),
        "named first": np.mean(named),
        "label-shift warning": np.mean(warned),
        "outcome": outcome,
        "without shift": mean["clean"],
        "with shift": mean["none"],
        "suited": suited,
        "after": mean[suited],
        "recovered": gained / lost if lost > 0.02 else np.nan,
    }, table.assign(shift=name)


def count_telling(source: Pool) -> int:
    """People without a confound who tell as much of the label as these.

    Site and label share `r^2` of their variance: a label's coefficient is as uncertain
    beside the site as among `n (1 - r^2)` people alone (variance inflation).
    """
    site = pd.factorize(source.people["site"])[0]
    label = find_patients(source)
    shared = float(np.corrcoef(site, label)[0, 1]) ** 2
    return round(len(label) * (1 - shared))


def look(name: str, source: Pool, target: Pool) -> tuple[bool, str]:
    """Whether the audit says something, and the factor it names first."""
    if name == "site ~ label":
        labels = find_patients(source)
        factors = {"reference": Factor(source.people["reference"], True)}
        audit = audit_design(labels, factors).iloc[0]
        return audit["severity"] in ("warning", "refused"), str(audit["factor"])
    p, factor = find(source, target, 99)
    return p < 0.05, factor


def warn(source: Pool, target: Pool) -> bool:
    """Whether aligning the two would be warned of."""
    both = pd.concat([source.people, target.people])
    side = np.repeat([1, -1], [len(source.people), len(target.people)])
    groups = (both["group"] == "patient").to_numpy(dtype=float)
    ages = both["age"].to_numpy()
    return any(suspect_label_shift(y, side).is_suspect for y in (groups, ages))


def list_adapters(name: str, outcome: str) -> list[str]:
    """Adapters that can be asked; ComBat refuses where the site is the label."""
    if name == "site ~ label":
        return ["recentre", "rescale", "coral", "linear-ot", "recentre, own rows"]
    known = [] if outcome == "AUROC" else ["known mean", "recentre, known mean"]
    return [*ADAPTERS, *known]


def count_false_alarms(
    pool: Pool, n: int, n_draws: int
) -> tuple[dict[str, float], pd.DataFrame]:
    """Without a shift: how often one is said, and what every adapter costs."""
    alarms, rows = [], []
    for draw in range(n_draws):
        rng = np.random.default_rng([23, draw])
        order = rng.permutation(len(pool.people))
        source, target = pool.take(order[:n]), pool.take(order[n : 2 * n])
        p, factor = find(source, target, 199)
        alarms.append({"shift said": p < 0.05, "a factor named": factor != ""})
        for outcome in ("AUROC", "age R2"):
            before = predict(outcome, source, target, "none")
            rows += [
                {"outcome": outcome, "adapter": adapter,
                 "difference": predict(outcome, source, target, adapter) - before}
                for adapter in ADAPTERS
            ]  # fmt: skip
    said = {str(k): float(v) for k, v in pd.DataFrame(alarms).mean().items()}
    return said, pd.DataFrame(rows)


def make_pools(
    n: int,
    *,
    n_jobs: int,
    duration_s: int = 40,
    names: Sequence[str] = tuple(DEVICES),
    seed: int = 100,
) -> dict[str, Pool]:
    """The same people recorded by every device; other people with another seed."""
    return {
        name: make_pool(name, n, seed=seed, duration_s=duration_s, n_jobs=n_jobs)
        for name in names
    }


def say(table: pd.DataFrame) -> str:
    """A Markdown table."""

    def cell(value: Any) -> str:
        if isinstance(value, float):
            return "" if np.isnan(value) else f"{value:.2f}"
        return str(value)

    lines = ["| " + " | ".join(map(str, table.columns)) + " |",
             "|" + "---|" * len(table.columns)]  # fmt: skip
    lines += ["| " + " | ".join(map(cell, row)) + " |" for row in table.to_numpy()]
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--null-draws", type=int, default=200)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=100)
    options = parser.parse_args()
    pools = make_pools(options.people, n_jobs=options.jobs, seed=options.seed)
    n = options.people // 2
    print(f"{n} people at the source, {n} at the target, {options.draws} draws\n")
    run: Callable[..., Any] = delayed(prove)
    found = Parallel(n_jobs=options.jobs)(
        run(name, pools, n, options.draws) for name in PLANS
    )
    print(say(pd.DataFrame([row for row, _ in found])), "\n")
    every = pd.concat([table for _, table in found]).groupby("shift", sort=False).mean()
    print(say(every.reset_index()), "\n")
    alarms, costs = count_false_alarms(pools["here"], 60, options.null_draws)
    print(f"No shift, {options.null_draws} draws of 60 and 60 people: {alarms}\n")
    mean = costs.groupby(["adapter", "outcome"], sort=False)["difference"]
    shown = pd.DataFrame({"mean": mean.mean(), "standard error": mean.sem()})
    print(say(shown.reset_index().round(4).astype(object)))


if __name__ == "__main__":
    main()
