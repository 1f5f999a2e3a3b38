"""Measure how far the recordings of two sites are apart, before and after alignment."""

import numpy as np
import pandas as pd
from simulated_people import record

import neurograft as ng


def main() -> None:
    """Embed people of two sites and compare."""
    site = np.repeat(["hospital", "practice"], 12)
    age = np.random.default_rng(0).uniform(20, 80, 24)
    people = [
        record(n, is_patient=False, age=age[n], site=int(site[n] == "practice"))
        for n in range(24)
    ]
    table = ng.embed(people).to_numpy()
    domain = np.where(site == "hospital", 1, 2)
    adapter = ng.AlignDomains("recentre").fit(table, sample_domain=domain)
    aligned = adapter.transform(table, sample_domain=domain)
    ages = pd.DataFrame({"age": age})
    before, after = (
        ng.measure_shift(X, site, covariates=ages, n_permutations=99)
        for X in (table, aligned)
    )
    print(before.assign(aligned=after["value"]).drop(columns=["source", "target"]))


if __name__ == "__main__":
    main()
