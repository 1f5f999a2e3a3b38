"""`[pretraining]`: the encoder, and its training without labels."""

from typing import Literal

from pydantic import Field, PositiveFloat, model_validator

from neurograft.config.section import Name, Section
from neurograft.config.study_file.own_class import OwnClass

ObjectiveName = Literal[
    "mae", "jepa", "lejepa", "latent", "classical", "window-spectrum"
]


class PretrainingConfig(Section):
    """The encoder, and its training without labels."""

    name: Name = Field("tiny", description="Name of the encoder, and of its folder.")
    cohorts: tuple[str, ...] = Field(
        (), description="Cohorts to pretrain on; empty takes all that no task uses."
    )
    shipped: Literal["", "tiny"] = Field(
        "",
        description="Take the encoder of this name that comes with neurograft, "
        "and pretrain none; the settings below are then not used.",
    )
    source: OwnClass | Literal[""] = Field(
        "",
        description="Take an encoder of your own and pretrain none; write it as "
        "`package.module:Class`.",
    )
    continue_from: str = Field(
        "",
        description="Start from this encoder instead of random weights: 'tiny', "
        "which comes with neurograft, or another one of the same "
        "output folder.",
    )
    without_sealed: bool = Field(
        False,
        description="Leave out the people that evaluation.holdout seals, so that "
        "pretraining sees no person who is tested.",
    )
    size: Literal["nano", "tiny", "small", "base"] = Field(
        "tiny",
        description="Size of the encoder; larger ones need more recordings and time.",
    )
    tokens: Literal["waveform", "spectrum", "both"] = Field(
        "both",
        description="Input of the encoder: the waveform, the spectrum, or both, "
        "of every second of every channel.",
    )
    objectives: tuple[dict[ObjectiveName | OwnClass, PositiveFloat], ...] = Field(
        ({"mae": 1.0},),
        description="Objectives by weight, one table for each stage of "
        "pretraining, for example [{ latent = 1.0 }, { mae = 1.0, "
        "lejepa = 0.1 }]; an objective of your own is written "
        "as `package.module:Class`.",
    )
    target: Literal["log-spectrum", "whitened", "waveform"] = Field(
        "log-spectrum", description="Form in which `mae` predicts the hidden patches."
    )
    mask: Literal["random", "block", "channel", "future", "mixed"] = Field(
        "random",
        description="Pattern in which patches are hidden; `jepa` always hides blocks.",
    )
    window_s: int = Field(
        10, ge=2, le=60, description="Length of a window, in seconds."
    )
    steps: int = Field(
        8000,
        ge=1,
        le=100_000_000,
        description="Number of training steps; more take longer and learn more.",
    )
    batch_size: int = Field(
        64, ge=2, le=1_000_000, description="Number of windows in each step."
    )
    learning_rate: float = Field(
        1e-3,
        gt=0,
        description="Highest learning rate, which is reached after the warm-up.",
    )
    schedule: Literal["cosine", "trapezoid"] = Field(
        "cosine",
        description="Shape in which the learning rate falls after its warm-up.",
    )
    weight_decay: float = Field(
        0.05,
        ge=0,
        description="Strength with which weights are pulled towards zero (AdamW).",
    )
    mask_ratio: float = Field(
        0.75, gt=0, lt=1, description="Share of the patches that is hidden."
    )
    n_queries: int = Field(
        64,
        ge=1,
        le=10_000,
        description="Number of hidden patches that are predicted, per window and step.",
    )
    temperature: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Balance among cohorts, age bands and sexes: drawn in "
        "proportion to their people (1), to the square root of that "
        "(0.5), or all alike (0).",
    )
    average_share: float = Field(
        0.05,
        ge=0,
        lt=1,
        description="The saved encoder is a moving average of the weights over "
        "this share of the steps; 0 saves the last weights.",
    )
    validation_share: float = Field(
        0.1,
        gt=0,
        lt=0.5,
        description="Share of the pretraining people that is left out to watch "
        "progress.",
    )
    n_people: int = Field(
        0,
        ge=0,
        description="Number of people to learn from, drawn at random from those "
        "there are; 0 takes all. The people who are watched are the same.",
    )
    watch_every: int = Field(
        500,
        ge=1,
        le=100_000_000,
        description="Number of steps between two tests on the people left out.",
    )
    checkpoint_every: int = Field(
        100,
        ge=1,
        le=100_000_000,
        description="Number of steps between two checkpoints, from which a "
        "stopped run goes on.",
    )
    tensorboard: bool = Field(
        False,
        description="Write the progress for TensorBoard too (needs "
        "neurograft[tensorboard]); `metrics.tsv` is always written.",
    )
    allow_transductive: bool = Field(
        False,
        description="Allow pretraining on people who are tested later; their "
        "results are then marked as transductive.",
    )

    @model_validator(mode="after")
    def _stages_have_objectives(self) -> "PretrainingConfig":
        if not self.objectives or not all(self.objectives):
            raise ValueError("every stage of `objectives` needs at least one objective")
        if len(self.objectives) > self.steps:
            raise ValueError(f"{len(self.objectives)} stages need as many steps")
        return self
