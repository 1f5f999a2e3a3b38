"""Show how different the populations are: sentences, drawings and tables."""

from collections.abc import Iterator

import pandas as pd

from neurograft.files.sentences import say, say_described, translate
from neurograft.report.blocks import (
    Block,
    Folded,
    PageSection,
    PageWords,
    Paragraph,
    Statement,
    Statements,
    Table,
)
from neurograft.report.charts.cohort_differences import (
    draw_adapters,
    draw_cohort_differences,
    draw_cohort_spectra,
    draw_variance_shares,
)
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.documents.verdicts import read_verdicts
from neurograft.report.figures.words import read_figure_words
from neurograft.report.sections.drawn import draw
from neurograft.report.sections.tables import (
    make_table,
    say_factor,
    write_interval,
    write_p,
)

# Drawings by the table they show.
DRAWN = {
    "covariates": draw_cohort_differences,
    "spectra": draw_cohort_spectra,
    "factors": draw_variance_shares,
    "adapters": draw_adapters,
}
# What the label of a task is called in the table of probes.
LABEL = "label: "
ALL_COHORTS = "all cohorts"
MEASURES = ("MMD2", "Frechet distance, means", "Frechet distance, covariances")


def show_shift(study: StoredStudy, words: PageWords) -> PageSection:
    """Show how cohorts differ; of one alone, what goes with its embedding."""
    tables = {
        name: study.read(study.shift, name)
        for name in (*DRAWN, "verdicts", "shift", "probes", "transferability")
    }
    is_alone = len(tables["spectra"]) and tables["spectra"]["cohort"].nunique() < 2
    if is_alone:
        tables["spectra"] = pd.DataFrame()
    blocks = [*_state(tables["verdicts"], words)]
    said = read_figure_words(words.language)
    for name, draw_one in DRAWN.items():
        if len(tables[name]):
            svg = draw_one(tables[name], words=said)
            blocks += draw(f"shift-{name}", svg, words(f"shift_{name}_caption"))
    distances = tabulate_distances(tables["shift"], words)
    if distances:
        blocks.append(distances)
    blocks += _say_transferability(tables["transferability"], words)
    folded = (
        ("probes", tabulate_probes(tables["probes"], words)),
        ("covariates", tabulate_covariates(tables["covariates"], words)),
    )
    blocks += [Folded(words(key), (table,)) for key, table in folded if table]
    if is_alone and blocks:
        blocks.insert(0, Paragraph(words("shift_one_cohort")))
    title = words("shift_one" if is_alone else "shift")
    return PageSection("shift", title, tuple(blocks))


def _state(verdicts: pd.DataFrame, words: PageWords) -> Iterator[Block]:
    rows = [
        Statement(
            say(one.code, one.values, language=words.language),
            "caution" if one.answer == "shift" else "nothing",
            one.code,
        )
        for one in read_verdicts(verdicts)
    ]
    if "label_shift" in verdicts:
        warned = verdicts[verdicts["label_shift"].notna()]
        for row in warned.to_dict("records"):
            pair = words("pair", source=row["source"], target=row["target"])
            said = translate(str(row["label_shift"]), words.language)
            rows.append(Statement(said, "caution", about=pair))
    if rows:
        yield Statements(tuple(rows))


def tabulate_covariates(table: pd.DataFrame, words: PageWords) -> Table | None:
    """Tabulate people and recording conditions, source beside target."""
    if table.empty:
        return None
    rows = [
        (
            str(row["source"]),
            str(row["target"]),
            say_factor(str(row["factor"]), words),
            say_described(str(row["in_source"]), words.language),
            say_described(str(row["in_target"]), words.language),
            words.write("value", {"value": row["smd"]}),
            words.write("value", {"value": row["overlap"]}),
            words.write("value", {"value": row["size"]}),
            write_p(row["p_bh"], words),
        )
        for row in table[table["size"].notna()].to_dict("records")
    ]
    columns = (
        "source", "target", "factor", "in_source", "in_target", "smd", "overlap",
        "size", "p_bh",
    )  # fmt: skip
    return make_table("cohort-differences", columns, rows, words)


def tabulate_distances(table: pd.DataFrame, words: PageWords) -> Table | None:
    """Tabulate distances of embeddings and band power, a row per pair."""
    if table.empty:
        return None
    shown = table[table["representation"].isin(["embedding", "band power"])]
    rows = []
    for (source, target, name), own in shown.groupby(
        ["source", "target", "representation"], sort=False
    ):
        by = {row["measure"]: row for row in own.to_dict("records")}
        apart = by.get("domain accuracy")
        rows.append(
            (
                str(source),
                str(target),
                words(f"representation_{name}".replace(" ", "_")),
                write_interval(apart, words) if apart else "",
                *(words.write("value", by.get(measure, {})) for measure in MEASURES),
            )
        )
    columns = (
        "source", "target", "representation", "told_apart", "mmd2", "frechet_means",
        "frechet_covariances",
    )  # fmt: skip
    caption = words("distances_caption")
    return make_table("distances", columns, rows, words, caption=caption)


def tabulate_probes(table: pd.DataFrame, words: PageWords) -> Table | None:
    """Tabulate what representations tell of people, beside the label."""
    if table.empty:
        return None
    names = list(dict.fromkeys(table["representation"]))
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for row in table.to_dict("records"):
        said = words(
            "factor_measure",
            factor=_name_probed(str(row["factor"]), words),
            measure=say_factor(row["measure"], words),
        )
        is_all = row["where"] == ALL_COHORTS
        where = words("all_cohorts") if is_all else str(row["where"])
        own = cells.setdefault((where, said), {})
        own[row["representation"]] = write_interval(row, words)
    rows = [
        (*key, *(own.get(name, "") for name in names)) for key, own in cells.items()
    ]
    heads = tuple(say_factor(name, words) for name in names)
    columns = (*words.columns("where", "factor"), *heads)
    return Table("probes", columns, tuple(rows), words("probes_caption"))


def _name_probed(factor: str, words: PageWords) -> str:
    """Name what a probe reads: a factor, or the label of a task."""
    if factor.startswith(LABEL):
        return words("label_of", task=factor.removeprefix(LABEL))
    return say_factor(factor, words)


def _say_transferability(table: pd.DataFrame, words: PageWords) -> Iterator[Block]:
    """Say whether LogME predicted which features would transfer."""
    if table.empty:
        return
    ranks = table.drop_duplicates("task")["rank_correlation"].dropna()
    if len(ranks):
        told = {"value": float(ranks.mean()), "n": len(ranks)}
        yield Paragraph(words("transferability", **told), "small")
