"""Study files as Windows writes them, and folders that cannot be."""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from neurograft.config.study import read_study
from neurograft.config.study_file.text import open_folder, read_toml
from neurograft.errors import ConfigError, PackageError

STUDY = """name = "Mine"
data_folder = "data"
[cohorts.clinic]
folder = "clinic"
[pretraining]
shipped = "tiny"
[tasks.disease]
kind = "classification"
cohort = "clinic"
column = "group"
positive = ["patient"]
negative = ["control"]
"""


def write(folder, text, encoding="utf-8"):
    path = folder / "study.toml"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_study_is_read_in_the_encodings_of_windows(tmp_path, encoding, ends):
    path = write(tmp_path, STUDY.replace("\n", ends).replace("Mine", "Mün"), encoding)
    assert read_study(path).name == "Mün"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            ('"clinic"', r'"C:\Users\data"'),
            r"line 4: backslashes .* write folders as C:/",
        ),
        (('"data"', r'"C:\temp\new"'), r"data_folder holds a character .* C:/"),
        (('"data"', '"\\u0000"'), "data_folder holds a character"),
        (('"data"', '"~nobody-of-this-name/x"'), "there can be no such folder"),
        (('"data"', f'"{"x" * 300}"'), "is too long for a folder"),
        (('"data"', f'"{"x/" * 3000}"'), "is too long for a folder"),
        (('"Mine"', f'"{"x" * 300}"'), "write at most 200 characters"),
        (('"Mine"', "[" * 5000), "nested too deeply"),
        (('"Mine"', "9" * 10_000), "a number of thousands of digits"),
        (('"Mine"', '"unfinished'), "is not valid TOML"),
        (('"Mine"', "Mine"), "is not valid TOML: .*; every line is name = value"),
        (('"Mine"', "\u201cMine\u201d"), "line 1: quotes of a word processor"),
        (('"Mine"', "\u00abMine\u00bb"), "line 1: quotes of a word processor"),
        (('"Mine"', '\u00a0"Mine"'), "line 1: a blank stands there"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, change, sentence):
    path = write(tmp_path, STUDY.replace(*change))
    with pytest.raises(ConfigError, match=sentence) as caught:
        read_study(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_other_files_are_told_from_study_files(tmp_path):
    with pytest.raises(ConfigError, match="is a folder; give the path of the study"):
        read_toml(tmp_path)
    with pytest.raises(ConfigError, match="There is no study file"):
        read_toml(tmp_path / "a\0b")
    path = write(tmp_path, "name = 'Mün'", "latin-1")
    with pytest.raises(ConfigError, match="is not text in UTF-8; save it as UTF-8"):
        read_toml(path)
    for encoding in ("utf-32", "utf-32-le"):
        with pytest.raises(ConfigError, match="is not text in UTF-8; save it as UTF-8"):
            read_toml(write(tmp_path, STUDY, encoding))
    path.write_bytes(bytes(5 * 2**20))
    with pytest.raises(ConfigError, match="is too long for a study file"):
        read_toml(path)


def test_the_home_folder_is_known_in_every_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    home = (tmp_path / "home").resolve()
    text = STUDY.replace('"data"', '"~/data"').replace('"clinic"\n[p', '"~/c"\n[p')
    study = read_study(write(tmp_path, text))
    assert study.data_folder == home / "data"
    assert study.cohort_folder("clinic") == home / "c"
    assert open_folder(tmp_path, Path("a/b"), setting="x") == tmp_path.resolve() / "a/b"


def test_mutated_study_files_are_studies_or_sentences(tmp_path):
    rng = random.Random(0)
    pieces = [
        '"',
        "[",
        "]",
        "=",
        "\\",
        "\x00",
        "é",
        "9" * 50,
        "inf",
        "nan",
        "-1",
        "{",
        "\n",
    ]
    for _ in range(150):
        text = list(STUDY)
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(text))
            text[place : place + rng.randint(0, 6)] = rng.choice(pieces)
        with suppress(PackageError):
            read_study(write(tmp_path, "".join(text)))
