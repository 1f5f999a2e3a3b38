"""Predict real people one by one whom a study was run without, and recognise others.

    nice -n 15 python benchmarks/prediction_real.py DATA OUT --encoder FOLDER

DATA holds the cohorts of docs/dementia.md as BIDS folders. Ten people with Alzheimer's
disease and ten controls of ds004504, drawn by `--seed`, are left out of a copy; a study
of the rest is run with an encoder that has seen none of them, and predictors are fitted
to it. Everybody left out is asked about alone, as `neurograft predict` does it. Then
people whom the predictor or its encoder has seen are asked about. The encoder of the
package has seen all of ds004504, and stands in for its own to see whether that is said.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from neurograft.config.study import StudyConfig
from neurograft.files.tables import read_table
from neurograft.models.saving import UNTRAINED_FOLDER, find_encoder, save_encoder
from neurograft.prediction.asked import Stated, find_asked
from neurograft.prediction.asking import ask, tabulate_predictions
from neurograft.prediction.bundle import read_predictor
from neurograft.prediction.person.new_people import Describer
from neurograft.statistics.metrics.classification import auroc
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.study.opened_study import Study
from neurograft.study.run import list_steps
from neurograft.study.stages.fit import run_fit
from neurograft.study.stages.pretrain import (
    describe_pretraining,
    load_start,
)

COHORT, TASK, GROUPS = "ds004504_dementia", "alzheimer_vs_control", ("C", "A")
N_LEFT_OUT, N_RECOGNISED = 10, 20
METHODS = ("encoder", "band-power")
FILES = ("README", "dataset_description.json", "participants.json")


def leave_out(data: Path, out: Path, *, seed: int) -> tuple[Path, Path]:
    """Link a cohort without some people, and those people, as two folders."""
    source = data / COHORT
    people = pd.read_csv(source / "participants.tsv", sep="\t")
    rng = np.random.default_rng(seed)
    left = [
        rng.permutation(people.loc[people["group"] == group, "participant_id"])
        for group in reversed(GROUPS)
    ]
    is_left = people["participant_id"].isin(
        np.concatenate([own[:N_LEFT_OUT] for own in left])
    )
    folders = out / "data" / COHORT, out / "new"
    for folder, chosen in zip(
        folders, (people[~is_left], people[is_left]), strict=True
    ):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in FILES:
            shutil.copy(source / name, folder)
        chosen.to_csv(folder / "participants.tsv", sep="\t", index=False)
        for who in chosen["participant_id"]:
            (folder / who).symlink_to((source / who).resolve())
    return folders


def make_study(data: Path, out: Path) -> Study:
    """Make the study of those who stay."""
    return Study(
        StudyConfig(
            name="Dementia without 20",
            data_folder=data,
            output_folder=out,
            cohorts={COHORT: {"folder": COHORT}},
            pretraining={"shipped": "tiny"},
            tasks={
                TASK: {
                    "kind": "classification",
                    "cohort": COHORT,
                    "column": "group",
                    "positive": [GROUPS[1]],
                    "negative": [GROUPS[0]],
                }
            },
            evaluation={
                "methods": ["dummy", *METHODS],
                "n_repeats": 3,
                "n_permutations": 99,
                "slow_permutations": 0,
                "labels_per_class": [],
                "windows_per_subject": 24,
            },
        )
    )


def put_encoder(study: Study, folder: Path) -> None:
    """Put an encoder where the study's own belongs, with an untrained twin."""
    encoder, untrained, card = load_start(study, folder)
    stage = describe_pretraining(study)
    stage.begin()
    save_encoder(stage.folder / UNTRAINED_FOLDER, untrained, card | {"steps": 0})
    save_encoder(stage.folder, encoder, card)
    stage.finish()


