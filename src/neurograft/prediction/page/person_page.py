"""Write the page of one person: self-contained, for paper, in need of no script."""

import math
import re
from pathlib import Path

from markupsafe import Markup

from neurograft.files.writing import write_text
from neurograft.prediction.page.sections import (
    show_answer,
    show_predictor,
    show_signals,
)
from neurograft.prediction.person.prediction import Prediction
from neurograft.report.blocks import PageWords
from neurograft.report.documents.terms import find_terms, link_terms
from neurograft.report.page import list_codes
from neurograft.report.parts import read_part
from neurograft.report.rendering import render_sections, render_template
from neurograft.report.sections.done import explain_words
from neurograft.report.sections.tables import write_sex

# A number of people, and a share: no line ends inside them.
WHOLE = re.compile(r"\bn = (?=\d)|(?<=\d) (?=%)")


def build_patient_page(prediction: Prediction, *, language: str = "en") -> str:
    """Fill the page of a person.

    Args:
        prediction: The answer.
        language: `en` or `de`.
    """
    words = PageWords(language)
    front = [show_answer(prediction, words)]
    back = [show_signals(prediction, words), show_predictor(prediction, words)]
    first, second = (
        link_terms(glue_numbers(str(render_sections(sections, words))), language)
        for sections in (front, back)
    )
    terms = [
        (one.anchor, one.name, (one.text,))
        for one in find_terms(first + second, language)
    ]
    last = explain_words(terms, list_codes([*front, *back]), words)
    return str(
        render_template(
            "patient.html",
            words,
            title=prediction.participant_id,
            lead=words("patient_lead"),
            person=_describe_person(prediction, words),
            front=Markup(first),
            back=Markup(second + str(render_sections([last], words))),
            style=read_part("style.css"),
        )
    )


def save_patient_page(
    prediction: Prediction, path: Path, *, language: str = "en"
) -> Path:
    """Write the page of a person, whole or not at all.

    Args:
        prediction: The answer.
        path: Of the file.
        language: `en` or `de`.
    """
    write_text(path, build_patient_page(prediction, language=language))
    return path


def glue_numbers(html_text: str) -> str:
    r"""Keep a number of people, such as n = 20, and a share on one line.

    Example:
        >>> glue_numbers("(n = 20), 5 %")
        '(n\xa0=\xa020), 5\xa0%'
    """
    return WHOLE.sub(lambda found: found[0].replace(" ", "\u00a0"), html_text)


def _describe_person(prediction: Prediction, words: PageWords) -> str:
    age = prediction.age
    told = words("unknown") if math.isnan(age) else words("patient_age", age=age)
    sex = write_sex(prediction.sex, words) if prediction.sex else words("unknown")
    return words(
        "patient_person",
        age=told,
        sex=sex,
        task=prediction.card.task,
        signal=_describe_signal(prediction, words),
    )


def _describe_signal(prediction: Prediction, words: PageWords) -> str:
    """Say how much was recorded and is usable, and how much the answer is made from."""
    quality, n = prediction.quality, prediction.quality.n_recordings
    count = words("patient_one_recording" if n == 1 else "patient_n_recordings", n=n)
    is_unknown = math.isnan(quality.recorded_s)
    key = "patient_unknown_length" if is_unknown else "patient_recorded"
    recorded = words(key, recorded=quality.recorded_s, recordings=count)
    key = "patient_not_used" if prediction.is_refused else "patient_used"
    if not quality.usable_s:
        key = "patient_nothing_usable"
    used = words(key, usable=quality.usable_s, used=quality.used_s)
    return f"{recorded} {used}"
