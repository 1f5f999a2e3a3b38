"""Both languages hold the same words, and pages ask for exactly the words there are."""

import ast
import re
import string
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import neurograft.report
from neurograft.adaptation.label_shift import suspect_label_shift
from neurograft.config.method_table import DESCRIBED, LEARNERS, REMEDIES
from neurograft.files.sentences import (
    WORDS_FOLDER,
    fill,
    list_sentences,
    read_words,
    say,
    say_described,
    translate,
)
from neurograft.prediction.card import ChosenMethod
from neurograft.prediction.page.sections import ROWS
from neurograft.report.blocks import PageWords, State
from neurograft.report.documents.checklist import STATUSES
from neurograft.report.person_page import FACTS
from neurograft.report.sections.shift import DRAWN
from neurograft.report.sections.tables import SEXES
from neurograft.store.inspection import SECOND_WORDS

REPORT = Path(neurograft.report.__file__).parent
ANSWERS = sorted((REPORT.parent / "prediction" / "page").glob("*.py"))
VERDICTS = REPORT / "documents" / "verdicts.py"
KINDS = (
    "page", "codes", "conditions", "figures", "reasons", "remarks", "rows", "steps",
    "terms",
)  # fmt: skip
# States that cards of the first part have; the others mark statements.
ANSWERED = tuple(one for one in get_args(State) if one not in ("caution", "told"))
# What follows where a key is put together.
DYNAMIC = {
    "code_": ("means", "pitfall", "cure"),
    "design_caption": ("", "_number", "_apart"),
    "fact_": FACTS,
    "hidden_": ("band", "region"),
    "measure_": ("sensitivity", "specificity", "PPV", "NPV"),
    "patient_row_": ROWS,
    "patient_why_": get_args(ChosenMethod.model_fields["why"].annotation),
    "peak_": ("alpha_hz", "alpha_height", "exponent"),
    "representation_": ("embedding", "band_power"),
    "role_": ("pretraining", "tasks", "comparison"),
    "severity_": ("refused", "warning", "note"),
    "sex_": SEXES,
    "shift_": tuple(f"{name}_caption" for name in DRAWN),
    "status_": ("kept", "repaired", "dropped"),
    "unit_": ("years", "points"),
}
# Keys of templates, and columns whose keys are put together.
IN_TEMPLATES = tuple(f"state_{name}" for name in ANSWERED)
COLUMNS = (
    "column_goes_with",
    "column_goes_with_number",
    *(f"column_status_{name}".replace(" ", "_") for name in STATUSES),
)


def list_fields(words):
    """List the placeholders of all texts of an entry, with their formats."""
    texts = words.values() if isinstance(words, dict) else [words]
    return {
        (name, form)
        for text in texts
        if isinstance(text, str)
        for _, name, form, _ in string.Formatter().parse(text)
        if name
    }


@pytest.mark.parametrize("kind", KINDS)
def test_both_languages_hold_the_same_keys_with_the_same_placeholders(kind):
    english, german = read_words(kind), read_words(kind, "de")
    assert list(english) == list(german)
    for key, words in english.items():
        assert list_fields(words) == list_fields(german[key]), key


def test_codes_are_explained_by_the_same_parts_in_both_languages():
    for code, parts in read_words("codes").items():
        assert list(parts) == list(read_words("codes", "de")[code]), code
        assert all(
            said.endswith(".") for said in read_words("codes", "de")[code].values()
        )


def test_every_english_name_of_a_factor_has_a_german_one():
    assert set(read_words("factors")) <= set(read_words("factors", "de"))


def test_every_method_learner_and_remedy_is_described_in_german():
    named = [*DESCRIBED, *(f"@{one}" for one in REMEDIES), *(f":{o}" for o in LEARNERS)]
    assert set(read_words("methods", "de")) == set(named)


def test_no_file_of_words_is_without_its_german():
    names = {path.name for path in WORDS_FOLDER.glob("*.en.toml")}
    assert {name.replace(".en.", ".de.") for name in names} <= {
        path.name for path in WORDS_FOLDER.glob("*.de.toml")
    }


def find_literals(node):
    """Return the texts that an expression may be."""
    if isinstance(node, ast.IfExp):
        return find_literals(node.body) + find_literals(node.orelse)
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return [node.value] if is_text else []


def find_parts(node):
    return [one for part in getattr(node, "elts", ()) for one in find_literals(part)]


