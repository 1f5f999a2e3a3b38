"""Tell patients from controls with a network that learns from their recordings."""

import pandas as pd
from simulated_people import record
from sklearn.model_selection import train_test_split

import neurograft as ng


def main() -> None:
    """Learn from some people and predict the others."""
    groups = ["control", "patient"] * 10
    people = [record(n, is_patient=g == "patient") for n, g in enumerate(groups)]
    X, X_new, y, y_new = train_test_split(
        people, groups, test_size=6, stratify=groups, random_state=0
    )
    classifier = ng.EncoderClassifier("attentive", epochs=20, learning_rate=1e-2).fit(
        X, y
    )
    p = classifier.predict_proba(X_new)
    names = [one.key.participant_id for one in X_new]
    columns = [f"p({name})" for name in classifier.classes_]
    print(pd.DataFrame(p, names, columns).assign(truth=y_new).round(2))


if __name__ == "__main__":
    main()
