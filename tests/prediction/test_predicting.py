"""New people are answered as the study would, refused, or warned of."""

import hashlib
import json
import re
import shutil
from dataclasses import replace

import mne
import numpy as np
import pandas as pd
import pytest

import neurograft as ng
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.config.methods import parse_method
from neurograft.errors import ConfigError, DataError, DesignError
from neurograft.evaluation.methods.problem import decode
from neurograft.files.cards import seal_card
from neurograft.files.tables import read_table
from neurograft.models.saving import load_encoder, read_encoder_card, save_encoder
from neurograft.prediction.asked import NOTHING_STATED, Stated, find_asked
from neurograft.prediction.asking import (
    ask,
    tabulate_asked,
    tabulate_predictions,
    write_predictions,
)
from neurograft.prediction.bundle import read_predictor
from neurograft.prediction.learned.fitted_method import fit_method
from neurograft.prediction.person.new_people import Describer, harmonise_recordings
from neurograft.prediction.person.predicting import list_fingerprints
from neurograft.prediction.person.sentences import say_answer
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import make_reader, prepare_for_study
from neurograft.study.stages.fit import run_fit
from neurograft.tasks.seen_people import RecordedPerson, describe_seen

from .conftest import simulate

BLOCKED = ("encoder", "band-power")


@pytest.fixture(scope="module")
def ask_about(fitted, tmp_path_factory):
    """Ask a predictor about files or a folder."""
    scratch = tmp_path_factory.mktemp("scratch")
    describers = {n: Describer(read_predictor(f)) for n, f in fitted.models.items()}

    def run(name, *paths, stated=NOTHING_STATED, **options):
        asked = find_asked(list(paths), stated=stated)
        return ask(describers[name], asked, scratch=scratch, **options)

    return run


def list_codes(prediction):
    return [one.code for one in (*prediction.refusals, *prediction.warnings)]


@pytest.fixture(scope="module")
def trained(fitted, ask_about):
    """Predictions of the people who were learned from, by method."""
    clinic = fitted.folder / "cohorts" / "clinic"
    return {name: ask_about(name, clinic, n_jobs=2) for name in fitted.models}


@pytest.mark.parametrize("name", BLOCKED)
def test_on_the_people_of_training_it_says_what_the_fit_of_the_study_says(
    fitted, trained, name
):
    study = fitted.study
    reader = make_reader(study, parse_method(name).features)
    (task,) = (one for one in study.build_tasks() if one.name == "disease")
    prepared = prepare_for_study(study, task, reader)
    predictor = read_predictor(fitted.models[name])
    expected = predictor.fitted.predict(prepared.features)[:, 0]
    found = {one.participant_id: one.raw["patient"] for one in trained[name]}
    people = prepared.task.subjects["participant_id"]
    np.testing.assert_allclose([found[who] for who in people], expected, atol=1e-5)


@pytest.mark.parametrize("name", BLOCKED)
def test_fitted_to_the_people_of_a_fold_it_gives_the_values_of_that_fold(fitted, name):
    study, method = fitted.study, parse_method(name)
    reader = make_reader(study, method.features)
    (task,) = (one for one in study.build_tasks() if one.name == "disease")
    prepared = prepare_for_study(study, task, reader)
    stored = read_table(study.folder("evaluation") / "predictions.tsv")
    for split in prepared.splits[:3]:
        fold = fit_method(
            method, prepared.features, prepared.task.labels, split, prepared.question
        )
        score = fold.score({k: v[split.test] for k, v in prepared.features.items()})
        people = prepared.task.subjects.iloc[split.test]["participant_id"].tolist()
        own = stored[
            (stored["task"] == "disease")
            & (stored["method"] == name)
            & (stored["repeat"] == split.repeat)
        ].set_index("participant_id")["score"]
        said = decode(score[:, None], "classification")[0, :, 0]
        np.testing.assert_allclose(said, own[people], atol=1e-6)


def test_people_of_training_are_recognised_and_new_ones_are_not(
    trained, new_people, ask_about
):
    assert all("NG717" in list_codes(one) for one in trained["encoder"])
    for one in ask_about("encoder", *new_people):
        assert "NG717" not in list_codes(one)


