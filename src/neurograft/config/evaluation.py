"""`[evaluation]`: methods, protocol and statistics."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from neurograft.config.method_table import (
    ADAPTERS,
    BLIND,
    CHOOSERS,
    FEATURES,
    KNOWN_MEAN,
    LEARNERS,
    NETWORKS,
    WEIGHTERS,
)
from neurograft.config.methods import Method, parse_method
from neurograft.config.section import Section

METHODS = (
    "dummy", "demographics", "duration", "band-power", "riemann", "tokens",
    "random-encoder", "encoder", "stack",
)  # fmt: skip
CURVE_METHODS = ("dummy", "band-power", "riemann", "tokens", "random-encoder",
                 "encoder")  # fmt: skip
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
        description="Methods to compare: `dummy`, a network "
        f"({', '.join(NETWORKS)}), or features ({', '.join(FEATURES)}), with a learner "
        f"after a colon ({', '.join(LEARNERS)}); `a+b` stacks features. `stack` is "
        "encoder+riemann. After an @, `encoder@recentre`, stands what is done inside "
        f"the fold because sites differ: adapters ({', '.join(ADAPTERS)}); weights of "
        f"those learned from ({', '.join(WEIGHTERS)}); a choice among adapters without "
        f"a label of the tested ({', '.join(CHOOSERS)}); or predictions moved to the "
        f"mean known of a new site ({KNOWN_MEAN}).",
    )
    controls: bool = Field(
        False,
        description="Add, for every cohort of a task, what should be found (age, sex) "
        "and what should not (site), and the methods that know nothing of the brain.",
    )
    windows_per_subject: int = Field(
        12,
        ge=2,
        description="Windows taken from every subject, evenly spaced; the same number "
        "for all, because recording length alone can give the diagnosis away.",
    )
    windows: dict[str, int] = Field(
        {}, description="Windows per subject in a cohort, where they differ."
    )
    montage: Literal["common", "template"] = Field(
        "common",
        description="Electrodes of features and networks other than the encoder's: "
        "those that all recordings of a task have, or the 19 of the 10-20 system, to "
        "which the field of other caps is interpolated.",
    )
    protocol: Protocol = Field(
        "repeated-cv", description="How people are split into learned from and tested."
    )
    holdout_share: float = Field(
        0.3, gt=0.05, lt=0.7, description="Share of people sealed by `hold-out`."
    )
    holdout: dict[str, tuple[str, ...]] = Field(
        {},
        description="Whom `hold-out` seals: people whose columns of the participants "
        "table have one of these values, { split = ['test'] }; empty: a balanced share "
        "at random.",
    )
    match_years: float = Field(
        1.0,
        gt=0,
        description="Largest difference of age within a pair of `matched-draws`.",
    )
    n_splits: int = Field(5, ge=2, description="Outer folds.")
    n_repeats: int = Field(10, ge=1, description="Repeats of the outer folds.")
    n_inner: int = Field(5, ge=2, description="Inner folds that choose the penalty.")
    network_repeats: int = Field(
        1, ge=1, description="Repeats of networks, which learn slowly."
    )
    labels_per_class: tuple[int, ...] = Field(
        (),
        description="Low-label curve: labelled people of each class, for example "
        "[5, 10, 20, 40]; twice as many in all where a number is predicted.",
    )
    curve_methods: tuple[str, ...] = Field(
        CURVE_METHODS,
        description="Methods of the low-label curve, among `methods`.",
    )
    n_draws: int = Field(20, ge=2, description="Draws of labelled people per budget.")
    network_draws: int = Field(
        5,
        ge=2,
        description="Draws of networks on the curve, which learn slowly; "
        "at most `n_draws`.",
    )
    n_bootstraps: int = Field(2000, ge=100, description="Subject resamples.")
    n_permutations: int = Field(500, ge=19, description="Label permutations.")
    slow_permutations: int = Field(
        0,
        ge=0,
        description="Label permutations of methods that are fitted one label vector at "
        "a time (svm, kernel, boosting, forest), stopped early where there is no "
        "effect; 0 gives them no p-value.",
    )
    network_permutations: int = Field(
        0,
        ge=0,
        description="Label permutations of networks, which learn anew from each, "
        "stopped early where there is no effect; 0 gives them no p-value.",
    )
    equivalence_margin: float = Field(
        0.05,
        gt=0,
        lt=0.5,
        description="AUROC that does not matter: pretraining made no difference where "
        "the gain is shown to lie within it. For numbers, the share of the dummy's "
        "error.",
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
        if self.holdout and self.protocol != "hold-out":
            raise ValueError("`holdout` needs protocol = 'hold-out'")
        return self

    def count_windows(self, cohort: str) -> int:
        """Return how many windows are taken from every subject of a cohort."""
        return self.windows.get(cohort, self.windows_per_subject)

    @property
    def all_methods(self) -> tuple[Method, ...]:
        """The methods asked for, with the blind ones where controls are on."""
        names = self.methods
        if self.controls:
            names = tuple(dict.fromkeys((*names, *BLIND, "surrogate")))
        return tuple(parse_method(name) for name in names)

    @property
    def all_features(self) -> tuple[str, ...]:
        """Feature sets that the methods need, each once."""
        wanted = {name for method in self.all_methods for name in method.features}
        return tuple(name for name in FEATURES if name in wanted)
