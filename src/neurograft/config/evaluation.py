"""`[evaluation]`: methods, protocol and statistics."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from neurograft.config.method_table import (
    BLIND,
    FEATURES,
)
from neurograft.config.methods import Method, parse_method
from neurograft.config.section import Budgets, Section

METHODS = (
    "dummy", "demographics", "duration", "band-power", "riemann", "tokens",
    "random-encoder", "encoder", "stack",
)  # fmt: skip
CURVE_METHODS = ("dummy", "band-power", "riemann", "tokens", "random-encoder",
                 "encoder")  # fmt: skip
# Chosen here: what a small clinic has; 40 is a usual group.
LABELS_PER_CLASS = (5, 10, 20, 40)
Protocol = Literal[
    "repeated-cv",
    "leave-one-site-out",
    "leave-one-cohort-out",
    "hold-out",
    "confound-isolating",
    "matched-draws",
]


class EvaluationConfig(Section):
    """Methods, splits and statistics."""

    methods: tuple[str, ...] = Field(
        METHODS,
        description="Methods to compare, each written as "
        "features[@remedy][:learner], for example 'encoder', "
        "'encoder@recentre' or 'band-power:forest'; `neurograft "
        "methods` lists them all.",
    )
    controls: bool = Field(
        False,
        description="Add tasks that should succeed (age, sex) and tasks that "
        "should fail (site), and the methods that know nothing of "
        "the brain.",
    )
    windows_per_subject: Annotated[int, Field(ge=2, le=100_000)] | Literal["auto"] = (
        Field(
            "auto",
            description="Number of windows of every person, evenly spaced; the same "
            "for all, because the length of a recording can give the "
            "diagnosis away. 'auto' takes as many as 95 % of a task's people have, at "
            "most 24; those with fewer are left out.",
        )
    )
    windows: dict[str, Annotated[int, Field(ge=1, le=100_000)]] = Field(
        {},
        description="Number of windows per person in single cohorts, for example "
        "{ clinic = 20 }.",
    )
    montage: Literal["common", "template"] = Field(
        "common",
        description="Electrodes of every method except the encoder: those common "
        "to all recordings of a task, or the 19 of the 10-20 system "
        "by interpolation.",
    )
    protocol: Protocol = Field(
        "repeated-cv",
        description="Way in which people are split into training and test people.",
    )
    holdout_share: float = Field(
        0.3,
        gt=0.05,
        lt=0.7,
        description="Share of the people that the protocol `hold-out` seals for "
        "a final test.",
    )
    holdout: dict[str, tuple[str, ...]] = Field(
        {},
        description="People that the protocol `hold-out` seals, for example { "
        "split = ['test'] }; empty seals a balanced random share.",
    )
    match_years: float = Field(
        1.0,
        gt=0,
        description="Largest age difference within a pair of the protocol "
        "`matched-draws`, in years.",
    )
    n_splits: int = Field(
        5, ge=2, le=1000, description="Number of cross-validation folds."
    )
    n_repeats: int = Field(
        10,
        ge=1,
        le=10_000,
        description="Number of times that cross-validation is repeated.",
    )
    n_inner: int = Field(
        5,
        ge=2,
        le=1000,
        description="Number of folds inside the training people, which choose "
        "the penalty.",
    )
    network_repeats: int = Field(
        1, ge=1, description="Number of repeats for networks, which learn slowly."
    )
    labels_per_class: Budgets = Field(
        LABELS_PER_CLASS,
        description="Numbers of labelled people per class in the low-label "
        "curve; for a number as label, twice as many people in all. A number is used "
        "in tasks whose training folds hold more people than that; [] draws no curve.",
    )
    curve_methods: tuple[str, ...] = Field(
        CURVE_METHODS,
        description="Methods in the low-label curve; each must be among `methods`.",
    )
    n_draws: int = Field(
        40,
        ge=2,
        le=10_000,
        description="Number of random draws of labelled people for each point of "
        "the curve.",
    )
    network_draws: int = Field(
        5,
        ge=2,
        description="Number of draws for networks in the curve; at most `n_draws`.",
    )
    n_bootstraps: int = Field(
        2000,
        ge=100,
        le=1_000_000,
        description="Number of resamples of people for the confidence intervals.",
    )
    n_permutations: int = Field(
        500,
        ge=19,
        le=1_000_000,
        description="Number of label permutations for the p-values.",
    )
    slow_permutations: int = Field(
        0,
        ge=0,
        description="Number of label permutations for svm, kernel, boosting and "
        "forest, which are fitted once per permutation; 0 gives no "
        "p-value.",
    )
    network_permutations: int = Field(
        0,
        ge=0,
        description="Number of label permutations for networks, which are "
        "trained once per permutation; 0 gives no p-value.",
    )
    equivalence_margin: float = Field(
        0.05,
        gt=0,
        lt=0.5,
        description="Difference in AUROC that is too small to matter; for "
        "numbers, a share of the dummy's error.",
    )

    occlusion: bool = Field(
        False,
        description="Hide every frequency band and scalp region in turn from the "
        "encoder and its untrained twin, and measure what their predictions lose; the "
        "windows of everybody are embedded about eleven times more by each.",
    )

    @field_validator("methods", "curve_methods")
    @classmethod
    def _methods_known(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        for method in methods:
            parse_method(method)
        if len(set(methods)) < len(methods):
            raise ValueError("a method stands there twice")
        return methods

    @model_validator(mode="after")
    def _repeats_fit(self) -> "EvaluationConfig":
        if self.network_repeats > self.n_repeats:
            raise ValueError("network_repeats is larger than n_repeats")
        for name in ("slow_permutations", "network_permutations"):
            if getattr(self, name) > self.n_permutations:
                raise ValueError(f"{name} is larger than n_permutations")
        if self.occlusion and "encoder" not in self.methods:
            raise ValueError(
                "occlusion hides parts of the EEG from the method 'encoder', which "
                "`methods` lacks; add it, or leave occlusion out"
            )
        if self.holdout and self.protocol != "hold-out":
            raise ValueError("`holdout` needs protocol = 'hold-out'")
        return self

    def count_windows(self, cohort: str) -> int | None:
        """Return how many windows a person of a cohort gives; None if that is open."""
        asked = self.windows.get(cohort, self.windows_per_subject)
        return None if asked == "auto" else int(asked)

    @property
    def asked_labels(self) -> tuple[int, ...]:
        """Return the points of the low-label curve that the study file names."""
        is_named = "labels_per_class" in self.model_fields_set
        return self.labels_per_class if is_named else ()

    @property
    def all_methods(self) -> tuple[Method, ...]:
        """Return the methods of the study, with blind ones if controls are on."""
        names = self.methods
        if self.controls:
            names = tuple(dict.fromkeys((*names, *BLIND, "surrogate")))
        return tuple(parse_method(name) for name in names)

    @property
    def all_features(self) -> tuple[str, ...]:
        """Return the feature sets that the methods need, each once."""
        wanted = {name for method in self.all_methods for name in method.features}
        return tuple(name for name in FEATURES if name in wanted)
