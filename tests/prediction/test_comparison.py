"""A predictor of a study that names healthy people compares new people with them."""

import re
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from neurograft.config.prediction import PredictionConfig
from neurograft.errors import ConfigError
from neurograft.features.hidden_parts import HiddenPart
from neurograft.files.browser import find_browser, print_page
from neurograft.prediction.asked import Stated, find_asked
from neurograft.prediction.asking import ask
from neurograft.prediction.bundle import read_predictor
from neurograft.prediction.card import NormCard
from neurograft.prediction.norms import comparing, norms
from neurograft.prediction.norms.comparing import Comparison
from neurograft.prediction.norms.measures import measure_people
from neurograft.prediction.page.comparison_blocks import say_comparison
from neurograft.prediction.page.person_page import build_patient_page
from neurograft.prediction.person.compared import compare_person
from neurograft.prediction.person.new_people import Describer, NewRecordings
from neurograft.prediction.person.occlusion import tabulate_occlusion
from neurograft.prediction.person.told import Told
from neurograft.report.blocks import PageWords
from neurograft.study.opened_study import Study
from neurograft.study.predictor import healthy
from neurograft.study.stages.evaluate import describe_evaluation
from neurograft.study.stages.fit import run_fit
from neurograft.study.stages.report import describe_report
from neurograft.study.stages.summarise import describe_summary

HEALTHY = PredictionConfig(healthy=("control",), healthy_column="group")


def restate(study, prediction=HEALTHY, **changes):
    """Open the study again with other settings of predictions."""
    told = {"prediction": prediction, **changes}
    return Study(study.settings.model_copy(update=told))


@pytest.fixture(scope="module")
def compared(fitted, tmp_path_factory):
    """A predictor of age whose sixteen controls count as enough healthy people."""
    folder = tmp_path_factory.mktemp("compared") / "results"
    shutil.copytree(fitted.study.settings.output_folder, folder)
    study = restate(fitted.study, output_folder=folder)
    with pytest.MonkeyPatch.context() as patch:
        for module in (norms, healthy, comparing):
            patch.setattr(module, "MIN_HEALTHY", 12)
        model = run_fit(study, "age", "band-power", anyway=True)
    return SimpleNamespace(study=study, model=model, folder=folder)


@pytest.fixture
def ask_again(tmp_path, monkeypatch):
    monkeypatch.setattr(comparing, "MIN_NEAR", 1)

    def run(model, path, age=None, **options):
        asked = find_asked([path], stated=Stated("", age, ""))
        (found,) = ask(
            Describer(read_predictor(model)), asked, scratch=tmp_path, **options
        )
        return found

    return run


def test_naming_healthy_people_changes_no_stage(fitted):
    for describe in (describe_evaluation, describe_summary, describe_report):
        before, after = (describe(one) for one in (fitted.study, restate(fitted.study)))
        assert before.fingerprint == after.fingerprint


def test_a_new_person_is_drawn_among_healthy_people(compared, new_people, ask_again):
    found = ask_again(compared.model, new_people[0], age=50.0)
    one = found.comparison
    assert isinstance(one, Comparison)
    assert one.n == 16
    assert one.z.shape == (3, 19)
    assert (one.low < one.expected).all()
    assert (one.expected < one.high).all()
    assert one.centile is not None
    for language in ("en", "de"):
        page = build_patient_page(found, language=language)
        assert "NG746" in page
        for anchor in ("term-z-score", "term-prediction-interval"):
            assert f'href="#{anchor}"' in page
            assert f'id="{anchor}"' in page
    page = build_patient_page(found)
    assert "Of 57 values of a healthy person, about 4 lie that far away" in page


WARNINGS = (
    Told("NG719", {"task": "disease", "study": "Small clinic"}),
    Told("NG724", {"label": "sub-001"}),
    Told("NG726", {"name": "sub-001", "n_bad": 4, "n": 19}),
)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_of_a_person_prints_on_two_pages(
    compared, fitted, new_people, ask_again, tmp_path, language
):
    try:
        find_browser()
    except ConfigError:
        pytest.skip("no browser is installed")
    models = {compared.model: {}, fitted.models["encoder"]: {"is_explained": True}}
    for model, options in models.items():
        found = ask_again(model, new_people[0], age=50.0, **options)
        for warnings in ((), WARNINGS):
            one = replace(found, warnings=warnings)
            path = one.save_page(tmp_path / "page.html", language=language)
            content = print_page(path).read_bytes()
            assert len(re.findall(rb"/Type\s*/Page\b", content)) == 2


def test_without_an_age_or_a_healthy_group_the_page_says_why(
    compared, fitted, new_people, ask_again
):
    unknown = ask_again(compared.model, new_people[0])
    assert unknown.comparison.code == "NG744"
    none = ask_again(fitted.models["age"], new_people[0], age=50.0)
    assert none.comparison.code == "NG740"
    page = build_patient_page(none)
    assert "the study does not say who of its people is healthy" in page
    assert "Spectrum by scalp region" in page


