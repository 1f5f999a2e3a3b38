"""Tables of the shift between populations: size, factors, effect of adapters."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from neurograft.adaptation.by_name import make_adapter
from neurograft.config.shift import ShiftConfig
from neurograft.errors import DataError
from neurograft.features.covariances import RIEMANN_EDGES
from neurograft.features.regional_spectra import BANDS
from neurograft.files.keys import FACTORS
from neurograft.montage.regions import REGIONS
from neurograft.shift.described_cohort import (
    Cohort,
    describe_covariances,
    join_features,
)
from neurograft.shift.distances import (
    measure_covariance_distance,
    measure_discrepancy,
    measure_frechet,
)
from neurograft.shift.factor_differences import compare_factors
from neurograft.shift.probing import (
    N_DRAWS,
    Probe,
    probe_groups,
    probe_number,
    reduce_features,
)
from neurograft.shift.variance_shares import (
    MAX_FACTORS,
    measure_identity,
    partition_variance,
)
from neurograft.statistics.association import code_factor
from neurograft.statistics.intervals import percentile_interval
from neurograft.types import FloatArray, IntArray

# What is compared between cohorts: facts of people, and one measured of the device.
COMPARED = (*(f for f in FACTORS if f not in ("day", "hour", "site")), "roll_off")
# What the variance of features is shared out among, in this order up to eight.
PARTITIONED = (
    "cohort", "site", "age", "sex", "group", "device", "reference", "sfreq_hz",
)  # fmt: skip
# Factors that a probe is trained for.
PROBED = ("age", "sex", "site", "device", "cohort")
# Chosen here: smaller domains cannot be told apart by five folds.
MIN_PEOPLE = 5


def compare_cohorts(
    source: Cohort,
    target: Cohort,
    settings: ShiftConfig,
    *,
    n_times: int,
    seed: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare two cohorts factor by factor and measure by measure.

    Args:
        source: Cohort with labels or pretraining.
        target: Cohort to compare with it.
        settings: Settings of [shift].
        n_times: Length of a window, samples.
        seed: Seed of permutations and resamples.

    Returns:
        Factors (see `compare_factors`) and measures: `source`, `target`,
        `representation`, `measure`, `value`, `ci_low`, `ci_high`, `p`.
    """
    names = {"source": source.name, "target": target.name}
    factors = compare_factors(source.people, target.people, COMPARED).assign(**names)
    rows = [
        names | {"representation": representation} | row
        for representation, X in join_features([source, target]).items()
        for row in measure_pair(X, len(source.people), settings, seed=seed)
    ]
    covariances = describe_covariances(source, target, n_times=n_times)
    if covariances is not None:
        apart = measure_covariance_distance(*covariances)
        rows += [
            names
            | {
                "representation": f"covariance {low}-{high} Hz",
                "measure": "Riemannian distance",
                "value": float(value),
            }
            for low, high, value in zip(
                RIEMANN_EDGES[:-1], RIEMANN_EDGES[1:], apart, strict=True
            )
        ]
    columns = [*names, "representation", "measure", "value", "ci_low", "ci_high", "p"]
    return factors, pd.DataFrame(rows).reindex(columns=columns)


