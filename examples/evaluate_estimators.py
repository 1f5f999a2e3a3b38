"""Evaluate two scikit-learn estimators on embeddings, with honest statistics."""

from simulated_people import record
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import neurograft as ng


def main() -> None:
    """Embed simulated people and evaluate."""
    groups = ["control", "patient"] * 12
    ages = [40.0 + (n // 2) * 7 % 30 for n in range(24)]
    people = [
        record(n, is_patient=group == "patient", age=ages[n])
        for n, group in enumerate(groups)
    ]
    logistic = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
    found = ng.evaluate(
        {"logistic": logistic, "neighbours": KNeighborsClassifier(5)},
        ng.embed(people),
        groups,
        age=ages,
        sex=["F", "F", "M", "M"] * 6,
        n_repeats=2,
        n_permutations=99,
        n_bootstraps=500,
        name="disease",
    )
    shown = found.results.query("metric == 'AUROC'")
    print(shown[["method", "value", "ci_low", "ci_high", "p_holm"]].round(2))
    print(found)


if __name__ == "__main__":
    main()
