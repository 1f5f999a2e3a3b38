"""The stored tables of one task."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from neurograft.config.method_table import DESCRIBED
from neurograft.report.documents.stored_study import StoredStudy


class TaskTables:
    """The stored tables of one task.

    Args:
        study: A finished study.
        task: Row of `tasks.tsv`.
    """

    def __init__(self, study: StoredStudy, task: Mapping[Any, Any]) -> None:
        self.study, self.task = study, task
        self.name = str(task["task"])

    @property
    def unit(self) -> str:
        """Return the unit of a predicted number; empty for groups."""
        if self.task["kind"] != "regression":
            return ""
        return "years" if self.task["target"] == "age" else "points"

    @property
    def n_people(self) -> int:
        """Return how many people were tested, each counted once."""
        own = self.study.subjects[self.study.subjects["task"] == self.name]
        kept = own[own["left_out"].isna()]
        return len(kept.drop_duplicates(["cohort", "participant_id"]))

    def read(self, name: str) -> pd.DataFrame:
        """Return the rows of a table that are of this task; none if there is no table.

        Args:
            name: Of a table of the summary, or of the evaluation.
        """
        for folder in (self.study.summary, self.study.evaluation):
            table = self.study.read(folder, name)
            if "task" in table:
                return table[table["task"] == self.name]
        return pd.DataFrame()

    @property
    def shown_method(self) -> str:
        """Return the method whose details are shown: the one that the answer names.

        It is the best by corrected p-value, then by value, of those that see the EEG.
        """
        results = self.read("results")
        primary = results[results["metric"].isin(["AUROC", "mean absolute error"])]
        seen = primary[[sees_eeg(name) for name in primary["method"]]]
        known = (seen if len(seen) else primary).dropna(subset=["value"])
        if known.empty:
            return ""
        is_error = known["metric"].iloc[0] != "AUROC"
        order = known.sort_values(
            ["p_holm", "value"], ascending=[True, is_error], kind="stable"
        )
        return str(order["method"].iloc[0])


def sees_eeg(method: str) -> bool:
    """Return whether a method looks at more than people and circumstances."""
    parts = re.sub(r"@[\w-]+", "", method.partition(":")[0]).split("+")
    return any(p not in DESCRIBED or DESCRIBED[p].role != "blind" for p in parts)
