"""Show the EEG before any classifier: spectra, topographies, alpha and 1/f."""

from collections.abc import Iterator

from neurograft.report.blocks import (
    Block,
    Heading,
    PageSection,
    PageWords,
    Paragraph,
    Table,
)
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.figures.spectra import EVERYBODY, draw_group_spectra
from neurograft.report.figures.topographies import draw_topographies, list_group_pairs
from neurograft.report.figures.words import read_figure_words
from neurograft.report.sections.drawn import draw
from neurograft.report.sections.tables import make_table, write_interval

# Pairs of groups whose heads are drawn. Chosen here: three groups have as many.
MAX_PAIRS = 3


def show_eeg(study: StoredStudy, words: PageWords) -> PageSection:
    """Show spectra and topographies of the groups of every task."""
    blocks: list[Block] = []
    seen: dict[str, str] = {}
    spectra = study.read(study.summary, "spectra")
    names = list(spectra["task"].unique()) if len(spectra) else []
    for name in names:
        own = list(_describe_task(study, str(name), words))
        # Tasks of the same people and groups show the same.
        same = seen.setdefault(_fingerprint(study, str(name)), str(name))
        blocks.append(Heading(str(name)))
        blocks += [Paragraph(words("as_in", task=same))] if same != name else own
    lead = [Paragraph(words("eeg_lead"))] if blocks else []
    return PageSection("eeg", words("eeg"), (*lead, *blocks))


def _fingerprint(study: StoredStudy, task: str) -> str:
    """Return what the drawings of a task hold."""
    spectra = study.read(study.summary, "spectra")
    own = spectra[spectra["task"] == task].drop(columns="task")
    return str(own.to_csv(index=False))


def _describe_task(study: StoredStudy, task: str, words: PageWords) -> Iterator[Block]:
    spectra = study.read(study.summary, "spectra")
    heads = study.read(study.summary, "topographies")
    said = read_figure_words(words.language)
    yield from draw(
        f"spectra-{task}",
        draw_group_spectra(spectra, task, words=said),
        words("spectra_caption"),
    )
    if len(heads) and task in set(heads["task"]):
        for number, pair in enumerate(list_group_pairs(heads, task)[:MAX_PAIRS]):
            yield from draw(
                f"topographies-{task}-{number + 1}",
                draw_topographies(heads, task, pair, words=said),
                words("topographies_caption"),
            )
    shown = show_peaks(study, task, words)
    if shown:
        yield shown


def show_peaks(study: StoredStudy, task: str, words: PageWords) -> Table | None:
    """Tabulate alpha peak and aperiodic exponent of the groups of a task."""
    table = study.read(study.summary, "peak_groups")
    if table.empty:
        return None
    own = table[table["task"] == task]
    rows = [
        (
            words(f"peak_{row['measure']}"),
            words("everybody") if row["group"] == EVERYBODY else str(row["group"]),
            str(row["n"]),
            write_interval(row, words),
        )
        for row in own.to_dict("records")
    ]
    columns = ("measure", "group", "people", "mean_interval")
    return make_table(
        f"peaks-{task}", columns, rows, words, caption=words("peaks_caption")
    )
