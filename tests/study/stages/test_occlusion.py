"""Bands and regions are hidden from the encoder of a study, if the study asks."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from neurograft.config.study import StudyConfig
from neurograft.evaluation.cross_validation import cross_validate
from neurograft.evaluation.occluded import OCCLUDED, OccludedReader, add_occluded
from neurograft.features.hidden_parts import list_parts
from neurograft.files.tables import read_table
from neurograft.report.page import build_page
from neurograft.simulation import cohorts as simulated
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.person import draw_person
from neurograft.simulation.sites import default_sites
from neurograft.study.embedders import list_embedders
from neurograft.study.opened_study import Study
from neurograft.study.stages.embed import run_embed
from neurograft.study.stages.evaluate import (
    describe_evaluation,
    make_reader,
    prepare_for_study,
    run_evaluate,
)
from neurograft.study.stages.harmonise import run_harmonise
from neurograft.study.stages.pretrain import run_pretrain
from neurograft.study.stages.report import locate_tables
from neurograft.study.stages.summarise import run_summarise

METHODS = ["dummy", "random-encoder", "encoder"]
FEW = {"methods": METHODS, "controls": False, "labels_per_class": []}
PARTS = list_parts((0.5, 45.0))
TASKS = ("disease", "brain_age", "twice")


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("hidden"), tasks=TASKS, **FEW)


@pytest.fixture(scope="module")
def without(study, evaluate):
    """Everything that is written if nothing is hidden."""
    evaluate(study)
    return read_folder(study)


@pytest.fixture(scope="module")
def tables(study, without, change_evaluation, evaluate):
    return evaluate(change_evaluation(study, occlusion=True))


def read_folder(study):
    folders = (study.output_folder / name for name in ("evaluation", "summary"))
    return {path.name: path.read_bytes() for f in folders for path in f.glob("*.tsv")}


@pytest.mark.slow
def test_every_person_is_asked_without_every_part(tables):
    hidden, all_of_them = tables("occluded"), tables("predictions")
    keys = ["task", "method", "repeat", "cohort", "participant_id", "view"]
    asked = all_of_them[all_of_them["method"].isin(OCCLUDED)]
    expected = asked.set_index(keys).sort_index()
    assert set(hidden["task"]) == set(TASKS)
    for part in PARTS:
        own = hidden[(hidden["kind"] == part.kind) & (hidden["part"] == part.part)]
        own = own.set_index(keys).sort_index()
        assert own.index.equals(expected.index)
        # The models are those of the folds that held each person out.
        np.testing.assert_array_equal(own["split"], expected["split"])
        assert not np.allclose(own["score"], expected["score"])


@pytest.mark.slow
def test_what_is_not_hidden_is_as_without(study, without, tables):
    found = read_folder(study)
    new = {"occluded.tsv", "occlusion.tsv"}
    assert set(found) == set(without) | new
    assert {name: found[name] for name in without} == without


@pytest.mark.slow
def test_losses_stand_in_the_summary_and_on_the_page(study, tables):
    losses = tables("occlusion")
    assert set(losses["task"]) == set(TASKS)
    assert (losses.groupby(["task", "method"]).size() == len(PARTS)).all()
    twice = losses[losses["task"] == "twice"]
    # The same recordings under two names: there is nothing that could be lost.
    assert twice["loss"].abs().max() == pytest.approx(0)
    figures: dict[str, str] = {}
    page = build_page(locate_tables(Study(study)), figures)
    assert {f"occlusion-{task}" for task in TASKS} <= set(figures)
    assert "was not asked" not in page


def test_the_setting_marks_results_only_where_it_is_on(study, change_evaluation):
    def mark(**settings):
        changed = change_evaluation(study, **settings)
        return describe_evaluation(Study(changed)).fingerprint

    described = describe_evaluation(Study(study)).settings
    assert "occlusion" not in described | described["evaluation"]
    assert mark() == mark(occlusion=False) != mark(occlusion=True)


def test_if_nothing_is_hidden_the_answers_are_those_of_the_whole_study(study):
    """What is embedded without a part goes the way of what was embedded with all."""
    opened = Study(study)
    reader = make_reader(opened, study.evaluation.all_features)
    task = prepare_for_study(opened, opened.build_tasks()[0], reader)
    embedders = list_embedders(opened)

    def embed(read, hidden, name):
        return embedders[name](read.store, read.chosen, n_times=opened.n_times)

    (whole,) = cross_validate([task])
    found = add_occluded(task, whole, OccludedReader(reader, embed, PARTS[:2]))
    assert list(found.occluded) == PARTS[:2]
    for part in PARTS[:2]:
        for name in OCCLUDED:
            p, expected = found.occluded[part][name], whole.full[name]
            np.testing.assert_allclose(
                p.predictions.scores, expected.predictions.scores, atol=1e-6
            )


def test_a_task_without_the_encoder_stays_as_it_is(study):
    opened = Study(study)
    reader = make_reader(opened, study.evaluation.all_features)
    task = prepare_for_study(opened, opened.build_tasks()[0], reader)
    dummy = replace(task, methods=tuple(m for m in task.methods if m.name == "dummy"))
    (whole,) = cross_validate([dummy])
    never = partial(pytest.fail, "nothing is to be embedded")
    assert add_occluded(dummy, whole, OccludedReader(reader, never, PARTS)) is whole


@pytest.mark.parametrize(
    ("evaluation", "pretraining", "said"),
    [
        ({"methods": ["dummy"], "curve_methods": []}, {}, "which `methods` lacks"),
        ({}, {"source": "mine.code:Encoder"}, "leave occlusion out"),
    ],
)
def test_what_cannot_be_hidden_is_said_in_a_sentence(
    study, evaluation, pretraining, said
):
    asked = study.model_dump() | {
        "evaluation": {"occlusion": True} | evaluation,
        "pretraining": pretraining or {"shipped": "tiny"},
    }
    with pytest.raises(ValueError, match=said):
        StudyConfig.model_validate(asked)


@pytest.fixture(scope="module")
def alpha_study(tmp_path_factory):
    """Patients have more alpha, and nothing else; as many labels are shuffled."""
    folder = tmp_path_factory.mktemp("alpha")

    def draw(rng, *, is_patient, disease_effect, **facts):
        person = draw_person(rng, disease_effect=0.0, **facts)
        more = 1.3 if is_patient else 0.0
        return replace(person, is_patient=is_patient, alpha=person.alpha + more)

    sizes = {"n_patients": 20, "n_controls": 20, "n_clinic_channels": 19}
    site = default_sites(n_source=2, **sizes)[2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated, "draw_person", draw)
        simulate_cohorts(
            folder / "cohorts", sites=[site], duration_s=40, with_shuffled=True
        )
    told = {"kind": "classification", "cohort": "clinic", "positive": ["patient"],
            "negative": ["control"]}  # fmt: skip
    settings = StudyConfig(
        name="alpha",
        data_folder=folder / "cohorts",
        output_folder=folder / "results",
        cohorts={"clinic": {"folder": "clinic"}},
        pretraining={"shipped": "tiny"},
        tasks={
            "disease": told | {"column": "group"},
            "shuffled": told | {"column": "shuffled_group"},
        },
        evaluation={
            **FEW, "occlusion": True, "windows_per_subject": 3, "n_repeats": 3,
            "n_permutations": 19, "n_bootstraps": 500,
        },
    )  # fmt: skip
    study = Study(settings)
    run_harmonise(study, "clinic")
    run_pretrain(study)
    run_embed(study)
    run_evaluate(study)
    run_summarise(study)
    return settings


@pytest.mark.slow
def test_a_disease_of_alpha_is_lost_with_alpha_and_shuffled_labels_lose_nothing(
    alpha_study,
):
    losses = read_table(alpha_study.output_folder / "summary" / "occlusion.tsv")
    disease = losses[losses["task"] == "disease"]
    for method in OCCLUDED:
        own = disease[disease["method"] == method].set_index("part")
        assert own["intact"].iloc[0] > 0.75, method
        assert own["loss"].idxmax() == "alpha", method
        assert own.loc["alpha", "family_low"] > 0, method
        bands = own[own["kind"] == "band"].drop("alpha")
        assert (own.loc["alpha", "loss"] > 2 * bands["loss"]).all(), method
    shuffled = losses[losses["task"] == "shuffled"]
    assert len(shuffled) == len(OCCLUDED) * len(PARTS)
    assert (shuffled["family_low"] <= 0).all()
