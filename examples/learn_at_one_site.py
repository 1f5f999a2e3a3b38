"""Learn age at one site and test it at another, with an adapter and a known mean."""

import numpy as np
from simulated_people import record
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import neurograft as ng


def main() -> None:
    """Embed people of two sites, whose devices and ages differ."""
    rng = np.random.default_rng(0)
    site = np.repeat(["hospital", "practice"], [24, 12])
    age = np.where(site == "hospital", rng.uniform(20, 70, 36), rng.uniform(40, 80, 36))
    people = [
        record(n, is_patient=False, age=age[n], site=int(site[n] == "practice"))
        for n in range(36)
    ]
    ridge = make_pipeline(StandardScaler(), RidgeCV(np.logspace(0, 5, 11)))
    found = ng.evaluate(
        {"ridge": ridge, "aligned": (ng.AlignDomains("recentre"), ridge)},
        ng.embed(people),
        age,
        site=site,
        age=age,
        train_on="hospital",
        known_mean=age[site == "practice"].mean(),
        n_permutations=39,
        n_bootstraps=500,
        name="age",
    )
    shown = found.results.query("metric == 'mean absolute error'")
    print(shown[["method", "value", "ci_low", "ci_high"]].round(1))
    print(found)


if __name__ == "__main__":
    main()
