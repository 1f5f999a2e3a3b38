"""Blocks of a page that tell what was done to a recording, and draw it."""

from collections.abc import Iterator, Mapping
from typing import Any

from neurograft.files.sentences import translate
from neurograft.prediction.person.prediction import Prediction
from neurograft.report.blocks import Block, Folded, PageWords, Paragraph
from neurograft.report.documents.reasons import quote_reason, say_bads
from neurograft.report.figures.quality_strip import draw_quality_strip
from neurograft.report.figures.spectra import draw_person_spectrum
from neurograft.report.figures.traces import draw_before_and_after
from neurograft.report.figures.words import read_figure_words
from neurograft.report.sections.drawn import draw
from neurograft.report.sections.tables import make_table, say_status
from neurograft.store.inspection import Inspection

# Facts of a recording that the page tells, with the columns of its row.
FACTS = ("duration_s", "usable_s", "n_channels", "sfreq_hz", "reference")
# Beginning of the note of recordings whose bad channels cannot be interpolated.
BIPOLAR = "bipolar montage"


def describe_recording(
    row: Mapping[str, Any], prediction: Prediction, words: PageWords
) -> Iterator[Block]:
    """Say what was done to a recording in words, then its facts, and draw it.

    Args:
        row: Of the recording.
        prediction: Of the person.
        words: Of the page.
    """
    name = str(row["name"])
    yield Paragraph(say_status(row, words))
    for said in _say_repairs(row, prediction.card.taken.harmonise.sfreq, words):
        yield Paragraph(said)
    cells = [
        (words(f"fact_{key}"), _write(row.get(key), words))
        for key in FACTS
        if row.get(key)
    ]
    facts = make_table(f"facts-{name}", ("fact", "value"), cells, words)
    if facts:
        yield Folded(words("patient_facts"), (facts,))
    if name in prediction.inspections:
        yield from _draw(name, prediction.inspections[name], words)


def draw_spectrum(
    name: str, inspection: Inspection, words: PageWords
) -> Iterator[Block]:
    """Draw the spectrum of a recording."""
    said = read_figure_words(words.language)
    spectrum = draw_person_spectrum(inspection, alpha_hz=float("nan"), words=said)
    caption = words("person_spectrum_caption")
    yield from draw(f"spectrum-{name}", spectrum, caption)


def _say_repairs(
    row: Mapping[str, Any], sfreq: float, words: PageWords
) -> Iterator[str]:
    """Say which electrodes were bad, what was clipped, repaired and noted."""
    language, bads = words.language, str(row.get("bads") or "")
    notes = str(row.get("notes") or "")
    if bads:
        told = {"n": row["n_channels"], "n_bad": bads.count("(")}
        told["bads"] = say_bads(bads, language)
        is_left = BIPOLAR in notes
        yield words("patient_bads_left" if is_left else "patient_bads", **told)
    clipped = sum(one[1] for one in row.get("seconds") or () if one[2] == "repaired")
    if clipped:
        yield words("patient_clipped", seconds=clipped / sfreq)
    if row.get("repairs"):
        repairs = quote_reason(str(row["repairs"]), language)
        yield words("patient_repairs", repairs=repairs)
    if notes:
        yield words("patient_notes", notes=quote_reason(notes, language))


def _write(cell: Any, words: PageWords) -> str:
    return words("plain", value=cell) if isinstance(cell, float) else str(cell)


def _draw(name: str, inspection: Inspection, words: PageWords) -> Iterator[Block]:
    said = read_figure_words(words.language)
    strip = draw_quality_strip(inspection, words=said)
    yield from draw(f"quality-{name}", strip, words("strip_caption"))
    bads = tuple(translate(why, words.language) for why in inspection.bads)
    traces = draw_before_and_after(inspection._replace(bads=bads), words=said)
    yield from draw(f"traces-{name}", traces, words("traces_caption"))