def test_new_people_are_answered_with_everything_beside_it(
    new_people, ask_about, fitted, tmp_path
):
    clinic = new_people[0].parents[2]
    found = ask_about("band-power", clinic)
    truth = read_table(clinic / "participants.tsv").set_index("participant_id")
    assert [one.participant_id for one in found] == sorted(truth.index)
    for one in found:
        assert sum(one.probabilities.values()) == pytest.approx(1)
        assert one.age == truth.loc[one.participant_id, "age"]
        assert one.quality.used_s <= one.quality.usable_s <= one.quality.recorded_s
    right = [
        (one.value > 0.5) == (truth.loc[one.participant_id, "group"] == "patient")
        for one in found
    ]
    assert sum(right) >= 3
    table = tabulate_predictions(found)
    assert list(table["status"]) == ["answered"] * 4
    np.testing.assert_allclose(
        table["probability_patient"], [one.value for one in found], atol=1e-6
    )
    assert list(tabulate_asked(found)["participant_id"]) == sorted(truth.index)


def test_a_number_has_an_interval_a_gap_and_the_caution_that_nothing_was_shown(
    ask_about, new_people
):
    (one,) = ask_about("age", new_people[0], stated=Stated("someone", 50.0, "F"))
    low, high = one.interval
    assert low < one.value < high
    assert one.gap is not None
    assert one.probabilities == {}
    assert one.participant_id == "someone"
    (other,) = ask_about("age", new_people[0])
    assert other.gap is None
    assert "NG712" in list_codes(other)


def test_a_prevalence_moves_probabilities_and_not_the_set(ask_about, new_people):
    (one,) = ask_about("encoder", new_people[0])
    (rare,) = ask_about("encoder", new_people[0], prevalence=0.01)
    assert rare.value < one.value
    assert rare.set == one.set
    odds = one.value / (1 - one.value) * 0.01 / 0.99
    assert rare.value == pytest.approx(odds / (1 + odds))
    with pytest.raises(ConfigError, match="between 0 and 1"):
        ask_about("encoder", new_people[0], prevalence=1.5)
    with pytest.raises(ConfigError, match="no groups"):
        ask_about("age", new_people[0], prevalence=0.5)


def test_a_shorter_recording_is_answered_from_what_it_has_and_that_is_told(
    tmp_path, ask_about, new_people
):
    files = simulate(tmp_path, seed=5, duration_s=32, n_patients=1, n_controls=0)
    (short,) = ask_about("encoder", *files)
    (whole,) = ask_about("encoder", new_people[0])
    assert (short.quality.used_s, whole.quality.used_s) == (30.0, 40.0)
    assert "3 instead of 4 windows of 10 s" in " ".join(
        one.say() for one in short.warnings
    )
    assert "NG722" not in list_codes(whole)
    for path in files[0].parent.glob("*"):
        content = path.read_bytes().replace(b"sub-001", b"sub-077")
        (files[0].parent / path.name.replace("sub-001", "sub-077")).write_bytes(content)
    other = files[0].with_name(files[0].name.replace("sub-001", "sub-077"))
    both = ask_about("encoder", other, new_people[0])
    assert {one.participant_id: one.value for one in both} == {
        "sub-077": pytest.approx(short.value),
        "sub-001": pytest.approx(whole.value),
    }


# Refusals.
@pytest.fixture(scope="module")
def refused(fitted, tmp_path_factory):
    """A person with less than half of what a study took from everybody."""
    folder = tmp_path_factory.mktemp("short")
    predictor = read_predictor(fitted.models["encoder"])
    taken = predictor.card.taken.model_copy(update={"n_windows": 6})
    card = predictor.card.model_copy(update={"taken": taken})
    files = simulate(folder, seed=5, duration_s=25, n_patients=1, n_controls=0)
    asked = find_asked(files)
    (one,) = ask(Describer(replace(predictor, card=card)), asked, scratch=folder)
    return one


def test_too_little_usable_signal_is_refused(refused):
    assert list_codes(refused)[0] == "NG702"
    assert refused.value is None
    assert "25 s. Of windows of 10 s, 2 fit in" in say_answer(refused).say()
    row = tabulate_predictions([refused]).iloc[0]
    assert row["status"] == "refused"
    assert (row["n_recordings"], row["used_s"]) == (1, 0)
    assert row["recorded_s"] >= row["usable_s"] == 25


