"""`[comparison]`: ways to pretrain that are compared."""

from typing import Any

from pydantic import Field

from neurograft.config.section import Budgets, Name, Section


class ComparisonConfig(Section):
    """Ways to pretrain, compared at the same number of windows."""

    variants: dict[Name, dict[str, Any]] = Field(
        {},
        description="Variants by name, each with the settings of [pretraining] "
        "that it replaces, for example { jepa = { objectives = [{ "
        "jepa = 1.0 }] } }.",
    )
    left_out: tuple[tuple[str, ...], ...] = Field(
        (),
        description="Groups of cohorts that are left out of pretraining together "
        "and tested, for example [['clinic', 'hospital']]; empty "
        "leaves out each target cohort alone.",
    )
    not_counted: tuple[Name, ...] = Field(
        (),
        description="Tasks shown in the table but left out of the mean gain, "
        "such as predicting the device.",
    )
    n_seeds: int = Field(
        3,
        ge=1,
        description="Number of encoders that are pretrained for each variant, "
        "each from another seed.",
    )
    n_untrained_seeds: int = Field(
        0,
        ge=0,
        description="Number of untrained encoders whose mean is the control, each "
        "from another seed; 0 takes as many as are pretrained.",
    )
    n_repeats: int = Field(
        5, ge=1, description="Number of times that cross-validation is repeated."
    )
    labels_per_class: Budgets = Field(
        (5, 10, 20),
        description="Numbers of labelled people per class in the low-label "
        "curve; for a number as label, twice as many people in all.",
    )
    few_labels: Budgets = Field(
        (5, 10),
        description="Numbers of labelled people per class over which the gain at few "
        "labels is averaged.",
    )
    n_draws: int = Field(
        20,
        ge=1,
        description="Number of random draws of labelled people for each point of "
        "the curve.",
    )
