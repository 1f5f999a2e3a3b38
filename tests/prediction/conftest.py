"""A small study with a planted disease, new people, and answers made by hand."""

import shutil
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.config.study import StudyConfig
from neurograft.prediction.card import (
    BUNDLE_VERSION,
    ChosenMethod,
    LearnedFrom,
    PredictorCard,
    Quantiles,
    Taken,
)
from neurograft.prediction.person.prediction import Prediction, Quality
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.study.opened_study import Study
from neurograft.study.run import list_steps
from neurograft.study.stages.fit import run_fit


def make_site(**changes):
    (site,) = (
        one
        for one in default_sites(n_patients=16, n_controls=16, n_clinic_channels=19)
        if one.name == "clinic"
    )
    return replace(site, **{"disease_effect": 4.0, **changes})


def simulate(folder, *, seed, duration_s=40, **changes):
    """Simulate people into a folder, and return the files of their recordings."""
    site = make_site(**changes)
    simulate_cohorts(folder, sites=[site], duration_s=duration_s, seed=seed)
    return sorted((folder / site.name).glob("sub-*/eeg/*" + site.extension))


def describe_clinic(folder):
    """Describe a study of the clinic in a folder, with two tasks."""
    settings = StudyConfig(
        name="Small clinic",
        data_folder=folder / "cohorts",
        output_folder=folder / "results",
        cohorts={"clinic": {"folder": "clinic"}},
        pretraining={"shipped": "tiny"},
        tasks={
            "disease": {
                "kind": "classification",
                "cohort": "clinic",
                "column": "group",
                "positive": ["patient"],
                "negative": ["control"],
            },
            "age": {"kind": "regression", "cohort": "clinic", "column": "age"},
        },
        evaluation={
            "methods": ["dummy", "duration", "band-power", "encoder"],
            "n_repeats": 2,
            "n_permutations": 79,
            "slow_permutations": 0,
            "n_bootstraps": 200,
            "n_splits": 4,
            "labels_per_class": [],
            "controls": False,
        },
        report={"intended_use": "Tests.", "owner": "Nobody"},
    )
    return Study(settings)


def fit_clinic(folder):
    """Simulate a clinic, run a study of it, and fit predictors to it."""
    simulate(folder / "cohorts", seed=1)
    for step in list_steps(describe_clinic(folder)):
        if step.name not in ("shift", "report"):
            step.run()
    study = describe_clinic(folder)
    for method in ("encoder", "band-power"):
        run_fit(study, "disease", method)
    run_fit(study, "age", "band-power", anyway=True)


@pytest.fixture(scope="session")
def fitted(build_once, tmp_path_factory):
    """A study that was run, and predictors that were fitted to it."""
    folder = tmp_path_factory.mktemp("prediction") / "clinic"
    shutil.copytree(
        build_once("fitted clinic", fit_clinic), folder, copy_function=shutil.copy2
    )
    study = describe_clinic(folder)
    models = {
        name: study.settings.output_folder / "models" / saved
        for name, saved in (
            ("encoder", "disease/encoder"),
            ("band-power", "disease/band-power"),
            ("age", "age/band-power"),
        )
    }
    return SimpleNamespace(study=study, models=models, folder=folder)


@pytest.fixture(scope="session")
def new_people(tmp_path_factory):
    """Files of two controls and two patients of the same clinic, who are new."""
    folder = tmp_path_factory.mktemp("new")
    return simulate(folder, seed=2, n_patients=2, n_controls=2)


LEVELS = (0.25, 0.5, 0.75)


def make_card(**changes):
    """Make the card of a predictor of two groups."""
    whole = {
        "version": BUNDLE_VERSION,
        "study": "Pain",
        "task": "disease",
        "kind": "classification",
        "classes": ("control", "patient"),
        "target": "",
        "column": "group",
        "method": ChosenMethod(
            name="encoder", why="best", metric="AUROC", value=0.8, ci_low=0.7,
            ci_high=0.9, n_methods=3, is_shown=True, code="NG504", values={},
        ),
        "taken": Taken(
            harmonise=HarmoniseConfig(),
            reading={},
            has_microvolts=True,
            window_s=10.0,
            n_windows=6,
            bids_tasks=(),
            conditions=("rest",),
            channels=("Fp1", "Fp2", "C3", "Cz", "C4", "T7", "T8", "Pz", "O1", "O2"),
        ),
        "people": LearnedFrom(
            n=40,
            groups={"control": 20, "patient": 20},
            youngest=20.0,
            oldest=70.0,
            ages=None,
            sexes={"F": 22, "M": 18},
            n_sites=1,
            devices=((19, 500.0),),
            references=("FCz",),
            seen={},
        ),
        "answers": {
            "control": Quantiles(n=20, levels=LEVELS, values=(0.1, 0.2, 0.4)),
            "patient": Quantiles(n=20, levels=LEVELS, values=(0.5, 0.7, 0.9)),
        },
        "coverage": {"control": 0.905, "patient": 0.905},
        "intended_use": "",
        "owner": "",
        "contact": "",
        "software": {"neurograft": "0"},
        "made_on": "2026-01-01",
        "could_be_inferred": "",
    }  # fmt: skip
    return PredictorCard(**{**whole, **changes})


def make_number_card(**changes):
    """Make the card of a predictor of age."""
    told = {
        "kind": "regression", "classes": (), "target": "age", "column": "age",
        "coverage": {"all": 0.92},
        "answers": {"true": Quantiles(n=40, levels=LEVELS, values=(30.0, 45.0, 60.0))},
    }  # fmt: skip
    return make_card(**told, **changes)


def make_prediction(card=None, **changes):
    """Make an answer to one person."""
    card = card or make_card()
    whole = {
        "participant_id": "p1",
        "age": 50.0,
        "sex": "F",
        "card": card,
        "quality": Quality(100.0, 90.0, 60.0, 1, 0.0),
        "value": 0.7,
        "probabilities": {"control": 0.3, "patient": 0.7},
        "raw": {"control": 0.35, "patient": 0.65},
        "set": ("patient",),
        "contributions": pd.DataFrame(
            {
                "features": "band-power",
                "band": ["theta", "alpha"],
                "region": ["frontal", "occipital"],
                "value": [0.8, -0.3],
            }
        ),
    }
    return Prediction(**{**whole, **changes})


def make_number(value=55.0, interval=(45.0, 65.0), **changes):
    """Make a predicted age."""
    return make_prediction(
        make_number_card(),
        value=value,
        interval=interval,
        probabilities={},
        raw={},
        set=None,
        contributions=pd.DataFrame(),
        **{"gap": 3.0, **changes},
    )


@pytest.fixture(scope="session")
def made():
    """Cards and predictions made by hand, for what needs no study."""
    return SimpleNamespace(
        card=make_card, prediction=make_prediction, number=make_number
    )