def write_raw(path, raw):
    mne.export.export_raw(path, raw, overwrite=True, verbose="error")
    return path


@pytest.fixture
def raw(new_people):
    return mne.io.read_raw_brainvision(new_people[0], preload=True, verbose="error")


def test_missing_electrodes_are_refused_as_far_as_the_method_needs_them(
    raw, tmp_path, ask_about
):
    front = raw.copy().drop_channels(["P3", "Pz", "P4", "T6", "T5", "O1", "O2"])
    path = write_raw(tmp_path / "front.vhdr", front)
    (one,) = ask_about("band-power", path)
    assert list_codes(one)[0] == "NG703"
    assert "7 of the 19" in say_answer(one).say()
    (one,) = ask_about("encoder", path)
    assert list_codes(one)[0] == "NG704"
    assert "occipital" in say_answer(one).say()
    few = raw.copy().drop_channels(["O1", "P3"])
    for name in BLOCKED:
        (one,) = ask_about(name, write_raw(tmp_path / "few.vhdr", few))
        assert one.value is not None


def test_amplitudes_that_are_no_microvolts_are_refused(raw, tmp_path, ask_about):
    tiny = raw.copy().apply_function(lambda x: x * 1e-6)
    (one,) = ask_about("encoder", write_raw(tmp_path / "volts.vhdr", tiny))
    assert list_codes(one)[0] == "NG701"
    assert "volt" in say_answer(one).say()
    assert one.quality.recorded_s == pytest.approx(tiny.duration, abs=0.1)
    assert (one.quality.usable_s, one.quality.used_s) == (0, 0)


def test_another_condition_is_left_out_and_no_stated_one_is_told(
    new_people, tmp_path, ask_about
):
    folder = tmp_path / "sub-009" / "eeg"
    folder.mkdir(parents=True)
    for path in new_people[0].parent.glob("*"):
        name = path.name.replace("sub-001", "sub-009").replace("rest", "oddball")
        text = path.read_bytes()
        if path.suffix in (".vhdr", ".vmrk"):
            text = text.replace(b"sub-001", b"sub-009").replace(b"-rest", b"-oddball")
        (folder / name).write_bytes(text)
    (one,) = ask_about("encoder", folder / "sub-009_task-oddball_eeg.vhdr")
    assert list_codes(one)[0] == "NG705"
    assert "'oddball'" in say_answer(one).say()
    for path in new_people[0].parent.glob("*_eeg.*"):
        shutil.copy(path, tmp_path / path.name)
    (one,) = ask_about("encoder", tmp_path / new_people[0].name)
    assert "NG721" in list_codes(one)
    assert one.value is not None


def test_a_broken_file_is_refused_with_its_reason(tmp_path, ask_about):
    (tmp_path / "broken.edf").write_bytes(b"0       " + b"x" * 300)
    (one,) = ask_about("encoder", tmp_path / "broken.edf")
    assert list_codes(one)[0] == "NG701"
    assert one.participant_id == "person-01"
    assert one.quality.n_recordings == 1
    assert np.isnan(one.quality.recorded_s)


# Warnings.
def test_ages_sexes_devices_and_references_never_seen_are_told(fitted, tmp_path):
    predictor = read_predictor(fitted.models["encoder"])
    people = predictor.card.people.model_copy(update={"sexes": {"F": 32}})
    narrow = replace(
        predictor, card=predictor.card.model_copy(update={"people": people})
    )
    files = simulate(
        tmp_path, seed=6, n_patients=0, n_controls=1, n_channels=32, sfreq=250,
        reference=("A1", "A2"),
    )  # fmt: skip
    asked = find_asked(files, stated=Stated("", 95.0, "M"))
    (one,) = ask(Describer(narrow), asked, scratch=tmp_path)
    codes = list_codes(one)
    assert {"NG711", "NG713", "NG714", "NG715"} <= set(codes)
    said = {told.code: told.say() for told in one.warnings}
    assert "95 years" in said["NG711"]
    assert "32 electrodes at 250 Hz" in said["NG714"]
    assert "19 electrodes at 500 Hz" in said["NG714"]