def measure_pair(
    X: FloatArray, n_source: int, settings: ShiftConfig, *, seed: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield measures of one representation; rows of the source come first.

    One person alone has no spread that anything could be measured by: there is none.

    Args:
        X: Features, `(n_rows, n_features)`.
        n_source: Number of rows of the source.
        settings: Settings of [shift].
        seed: Seed of permutations and resamples.
    """
    is_target = np.arange(len(X)) >= n_source
    n = settings.n_permutations
    if min(n_source, len(X) - n_source) < 2:
        return
    if min(n_source, len(X) - n_source) >= MIN_PEOPLE:
        probe = probe_groups(X, is_target.astype(int), n_permutations=n, seed=seed)
        yield {"measure": "domain accuracy"} | _say(probe)
        yield {"measure": "proxy A-distance", "value": probe.proxy_a_distance}
    Z = reduce_features(X, np.arange(len(X)))
    apart = measure_discrepancy(Z, is_target, n_permutations=n, seed=seed)
    yield {"measure": "MMD2", "value": apart.value, "p": apart.p}
    frechet = measure_frechet(Z[~is_target], Z[is_target])
    yield {"measure": "Frechet distance, means", "value": frechet.mean}
    yield {"measure": "Frechet distance, covariances", "value": frechet.covariance}


def _say(probe: Probe) -> dict[str, float]:
    return {
        "value": probe.value,
        "ci_low": probe.ci_low,
        "ci_high": probe.ci_high,
        "p": probe.p,
    }


def tabulate_factors(
    where: str,
    people: pd.DataFrame,
    X: FloatArray,
    settings: ShiftConfig,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Share the variance of embeddings out among known factors of people.

    Args:
        where: Name of the cohort, or of all cohorts.
        people: Known factors, one row per person.
        X: Embeddings, `(n_people, n_features)`.
        settings: Settings of [shift].
        seed: Seed of the permutations.
    """
    known = [
        name
        for name in PARTITIONED
        if name in people and people[name].notna().any() and people[name].nunique() > 1
    ]
    varied = _drop_copies(people, known)[:MAX_FACTORS]
    shares = partition_variance(
        X,
        {name: code_factor(people[name]) for name in varied},
        n_bootstraps=settings.n_bootstraps,
        n_permutations=settings.n_permutations,
        seed=seed,
    )
    return pd.DataFrame(
        [{"where": where, "n": len(people)} | share._asdict() for share in shares]
    )


def _drop_copies(people: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Drop factors that group people as an earlier factor does."""
    seen: set[tuple[int, ...]] = set()
    kept = []
    for name in names:
        cells = people[name].astype(object).where(people[name].notna(), "?")
        codes = tuple(pd.factorize(cells.astype(str))[0].tolist())
        if codes not in seen:
            kept.append(name)
        seen.add(codes)
    return kept


def probe_factors(
    where: str,
    people: pd.DataFrame,
    features: Mapping[str, FloatArray],
    labels: Mapping[str, pd.Series],
    settings: ShiftConfig,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Probe representations for people's factors, beside their labels.

    Args:
        where: Cohort, or all.
        people: Factors.
        features: By representation.
        labels: Labels of tasks by name, NaN of people outside the task.
        settings: Permutations.
        seed: Decides them.
    """
    asked = {name: people[name] for name in PROBED if name in people}
    asked |= {f"label: {name}": values for name, values in labels.items()}
    rows = []
    for representation, X in features.items():
        for name, values in asked.items():
            n = settings.n_permutations
            found = _probe(X, values, n_permutations=n, seed=seed)
            if found is not None:
                rows.append(
                    {
                        "where": where,
                        "representation": representation,
                        "factor": name,
                        "measure": found.measure,
                        "chance": found.chance,
                        "n": found.n,
                    }
                    | _say(found)
                )
    return pd.DataFrame(rows)


def _probe(
    X: FloatArray, values: pd.Series, *, n_permutations: int, seed: int
) -> Probe | None:
    """Return a probe where there is enough to train on, else None."""
    known = values.notna().to_numpy()
    own = values[known]
    is_number = pd.api.types.is_numeric_dtype(own) and own.nunique() > 6
    try:
        if is_number:
            numbers = own.to_numpy(dtype=float)
            return probe_number(
                X[known], numbers, n_permutations=n_permutations, seed=seed
            )
        counts = own.value_counts()
        large = own.isin(counts.index[counts >= MIN_PEOPLE]).to_numpy()
        groups = pd.factorize(own[large].astype(str), sort=True)[0]
        if len(set(groups)) < 2:
            return None
        return probe_groups(
            X[known][large], groups, n_permutations=n_permutations, seed=seed
        )
    except DataError:
        return None


def tabulate_identity(cohort: Cohort) -> pd.DataFrame:
    """Tabulate how far embeddings recognise the person: the identity trap.

    It takes two people with two windows each; of fewer, the table is empty.
    """
    if min(cohort.windows.shape[:2]) < 2:
        return pd.DataFrame()
    share, recognised = measure_identity(cohort.windows)
    return pd.DataFrame(
        {
            "where": cohort.name,
            "representation": "embedding",
            "factor": "subject",
            "measure": ["variance between people", "recognised"],
            "value": [share, recognised],
            "ci_low": np.nan,
            "ci_high": np.nan,
            "chance": [np.nan, 1 / len(cohort.windows)],
            "n": len(cohort.windows),
        }
    )


def tabulate_adapters(
    cohorts: Sequence[Cohort], settings: ShiftConfig, *, seed: int = 0
) -> pd.DataFrame:
    """Tabulate how well cohorts are told apart, before and after each adapter.

    Returns:
        `representation`, `adapter` (empty: none), `n` people, the balanced accuracy
        with interval, `chance`, `p`, and the `difference` from no adapter with its
        paired interval.
    """
    large = [one for one in cohorts if len(one.people) >= MIN_PEOPLE]
    if len(large) < 2:
        return pd.DataFrame()
    domain = np.repeat(np.arange(len(large)), [len(one.people) for one in large])
    features = join_features(large)
    rows = []
    for name in ("embedding", "band power"):
        before: Probe | None = None
        for adapter in ("", *settings.adapters) if name in features else ():
            probe = probe_groups(
                features[name],
                domain,
                adapter=make_adapter(adapter, ()) if adapter else None,
                n_permutations=0 if adapter else settings.n_permutations,
                seed=seed,
            )
            before = before or probe
            row = {"representation": name, "adapter": adapter, "chance": probe.chance}
            row["n"] = len(domain)
            row |= _say(probe) | _compare(probe, before, domain, seed=seed)
            rows.append(row | ({"p": np.nan} if adapter else {}))
    return pd.DataFrame(rows)


def _compare(
    one: Probe, other: Probe, domain: IntArray, *, seed: int
) -> dict[str, float]:
    """Return the difference of balanced accuracies, people drawn within domains."""
    rng = np.random.default_rng(seed)
    gained = (one.predicted == domain).astype(float) - (other.predicted == domain)
    drawn = []
    for group in np.unique(domain):
        own = gained[domain == group]
        drawn.append(own[rng.integers(len(own), size=(N_DRAWS, len(own)))].mean(1))
    low, high = percentile_interval(np.mean(drawn, axis=0))
    return {
        "difference": one.value - other.value,
        "difference_low": low,
        "difference_high": high,
    }


def tabulate_spectra(cohort: Cohort) -> pd.DataFrame:
    """Tabulate median and quartiles of relative band power by region, log10."""
    power = cohort.features["band power"].reshape(len(cohort.people), -1, len(BANDS))
    quartiles = np.quantile(power, [0.25, 0.5, 0.75], axis=0)
    return pd.DataFrame(
        [
            {
                "cohort": cohort.name,
                "region": region,
                "band": band,
                "q25": quartiles[0, i, j],
                "median": quartiles[1, i, j],
                "q75": quartiles[2, i, j],
            }
            for i, region in enumerate(REGIONS)
            for j, band in enumerate(BANDS)
        ]
    )
