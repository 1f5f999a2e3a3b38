"""Show whether pretraining helped, with few labels first, and whom it learned from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from neurograft.files.sentences import translate
from neurograft.report.blocks import (
    Block,
    Heading,
    PageSection,
    PageWords,
    Paragraph,
    State,
    Statement,
    Statements,
)
from neurograft.report.charts.forest import draw_gains
from neurograft.report.charts.learning import draw_learning
from neurograft.report.charts.reconstruction import draw_reconstruction
from neurograft.report.documents.analysis_steps import list_seen
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.documents.verdicts import StoredVerdict, list_verdicts
from neurograft.report.figures.words import read_figure_words
from neurograft.report.sections.answers import say_verdict
from neurograft.report.sections.drawn import draw
from neurograft.report.sections.result_figures import draw_few_labels
from neurograft.report.sections.task_tables import TaskTables

STATES: Mapping[str, State] = {
    "helped": "found",
    "harmed": "caution",
    "no difference": "nothing",
    "no evidence": "nothing",
    "undecided": "undecided",
    "refused": "undecided",
}


def show_gain(study: StoredStudy, words: PageWords) -> PageSection:
    """Compare the pretrained encoder with the same encoder untrained."""
    verdicts = list_verdicts(study)
    blocks: list[Block] = [Paragraph(words("gain_lead"))]
    rows = {_name(task): task for task in study.tasks.to_dict("records")}
    few = [one for one in verdicts if one.question == "few labels"]
    for task in dict.fromkeys(one.task for one in few):
        own = [one for one in few if one.task == task]
        blocks.append(Heading(words("few_labels_of", task=task)))
        blocks.append(_state(own, words))
        for name, svg, caption in draw_few_labels(TaskTables(study, rows[task]), words):
            blocks += draw(name, svg, caption)
    full = [one for one in verdicts if one.question == "pretraining"]
    if full:
        blocks.append(Heading(words("all_labels")))
        blocks.append(_state(full, words))
        refused = [one.task for one in full if one.answer == "refused"]
        blocks += _draw_gains(study, refused, words)
    if not few and not full:
        blocks.append(Paragraph(words("gain_not_asked")))
    blocks.append(Heading(words("trained")))
    blocks += _describe_training(study, words)
    return PageSection("pretraining", words("pretraining"), tuple(blocks))


def _state(verdicts: list[StoredVerdict], words: PageWords) -> Statements:
    return Statements(
        tuple(
            Statement(
                say_verdict(one, words),
                STATES.get(one.answer, "nothing"),
                one.code,
                one.task,
            )
            for one in verdicts
        )
    )


def _draw_gains(
    study: StoredStudy, refused: Sequence[str], words: PageWords
) -> Iterator[Block]:
    """Draw gains with all labels; tasks of different units have different axes.

    Args:
        study: Whose gains.
        refused: Tasks that allow no claim; a figure of gains would make one.
        words: Of the page.
    """
    comparisons = study.read(study.summary, "comparisons")
    is_gain = comparisons["question"] == "pretraining"
    gains = comparisons[is_gain & ~comparisons["task"].isin(refused)]
    caption = words("gains_caption")
    if refused:
        caption += " " + words("gains_refused", tasks=", ".join(refused))
    tasks = [TaskTables(study, task) for task in study.tasks.to_dict("records")]
    results = {one.name: one.read("results") for one in tasks}
    sizes = {
        name: int(own["n_subjects"].max()) for name, own in results.items() if len(own)
    }
    units = {tables.name: tables.unit for tables in tasks}
    for unit, own in gains.groupby(gains["task"].map(units), sort=False):
        svg = draw_gains(
            own,
            unit=words(f"unit_{unit}") if unit else "",
            n_subjects=sizes,
            words=read_figure_words(words.language),
        )
        name = f"gains-{unit}" if unit else "gains"
        yield from draw(name, svg, caption)


def _describe_training(study: StoredStudy, words: PageWords) -> Iterator[Block]:
    """Yield on whom the encoder was trained, who was seen, and how learning went."""
    card = study.card
    known = {key: card[key] for key in ("objective", "steps") if key in card}
    if card.get("n_subjects"):
        cohorts = ", ".join(card["cohorts"])
        size = card.get("settings", {}).get("size", "n/a")
        told = dict(card) | {"cohorts": cohorts, "size": size}
        yield Paragraph(words("trained_on", **told))
    else:
        yield Paragraph(words("trained_unknown", objective=known.get("objective", "")))
    seen = list_seen(study)
    for sentence, names in seen.items():
        start = f"{', '.join(names)}: " if len(seen) > 1 else ""
        yield Paragraph(start + translate(sentence, words.language))
    for warning in card.get("warnings", ()):
        yield Paragraph(translate(str(warning), words.language), "caution")
    said = read_figure_words(words.language)
    history = study.learning
    if len(history):
        svg = draw_learning(history, words=said)
        yield from draw("learning", svg, words("learning_caption"))
    example = study.example
    if example:
        target = str(card.get("settings", {}).get("target", ""))
        svg = draw_reconstruction(example, target=target, words=said)
        yield from draw("reconstruction", svg, words("reconstruction_caption"))


def _name(task: Mapping[Any, Any]) -> str:
    return str(task["task"])
