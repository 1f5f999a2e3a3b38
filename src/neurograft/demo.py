"""The embedded study: simulated cohorts and the study file that goes with them."""

from dataclasses import dataclass
from pathlib import Path

from neurograft.provenance import write_text
from neurograft.recordings.devices import default_sites
from neurograft.recordings.simulation import simulate_cohorts
from neurograft.types import Progress, no_progress

STUDY_FILE = "study.toml"
STUDY = """\
# Simulated: two public cohorts on different devices, and one clinic.
name = "Simulated clinic"
data_folder = "cohorts"
output_folder = "results"
seed = {seed}

[cohorts.students]
folder = "students"

[cohorts.community]
folder = "community"

[cohorts.clinic]
folder = "clinic"

[pretraining]
name = "mae-{encoder}"
size = "{encoder}"
steps = {steps}

[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]

[tasks.age]
kind = "regression"
cohort = "clinic"
column = "age"

[evaluation]
windows_per_subject = {windows}
n_repeats = {repeats}
n_permutations = {permutations}
"""


@dataclass(frozen=True)
class SimulatedStudy:
    """Sizes of the simulated study.

    Attributes:
        n_source: People in each of the two public cohorts.
        n_patients: Patients of the clinic.
        n_controls: Controls of the clinic.
        duration_s: Length of every recording, seconds.
        disease_effect: Size of the planted effect; 0 plants none.
        n_clinic_channels: Electrodes of the clinic's cap: 19, 32 or 64.
        encoder: Size of the encoder.
        steps: Pretraining steps.
        repeats: Repeats of cross-validation.
        permutations: Label permutations.
        seed: Seed of everything random.
    """

    n_source: int = 60
    n_patients: int = 40
    n_controls: int = 40
    duration_s: int = 120
    disease_effect: float = 1.0
    n_clinic_channels: int = 64
    encoder: str = "tiny"
    steps: int = 250
    repeats: int = 10
    permutations: int = 500
    seed: int = 0


def simulate_study(
    folder: Path,
    sizes: SimulatedStudy,
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> Path:
    """Simulate the cohorts into `folder/cohorts` and write `folder/study.toml`.

    Returns:
        Path of the study file.
    """
    sites = default_sites(
        n_source=sizes.n_source,
        n_patients=sizes.n_patients,
        n_controls=sizes.n_controls,
        disease_effect=sizes.disease_effect,
        n_clinic_channels=sizes.n_clinic_channels,
    )
    simulate_cohorts(
        folder / "cohorts",
        sites=sites,
        duration_s=sizes.duration_s,
        seed=sizes.seed,
        n_jobs=n_jobs,
        progress=progress,
    )
    text = STUDY.format(
        seed=sizes.seed,
        encoder=sizes.encoder,
        steps=sizes.steps,
        windows=max(2, sizes.duration_s // 10),
        repeats=sizes.repeats,
        permutations=sizes.permutations,
    )
    write_text(folder / STUDY_FILE, text)
    return folder / STUDY_FILE
