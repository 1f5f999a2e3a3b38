"""`[comparison]`: which ways to pretrain are compared, and how."""

from typing import Any

from pydantic import Field

from neurograft.config.section import Name, Section


class ComparisonConfig(Section):
    """Ways to pretrain, compared at the same number of windows."""

    variants: dict[Name, dict[str, Any]] = Field(
        {},
        description="Settings of [pretraining] that a variant replaces, by its name: "
        "{ jepa = { objectives = [{ jepa = 1.0 }] } }.",
    )
    left_out: tuple[tuple[str, ...], ...] = Field(
        (),
        description="Cohorts that are left out of pretraining together, to be tested "
        "on; empty leaves every target cohort out alone.",
    )
    not_counted: tuple[Name, ...] = Field(
        (),
        description="Tasks that stand in the table but not in the mean gain: what an "
        "encoder had better not know, such as the device.",
    )
    n_seeds: int = Field(3, ge=1, description="Seeds of every variant.")
    n_repeats: int = Field(5, ge=1, description="Repeats of the outer folds.")
    labels_per_class: tuple[int, ...] = Field(
        (5, 10, 20),
        description="Low-label curve: labelled people of each class; twice as many in "
        "all where a number is predicted.",
    )
    n_draws: int = Field(20, ge=1, description="Draws of labelled people per budget.")
