"""The sections of the page of one person, as blocks."""

from collections.abc import Iterator

from neurograft.prediction.norms.comparing import Comparison
from neurograft.prediction.page.answer_chart import draw_answer, has_box
from neurograft.prediction.page.comparison_blocks import (
    draw_comparison,
    say_comparison,
)
from neurograft.prediction.page.contribution_chart import draw_contributions
from neurograft.prediction.page.recording_blocks import (
    describe_recording,
    draw_spectrum,
)
from neurograft.prediction.person.prediction import Prediction
from neurograft.prediction.person.sentences import say_answer
from neurograft.prediction.person.told import Told
from neurograft.report.blocks import (
    Block,
    Heading,
    PageSection,
    PageWords,
    Paragraph,
    Statement,
    Statements,
)
from neurograft.report.figures.words import read_figure_words
from neurograft.report.sections.drawn import draw
from neurograft.report.sections.tables import make_table, write_sex

# Rows of the table that describes the predictor.
ROWS = (
    "task", "method", "quality", "evidence", "learned", "ages", "sexes", "devices",
    "conditions", "use", "owner", "contact", "inferred", "made",
)  # fmt: skip


def show_answer(prediction: Prediction, words: PageWords) -> PageSection:
    """Show the warnings first, then the answer, then what is drawn of both.

    Sentences stand before all figures, which then fill two columns of one page.
    """
    language = words.language
    cautions = tuple(
        Statement(one.say(language), "caution", one.code) for one in prediction.warnings
    )
    blocks: list[Block] = []
    if cautions:
        blocks += [Heading(words("patient_cautions")), Statements(cautions)]
    blocks += [Heading(words("patient_answer")), _state_answer(prediction, language)]
    blocks += _explain_probability(prediction, words)
    blocks += say_comparison(prediction, words)
    blocks += _draw_answer(prediction, words)
    blocks += draw_comparison(prediction, words)
    blocks += _draw_only_spectrum(prediction, words)
    return PageSection("answer", words("patient_answer_title"), tuple(blocks))


def _state_answer(prediction: Prediction, language: str) -> Statements:
    """State the answer; or that there is none, and every reason with its own code."""
    if not prediction.is_refused:
        told = say_answer(prediction)
        return Statements((Statement(told.say(language), "told", told.code),))
    alone = Told("NG730", {"reasons": ""})
    rows = [Statement(alone.say(language).strip(), "refused", alone.code)]
    rows += [
        Statement(one.say(language), "refused", one.code) for one in prediction.refusals
    ]
    return Statements(tuple(rows))


def _draw_only_spectrum(prediction: Prediction, words: PageWords) -> Iterator[Block]:
    """Draw the spectrum of the only recording, unless it was drawn among others."""
    is_drawn = isinstance(prediction.comparison, Comparison)
    if len(prediction.inspections) == 1 and not is_drawn:
        (found,) = prediction.inspections.items()
        yield from draw_spectrum(*found, words)


def _draw_answer(prediction: Prediction, words: PageWords) -> Iterator[Block]:
    """Draw the answer among those to others, and what it comes from."""
    figure_words = read_figure_words(words.language)
    yield from draw(
        "answer",
        draw_answer(prediction, words=figure_words),
        _caption(prediction, words),
    )
    unit = _name_unit(prediction, words)
    chart = draw_contributions(prediction.contributions, unit=unit, words=figure_words)
    caption = " ".join(
        [words("patient_moved_caption"), *_explain_odds(prediction, words)]
    )
    yield from draw("moved", chart, caption)
    hidden = draw_contributions(
        prediction.occlusion, unit=unit, kind="hidden", words=figure_words
    )
    yield from draw("hidden", hidden, words("patient_hidden_caption"))


def _explain_probability(prediction: Prediction, words: PageWords) -> Iterator[Block]:
    """Say at which share of patients a probability holds, or what a gap is."""
    if prediction.gap is not None:
        yield Paragraph(words("patient_gap", gap=prediction.gap, age=prediction.age))
    if prediction.is_refused or not prediction.probabilities:
        return
    last = prediction.card.classes[-1]
    groups = prediction.card.people.groups
    share = groups[last] / sum(groups.values())
    if prediction.prevalence is None:
        yield Paragraph(words("patient_share", group=last, share=share))
    else:
        told = {"group": last, "share": share, "prevalence": prediction.prevalence}
        yield Paragraph(words("patient_prevalence", **told))


def _caption(prediction: Prediction, words: PageWords) -> str:
    if prediction.interval is not None:
        return words("patient_number_caption")
    said = words("patient_groups_caption", group=prediction.card.classes[-1])
    if all(map(has_box, prediction.card.answers.values())):
        return said
    return f"{said} {words('patient_median_caption')}"


def _explain_odds(prediction: Prediction, words: PageWords) -> list[str]:
    """Explain the unit of what moved an answer, if it is log odds."""
    if prediction.interval is not None:
        return []
    return [words("patient_odds_caption", group=_name_moved(prediction))]


def _name_moved(prediction: Prediction) -> str:
    """Name the groups whose log odds are shown."""
    likely = tuple(prediction.probabilities.values())
    _, groups = prediction.card.find_moved(likely)
    return ", ".join(groups)


def _name_unit(prediction: Prediction, words: PageWords) -> str:
    if prediction.interval is None:
        return words("patient_log_odds", group=_name_moved(prediction))
    is_age = prediction.card.target == "age"
    return words("unit_years") if is_age else words("unit_points")


def show_signals(prediction: Prediction, words: PageWords) -> PageSection:
    """Show every recording: what was cut, channels before and after, spectrum."""
    blocks: list[Block] = []
    for row in prediction.recordings:
        name = str(row["name"])
        if len(prediction.recordings) > 1:
            blocks.append(Heading(name))
        blocks += describe_recording(row, prediction, words)
        if name in prediction.inspections and len(prediction.inspections) > 1:
            blocks += draw_spectrum(name, prediction.inspections[name], words)
    return PageSection("recordings", words("recordings"), tuple(blocks))


def show_predictor(prediction: Prediction, words: PageWords) -> PageSection:
    """Show what the predictor is: from whom it learned, how good, what for."""
    card = prediction.card
    method, people = card.method, card.people
    groups = ", ".join(f"{name} {n}" for name, n in people.groups.items())
    ages = (
        words("unknown")
        if people.youngest is None or people.oldest is None
        else words("patient_ages", low=people.youngest, high=people.oldest)
    )
    sexes = ", ".join(f"{write_sex(k, words)} {n}" for k, n in people.sexes.items())
    devices = "; ".join(words("patient_device", n=n, hz=hz) for n, hz in people.devices)
    blank = words("patient_blank")
    why = words(f"patient_why_{method.why}")
    texts = (
        f"{card.task} ({card.study})",
        f"{method.name}; {why}",
        words("patient_quality", **method.model_dump(exclude={"values", "cautions"})),
        method.say_evidence(words.language),
        f"{people.n}{': ' if groups else ''}{groups}",
        ages,
        sexes or words("unknown"),
        devices,
        ", ".join(card.taken.conditions) or words("unknown"),
        card.intended_use or blank,
        card.owner or blank,
        card.contact or blank,
        words("patient_inferred"),
        words("patient_made", date=card.made_on, **card.software),
    )
    cells = [
        (words(f"patient_row_{key}"), text)
        for key, text in zip(ROWS, texts, strict=True)
    ]
    table = make_table("predictor", ("fact", "value"), cells, words)
    return PageSection(
        "predictor", words("patient_predictor"), (table,) if table else ()
    )