@pytest.mark.parametrize("name", BLOCKED)
def test_a_wrong_gain_is_a_stranger(raw, tmp_path, ask_about, name):
    loud = raw.copy().apply_function(lambda x: x * 8)
    (one,) = ask_about(name, write_raw(tmp_path / "loud.vhdr", loud))
    told = {one.code: one.say() for one in one.warnings}
    assert "amplitude is" in told["NG716"]
    assert "above the usual" in told["NG716"]


def test_few_people_of_training_and_no_evidence_are_told(fitted, new_people, tmp_path):
    predictor = read_predictor(fitted.models["encoder"])
    familiarity = replace(predictor.familiarity, limit=np.inf)
    method = predictor.card.method.model_copy(update={"is_shown": False})
    weak = replace(
        predictor,
        familiarity=familiarity,
        card=predictor.card.model_copy(update={"method": method}),
    )
    (one,) = ask(Describer(weak), find_asked([new_people[0]]), scratch=tmp_path)
    assert {"NG719", "NG720"} <= set(list_codes(one))


def test_whom_the_encoder_has_seen_is_told(fitted, new_people, tmp_path, ask_about):
    copy = tmp_path / "model"
    shutil.copytree(fitted.models["encoder"], copy)
    (before,) = ask_about("encoder", new_people[0])
    assert "NG718" not in list_codes(before)
    asked = find_asked([new_people[0]])
    scratch = tmp_path / "signals"
    scratch.mkdir()
    taken = read_predictor(copy).card.taken
    new = harmonise_recordings(asked.found, asked.people, taken, scratch)
    who = asked.people["participant_id"][0]
    seen = RecordedPerson("public", "x", asked.data_set, list_fingerprints(new, who))
    card = read_encoder_card(copy / "encoder") | describe_seen([seen])
    encoder = json.dumps(seal_card(card)).encode()
    (copy / "encoder" / "encoder.json").write_bytes(encoder)
    told = json.loads((copy / "predictor.json").read_text())
    told["sha256"]["encoder/encoder.json"] = hashlib.sha256(encoder).hexdigest()
    (copy / "predictor.json").write_text(json.dumps(seal_card(told)))
    (one,) = ask(Describer(read_predictor(copy)), asked, scratch=tmp_path)
    assert "NG718" in list_codes(one)


def test_a_relative_path_inside_a_data_set_is_read_with_its_sidecars(
    new_people, ask_about, monkeypatch
):
    monkeypatch.chdir(new_people[0].parents[3])
    relative = new_people[0].relative_to(new_people[0].parents[3])
    (one,) = ask_about("encoder", relative)
    (same,) = ask_about("encoder", new_people[0])
    assert one.value == same.value
    assert ng.read_recording(relative).reference == "FCz"


def test_a_label_alone_is_no_proof_that_a_person_was_learned_from(
    fitted, new_people, tmp_path
):
    clinic = tmp_path / "cohorts" / "clinic"
    shutil.copytree(new_people[0].parents[2], clinic)
    predictor = read_predictor(fitted.models["encoder"])
    found = ask(Describer(predictor), find_asked([clinic]), scratch=tmp_path)
    codes = [list_codes(one) for one in found]
    assert all("NG724" in own and "NG717" not in own for own in codes)


# Fitting.
def test_the_best_method_that_can_be_saved_is_taken_and_the_card_says_why(fitted):
    folder = run_fit(fitted.study, "disease")
    card = read_predictor(folder).card
    assert card.method.name in BLOCKED
    assert card.method.why in ("best", "best_saved")
    results = read_table(fitted.study.folder("summary") / "results.tsv")
    own = results[(results["task"] == "disease") & (results["metric"] == "AUROC")]
    row = own.set_index("method").loc[card.method.name]
    assert card.method.value == row["value"]
    assert card.people.groups == {"control": 16, "patient": 16}
    assert card.intended_use == "Tests."
    assert card.contact == ""


