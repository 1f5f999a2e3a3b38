"""`[specification]`: choices that could have been made otherwise."""

from typing import Any

from pydantic import Field, field_validator

from neurograft.config.methods import parse_method
from neurograft.config.section import Section

SECTIONS = ("harmonise", "evaluation")


class SpecificationConfig(Section):
    """Choices of preprocessing and evaluation, all of which are run."""

    choices: dict[str, tuple[Any, ...]] = Field(
        {},
        description="Settings of [harmonise] and [evaluation] with their "
        'defensible values, for example { "harmonise.l_freq" = [0.5, '
        "1.0] }; every combination is run.",
    )
    methods: tuple[str, ...] = Field(
        ("band-power", "riemann", "encoder"),
        description="Methods that are run on every combination; they must have "
        "the linear learner.",
    )
    n_permutations: int = Field(
        199, ge=19, description="Number of label permutations for the joint test."
    )

    @field_validator("choices")
    @classmethod
    def _choices_are_of_preprocessing(
        cls, choices: dict[str, tuple[Any, ...]]
    ) -> dict[str, tuple[Any, ...]]:
        for name, values in choices.items():
            section, dot, _ = name.partition(".")
            if section not in SECTIONS or not dot:
                raise ValueError(
                    f"{name!r} is no setting of {' or '.join(SECTIONS)}; write "
                    "'harmonise.l_freq' or the like"
                )
            if len(values) < 2:
                raise ValueError(f"{name!r} leaves no choice; give two values or more")
        return choices

    @field_validator("methods")
    @classmethod
    def _methods_are_quick(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        for method in methods:
            if not parse_method(method).is_linear:
                raise ValueError(f"method {method!r} has no batched permutations")
        return methods
