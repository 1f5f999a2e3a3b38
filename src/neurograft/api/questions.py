"""Read from the estimators and the labels what is asked: groups, or a number."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from sklearn.base import is_classifier, is_regressor

from neurograft.errors import ConfigError, DataError

# Chosen here: numbers with more values are a number, not groups, where the estimators
# do not say.
MAX_GROUPS = 10
# Names of what stands beside the estimators.
RESERVED = ("dummy", "demographics", "acquisition")


def check_estimators(estimators: Any) -> None:
    """Check that estimators are given by name, and names mean nothing else.

    Raises:
        ConfigError: If not.
    """
    if not isinstance(estimators, Mapping) or not estimators:
        raise ConfigError(
            "estimators must be a dictionary with one entry at least, for example "
            "{'ridge': Ridge()}."
        )
    for name, given in estimators.items():
        if not isinstance(name, str) or name in RESERVED or set(name) & set("@+:"):
            raise ConfigError(
                f"An estimator cannot be called {name!r}; choose a text without @, + "
                f"and : that is none of {', '.join(RESERVED)}."
            )
        parts = given if isinstance(given, tuple) else (given,)
        wrong = [p for p in parts if isinstance(p, type) or not hasattr(p, "fit")]
        if wrong or len(parts) > 2:
            raise ConfigError(
                f"{name!r} must be an estimator, or a pair (adapter, estimator), with "
                "brackets: Ridge(), not Ridge."
            )
        if len(parts) == 2 and not hasattr(parts[0], "transform"):
            raise ConfigError(
                f"{name!r}: {type(parts[0]).__name__} has no transform; the first of a "
                "pair must be an adapter such as AlignDomains()."
            )


def check_domains(estimators: Mapping[str, Any]) -> None:
    """Check that no adapter is asked for where everybody is of one site.

    Raises:
        ConfigError: If one is: it would do nothing.
    """
    for name, given in estimators.items():
        if isinstance(given, tuple):
            raise ConfigError(
                f"{name!r} adapts sites, and none are given; give site or "
                f"sample_domain, or {type(given[1]).__name__} alone."
            )


def get_estimator(given: Any) -> Any:
    """Return the estimator of a pair `(adapter, estimator)`, or the estimator."""
    return given[1] if isinstance(given, tuple) else given


def asks_number(estimators: Mapping[str, Any], labels: "pd.Series[Any]") -> bool:
    """Tell whether a number is asked for, not groups.

    Regressors ask for a number and classifiers for groups, as scikit-learn tells them
    apart; where no estimator says, labels with more than ten numbers are a number.

    Args:
        estimators: By name.
        labels: Of every row.

    Raises:
        ConfigError: If estimators disagree, or regressors are given text.
        DataError: If there are too many groups.
    """
    by_kind = {_find_kind(get_estimator(own)): name for name, own in estimators.items()}
    is_number = pd.api.types.is_numeric_dtype(labels) and labels.dtype != bool
    if {"regressor", "classifier"} <= set(by_kind):
        raise ConfigError(
            f"{by_kind['regressor']!r} predicts a number and "
            f"{by_kind['classifier']!r} groups; evaluate them apart."
        )
    if "regressor" in by_kind:
        if not is_number:
            raise ConfigError(
                f"{by_kind['regressor']!r} predicts a number, and y holds "
                f"{labels.tolist()[0]!r}; give numbers, or a classifier."
            )
        return True
    n_groups = labels.nunique()
    if "classifier" not in by_kind and is_number and n_groups > MAX_GROUPS:
        return True
    if n_groups > MAX_GROUPS:
        raise DataError(
            f"y holds {n_groups} groups, at most {MAX_GROUPS} can be told apart; join "
            "some, or give a regressor if y is a number."
        )
    return False


def _find_kind(estimator: Any) -> str:
    """Return `regressor`, `classifier`, or nothing where an estimator does not say."""
    if hasattr(estimator, "__sklearn_tags__"):
        if is_regressor(estimator):
            return "regressor"
        return "classifier" if is_classifier(estimator) else ""
    return str(getattr(estimator, "_estimator_type", ""))
