"""Learn brain age at one hospital, and predict it at another, from real children.

    python examples/brain_age_at_a_second_site.py FOLDER

FOLDER holds `D1_2ch.tsv` and `D2_2ch.tsv`: age and 32 features of 1 056 children of one
hospital and of 723 recordings of another (Functional Brain Age, eBioMedicine 2024). No
age of the second hospital is learned from. Two rules choose an adapter without its
ages: the smallest distance that is left between the features of both hospitals, and
the smallest error at the first hospital by cross-validation.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import neurograft as ng

ADAPTERS = ("recentre", "rescale", "coral", "linear-ot", "quantile")


def main() -> None:
    """Measure the shift before and after every adapter, and predict ages."""
    folder = Path(sys.argv[1])
    parts = {"one": "D1_2ch.tsv", "two": "D2_2ch.tsv"}
    table = pd.concat(
        pd.read_csv(folder / name, sep="\t").assign(site=site)
        for site, name in parts.items()
    )
    features = table.columns.drop(["age", "site"])
    # Two children of the first hospital have the same features: one is a copy.
    table = table[~table.duplicated(list(features))].reset_index(drop=True)
    site, age = table["site"], table["age"]
    X = StandardScaler().fit(table.loc[site == "one", features])
    X = pd.DataFrame(X.transform(table[features]), columns=features)
    domain = np.where(site == "one", 1, -2)
    ridge = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 4, 13)))
    estimators = {"as it is": ridge}
    measured = {"as it is": X.to_numpy()}
    for name in ADAPTERS:
        adapter = ng.AlignDomains(name)
        estimators[name] = (adapter, ridge)
        fitted = adapter.fit(measured["as it is"], sample_domain=domain)
        measured[name] = fitted.transform(measured["as it is"], sample_domain=domain)
    shift = {name: measure(values, site) for name, values in measured.items()}
    at_home = {
        name: cross_validate(ridge, values[site == "one"], age[site == "one"])
        for name, values in measured.items()
    }
    found = ng.evaluate(
        estimators,
        X,
        age,
        site=site,
        train_on="one",
        known_mean=float(age[site == "two"].mean()),
        n_permutations=0,
        n_bootstraps=1000,
        name="age",
    )
    print(tabulate(found.results, shift, at_home).round(3).to_string())
    print(f"the least distance is left by: {min(shift, key=shift.get)}")
    print(f"the least error at the first hospital: {min(at_home, key=at_home.get)}")
    print(found)


def measure(values: np.ndarray, site: pd.Series) -> float:
    """Return the squared maximum mean discrepancy of the hospitals' features."""
    found = ng.measure_shift(values, site, n_permutations=19)
    return float(found.set_index("measure").loc["MMD2", "value"])


def cross_validate(ridge: object, values: np.ndarray, age: pd.Series) -> float:
    """Return the mean absolute error at the first hospital, in years."""
    found = ng.evaluate(
        {"ridge": ridge}, values, age, n_repeats=1, n_permutations=0, n_bootstraps=100
    )
    own = found.results.query("method == 'ridge' and metric == 'mean absolute error'")
    return float(own["value"].iloc[0])


def tabulate(
    results: pd.DataFrame, shift: dict[str, float], at_home: dict[str, float]
) -> pd.DataFrame:
    """Put distances and errors side by side, without and with the known mean."""
    wide = results.pivot(index="method", columns="metric", values="value")
    rows = {}
    for name, distance in shift.items():
        row = {"distance": distance, "MAE at home": at_home[name]}
        for suffix, words in (("", ""), ("@known-mean", ", known mean")):
            own = wide.loc[name + suffix]
            row[f"MAE{words}"] = own["mean absolute error"]
            row[f"R2{words}"] = own["R2"]
        rows[name] = row
    return pd.DataFrame(rows).T


if __name__ == "__main__":
    main()
