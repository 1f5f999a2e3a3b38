"""Options that several commands share."""

import os
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from neurograft.simulation.options import SimulationConfig


@Parameter(name="*")
@dataclass(frozen=True)
class Options:
    """Options of every command that takes a study.

    Attributes:
        set: Replace a setting of the study file, for example
            `--set pretraining.steps=3000`; may be repeated.
        jobs: Processes; 0 means one per core.
        quiet: Show no progress.
        dask: Address of a Dask scheduler to harmonise and evaluate on,
            `tcp://host:8786`.
    """

    set: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set",
            help="Replace a setting of the study file, for example "
            "`--set pretraining.steps=3000`; may be repeated.",
            negative="",
            show_default=False,
            consume_multiple=False,
        ),
    ] = ()
    jobs: Annotated[
        int,
        Parameter(
            name=["--jobs", "-j"], help="Number of processes; 0 takes one per core."
        ),
    ] = 0
    quiet: Annotated[
        bool, Parameter(help="Show no progress.", negative="", show_default=False)
    ] = False
    dask: Annotated[
        str,
        Parameter(
            help="Compute on this Dask scheduler, for example tcp://host:8786.",
            show_default=False,
        ),
    ] = ""

    @property
    def n_jobs(self) -> int:
        """Return the number of processes: `jobs`, or one per core."""
        return self.jobs if self.jobs > 0 else os.cpu_count() or 1


DEFAULTS = Options()
Sizes = Annotated[SimulationConfig, Parameter(name="*")]
DEFAULT_SIZES = SimulationConfig()