def test_what_must_not_be_fitted_is_refused(fitted):
    for task, method, reason in (
        ("nothing", "", "no task 'nothing'"),
        ("disease", "riemann", "not evaluated"),
        ("disease", "duration", "nothing of the brain"),
        ("disease", "dummy", "no weights"),
    ):
        with pytest.raises(ConfigError, match=reason):
            run_fit(fitted.study, task, method)


def change_verdict(study, tmp_path, **changes):
    """Copy a study, and change what it says of the disease."""
    copy = tmp_path / "results"
    shutil.copytree(study.settings.output_folder, copy)
    path = copy / "summary" / "verdicts.tsv"
    table = read_table(path)
    own = (table["task"] == "disease") & (table["question"] == "evidence")
    for name, value in changes.items():
        table.loc[own, name] = value
    table.to_csv(path, sep="\t", index=False, na_rep="n/a")
    provenance = copy / "summary" / "provenance.json"
    record = json.loads(provenance.read_text())
    record["outputs"].pop("verdicts.tsv")
    provenance.write_text(json.dumps(record))
    return Study(study.settings.model_copy(update={"output_folder": copy}))


def test_without_evidence_it_is_fitted_only_if_somebody_insists(fitted, tmp_path):
    study = change_verdict(fitted.study, tmp_path, answer="no evidence")
    with pytest.raises(ConfigError, match="--anyway"):
        run_fit(study, "disease")
    card = read_predictor(run_fit(study, "disease", anyway=True)).card
    assert not card.method.is_shown


def test_a_design_that_allows_no_claim_is_never_fitted(fitted, tmp_path):
    study = change_verdict(fitted.study, tmp_path, answer="refused")
    with pytest.raises(DesignError, match="allows no claim"):
        run_fit(study, "disease", anyway=True)


@pytest.mark.parametrize(
    "change",
    [
        {"harmonise": HarmoniseConfig(l_freq=2.0)},
        {"seed": 1},
        {"tasks": {"column": "sex", "positive": ("F",), "negative": ("M",)}},
        {"evaluation": {"n_repeats": 3}},
    ],
)
def test_a_study_that_changed_since_it_was_run_is_not_fitted(fitted, change):
    settings = fitted.study.settings
    if "tasks" in change:
        task = settings.tasks["disease"].model_copy(update=change["tasks"])
        change = {"tasks": {**settings.tasks, "disease": task}}
    if "evaluation" in change:
        evaluation = settings.evaluation.model_copy(update=change["evaluation"])
        change = {"evaluation": evaluation}
    changed = Study(settings.model_copy(update=change))
    with pytest.raises(DataError, match="missing or out of date; run the study first"):
        run_fit(changed, "disease", "encoder")


# The bundle.
def test_a_bundle_stands_alone_and_names_nobody(fitted, new_people, tmp_path):
    for name in BLOCKED:
        copy = tmp_path / name
        shutil.copytree(fitted.models[name], copy)
        asked = find_asked([new_people[0]])
        (one,) = ask(Describer(read_predictor(copy)), asked, scratch=tmp_path)
        (same,) = ask(
            Describer(read_predictor(fitted.models[name])), asked, scratch=tmp_path
        )
        assert one.value == same.value
        assert (copy / "encoder").is_dir() == (name == "encoder")
        for path in copy.rglob("*"):
            if path.is_file():
                assert b"sub-0" not in path.read_bytes(), path


