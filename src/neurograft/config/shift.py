"""`[shift]`: how the shift between populations is measured."""

from pydantic import Field, field_validator

from neurograft.config.method_table import ADAPTERS
from neurograft.config.section import Section

# Those that make domains alike; the others take covariates out, or align matrices.
ALIGNING = tuple(one for one in ADAPTERS if one not in ("euclid", "residualise"))


class ShiftConfig(Section):
    """How the shift between populations is measured."""

    all_cohorts: bool = Field(
        False,
        description="Compare every cohort of the study with every other, also those "
        "that are neither pretrained on nor belong to a task.",
    )
    windows_per_subject: int = Field(
        6,
        ge=2,
        description="Windows of every person that are described; at most as many as "
        "are evaluated.",
    )
    max_people: int = Field(
        500, ge=10, description="People of each cohort, drawn where there are more."
    )
    n_permutations: int = Field(1000, ge=19, description="Permutations of domains.")
    n_bootstraps: int = Field(500, ge=50, description="Resamples of people.")
    adapters: tuple[str, ...] = Field(
        ("recentre", "rescale", "coral", "linear-ot", "combat", "erase"),
        description="Adapters after which domains are told apart again, of "
        f"{', '.join(ALIGNING)}.",
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
