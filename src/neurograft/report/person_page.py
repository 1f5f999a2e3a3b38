"""A page per person: quality over time, channels before and after, spectrum."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.files.sentences import translate
from neurograft.report.blocks import (
    Block,
    Heading,
    PageSection,
    PageWords,
    Paragraph,
)
from neurograft.report.documents.preparation_steps import DROPPED
from neurograft.report.documents.reasons import say_bads, say_reason
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.figures.quality_strip import draw_quality_strip
from neurograft.report.figures.spectra import draw_person_spectrum
from neurograft.report.figures.traces import draw_before_and_after
from neurograft.report.figures.words import read_figure_words
from neurograft.report.parts import read_part
from neurograft.report.rendering import render_sections, render_template
from neurograft.report.sections.drawn import draw
from neurograft.report.sections.tables import (
    make_table,
    say_factor,
    say_status,
    write_ages,
    write_sex,
)
from neurograft.store.inspection import Inspection, read_inspection

PERSON = ("cohort", "participant_id")
# Facts of a recording that its page tells, with columns of recordings.tsv.
FACTS = (
    "duration_s", "usable_s", "n_channels", "sfreq_hz", "reference", "line_freq_hz",
    "scale_uv", "bads", "repairs", "notes",
)  # fmt: skip


def build_person_page(
    study: StoredStudy, person: tuple[str, str], words: PageWords
) -> str:
    """Fill the page of a person.

    Args:
        study: A finished study.
        person: Cohort and label.
        words: Of the page.
    """
    cohort, label = person
    table = study.recordings
    own = table[(table["cohort"] == cohort) & (table["participant_id"] == label)]
    blocks: list[Block] = [Paragraph(_describe(own, words))]
    for row in own.to_dict("records"):
        blocks += _describe_recording(study, row, words)
    section = PageSection("recordings", words("recordings"), tuple(blocks))
    return str(
        render_template(
            "person.html",
            words,
            title=label,
            lead=words("person_lead", cohort=cohort),
            body=render_sections([section], words),
            style=read_part("style.css"),
        )
    )


def _describe(recordings: pd.DataFrame, words: PageWords) -> str:
    sex = recordings["sex"].dropna()
    told = {
        "n": len(recordings),
        "age": write_ages(recordings["age"].iloc[:1], words),
        "sex": write_sex(str(sex.iloc[0]), words) if len(sex) else words("unknown"),
    }
    return words("person", **told)


def _describe_recording(
    study: StoredStudy, row: Mapping[Any, Any], words: PageWords
) -> Iterator[Block]:
    """Yield what is known of a recording, and its drawings."""
    name = _name(row)
    yield Heading(name)
    yield Paragraph(say_status(row, words))
    bads = say_bads(_write(row.get("bads"), words), words.language)
    told = dict(row) | {"bads": bads}
    told |= {key: _say_cell(row.get(key), words) for key in ("repairs", "notes")}
    cells = [(words(f"fact_{key}"), _write(told.get(key), words)) for key in FACTS]
    facts = make_table(
        f"facts-{name}", ("fact", "value"), [one for one in cells if one[1]], words
    )
    if facts:
        yield facts
    if row["status"] == DROPPED:
        return
    try:
        inspection = read_inspection(study.cohorts[str(row["cohort"])], name)
    except DataError as error:
        yield Paragraph(words("not_drawn", reason=str(error)), "caution")
        return
    yield from _draw(study, row, name, inspection, words)


def _draw(
    study: StoredStudy,
    row: Mapping[Any, Any],
    name: str,
    inspection: Inspection,
    words: PageWords,
) -> Iterator[Block]:
    said = read_figure_words(words.language)
    strip = draw_quality_strip(inspection, words=said)
    yield from draw(f"quality-{name}", strip, words("strip_caption"))
    windows = study.windows
    cuts = windows[(windows["cohort"] == row["cohort"]) & (windows["name"] == name)]
    rows = [
        (
            words("one_decimal", value=float(cut["start_s"])),
            words("one_decimal", value=float(cut["duration_s"])),
            say_factor(str(cut["measure"]), words),
        )
        for cut in cuts[cuts["verdict"] != "kept"].to_dict("records")
    ]
    shown = make_table(f"cuts-{name}", ("start_s", "seconds", "reason"), rows, words)
    if shown:
        yield shown
    bads = tuple(translate(why, words.language) for why in inspection.bads)
    traces = draw_before_and_after(inspection._replace(bads=bads), words=said)
    yield from draw(f"traces-{name}", traces, words("traces_caption"))
    alpha = _find_alpha(study, row)
    spectrum = draw_person_spectrum(inspection, alpha_hz=alpha, words=said)
    yield from draw(f"spectrum-{name}", spectrum, words("person_spectrum_caption"))


def _find_alpha(study: StoredStudy, row: Mapping[Any, Any]) -> float:
    """Find the alpha peak of a person; NaN if none stands out."""
    peaks = study.read(study.summary, "peaks")
    if peaks.empty:
        return float("nan")
    is_own = (peaks[list(PERSON)] == [row[key] for key in PERSON]).all(axis=1)
    own = peaks.loc[is_own, "alpha_hz"]
    return float(own.iloc[0]) if len(own) else float("nan")


def _name(row: Mapping[Any, Any]) -> str:
    """Return the name of a recording in the folder of its cohort."""
    parts = ("cohort", "participant_id", "session", "task", "run", "acquisition")
    told = (
        "" if row[part] is None or row[part] != row[part] else str(row[part])
        for part in parts
    )
    return RecordingKey(*told).name


def _say_cell(cell: Any, words: PageWords) -> str:
    """Say reasons, repairs or notes in the language of the page."""
    return say_reason(cell, words.language) if isinstance(cell, str) else ""


def _write(cell: Any, words: PageWords) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, str):
        return cell
    return words("plain", value=cell) if isinstance(cell, float) else str(cell)
