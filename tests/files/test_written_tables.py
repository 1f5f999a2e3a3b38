"""One reader of tables: whatever wrote them, the same cells or a sentence."""

import numpy as np
import pandas as pd
import pytest

from neurograft.errors import DataError
from neurograft.files.written_tables import (
    drop_doubled,
    mask_missing,
    read_cells,
    read_written,
)

NAMES = ["participant_id", "age", "sex", "group", "comment"]


def make_rows(rng, n=12):
    """People whose comments hold what no table should be cut by."""
    comments = ["", "n/a", 'says "no', 'late"', "a, b; c", "Größe 1,80", "'"]
    return [
        [f"sub-{i:02d}", str(20 + i), "FM"[i % 2], ["AD", "HC"][i % 2],
         str(rng.choice(comments))]
        for i in range(n)
    ]  # fmt: skip


def write(path, rows, names=NAMES, mark="\t", end="\n", encoding="utf-8", tail=""):
    lines = [
        mark.join(cells) + tail * bool(i) for i, cells in enumerate([names, *rows])
    ]
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


@pytest.mark.parametrize("seed", range(30))
def test_a_table_is_read_as_written_however_it_was_saved(tmp_path, seed):
    rng = np.random.default_rng(seed)
    rows = make_rows(rng)
    rows[0][4] = "Größe 1,80"
    encoding = rng.choice(["utf-8", "utf-8-sig", "utf-16", "latin-1"])
    end = rng.choice(["\n", "\r\n", "\r", "\n\n"])
    tail = rng.choice(["", "\t", "\t\t", "\t \t"])
    path = write(
        tmp_path / "participants.tsv", rows, end=end, encoding=encoding, tail=tail
    )
    table, repairs = read_written(path)
    assert table.columns.tolist() == NAMES
    assert table.to_numpy().tolist() == rows
    assert any("Latin-1" in one for one in repairs) == (encoding == "latin-1")
    assert any("empty cells beyond" in one for one in repairs) == bool(tail)
    assert all("sub-" not in one for one in repairs)


def test_separators_of_spreadsheets_are_found(tmp_path):
    rows = [["sub-1", "30"], ["sub-2", "31,5"]]
    path = write(tmp_path / "a.tsv", rows, ["participant_id", "age"], ";")
    table, repairs = read_written(path)
    assert table.to_numpy().tolist() == rows
    assert repairs == ["a.tsv has semicolons between its cells, not tabs"]


def test_cells_between_quotation_marks_may_hold_marks_and_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,note\n1,"x, ""y"""\n2,"several\nlines"\n3,plain\n')
    assert read_written(path)[0].to_numpy().tolist() == [
        ["1", 'x, "y"'], ["2", "several lines"], ["3", "plain"],
    ]  # fmt: skip


@pytest.mark.parametrize("mark", ["\t", ","])
def test_lone_quotation_marks_swallow_no_row(tmp_path, mark):
    rows = [[f"sub-{i}", str(30 + i), "x"] for i in range(8)]
    rows[2][2], rows[5][2] = '"begins', 'ends"'
    ending = "csv" if mark == "," else "tsv"
    for more in ([], ["sub-9", "40", "x", "y"]):
        table, _ = read_written(
            write(tmp_path / f"a.{ending}", [*rows, *filter(None, [more])],
                  ["id", "age", "note"], mark)
        )  # fmt: skip
        assert table["id"].tolist()[:8] == [row[0] for row in rows]
        assert table["age"].tolist()[:8] == [row[1] for row in rows]


@pytest.mark.parametrize("seed", range(30))
def test_one_tab_too_many_or_too_few_never_moves_a_cell(tmp_path, seed):
    """The row is read as written, or only its first cell is; a sentence names it."""
    rng = np.random.default_rng(seed)
    rows = [row[:4] for row in make_rows(rng)]
    number, place = int(rng.integers(len(rows))), int(rng.integers(1, 4))
    broken = [list(row) for row in rows]
    if seed % 2:
        broken[number].insert(place, "")
    else:
        del broken[number][place]
    table, repairs = read_written(write(tmp_path / "a.tsv", broken, NAMES[:4]))
    assert len(table) == len(rows)
    for i, (read, meant) in enumerate(zip(table.to_numpy(), rows, strict=True)):
        allowed = {""} if i == number else set()
        assert all(r in {m} | allowed for r, m in zip(read, meant, strict=True)), i
        assert read[0] == meant[0]
    assert f"line {number + 2}" in repairs[-1]


def test_a_column_that_stands_twice_is_read_once_and_said(tmp_path):
    rows = [["1", "a", "b"], ["2", "a", "a"]]
    table, repairs = read_written(
        write(tmp_path / "a.tsv", rows, ["x", "type", "type"])
    )
    assert table["type"].tolist() == ["a", "a"]
    assert repairs == [
        "a.tsv has the column 'type' twice: the first is read, although they differ"
    ]
    same = pd.DataFrame([["a", "a"]], columns=["x", "x"])
    said: list[str] = []
    assert list(drop_doubled(same, tmp_path / "a.tsv", said)) == ["x"]
    assert said == ["a.tsv has the column 'x' twice: the first is read"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf\n \n", "it is empty"),
        (b"a\x00b\tcde\n", "in UTF-8, UTF-16 or Latin-1"),
        (b"1\t2\n3\t4\n", "no names of columns"),
        (b"a\tb\n1\t2\t3\n4\t5\t6\n", "header has 2 names, its rows have 3 cells"),
        (b"../.git/annex/objects/x", "placeholder of git-annex"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path, content, problem):
    path = tmp_path / "a.tsv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=problem):
        read_written(path)


def test_words_for_missing_cells_are_kept_until_they_are_masked(tmp_path):
    path = write(
        tmp_path / "a.tsv", [["1", "None"], ["2", "n/a"], ["3", "x"]], ["i", "g"]
    )
    assert read_written(path)[0]["g"].tolist() == ["None", "n/a", "x"]
    assert read_cells(path)["g"].isna().tolist() == [True, True, False]
    assert mask_missing(pd.DataFrame({"a": ["unknown", "u"]}))["a"].isna().tolist() == [
        True, False,
    ]  # fmt: skip


def test_names_without_people_and_tables_without_rows_are_tables(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("onset\tduration\t\n")
    table, repairs = read_written(path)
    assert (list(table), len(table), repairs) == (["onset", "duration"], 0, [])


@pytest.mark.parametrize("seed", range(10))
def test_a_workbook_is_read_as_the_same_table_in_text(tmp_path, seed):
    rng = np.random.default_rng(seed)
    rows = make_rows(rng)
    typed = [[name, int(age), *others] for name, age, *others in rows]
    for number in rng.choice(len(rows), 3, replace=False):
        years = float(rng.integers(18, 90)) + float(rng.choice([0.0, 0.5, 0.25]))
        rows[number][1], typed[number][1] = f"{years:g}", years
    rows[4][1], typed[4][1] = "", None
    book = tmp_path / "people.xlsx"
    pd.DataFrame(typed, columns=NAMES).astype({"age": object}).to_excel(
        book, index=False
    )
    text = write(tmp_path / "people.tsv", rows)
    from_book, from_text = read_cells(book), read_cells(text)
    pd.testing.assert_frame_equal(from_book, from_text)
