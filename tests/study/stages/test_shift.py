"""The shift stage on simulated cohorts: who differs, in what, and the report of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.config.shift import ShiftConfig
from neurograft.config.study import StudyConfig
from neurograft.files.tables import read_table
from neurograft.report.blocks import Figure, PageWords, Statements, Table, walk
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.sections.shift import show_shift
from neurograft.shift.described_cohort import Cohort, join_features
from neurograft.shift.tables import (
    measure_pair,
    probe_factors,
    tabulate_adapters,
    tabulate_factors,
)
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.store.signal_store import SignalStore
from neurograft.study.described_cohorts import describe_cohorts
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import run_harmonise
from neurograft.study.stages.pretrain import run_pretrain
from neurograft.study.stages.shift import describe_shift, list_pairs, run_shift

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shifted")
    sites = default_sites(n_source=12, n_patients=8, n_controls=8, n_clinic_channels=19)
    sites[0] = replace(sites[0], ages=(18, 30))
    sites[1] = replace(sites[1], ages=(25, 80))
    simulate_cohorts(folder / "cohorts", sites=sites, duration_s=40)
    study = StudyConfig(
        name="shifted",
        data_folder=folder / "cohorts",
        output_folder=folder / "results",
        cohorts={n: {"folder": n} for n in ("students", "community", "clinic")},
        pretraining={"size": "nano", "steps": 2, "batch_size": 8,
                     "validation_share": 0.2},
        tasks={
            "disease": {"kind": "classification", "cohort": "clinic", "column": "group",
                        "positive": ["patient"], "negative": ["control"]},
        },
        shift={"windows_per_subject": 3, "n_permutations": 39, "n_bootstraps": 50,
               "adapters": ["recentre", "erase"]},
    )  # fmt: skip
    for cohort in study.cohorts:
        run_harmonise(Study(study), cohort)
    run_pretrain(Study(study))
    return study


@pytest.fixture(scope="module")
def tables(study):
    run_shift(Study(study))
    folder = study.output_folder / "shift"
    return {path.stem: read_table(path) for path in folder.glob("*.tsv")}


def test_cohorts_of_other_devices_are_told_apart_and_the_device_named(tables):
    verdicts = tables["verdicts"].set_index("source")
    assert (verdicts["answer"] == "shift").all()
    planted = {"students": {"reference", "sfreq_hz", "line_freq_hz"},
               "community": {"sfreq_hz", "n_channels"}}  # fmt: skip
    for source, factors in planted.items():
        assert verdicts.loc[source, "first_factor"] in factors
        assert "told apart by their embeddings" in verdicts.loc[source, "sentence"]


def test_ages_that_differ_warn_of_alignment(tables):
    """Students are 18-30, all others 25-80."""
    warned = tables["verdicts"].set_index("source")["label_shift"]
    assert "re-centring would remove part of the label" in warned["students"]
    assert pd.isna(warned["community"])


def test_every_measure_of_every_representation_is_there(tables):
    shift = tables["shift"]
    own = shift[(shift["source"] == "students")]
    for name in ("embedding", "embedding without 1/f", "band power", "1/f"):
        measures = set(own[own["representation"] == name]["measure"])
        assert {"domain accuracy", "proxy A-distance", "MMD2",
                "Frechet distance, means"} <= measures  # fmt: skip
    assert (own["measure"] == "Riemannian distance").sum() == 6
    accuracy = own[own["measure"] == "domain accuracy"]
    assert ((accuracy["p"] > 0) & (accuracy["p"] <= 1)).all()
    assert (accuracy["ci_low"] <= accuracy["value"]).all()


@pytest.mark.parametrize("representation", ["embedding", "band power"])
def test_adapters_bring_cohorts_nearer_whatever_the_folds(study, representation):
    """40 people: one draw of folds may say anything, the mean of ten does not."""
    cohorts = describe_cohorts(Study(study), study.used_cohorts)
    found = []
    for seed in range(10):
        own = tabulate_adapters(cohorts, study.shift, seed=seed)
        own = own.set_index(["representation", "adapter"])
        own = own.loc[representation]
        before, after = own.loc[""], own.loc["recentre"]
        assert before["difference"] == 0
        assert after["difference"] == pytest.approx(after["value"] - before["value"])
        assert after["difference_low"] <= after["difference"]
        assert after["difference"] <= after["difference_high"]
        found.append(after["difference"])
    assert np.mean(found) < 0


def test_the_paired_interval_shows_that_a_shift_of_means_is_undone(study):
    """200 people whose features differ by a constant: nothing else tells them apart."""
    store = SignalStore.open(study.output_folder / "cohorts" / "clinic")
    own = tabulate_adapters(describe_alike(store, n=100, apart=2.0), study.shift)
    own = own.set_index(["representation", "adapter"])
    for representation in ("embedding", "band power"):
        before, after = (own.loc[(representation, a)] for a in ("", "recentre"))
        assert before["value"] > 0.9
        assert after["value"] < 0.65
        assert after["difference_high"] < -0.2


def test_shares_probes_identity_and_spectra_are_told(tables):
    assert {"clinic", "all cohorts"} == set(tables["factors"]["where"])
    everywhere = tables["factors"].query("`where` == 'all cohorts'")
    assert "cohort" in set(everywhere["factor"])
    probes = tables["probes"]
    assert {"sex", "label: disease", "subject", "age"} <= set(probes["factor"])
    recognised = probes[probes["measure"] == "recognised"].iloc[0]
    assert recognised["value"] > 3 * recognised["chance"]
    assert set(tables["spectra"]["cohort"]) == {"students", "community", "clinic"}
    shares = tables["spectra"].groupby(["cohort", "region"])["median"]
    assert ((10 ** shares.get_group(("clinic", "occipital"))).sum()) == pytest.approx(
        1, abs=0.15
    )


def test_factors_show_both_sides_and_what_is_missing(tables):
    own = tables["covariates"].query("source == 'students'").set_index("factor")
    assert own.loc["age", "smd"] > 0.5
    assert own.loc["sfreq_hz", "in_source"] == "256 (0)"
    assert own.loc["device", "missing_source"] == 12
    assert pd.isna(own.loc["device", "size"])


def test_the_section_of_the_report_holds_figures_and_sentences(study, tables):
    folder = study.output_folder
    stored = StoredStudy(
        folder / "evaluation", folder / "summary", folder / "shift", {}, {}, {}
    )
    blocks = show_shift(stored, PageWords("en")).blocks
    named = [one.name for one in walk(blocks) if isinstance(one, Figure | Table)]
    assert set(named) == {
        "shift-covariates", "shift-adapters", "shift-factors", "shift-spectra",
        "distances", "probes", "cohort-differences",
    }  # fmt: skip
    (stated,) = [one for one in blocks if isinstance(one, Statements)]
    assert len(stated.rows) == 3  # two pairs and one warning
    (distances,) = [one for one in blocks if getattr(one, "name", "") == "distances"]
    assert len(distances.rows) == 4


def test_the_stage_is_current_until_something_changes(study, tables):
    assert describe_shift(Study(study)).is_current()
    other = study.model_copy(update={"shift": ShiftConfig(windows_per_subject=2)})
    assert not describe_shift(Study(other)).is_current()


def test_without_sources_targets_are_compared_with_each_other(study):
    lone = StudyConfig(
        name="x", cohorts={n: {"folder": n} for n in "abc"},
        pretraining={"shipped": "tiny"},
        tasks={n: {"kind": "regression", "cohort": n, "column": "age"} for n in "abc"},
    )  # fmt: skip
    assert list_pairs(lone) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert list_pairs(study) == [("students", "clinic"), ("community", "clinic")]
    everybody = study.model_copy(update={"shift": ShiftConfig(all_cohorts=True)})
    assert len(list_pairs(everybody)) == 3


def test_people_are_described_by_as_many_windows_as_there_are(study):
    greedy = study.model_copy(
        update={
            "shift": ShiftConfig(windows_per_subject=50),
            "evaluation": study.evaluation.model_copy(
                update={"windows_per_subject": 50}
            ),
        }
    )
    cohorts = describe_cohorts(Study(greedy), study.used_cohorts)
    assert len({one.windows.shape[1] for one in cohorts}) == 1
    assert cohorts[0].windows.shape[1] < 50


def test_strange_adapters_are_refused():
    with pytest.raises(ValueError, match="'euclid' does not align domains of vectors"):
        ShiftConfig(adapters=("euclid",))
    assert np.all([name != "residualise" for name in ShiftConfig().adapters])


def describe_alike(store, n=20, apart=0.2):
    """Two cohorts of people whose features differ by a constant and know a little."""
    rng = np.random.default_rng(0)
    cohorts = []
    for number, name in enumerate("ab"):
        age = rng.uniform(20, 80, n)
        people = pd.DataFrame({"age": age, "sex": rng.choice(["F", "M"], n),
                               "cohort": name})  # fmt: skip
        X = rng.normal(size=(n, 12)) + apart * number + 0.01 * age[:, None]
        features = {"embedding": X, "band power": X[:, :6], "1/f": X[:, 6:8]}
        cohorts.append(Cohort(name, people, features, X[:, None], store, []))
    return cohorts


def tabulate_seeded(seed, store):
    """Every table of the stage that draws anything."""
    settings = ShiftConfig(n_permutations=99, n_bootstraps=50, adapters=["recentre"])
    cohorts = describe_alike(store)
    people = pd.concat([one.people for one in cohorts], ignore_index=True)
    X = join_features(cohorts)
    measures = measure_pair(X["embedding"], 20, settings, seed=seed)
    return {
        "measures": pd.DataFrame(measures),
        "factors": tabulate_factors("all", people, X["embedding"], settings, seed=seed),
        "probes": probe_factors("all", people, X, {}, settings, seed=seed),
        "adapters": tabulate_adapters(cohorts, settings, seed=seed),
    }


def test_the_studys_seed_decides_every_draw_of_the_stage(study):
    store = SignalStore.open(study.output_folder / "cohorts" / "clinic")
    one, again, other = (tabulate_seeded(seed, store) for seed in (0, 0, 1))
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, again[name], obj=name)
        drawn = [c for c in table if c in ("ci_low", "ci_high", "p", "difference_low")]
        assert not table[drawn].equals(other[name][drawn]), name
    apart = [found["measures"].set_index("measure").loc["MMD2"]
             for found in (one, other)]  # fmt: skip
    assert apart[0]["value"] == apart[1]["value"]  # nothing is drawn for it
    assert apart[0]["p"] != apart[1]["p"]


def test_another_seed_makes_the_stage_out_of_date(study):
    found = describe_shift(Study(study))
    other = describe_shift(Study(study.model_copy(update={"seed": 1})))
    assert found.settings["seed"] == 0
    assert other.fingerprint != found.fingerprint