def run_without(study: Study, encoder: Path, *, n_jobs: int) -> dict[str, Path]:
    """Run a study as far as predictors need it, and fit them."""
    put_encoder(study, encoder)
    for step in list_steps(study, n_jobs=n_jobs):
        if step.name not in ("pretrain", "shift", "report"):
            step.run()
    again = Study(study.settings)
    results = read_table(again.folder("summary") / "results.tsv")
    print(results[["method", "metric", "value", "ci_low", "ci_high"]].to_string())
    return {name: run_fit(again, TASK, name, anyway=True) for name in METHODS}


def ask_each(describer: Describer, folder: Path, scratch: Path) -> pd.DataFrame:
    """Ask about everybody of a folder alone, with age and sex."""
    people = pd.read_csv(folder / "participants.tsv", sep="\t")
    found = []
    for one in people.to_dict("records"):
        files = sorted((folder / one["participant_id"]).rglob("*_eeg.edf"))
        stated = Stated(age=one.get("age"), sex=one.get("sex") or "")
        found += ask(describer, find_asked(files, stated=stated), scratch=scratch)
    table = tabulate_predictions(found)
    return table.merge(people[["participant_id", "group"]], on="participant_id")


def say_answers(table: pd.DataFrame, limit: float) -> None:
    """Print everybody's answer and truth, and how good they were together."""
    shown = ["participant_id", "group", "probability_A", "set", "distance", "codes"]
    print(table[shown].to_string(index=False))
    own = table[table["status"] == "answered"]
    labels = (own["group"] == GROUPS[1]).to_numpy(dtype=float)
    p = own["probability_A"].to_numpy(dtype=float)
    rows = np.ones((1, len(own)))
    said = Predictions(labels, p[None], np.round(p)[None], np.zeros((1, len(own)), int))
    sets = own["set"].fillna("").str.split(", ")
    held = [group in names for group, names in zip(own["group"], sets, strict=True)]
    print(
        f"AUROC {auroc(said, rows)[0]:.2f}, right at one half "
        f"{((p > 0.5) == labels).sum()} of {len(own)}, sets hold the truth of "
        f"{sum(held)}, of one group {(sets.map(len) == 1).sum()}, "
        f"farther than {limit:.2f}: {(own['distance'] > limit).sum()}",
        flush=True,
    )


def count_recognised(
    describer: Describer, folder: Path, code: str, scratch: Path
) -> str:
    """Ask about some people of a folder at once; count those with a code."""
    people = sorted(one.name for one in folder.glob("sub-*"))[:N_RECOGNISED]
    files = [
        file for who in people for file in sorted((folder / who).rglob("*_eeg.edf"))
    ]
    found = ask(describer, find_asked(files), scratch=scratch)
    told = [{one.code for one in person.warnings} for person in found]
    named = sum(code in own for own in told)
    return f"{folder.name}: {code} said of {named} of {len(found)}"


def main() -> None:
    """Run the study, ask, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--encoder", default="tiny", help="folder or name")
    parser.add_argument("--seen", default="eegmat,adhd_children", help="by the encoder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    stayed, new = leave_out(given.data, given.out, seed=given.seed)
    study = make_study(given.out / "data", given.out / "results")
    encoder = find_encoder(given.encoder)
    models = run_without(study, encoder, n_jobs=given.jobs)
    for name, folder in models.items():
        predictor = read_predictor(folder)
        describer = Describer(predictor)
        print(f"\n{name}")
        say_answers(ask_each(describer, new, given.out), predictor.familiarity.limit)
        print(count_recognised(describer, stayed, "NG717", given.out))
        print(count_recognised(describer, new, "NG717", given.out))
        if predictor.encoder_folder is not None:
            print(count_recognised(describer, new, "NG718", given.out))
            for seen in filter(None, given.seen.split(",")):
                own = given.data / seen
                print(count_recognised(describer, own, "NG718", given.out), flush=True)
            other = Describer(replace(predictor, encoder_folder=find_encoder("tiny")))
            said = count_recognised(other, new, "NG718", given.out)
            print(f"with the encoder of the package, {said}")


if __name__ == "__main__":
    main()
