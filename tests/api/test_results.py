"""Results are the same tables in memory and in a study's folder."""

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import neurograft as ng
from neurograft.api import results
from neurograft.api.results import Results
from neurograft.errors import DataError
from neurograft.files.tables import write_table


@pytest.fixture(scope="module")
def found(make_table):
    X, y = make_table()
    quick = {"n_repeats": 1, "n_permutations": 19, "n_bootstraps": 100}
    return ng.evaluate({"logistic": LogisticRegression()}, X, y, name="ill", **quick)


def test_tables_that_are_written_are_read_again(found, tmp_path):
    for number, (name, table) in enumerate(found.tables.items()):
        folder = tmp_path / ("evaluation", "summary")[number % 2]
        folder.mkdir(exist_ok=True)
        write_table(folder / f"{name}.tsv", table)
    again = ng.read_results(str(tmp_path))
    assert set(again.tables) == set(found.tables)
    for name in ("results", "comparisons", "verdicts", "predictions"):
        pd.testing.assert_frame_equal(
            getattr(again, name)[list(found[name])], found[name],
            check_dtype=False, rtol=1e-4,
        )  # fmt: skip
    assert str(again) == str(found)


def test_sentences_name_the_task(found):
    assert all(line.startswith("ill: ") for line in str(found).splitlines())


def test_tables_that_are_not_there_are_named(found, tmp_path):
    with pytest.raises(DataError, match="no table 'result'; found .*results"):
        _ = found["result"]
    with pytest.raises(DataError, match="run the study first"):
        ng.read_results(tmp_path)


def test_every_sentence_is_a_line_that_names_its_task():
    rows = {"task": ["b", "a"], "sentence": ["One.", "Other."]}
    assert str(Results({"verdicts": pd.DataFrame(rows)})) == "b: One.\na: Other."


def test_tables_of_several_tasks_are_put_together_without_empty_ones(monkeypatch):
    one, other = pd.DataFrame({"task": ["x"]}), pd.DataFrame({"task": ["y"]})
    nothing = pd.DataFrame({"task": []})
    monkeypatch.setattr(
        results,
        "tabulate_evaluated",
        lambda evaluated: {"tasks": [one, nothing, other], "curves": [nothing]},
    )
    monkeypatch.setattr(
        results,
        "summarise",
        lambda evaluated, **more: {"verdicts": [pd.DataFrame([more])]},
    )
    found = results.make_results([], n_bootstraps=7, seed=3)
    assert set(found.tables) == {"tasks", "verdicts"}
    assert found["tasks"]["task"].tolist() == ["x", "y"]
    assert found["tasks"].index.tolist() == [0, 1]
    assert found["verdicts"][["n_bootstraps", "seed"]].values.tolist() == [[7, 3]]


def test_tables_of_an_older_version_are_named():
    old = results.Results({"results": pd.DataFrame({"method": ["dummy"]})})
    assert str(old) == "Tables without verdicts: results."
