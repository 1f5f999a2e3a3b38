"""`[pretraining]`: what the encoder is, and how it learns without labels."""

from typing import Literal

from pydantic import Field, PositiveFloat, model_validator

from neurograft.config.own_class import OwnClass
from neurograft.config.section import Name, Section

ObjectiveName = Literal[
    "mae", "jepa", "lejepa", "latent", "classical", "window-spectrum"
]


class PretrainingConfig(Section):
    """What the encoder is, and how it learns without labels."""

    name: Name = Field("tiny", description="Folder name of the encoder.")
    cohorts: tuple[str, ...] = Field(
        (), description="Cohorts to learn from; empty means all that no task uses."
    )
    shipped: Literal["", "tiny"] = Field(
        "",
        description="Take the encoder of this name that comes with neurograft instead "
        "of pretraining one; what follows is then not used.",
    )
    source: OwnClass | Literal[""] = Field(
        "",
        description="Take an encoder of your own, `package.module:Class`, instead of "
        "pretraining one; docs/api.md says what it must offer.",
    )
    continue_from: str = Field(
        "",
        description="Go on from this encoder instead of from random weights: `tiny`, "
        "which comes with neurograft, or the name of another pretraining in the same "
        "output folder. With the clinic among `cohorts` this fits an encoder to its "
        "unlabelled recordings; `size` and `tokens` are then those of the encoder.",
    )
    without_sealed: bool = Field(
        False,
        description="Leave out the people whom evaluation.holdout seals: pretraining "
        "on a clinic's other recordings is then not transductive.",
    )
    size: Literal["nano", "tiny", "small", "base"] = Field(
        "tiny", description="Encoder size."
    )
    tokens: Literal["waveform", "spectrum", "both"] = Field(
        "both", description="What a token is made from."
    )
    objectives: tuple[dict[ObjectiveName | OwnClass, PositiveFloat], ...] = Field(
        ({"latent": 1.0},),
        description="Stages, one after the other, each a mixture of objectives by "
        "weight: [{ latent = 1.0 }, { mae = 1.0, lejepa = 0.1 }]. Stages share "
        "the steps evenly. An objective of your own is `package.module:Class`.",
    )
    target: Literal["log-spectrum", "whitened", "waveform"] = Field(
        "log-spectrum", description="What `mae` predicts of the hidden patches."
    )
    mask: Literal["random", "block", "channel", "future", "mixed"] = Field(
        "random", description="How patches are hidden; `jepa` has blocks of its own."
    )
    window_s: int = Field(10, ge=2, le=60, description="Window length, seconds.")
    steps: int = Field(1500, ge=1, description="Optimiser steps.")
    batch_size: int = Field(64, ge=2, description="Windows per step.")
    learning_rate: float = Field(1e-3, gt=0, description="Peak of the schedule.")
    schedule: Literal["cosine", "trapezoid"] = Field(
        "cosine", description="How the learning rate falls after its warm-up."
    )
    weight_decay: float = Field(0.05, ge=0, description="AdamW weight decay.")
    mask_ratio: float = Field(0.75, gt=0, lt=1, description="Hidden share of patches.")
    n_queries: int = Field(
        64, ge=1, description="Hidden patches predicted per window and step."
    )
    temperature: float = Field(
        0.5,
        ge=0,
        le=1,
        description="How often a cohort, an age band and a sex are drawn: in "
        "proportion to their people (1), to the root of it (0.5), all alike (0).",
    )
    average_share: float = Field(
        0.05,
        ge=0,
        lt=1,
        description="The encoder saved is a moving average of the weights over this "
        "share of the steps; 0 saves the last weights.",
    )
    validation_share: float = Field(
        0.1,
        gt=0,
        lt=0.5,
        description="Share of pretraining subjects left out to watch.",
    )
    watch_every: int = Field(
        200,
        ge=1,
        description="Steps between looks at the people left out; the encoder saved is "
        "the one whose probe was best.",
    )
    checkpoint_every: int = Field(100, ge=1, description="Steps between checkpoints.")
    tensorboard: bool = Field(
        False,
        description="Write what is measured for TensorBoard too (extra `tensorboard`); "
        "`metrics.tsv` is always written, as soon as something is measured.",
    )
    allow_transductive: bool = Field(
        False,
        description="Allow a task's own people in the pretraining cohorts; their "
        "results are then labelled transductive.",
    )

    @model_validator(mode="after")
    def _stages_have_objectives(self) -> "PretrainingConfig":
        if not self.objectives or not all(self.objectives):
            raise ValueError("every stage of `objectives` needs at least one objective")
        if len(self.objectives) > self.steps:
            raise ValueError(f"{len(self.objectives)} stages need as many steps")
        return self