def test_an_edited_or_damaged_bundle_is_refused(fitted, tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(fitted.models["encoder"], copy)
    card = copy / "predictor.json"
    whole = card.read_text()
    card.write_text(whole.replace('"oldest": 80', '"oldest": 99'))
    with pytest.raises(DataError, match="not as it was written"):
        read_predictor(copy)
    card.write_text("{")
    with pytest.raises(DataError, match="no card"):
        read_predictor(copy)
    card.write_text(whole)
    weights = copy / "weights.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match="damaged"):
        read_predictor(copy)
    weights.unlink()
    with pytest.raises(DataError, match=r"no weights\.safetensors"):
        read_predictor(copy)
    # One bit of the last number: still a number, but not the one that was fitted.
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(DataError, match=r"weights\.safetensors is not the file"):
        read_predictor(copy)
    weights.write_bytes(content)
    shutil.rmtree(copy / "encoder")
    with pytest.raises(DataError, match=r"encoder\.json cannot be read"):
        read_predictor(copy)
    save_encoder(copy / "encoder", load_encoder("tiny"), {"seed": 3})
    with pytest.raises(DataError, match=r"encoder\.json is not the file"):
        read_predictor(copy)
    with pytest.raises(DataError, match="no predictor"):
        read_predictor(tmp_path)


def test_a_bundle_of_another_version_is_refused(fitted, tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(fitted.models["encoder"], copy)
    path = copy / "predictor.json"
    content = json.loads(path.read_text())
    content["card"]["version"] = 99
    path.write_text(json.dumps(seal_card(content)))
    with pytest.raises(DataError, match="version 99"):
        read_predictor(copy)


# From Python, and to files.
def test_a_raw_of_mne_is_answered_as_its_file_is(fitted, new_people, raw):
    predictor = ng.load_predictor(fitted.models["encoder"])
    from_file = predictor.predict(new_people[0], age=50, sex="F", label="p")
    from_raw = predictor.predict(raw, age=50, sex="F", label="p")
    assert from_raw.value == pytest.approx(from_file.value, abs=0.02)
    assert from_raw.participant_id == "p"
    with pytest.raises(ConfigError, match="one person at a time"):
        predictor.predict(new_people[:2])
    with pytest.raises(ConfigError, match=r"no mne\.io\.Raw"):
        predictor.predict(3.0)


def test_recordings_of_one_person_are_pooled(fitted, new_people, tmp_path):
    predictor = ng.load_predictor(fitted.models["encoder"])
    both = predictor.predict(list(new_people[:2]), label="one")
    assert both.quality.n_recordings == 2
    assert len(both.recordings) == 2
    alone = [predictor.predict(path, label="one").value for path in new_people[:2]]
    assert min(alone) - 0.2 < both.value < max(alone) + 0.2


def copy_recording(path, folder, name):
    """Copy a recording under another label, byte by byte but for its own names."""
    stem = path.name.removesuffix(path.suffix)
    target = folder / f"{name}.vhdr"
    for ending in (".vhdr", ".eeg", ".vmrk"):
        content = path.with_suffix(ending).read_bytes()
        if ending != ".eeg":
            content = content.replace(stem.encode(), name.encode())
        target.with_suffix(ending).write_bytes(content)
    return target


def test_the_same_signals_count_once(fitted, new_people, tmp_path, raw):
    predictor = ng.load_predictor(fitted.models["encoder"])
    copy = copy_recording(new_people[0], tmp_path, "again")
    once = predictor.predict(new_people[0], label="one")
    twice = predictor.predict([new_people[0], copy], label="one")
    assert twice.quality.usable_s == once.quality.usable_s
    assert twice.value == pytest.approx(once.value, abs=1e-6)
    assert "sample by sample" in " ".join(str(r["reason"]) for r in twice.recordings)
    assert predictor.predict([raw, raw]).quality.usable_s == once.quality.usable_s


def test_the_same_signals_of_two_people_are_nobody_s(ask_about, new_people, tmp_path):
    copies = [
        copy_recording(new_people[0], tmp_path, name) for name in ("first", "second")
    ]
    for one in ask_about("encoder", *copies):
        assert one.is_refused
        reasons = " ".join(str(row["reason"]) for row in one.recordings)
        assert "given for person-01, person-02" in reasons


def test_a_recording_outside_bids_is_not_called_as_its_file(fitted, raw, tmp_path):
    path = write_raw(tmp_path / "Jane Doe 1950.vhdr", raw)
    found = ng.load_predictor(fitted.models["encoder"]).predict(ng.read_recording(path))
    assert found.participant_id == "person-01"
    page = found.save_page(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Jane" not in page


def test_pages_of_earlier_answers_do_not_stay_among_new_ones(
    ask_about, new_people, tmp_path
):
    found = ask_about("encoder", *new_people[:2])
    write_predictions(tmp_path, found)
    (tmp_path / "mine.html").touch()
    write_predictions(tmp_path, found[1:])
    pages = {path.name for path in tmp_path.glob("*.html")}
    assert pages == {"mine.html", f"{found[1].participant_id}.html"}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"recording": []}, "at least one"),
        ({"sex": "male"}, "give F or M"),
        ({"label": "../x"}, "cannot name a file"),
        ({"age": -3}, "age of -3"),
    ],
)
def test_python_says_what_it_cannot_take(fitted, raw, asked, sentence):
    predictor = ng.load_predictor(fitted.models["encoder"])
    with pytest.raises(ConfigError, match=sentence):
        predictor.predict(**{"recording": raw, **asked})