def list_asked():
    """List the keys that the report asks for, and beginnings of those put together."""
    keys, starts = set(IN_TEMPLATES) | set(COLUMNS), set()
    for path in REPORT.rglob("*.html"):
        keys |= set(re.findall(r"\bw\([\"'](\w+)[\"'][,)]", path.read_text("utf-8")))
    sources = (*REPORT.glob("*.py"), *REPORT.glob("sections/*.py"), *ANSWERS, VERDICTS)
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name in ("columns", "last"):
                    keys |= {f"column_{one}" for one in find_parts(node.value) if one}
                if name == "key":
                    keys |= set(find_literals(node.value))
            if isinstance(node, ast.Call):
                add_call(node, keys, starts)
    return keys, starts


def add_call(call, keys, starts):
    called = ast.unparse(call.func)
    if called in ("words", "words.write") and call.args:
        keys |= set(find_literals(call.args[0]))
        for node in ast.walk(call.args[0]):
            if isinstance(node, ast.JoinedStr):
                starts.add(node.values[0].value)
    if called == "words.columns":
        found = [one for node in call.args for one in find_literals(node)]
        keys |= {f"column_{one}" for one in found}
    if called == "make_table":
        keys |= {f"column_{one}" for one in find_parts(call.args[1]) if one}


def list_folded():
    """List the titles of parts that are folded, which stand in lists with tables."""
    found = set()
    for name in ("results", "shift"):
        text = (REPORT / "sections" / f"{name}.py").read_text("utf-8")
        found |= set(re.findall(r"\(\s*\"(\w+)\",\s*(?:tabulate|show)_", text))
    return found


def test_pages_ask_for_words_that_are_there_and_for_all_of_them():
    keys, starts = list_asked()
    assert starts == set(DYNAMIC)
    keys |= {start + end for start, ends in DYNAMIC.items() for end in ends}
    assert keys | list_folded() == set(read_words("page"))


def test_a_german_page_separates_numbers_by_semicolons():
    words = PageWords("de")
    row = {"value": 0.5, "ci_low": 0.25, "ci_high": 0.75}
    assert words("interval", **row) == "0,50 [0,25; 0,75]"
    for key, text in read_words("page", "de").items():
        assert not re.search(r"\[[^\]]*\}, ", text), key


def test_what_a_guard_says_is_said_again_in_german():
    values = {"n_own": 3, "n_people": 2, "n_recordings": 40, "n_labels": 30}
    told = " ".join((say("NG610", values), say("NG614", {})))
    assert translate(told, "en") == told
    assert translate(told, "de") == " ".join(
        (say("NG610", values, language="de"), say("NG614", {}, language="de"))
    )


def test_every_sentence_that_tables_hold_can_be_said_again():
    for code, sentence in list_sentences().items():
        if code.startswith(("NG5", "NG6")):
            values = {name: "7" for name, _ in list_fields(sentence)}
            assert translate(fill(sentence, values), "de") == (
                say(code, values, language="de")
            ), code


def test_a_remark_on_labels_is_said_again_with_its_number():
    ages, domain = [20.0, 21, 22, 23, 24, 60, 61, 62, 63, 64], [1] * 5 + [2] * 5
    found = suspect_label_shift(np.array(ages), np.array(domain))
    assert found.sentence.startswith("Labels differ")
    for start, begin in (("", "Die Zielwerte"), ("Age: ", "Das Alter")):
        said = translate(f"{start}{found.sentence}", "de")
        assert said.startswith(begin)
        assert re.search(r"um \d,\d\d Standardabweichungen", said)
    found = suspect_label_shift(np.repeat([0.0, 1.0], 20), np.repeat([1, 2], 20))
    assert translate(found.sentence, "de").startswith("Die Gruppen sind an den Stand")


def test_what_is_not_known_stays_as_it_is():
    assert translate("Somebody wrote this.", "de") == "Somebody wrote this."
    assert say_described("v1.2 9, v1.3 8", "de") == "v1.2 9, v1.3 8"
    assert say_described("unknown", "de") == "unbekannt"


def test_groups_are_joined_in_german_and_keep_their_names():
    values = {"groups": "black and white (3) and blue (4)", "best": "b", "caution": ""}
    assert "(black and white (3) und blue (4))" in say("NG101", values, language="de")


def test_reasons_of_cuts_have_german_names():
    assert set(SECOND_WORDS[1:]) <= set(read_words("factors", "de"))


def test_why_a_channel_is_bad_is_said_in_german():
    said = translate("like no other channel, correlation 0.25", "de")
    assert said == "keinem anderen Kanal ähnlich, Korrelation 0,25"
    assert translate("constant in 30% of seconds", "de") == (
        "in 30 % der Sekunden konstant"
    )
    assert translate("flat", "de") == "flach"


def test_a_name_that_somebody_gave_is_kept_though_it_is_a_word_of_ours():
    words = PageWords("de")
    assert words("is_group", group="site") == "gehört zu site"
    assert words("pair", source="age", target="none") == "age und none"
