"""`[evaluation]`: methods, protocol and statistics."""

import re
from typing import Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from neurograft.config_section import Section

# What is known of a person without EEG, or with EEG from which the brain was taken out.
BLIND = ("demographics", "duration", "amplitude", "acquisition", "artefact")
FEATURES = (
    *BLIND, "band-power", "aperiodic", "riemann", "connectivity", "handcrafted",
    "tokens", "random-encoder", "surrogate", "encoder", "encoder-covariance",
)  # fmt: skip
# What is done to features inside the fold so that sites resemble each other.
ADAPTERS = (
    "recentre", "rescale", "euclid", "coral", "linear-ot", "combat", "residualise",
    "erase",
)  # fmt: skip
LEARNERS = ("linear", "svm", "kernel", "boosting", "forest")
# Networks that learn from windows, not from features of people.
NETWORKS = (
    "fine-tuned", "adversarial", "partial", "lora", "scratch", "shallownet", "deep4",
    "eegnet", "tcn",
)  # fmt: skip
METHODS = (
    "dummy", "demographics", "duration", "band-power", "riemann", "tokens",
    "random-encoder", "encoder", "stack",
)  # fmt: skip
CURVE_METHODS = ("dummy", "band-power", "riemann", "tokens", "random-encoder",
                 "encoder")  # fmt: skip
STACK = ("encoder", "riemann")
Protocol = Literal[
    "repeated-cv",
    "leave-one-site-out",
    "leave-one-cohort-out",
    "hold-out",
    "confound-isolating",
]


class Method(NamedTuple):
    """What makes predictions.

    Attributes:
        name: As written in the study file.
        blocks: Feature sets, each with its adapter after an `@`; several are combined
            by stacking. None for a network.
        learner: What is fitted to them, or the network.
    """

    name: str
    blocks: tuple[str, ...]
    learner: str

    @property
    def features(self) -> tuple[str, ...]:
        """Feature sets without adapters."""
        return tuple(split_block(block)[0] for block in self.blocks)

    @property
    def is_network(self) -> bool:
        """Whether it learns from windows."""
        return self.learner in NETWORKS

    @property
    def is_linear(self) -> bool:
        """Whether thousands of label vectors are solved at once."""
        return self.learner == "linear"

    @property
    def is_blind(self) -> bool:
        """Whether it cannot know anything of the brain."""
        return all(name in BLIND for name in self.features) and not self.is_network

    @property
    def plain(self) -> str:
        """Name of the same method without adapters.

        Example:
            >>> parse_method("encoder@recentre+riemann:linear").plain
            'encoder+riemann:linear'
        """
        return re.sub(r"@[\w-]+", "", self.name)


def split_block(block: str) -> tuple[str, str]:
    """Feature set and adapter; empty if there is none.

    Example:
        >>> split_block("riemann@recentre"), split_block("encoder")
        (('riemann', 'recentre'), ('encoder', ''))
    """
    name, _, adapter = block.partition("@")
    return name, adapter


def parse_method(text: str) -> Method:
    """Read a method: `dummy`, a network, or features with adapter and learner.

    Raises:
        ValueError: If a part of it is unknown.

    Example:
        >>> parse_method("connectivity:svm")
        Method(name='connectivity:svm', blocks=('connectivity',), learner='svm')
        >>> parse_method("encoder+band-power").blocks
        ('encoder', 'band-power')
    """
    if text == "dummy":
        return Method(text, (), "dummy")
    if text in NETWORKS:
        return Method(text, (), text)
    if text == "stack":
        return Method(text, STACK, "linear")
    names, _, learner = text.partition(":")
    blocks, learner = tuple(names.split("+")), learner or "linear"
    parts = [split_block(block) for block in blocks]
    unknown = [name for name, _ in parts if name not in FEATURES]
    if unknown:
        raise ValueError(
            f"method {text!r}: {unknown[0]!r} is neither a network "
            f"({', '.join(NETWORKS)}) nor a feature set ({', '.join(FEATURES)})"
        )
    strange = [one for _, one in parts if one and one not in ADAPTERS]
    if strange:
        raise ValueError(
            f"method {text!r}: adapter {strange[0]!r} is unknown; choose one of "
            f"{', '.join(ADAPTERS)}"
        )
    if learner not in LEARNERS:
        raise ValueError(
            f"method {text!r}: learner {learner!r} is unknown; choose one of "
            f"{', '.join(LEARNERS)}"
        )
    if len(blocks) > 1 and learner != "linear":
        raise ValueError(f"method {text!r}: only linear learners are stacked")
    return Method(text, blocks, learner)


class EvaluationConfig(Section):
    """Methods, splits and statistics."""

    methods: tuple[str, ...] = Field(
        METHODS,
        description="Methods to compare: `dummy`, a network "
        f"({', '.join(NETWORKS)}), or features ({', '.join(FEATURES)}), with a learner "
        f"after a colon ({', '.join(LEARNERS)}); `a+b` stacks features. `stack` is "
        "encoder+riemann. An adapter after an @, `encoder@recentre`, makes sites alike "
        f"inside the fold: {', '.join(ADAPTERS)}.",
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
    n_splits: int = Field(5, ge=2, description="Outer folds.")
    n_repeats: int = Field(10, ge=1, description="Repeats of the outer folds.")
    n_inner: int = Field(5, ge=2, description="Inner folds that choose the penalty.")
    network_repeats: int = Field(
        1, ge=1, description="Repeats of networks, which learn slowly."
    )
    label_budgets: tuple[int, ...] = Field(
        (),
        description="Low-label curve: labelled people of each class, for example "
        "[5, 10, 20, 40]; twice as many in all where a number is predicted.",
    )
    curve_methods: tuple[str, ...] = Field(
        CURVE_METHODS,
        description="Methods of the low-label curve, among `methods`; linear ones.",
    )
    n_draws: int = Field(20, ge=2, description="Draws of labelled people per budget.")
    n_bootstraps: int = Field(2000, ge=100, description="Subject resamples.")
    n_permutations: int = Field(500, ge=19, description="Label permutations.")
    slow_permutations: int = Field(
        0,
        ge=0,
        description="Label permutations of methods that are fitted one label vector at "
        "a time (svm, kernel, boosting, forest), stopped early where there is no "
        "effect; 0 gives them no p-value.",
    )
    equivalence_margin: float = Field(
        0.05,
        gt=0,
        lt=0.5,
        description="AUROC that does not matter: pretraining made no difference where "
        "the gain is shown to lie within it. For numbers, the share of the dummy's "
        "error.",
    )

    @field_validator("methods")
    @classmethod
    def _methods_known(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        for method in methods:
            parse_method(method)
        if len(set(methods)) < len(methods):
            raise ValueError("a method stands there twice")
        return methods

    @field_validator("curve_methods")
    @classmethod
    def _curve_is_quick(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        for method in methods:
            parsed = parse_method(method)
            if (not parsed.is_linear and parsed.blocks) or parsed.is_network:
                raise ValueError(f"method {method!r} is too slow for a low-label curve")
        return methods

    @model_validator(mode="after")
    def _repeats_fit(self) -> "EvaluationConfig":
        if self.network_repeats > self.n_repeats:
            raise ValueError("network_repeats is larger than n_repeats")
        if self.holdout and self.protocol != "hold-out":
            raise ValueError("`holdout` needs protocol = 'hold-out'")
        return self

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
