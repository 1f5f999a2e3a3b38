"""Sizes of the simulated study: options of `neurograft demo` and `simulate`."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from neurograft.config.section import Section
from neurograft.simulation.person import OLDEST_YEARS, YOUNGEST_YEARS

# Folds of cross-validation by default, which every group of a task must fill.
N_SPLITS = 5


class SimulationConfig(Section):
    """Sizes of the simulated study."""

    n_source: int = Field(60, ge=2, description="People in each public cohort.")
    n_patients: int = Field(36, ge=0, description="Patients of the clinic.")
    n_controls: int = Field(36, ge=0, description="Controls of the clinic.")
    youngest: float = Field(
        25,
        ge=YOUNGEST_YEARS,
        le=OLDEST_YEARS,
        description="Age from which the people of the clinic are drawn, years.",
    )
    oldest: float = Field(
        80,
        ge=YOUNGEST_YEARS,
        le=OLDEST_YEARS,
        description="Age up to which the people of the clinic are drawn, years.",
    )
    duration_s: int = Field(120, ge=20, description="Length of recordings, seconds.")
    effect: float = Field(
        1.5, ge=0, description="Size of the planted disease; 0 plants none."
    )
    # Options of a command line are text; a choice of numbers is not converted.
    channels: Annotated[Literal[19, 32, 64], BeforeValidator(int)] = Field(
        19, description="Electrodes of the clinic's cap."
    )
    visits: int = Field(1, ge=1, description="Recordings of everybody in the clinic.")
    new_device: bool = Field(
        False,
        description="Record everybody of the clinic on another device too: cohort "
        "`clinic_new_device`, the same people under the same labels.",
    )
    truth: bool = Field(
        False, description="Write the true rhythms into the participants tables too."
    )
    steps: int = Field(
        0,
        ge=0,
        description="Steps of pretraining on the public cohorts; 0 takes the encoder "
        "that comes with the package.",
    )
    size: Literal["nano", "tiny"] = Field(
        "tiny",
        description="Size of the encoder that is pretrained, if `steps` is not 0.",
    )
    repeats: int = Field(10, ge=1, description="Repeats of cross-validation.")
    permutations: int = Field(
        200, ge=19, description="Permutations of labels and of cohorts."
    )
    seed: int = Field(0, ge=0, description="Seed of everything random.")

    @model_validator(mode="after")
    def _ages_in_order(self) -> "SimulationConfig":
        if self.youngest > self.oldest:
            raise ValueError(
                f"the youngest of the clinic ({self.youngest:g} years) is older than "
                f"the oldest ({self.oldest:g} years); give both, for example "
                "--youngest 7 --oldest 12"
            )
        return self


def explain_too_few(sizes: SimulationConfig) -> str:
    """Return why the simulated clinic is too small for its own study; else nothing."""
    if min(sizes.n_patients, sizes.n_controls) >= N_SPLITS:
        return ""
    return (
        f"{sizes.n_patients} patients and {sizes.n_controls} controls cannot fill the "
        f"{N_SPLITS} folds of the task 'disease'; `run` needs {N_SPLITS} of each."
    )
