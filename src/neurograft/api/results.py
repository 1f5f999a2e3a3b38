"""Results of a study or of `evaluate`: tables by name, and what they allow to say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from neurograft.errors import DataError
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.prediction_tables import tabulate_evaluated
from neurograft.evaluation.results.summary import summarise
from neurograft.files.tables import read_table
from neurograft.types import Progress, no_progress


@dataclass(frozen=True)
class Results:
    """Tables of an evaluation by name.

    Attributes:
        tables: `results` (one row per method and metric, with interval and p-value),
            `comparisons`, `verdicts`, `predictions` (one row per person, method and
            repeat), and every other table; docs/api.md describes them.

    Example:
        >>> verdicts = {"task": ["sex"], "sentence": ["No method beats chance."]}
        >>> print(Results({"verdicts": pd.DataFrame(verdicts)}))
        sex: No method beats chance.
    """

    tables: Mapping[str, pd.DataFrame] = field(repr=False)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table.

        Raises:
            DataError: If there is none of that name.
        """
        if name not in self.tables:
            raise DataError(
                f"There is no table {name!r}; found {', '.join(sorted(self.tables))}."
            )
        return self.tables[name]

    @property
    def results(self) -> pd.DataFrame:
        """Every method and metric, with interval and p-value."""
        return self["results"]

    @property
    def comparisons(self) -> pd.DataFrame:
        """Differences between methods, with intervals and corrected tests."""
        return self["comparisons"]

    @property
    def verdicts(self) -> pd.DataFrame:
        """The claims that the tables allow: a code, its values and the sentence."""
        return self["verdicts"]

    @property
    def predictions(self) -> pd.DataFrame:
        """One row per person, method and repeat."""
        return self["predictions"]

    def __str__(self) -> str:
        """Return the verdicts, one sentence a line."""
        if "verdicts" not in self.tables:
            return f"Tables without verdicts: {', '.join(sorted(self.tables))}."
        rows = self.verdicts.to_dict("records")
        return "\n".join(f"{row['task']}: {row['sentence']}" for row in rows)


def make_results(
    evaluated: list[EvaluatedTask],
    *,
    n_bootstraps: int,
    seed: int,
    progress: Progress = no_progress,
) -> Results:
    """Make every table of evaluated tasks.

    Args:
        evaluated: Results of cross-validation, a task each.
        n_bootstraps: Resamples of people, by which intervals are found.
        seed: Decides the resamples.
        progress: Called after every task.
    """
    parts = tabulate_evaluated(evaluated) | summarise(
        evaluated, n_bootstraps=n_bootstraps, seed=seed, progress=progress
    )
    whole = {name: [p for p in tables if len(p)] for name, tables in parts.items()}
    return Results(
        {name: pd.concat(p, ignore_index=True) for name, p in whole.items() if p}
    )


def read_results(folder: Path | str) -> Results:
    """Read the tables of a study that was run.

    Args:
        folder: The study's output folder.

    Raises:
        DataError: If nothing was evaluated there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     (Path(folder) / "summary").mkdir()
        ...     table = pd.DataFrame({"method": ["dummy"], "value": [0.5]})
        ...     table.to_csv(Path(folder) / "summary" / "results.tsv", sep=chr(9))
        ...     float(read_results(folder).results["value"].iloc[0])
        0.5
    """
    paths = [
        path
        for kind in ("evaluation", "summary")
        for path in sorted((Path(folder) / kind).glob("*.tsv"))
    ]
    if not paths:
        raise DataError(f"There are no results in {folder}; run the study first.")
    return Results({path.stem: read_table(path) for path in paths})
