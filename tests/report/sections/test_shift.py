"""The section on shift: sentences by code, factors in words, a table per distance."""

import pandas as pd

from neurograft.files.sentences import code_verdict
from neurograft.report.blocks import Figure, Folded, PageWords, Statements, Table
from neurograft.report.sections.shift import (
    show_shift,
    tabulate_covariates,
    tabulate_distances,
    tabulate_probes,
)

WORDS = PageWords("en")


def test_one_cohort_has_nothing_to_compare(stored, change):
    for name in ("probes", "covariates", "shift"):
        study = change("shift", name)
    assert show_shift(study, WORDS).blocks == ()


def test_the_spectra_of_one_cohort_alone_are_not_compared(stored, change):
    spectra = pd.DataFrame(
        {"cohort": "clinic", "region": "frontal", "band": "4-8 Hz", "q25": -0.6,
         "median": -0.5, "q75": -0.4}, index=[0]
    )  # fmt: skip
    change("shift", "covariates")
    section = show_shift(change("shift", "spectra", spectra), WORDS)
    assert section.title == "What goes with the embedding"
    assert "no populations are compared" in section.blocks[0].text
    assert not any(isinstance(one, Figure) for one in section.blocks)


def test_sentences_are_marked_and_a_warning_of_labels_names_its_pair(stored, change):
    factor = {"code": "NG492", "factor": "line_freq_hz", "in_source": "60",
              "in_target": "50", "size": 1.0}  # fmt: skip
    apart = {"code": "NG491", "value": 0.9, "ci_low": 0.8, "ci_high": 1.0, "p": 0.001}
    row = code_verdict("shift", "shift", "NG401", source="public", target="clinic",
                       apart=apart, factors=[factor])  # fmt: skip
    told = {"source": "public", "target": "clinic", "label_shift": "Labels differ."}
    study = change("shift", "verdicts", pd.DataFrame([row | told]))
    (stated,) = [
        one for one in show_shift(study, WORDS).blocks if isinstance(one, Statements)
    ]
    first, second = stated.rows
    assert (first.state, first.code) == ("caution", "NG401")
    assert "mains frequency (60 against 50; size 1.00)" in first.sentence
    assert (second.about, second.sentence) == ("public and clinic", "Labels differ.")


def test_factors_are_called_by_words(stored):
    table = tabulate_covariates(stored.read(stored.shift, "covariates"), WORDS)
    assert "mains frequency" in table.rows[0]
    assert "< 0.001" in table.rows[0]


def test_distances_of_a_pair_share_a_row():
    row = {"source": "a", "target": "b", "representation": "band power"}
    rows = pd.DataFrame(
        [row | {"measure": "domain accuracy", "value": 0.75, "ci_low": 0.7,
                "ci_high": 0.8},
         row | {"measure": "MMD2", "value": 0.1, "ci_low": None, "ci_high": None},
         row | {"measure": "MMD2", "representation": "tokens", "value": 0.3}]
    )  # fmt: skip
    table = tabulate_distances(rows, WORDS)
    assert table.rows == (("a", "b", "band power", "0.75 [0.70, 0.80]", "0.10"),)


def test_probes_have_a_column_for_every_representation():
    row = {"where": "clinic", "factor": "age", "measure": "R2", "ci_low": 0.1,
           "ci_high": 0.3}  # fmt: skip
    rows = pd.DataFrame(
        [row | {"representation": "embedding", "value": 0.2},
         row | {"representation": "band power", "value": 0.1},
         row | {"representation": "band power", "value": 0.4, "factor": "sfreq_hz"}]
    )  # fmt: skip
    table = tabulate_probes(rows, WORDS)
    assert table.columns == ("Where", "Factor", "embedding", "band power")
    assert table.rows[1] == ("clinic", "sampling rate (R2)", "", "0.40 [0.10, 0.30]")


def test_long_tables_are_folded(stored):
    folded = [one for one in show_shift(stored, WORDS).blocks
              if isinstance(one, Folded)]  # fmt: skip
    assert [one.title for one in folded] == [WORDS("probes"), WORDS("covariates")]
    assert all(isinstance(one.blocks[0], Table) for one in folded)