def test_epochs_are_no_recording(fitted, raw):
    epochs = mne.make_fixed_length_epochs(raw, duration=5, verbose="error")
    with pytest.raises(ConfigError, match=r"no mne\.io\.Raw"):
        ng.load_predictor(fitted.models["encoder"]).predict(epochs)


def test_pages_need_nothing_else_and_speak_both_languages(
    ask_about, new_people, find_references, tmp_path
):
    found = ask_about("encoder", *new_people[:2])
    pages = write_predictions(tmp_path, found, language="en")
    assert {path.name for path in tmp_path.iterdir()} == {
        "predictions.tsv", "recordings.tsv", *(page.name for page in pages),
    }  # fmt: skip
    english = pages[0].read_text(encoding="utf-8")
    german = found[0].save_page(tmp_path / "de.html", language="de").read_text("utf-8")
    for page in (english, german):
        assert find_references(page) == []
        assert "<script" not in page
        assert page.count("<svg") == page.count("</svg>")
        for svg in re.findall(r"<svg xmlns.*?</svg>", page, re.DOTALL):
            assert "<title" in svg
            assert "<desc" in svg
    assert "no medical device" in english
    assert "kein Medizinprodukt" in german
    assert 'lang="de"' in german


def test_a_refused_person_has_a_page_with_the_reason(refused, tmp_path):
    page = refused.save_page(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "too little usable signal" in page
    assert "Where this person lies" not in page


def test_what_moved_an_answer_adds_up_to_the_score(fitted, trained):
    predictor = read_predictor(fitted.models["band-power"])
    one = trained["band-power"][0]
    p = one.raw["patient"]
    scores = [
        np.log(x.raw["patient"] / x.raw["control"]) for x in trained["band-power"]
    ]
    moved = one.contributions["value"].sum()
    assert moved == pytest.approx(np.log(p / (1 - p)) - np.mean(scores), abs=1e-3)
    assert set(one.contributions["band"]) == {
        "delta",
        "theta",
        "alpha",
        "beta",
        "gamma",
    }
    assert predictor.features == ("band-power",)


# Whom is asked about.
def test_a_file_outside_bids_is_numbered_and_its_name_told_apart(tmp_path, raw):
    path = write_raw(tmp_path / "Jane Doe.vhdr", raw)
    asked = find_asked([path])
    assert list(asked.people["participant_id"]) == ["person-01"]
    assert asked.names == {"person-01": "Jane Doe.vhdr"}


def test_wrong_arguments_are_one_sentence(new_people, tmp_path):
    with pytest.raises(DataError, match="no file"):
        find_asked([tmp_path / "nothing.edf"])
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match="no recording"):
        find_asked([tmp_path / "notes.txt"])
    with pytest.raises(DataError, match="holds no recording"):
        find_asked([tmp_path])
    with pytest.raises(ConfigError, match="2 people were found"):
        find_asked(new_people[:2], stated=Stated("", 40.0, ""))
    with pytest.raises(ConfigError, match="table describes the people of a folder"):
        find_asked(new_people[:1], table="participants.tsv")


def test_a_plain_folder_takes_its_table(new_people, tmp_path):
    for path in new_people[:2]:
        for part in path.parent.glob("*_eeg.*"):
            shutil.copy(part, tmp_path / part.name)
    table = pd.DataFrame({"file": [p.name for p in new_people[:2]], "age": [30, 40],
                          "participant_id": ["a", "b"], "sex": ["f", "m"]})  # fmt: skip
    table.to_csv(tmp_path / "people.csv", index=False)
    asked = find_asked([tmp_path], table="people.csv")
    assert asked.people.to_numpy().tolist() == [["a", 30.0, "F"], ["b", 40.0, "M"]]
    asked = find_asked([tmp_path])
    assert len(asked.people) == 2
