"""Sizes of the simulated study: options of `neurograft demo` and `simulate`."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from neurograft.config.section import Section


class SimulationConfig(Section):
    """Sizes of the simulated study."""

    n_source: int = Field(
        60, ge=2, description="Number of people in each public cohort."
    )
    n_patients: int = Field(40, ge=0, description="Number of patients in the clinic.")
    n_controls: int = Field(40, ge=0, description="Number of controls in the clinic.")
    duration_s: int = Field(
        120, ge=20, description="Length of every recording, in seconds."
    )
    effect: float = Field(
        1.0, ge=0, description="Size of the simulated disease; 0 simulates none."
    )
    # Options of a command line are text; a choice of numbers is not converted.
    channels: Annotated[Literal[19, 32, 64], BeforeValidator(int)] = Field(
        64, description="Number of electrodes of the clinic's cap."
    )
    visits: int = Field(
        1, ge=1, description="Number of recordings of every person in the clinic."
    )
    new_device: bool = Field(
        False,
        description="Record everybody in the clinic on a second device too, as "
        "cohort `clinic_new_device`.",
    )
    truth: bool = Field(
        False, description="Write the true rhythms into the participants tables too."
    )
    size: Literal["nano", "tiny"] = Field("tiny", description="Size of the encoder.")
    steps: int = Field(150, ge=1, description="Number of pretraining steps.")
    repeats: int = Field(
        10, ge=1, description="Number of times that cross-validation is repeated."
    )
    permutations: int = Field(
        200, ge=19, description="Number of permutations of labels and of cohorts."
    )
    seed: int = Field(0, ge=0, description="Number that fixes all random choices.")
