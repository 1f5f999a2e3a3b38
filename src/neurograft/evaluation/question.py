"""What is asked of the methods."""

from typing import NamedTuple

import pandas as pd

from neurograft.config_tasks import Kind
from neurograft.errors import ConfigError
from neurograft.types import IntArray


class Question(NamedTuple):
    """What is asked of the methods.

    Attributes:
        kind: Of the task.
        n_classes: Groups; 0 for a number.
        clusters: Cluster of every row.
        n_inner: Inner folds that choose penalties.
        people: `domain` (number of the site, from 1), `age`, `sex`: for adapters.
    """

    kind: Kind
    n_classes: int
    clusters: IntArray
    n_inner: int
    people: pd.DataFrame | None = None

    @property
    def is_classification(self) -> bool:
        """Whether labels are groups."""
        return self.kind != "regression"

    @property
    def known_people(self) -> pd.DataFrame:
        """The people.

        Raises:
            ConfigError: If it is not known who is from which site.
        """
        if self.people is None:
            raise ConfigError(
                "What is done because sites differ needs to know who is from which."
            )
        return self.people
