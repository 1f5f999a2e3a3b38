"""`[shift]`: measures of the shift between populations."""

from pydantic import Field, field_validator

from neurograft.config.method_table import ADAPTERS
from neurograft.config.section import Section

# Those that make domains alike; the others take covariates out, or align matrices.
ALIGNING = tuple(
    adapter for adapter in ADAPTERS if adapter not in ("euclid", "residualise")
)


class ShiftConfig(Section):
    """Measures of the shift between populations."""

    all_cohorts: bool = Field(
        False,
        description="Compare all pairs of cohorts of the study, including "
        "cohorts without pretraining or task.",
    )
    windows_per_subject: int = Field(
        6,
        ge=2,
        le=100_000,
        description="Number of windows that describe a person; at most as many "
        "as are evaluated, and as most people of every cohort have.",
    )
    max_people: int = Field(
        500,
        ge=10,
        description="Largest number of people of a cohort; more are drawn at random.",
    )
    n_permutations: int = Field(
        1000,
        ge=19,
        le=1_000_000,
        description="Number of permutations of the cohorts' labels for the p-values.",
    )
    n_bootstraps: int = Field(
        500,
        ge=50,
        le=1_000_000,
        description="Number of resamples of people for the confidence intervals.",
    )
    adapters: tuple[str, ...] = Field(
        ("recentre", "rescale", "coral", "linear-ot", "combat", "erase"),
        description="Adapters that are tried; after each it is tested how well "
        "cohorts can still be told apart.",
    )

    @field_validator("adapters")
    @classmethod
    def _adapters_known(cls, adapters: tuple[str, ...]) -> tuple[str, ...]:
        for name in adapters:
            if name not in ALIGNING:
                raise ValueError(
                    f"adapter {name!r} does not align domains of vectors; choose of "
                    f"{', '.join(ALIGNING)}"
                )
        return adapters
