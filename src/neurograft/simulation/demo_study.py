"""Write the simulated study: its cohorts and the study file that goes with them."""

from dataclasses import replace
from pathlib import Path

from neurograft.errors import DataError
from neurograft.files.writing import write_text
from neurograft.simulation.cohorts import TRUTH_FOLDER, simulate_cohorts
from neurograft.simulation.options import SimulationConfig
from neurograft.simulation.sites import Site, default_sites
from neurograft.types import Progress, no_progress

# Name and text of the study file.
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
{pretraining}

[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]

# Nothing to find: the groups in random order. A gain of pretraining would be a mistake.
[tasks.shuffled_labels]
kind = "classification"
cohort = "clinic"
column = "shuffled_group"
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

[shift]
all_cohorts = true
n_permutations = {permutations}
"""
# The site of the patients, the folder of somebody who comes afterwards, and the shift
# of the seed that makes this person nobody of the study.
CLINIC, NEW_FOLDER, NEW_SEED = "clinic", "new_person", 10_007
# Its pretraining: the encoder of the package, or one of its own.
SHIPPED = 'shipped = "tiny"'
OWN = """\
name = "{size}"
size = "{size}"
steps = {steps}"""


def simulate_study(
    folder: Path,
    sizes: SimulationConfig,
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> Path:
    """Simulate the cohorts into `folder/cohorts` and write `folder/study.toml`.

    Args:
        folder: Folder of the study.
        sizes: Numbers of people, channels, steps and repeats.
        n_jobs: Processes.
        progress: Called after every recording.

    Returns:
        Path of the study file.

    Raises:
        DataError: If something else lies in the folder.
    """
    _check_folder(folder)
    simulate_cohorts(
        folder / "cohorts",
        sites=_list_sites(sizes),
        duration_s=sizes.duration_s,
        seed=sizes.seed,
        with_truth=sizes.truth,
        with_shuffled=True,
        n_jobs=n_jobs,
        progress=progress,
    )
    text = STUDY.format(
        seed=sizes.seed,
        pretraining=OWN.format(size=sizes.size, steps=sizes.steps)
        if sizes.steps
        else SHIPPED,
        windows=max(2, sizes.visits * sizes.duration_s // 10),
        repeats=sizes.repeats,
        permutations=sizes.permutations,
    )
    write_text(folder / STUDY_FILE, text)
    return folder / STUDY_FILE


def simulate_new_person(folder: Path, sizes: SimulationConfig) -> Path:
    """Simulate a patient who comes to the clinic of a simulated study afterwards.

    Args:
        folder: Folder of the study.
        sizes: Of the study.

    Returns:
        A BIDS folder of that person.
    """
    (clinic,) = (site for site in _list_sites(sizes) if site.name == CLINIC)
    site = replace(clinic, n_patients=1, n_controls=0, n_visits=1)
    place = folder / NEW_FOLDER
    simulate_cohorts(
        place, sites=[site], duration_s=sizes.duration_s, seed=sizes.seed + NEW_SEED
    )
    return place / CLINIC


def _list_sites(sizes: SimulationConfig) -> list[Site]:
    return default_sites(
        n_source=sizes.n_source,
        n_patients=sizes.n_patients,
        n_controls=sizes.n_controls,
        disease_effect=sizes.effect,
        n_clinic_channels=sizes.channels,
        n_visits=sizes.visits,
        new_device=sizes.new_device,
        clinic_ages=(sizes.youngest, sizes.oldest),
    )


def _check_folder(folder: Path) -> None:
    """Check that a folder is new, empty, or of an earlier simulation.

    Raises:
        DataError: If it is not.
    """
    if folder.is_file():
        raise DataError(f"{folder} is a file; choose a new folder.")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    study = folder / STUDY_FILE
    is_own = (folder / "cohorts" / TRUTH_FOLDER).is_dir()
    if study.is_file():
        first = STUDY.partition("\n")[0].encode()
        is_own = study.read_bytes().startswith(first)
    if not is_own:
        raise DataError(
            f"{folder} is not empty and was not simulated; choose a new folder, so "
            "that nothing of yours is overwritten."
        )
