"""Whom pretraining draws: everybody by their weight, and nobody who is only watched."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.pretraining.corpus import (
    Corpus,
    list_subjects,
    open_corpus,
    split_subjects,
)
from neurograft.pretraining.sampling import Sampler, name_stratum, weigh_subjects
from neurograft.store.acquisition import RecordingFacts, read_facts
from neurograft.store.signal_store import SignalStore, StoredRecording
from neurograft.study.opened_study import Study


def test_people_left_out_are_of_every_cohort_and_never_learned_from(corpus):
    kept = {one[:2] for one in corpus.subjects}
    out = {one[:2] for one in corpus.left_out}
    assert not kept & out
    assert {cohort for cohort, _ in out} == {"students", "community"}
    assert len(kept | out) == 12
    places = {place for one in corpus.left_out for place in one.recordings}
    for seed in range(40):
        drawn = corpus.draw(16, (seed,))
        assert not {window[:2] for window in drawn.windows} & places
        watched = corpus.draw(4, (seed,), watched=True)
        assert {window[:2] for window in watched.windows} <= places


def test_somebody_is_watched_however_small_the_share(corpus):
    kept, left_out = split_subjects(corpus.subjects, share=0.01, seed=0)
    assert (len(kept), len(left_out)) == (9, 1)
    kept, left_out = split_subjects(corpus.subjects[:2], share=0.01, seed=0)
    assert (len(kept), len(left_out)) == (1, 1)


def test_nobody_left_to_learn_from_or_to_watch_is_refused(corpus):
    for n in (0, 1):
        with pytest.raises(DataError, match=f"{n} people .* cannot be pretrained on"):
            split_subjects(corpus.subjects[:n], share=0.4, seed=0)
    with pytest.raises(DataError, match="as long as one window"):
        list_subjects(corpus.stores, corpus.facts, n_times=10**9)


def test_a_batch_has_one_montage_size_and_the_signals_of_the_store(corpus):
    sizes = set()
    for seed in range(12):
        batch, windows = corpus.draw(5, (seed,))
        sizes.add(batch.signals.shape[1])
        for row, (store, recording, start) in enumerate(windows):
            entry = corpus.stores[store].recordings[recording]
            expected = corpus.stores[store].read(recording, start, corpus.n_times)
            np.testing.assert_array_equal(batch.signals[row], expected)
            assert batch.scale[row] == pytest.approx(entry.scale_uv)
        torch.testing.assert_close(
            batch.positions.norm(dim=-1), torch.ones(batch.positions.shape[:2])
        )
    assert sizes == {19, 32}


def test_drawing_follows_from_the_seed(corpus):
    assert corpus.draw(8, (3, 1)).windows == corpus.draw(8, (3, 1)).windows
    assert corpus.draw(8, (3, 1)).windows != corpus.draw(8, (3, 2)).windows


def test_every_recording_is_drawn_by_its_weight(corpus):
    counts = Counter()
    for seed in range(600):
        counts.update(window[:2] for window in corpus.draw(8, (seed,)).windows)
    sampler = corpus.sampler
    for place, weight in zip(sampler.places, sampler.weights, strict=True):
        assert counts[place] / 4800 == pytest.approx(weight, rel=0.25)


def test_mixed_draws_hold_every_montage_size_in_proportion(corpus):
    drawn = corpus.draw_mixed(40, (0,))
    assert [one.batch.signals.shape[1] for one in drawn] == [19, 32]
    assert sum(len(one.windows) for one in drawn) == pytest.approx(40, abs=1)
    pairs = corpus.draw_mixed(40, (0,), n_views=2)
    assert sum(len(one.windows) for one in pairs) == pytest.approx(80, abs=2)


@given(
    sites=st.lists(st.sampled_from("abc"), min_size=1, max_size=30),
    temperature=st.floats(0, 1),
)
def test_weights_are_probabilities(sites, temperature):
    strata = ["x" if i % 3 else "y" for i in range(len(sites))]
    weights = weigh_subjects(sites, strata, temperature=temperature)
    assert weights.sum() == pytest.approx(1)
    assert weights.min() > 0


def test_temperature_goes_from_every_person_to_every_site():
    sites = ["a"] * 9 + ["b"]
    for temperature, share in ((1.0, 0.1), (0.5, 0.25), (0.0, 0.5)):
        weights = weigh_subjects(sites, [""] * 10, temperature=temperature)
        assert weights[-1] == pytest.approx(share)
        assert np.ptp(weights[:9]) < 1e-12


def test_a_rare_age_and_sex_is_drawn_more_often_than_its_share():
    strata = ["2F"] * 8 + ["7M"] * 2
    weights = weigh_subjects(["a"] * 10, strata, temperature=0.5)
    assert weights[-1] / weights[0] == pytest.approx(2.0)
    assert name_stratum(RecordingFacts()) == ""
    assert name_stratum(RecordingFacts(age=71.2, sex="M")) == "7M"


def test_recordings_of_a_person_share_their_weight():
    people = [
        ("a", [(0, 0), (0, 1)], RecordingFacts()),
        ("a", [(0, 2)], RecordingFacts()),
    ]
    sampler = Sampler.of_subjects(people, [[4, 4, 8]], temperature=1.0)
    assert sampler.weights.tolist() == [0.25, 0.25, 0.5]
    assert sampler.sizes == (4, 8)
    assert sampler.size_shares.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    "damage",
    [
        {"scale_uv": float("nan")},
        {"scale_uv": 0.0},
        {"steps_uv": (float("nan"),) * 19},
        {"steps_uv": (1.0,) * 18 + (1e35,)},
    ],
    ids=["no scale", "scale of zero", "no steps", "steps beyond single precision"],
)
def test_a_store_with_numbers_that_are_not_finite_is_refused(study, damage):
    store = SignalStore.open(study.output_folder / "cohorts" / "students")
    broken = replace(
        store, recordings=tuple(replace(one, **damage) for one in store.recordings)
    )
    corpus = open_corpus(
        [broken], n_times=256, validation_share=0.2, temperature=1.0, seed=0
    )
    with pytest.raises(
        DataError, match=r"sub-\d+_task-rest holds numbers that are not"
    ):
        corpus.draw(2, (0,))


def test_facts_come_from_the_table_and_are_unknown_without(study, tmp_path):
    folder = study.output_folder / "cohorts" / "students"
    facts = read_facts(SignalStore.open(folder))
    assert {fact.line_freq_hz for fact in facts} == {60.0}
    assert all(18 <= fact.age <= 45 and fact.sex in "FM" for fact in facts)
    rate, *mains = facts[0].acquisition[:3]
    assert (rate, mains) == (0.0, [0.0, 1.0])  # 256 Hz
    assert facts[0].acquisition[3:] == (0.0, 1.0, 0.0, 0.0)  # A1+A2: ears
    (tmp_path / "index.json").write_text(
        json.dumps(json.loads((folder / "index.json").read_text()))
    )
    unknown = read_facts(SignalStore.open(tmp_path))
    assert set(unknown[0].acquisition) == {0.0}


def test_every_first_sample_of_every_stretch_is_drawn_by_one_number():
    recording = StoredRecording(
        RecordingKey("c", "sub-1"), 60, ("Cz",), ((0.0, 0.0, 1.0),), (1.0,), 10.0,
        ((3, 12), (20, 24), (30, 50)), "",
    )  # fmt: skip
    store = SignalStore(Path("c"), 128.0, True, (recording,))
    n_times = 6
    sampler = Sampler((), np.array([]), ())
    corpus = Corpus([store], [], [], [], n_times, sampler, sampler)
    expected = [*range(3, 7), *range(30, 45)]  # the second stretch is too short

    class Counting(np.random.Generator):
        n_drawn = -1

        def integers(self, n):
            assert n == len(expected)
            self.n_drawn += 1
            return self.n_drawn

    rng = Counting(np.random.PCG64(0))
    drawn = [corpus._draw_window((0, 0), rng) for _ in expected]
    assert [window.start for window in drawn] == expected


def test_a_number_of_people_is_drawn_and_the_same_people_are_watched(study):
    opened = Study(study)
    stores = [opened.store(name) for name in study.source_cohorts]
    settings = {"n_times": 256, "validation_share": 0.2, "temperature": 0.5, "seed": 0}
    everybody = open_corpus(stores, **settings)
    few = open_corpus(stores, **settings, n_people=4)
    names = [(p.cohort, p.participant_id) for p in everybody.subjects]
    drawn = [(p.cohort, p.participant_id) for p in few.subjects]
    assert len(drawn) == len(set(drawn)) == 4
    assert set(drawn) < set(names)
    assert few.left_out == everybody.left_out
    places = {place for person in few.subjects for place in person.recordings}
    windows = few.draw(64, (1,)).windows
    assert {window[:2] for window in windows} <= places
    with pytest.raises(DataError, match="n_people=999, and there are"):
        open_corpus(stores, **settings, n_people=999)