def test_the_bundle_holds_nothing_of_a_healthy_person(compared):
    predictor = read_predictor(compared.model)
    card, curve = predictor.card.norms, predictor.norms.curve
    study = compared.study
    (view,) = study.views
    read = study.view(view)
    measured = measure_people(
        read, read.chosen, predictor.card.taken, n_times=study.n_times
    )
    own = np.concatenate([one.join() for one in measured])
    assert not np.isin(curve.coefficients, own).any()
    assert curve.coefficients.shape == (3, 6 * 90 + 3 * 19)
    assert (card.n, card.n_channels, card.sfreq_hz) == (16, 19, 500)
    assert len(card.ages.values) == 2
    assert len(card.gaps.values) == 2


def test_the_people_learned_from_lie_about_the_middle(compared, monkeypatch):
    monkeypatch.setattr(comparing, "MIN_NEAR", 1)
    study, predictor = compared.study, read_predictor(compared.model)
    (view,) = study.views
    read, people = study.view(view), study.everybody(view)
    groups = study.cohort("clinic").people.first_cells.set_index("participant_id")
    ages = people.set_index("participant_id")["age"]
    rows = [
        {"n_channels": 19, "sfreq_hz": 500.0, "reference": "FCz", "status": "kept",
         "participant_id": who}
        for who in read.people
    ]  # fmt: skip
    taken = predictor.card.taken
    new = NewRecordings(tuple(rows), people, compared.folder, read.store, taken)
    found = [
        compare_person(new, read, number, predictor, age=ages[who], gap=None)
        for number, who in enumerate(read.people)
        if groups.loc[who, "group"] == "control"
    ]
    z = np.stack([one.z for one in found])
    assert z.mean() == pytest.approx(0, abs=0.1)
    assert z.std() == pytest.approx(0.85, abs=0.15)


def test_too_few_healthy_people_of_a_device_are_counted(fitted, tmp_path):
    shutil.copytree(fitted.study.settings.output_folder, tmp_path / "results")
    study = restate(
        fitted.study,
        PredictionConfig(healthy=("control",)),
        output_folder=tmp_path / "results",
    )
    model = run_fit(study, "disease", "band-power")
    assert read_predictor(model).card.norms == NormCard(reason="NG741", n=16)
    assert read_predictor(model).norms is None


def test_a_value_or_a_column_that_nobody_has_is_refused(fitted):
    (task,) = (one for one in fitted.study.build_tasks() if one.name == "age")
    for told, message in (
        ({"healthy": ("well",), "healthy_column": "group"}, "group = 'well'"),
        ({"healthy": ("control",)}, "age = 'control'"),
        ({"healthy": ("x",), "healthy_column": "nothing"}, "no column 'nothing'"),
    ):
        study = restate(fitted.study, PredictionConfig(**told))
        with pytest.raises(ConfigError, match=message):
            healthy.find_healthy_people(study, task)


def test_where_there_is_no_answer_nothing_is_compared(made):
    words = PageWords("en")
    assert not list(say_comparison(made.prediction(), words))
    told = made.prediction(comparison=Told("NG740", {}))
    assert [b.kind for b in say_comparison(told, words)] == ["heading", "statements"]


def test_every_band_and_region_is_hidden_from_an_encoder_when_asked(
    fitted, new_people, ask_again
):
    found = ask_again(fitted.models["encoder"], new_people[0], is_explained=True)
    table = found.occlusion
    assert len(table) == 11
    assert (table["value"] != 0).all()
    assert set(table["band"]) >= {"theta", "alpha"}
    assert set(table["region"]) >= {"frontal", "occipital"}
    page = build_patient_page(found)
    assert "What the encoder leans on" in page
    assert 'href="#term-occlusion"' in page
    silent = ask_again(fitted.models["encoder"], new_people[0])
    assert not len(silent.occlusion)
    assert "What the encoder leans on" not in build_patient_page(silent)


def test_what_a_part_adds_is_the_answer_minus_that_without_it(fitted):
    predictor = read_predictor(fitted.models["encoder"])
    size = len(predictor.fitted.parts[0].mean)
    rng = np.random.default_rng(0)
    own, hidden = rng.normal(size=(2, size)), rng.normal(size=(2, size))
    part = HiddenPart("band", "alpha")
    table = tabulate_occlusion(
        predictor, {"encoder": own}, {part: {"encoder": hidden}}, 1
    )
    scores = predictor.fitted.score({"encoder": own}) - predictor.fitted.score(
        {"encoder": hidden}
    )
    assert table["value"].tolist() == [pytest.approx(scores[0, 1], abs=1e-6)]
    assert table["band"].tolist() == ["alpha"]
    assert table["region"].tolist() == [""]


def test_a_method_without_an_encoder_has_nothing_to_hide(fitted, new_people, ask_again):
    path = new_people[0]
    found = ask_again(fitted.models["band-power"], path, is_explained=True)
    assert not len(found.occlusion)
    assert found.value is not None
