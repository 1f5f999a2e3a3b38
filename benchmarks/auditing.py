"""How long the shift audit takes: two cohorts of 500 people, 1 000 permutations.

    python benchmarks/auditing.py [--people 500] [--folder FOLDER]

Simulates and harmonises the cohorts (kept in FOLDER), then times `neurograft shift`
alone, embedding included, in a process of its own. Aim: 3 minutes and 2 GiB on two
cores.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from joblib import Parallel, delayed

from neurograft.config.study import StudyConfig
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import describe_harmonising, run_harmonise
from neurograft.study.stages.pretrain import describe_pretraining, run_pretrain
from neurograft.study.stages.shift import run_shift

N_JOBS = 2


def make_study(folder: Path, n: int) -> StudyConfig:
    """Two cohorts of as many people, harmonised, and the encoder of the package."""
    students, _, clinic = default_sites(
        n_source=n, n_patients=n // 2, n_controls=n - n // 2, n_clinic_channels=32
    )
    sites = [replace(students, name="public"), clinic]
    simulate_cohorts(folder / "cohorts", sites=sites, duration_s=70, n_jobs=N_JOBS)
    study = StudyConfig.model_validate(
        {
            "name": "audit", "data_folder": folder / "cohorts",
            "output_folder": folder / "results",
            "cohorts": {"public": {"folder": "public"}, "clinic": {"folder": "clinic"}},
            "pretraining": {"shipped": "tiny"},
            "shift": {"all_cohorts": True},
            "tasks": {"disease": {"kind": "classification", "cohort": "clinic",
                                  "column": "group", "positive": ["patient"],
                                  "negative": ["control"]}},
        }
    )  # fmt: skip
    for cohort in study.cohorts:
        if not describe_harmonising(Study(study), cohort).is_current():
            run_harmonise(Study(study), cohort, n_jobs=N_JOBS)
    if not describe_pretraining(Study(study)).is_current():
        run_pretrain(Study(study))
    return study


def audit(study: StudyConfig) -> tuple[float, float]:
    """Seconds, and the largest memory of the process in MiB."""
    start = time.perf_counter()
    run_shift(Study(study))
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print seconds and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        study = make_study(folder, options.people)
        seconds, mebibytes = Parallel(n_jobs=2)([delayed(audit)(study)])[0]
    print(f"{options.people} + {options.people} people: {seconds:.0f} s, "
          f"{mebibytes:.0f} MiB")  # fmt: skip
    sys.stdout.flush()


if __name__ == "__main__":
    main()
