"""The report's section on shift: sentences, tables and figures of the shift stage."""

from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from neurograft.files.tables import read_table
from neurograft.report.shift_figures import (
    plot_adapters,
    plot_factors,
    plot_shares,
    plot_spectra,
)
from neurograft.report.style import render

TABLES = (
    "verdicts", "covariates", "shift", "factors", "probes", "adapters", "spectra",
    "transferability",
)  # fmt: skip
PLOTS = {
    "covariates": plot_factors,
    "adapters": plot_adapters,
    "factors": plot_shares,
    "spectra": plot_spectra,
}


def describe_shift_section(folder: Path, figures: dict[str, str]) -> dict[str, Any]:
    """Fill the section from the tables in a folder; figures are added to `figures`."""
    tables = {
        name: read_table(folder / f"{name}.tsv")
        for name in TABLES
        if (folder / f"{name}.tsv").is_file()
    }
    for name, plot in PLOTS.items():
        if name in tables:
            figures[f"shift-{name}"] = render(plot(tables[name]))
    nothing = pd.DataFrame()
    verdicts = tables.get("verdicts", nothing).to_dict("records")
    return {
        "verdicts": [
            {
                "sentence": row["sentence"],
                "css": "warning" if row["answer"] == "shift" else "nothing",
            }
            for row in verdicts
        ]
        + [
            {"sentence": row["label_shift"], "css": "warning"}
            for row in verdicts
            if pd.notna(row["label_shift"])
        ],
        "figures": {name: Markup(figures.get(f"shift-{name}", "")) for name in PLOTS},
        "covariates": tabulate_covariates(tables.get("covariates", nothing)),
        "distances": tabulate_distances(tables.get("shift", nothing)),
        "probes": tabulate_probes(tables.get("probes", nothing)),
        "transferability": say_transferability(tables.get("transferability", nothing)),
    }


def tabulate_covariates(table: pd.DataFrame) -> pd.DataFrame:
    """Tabulate people and recording conditions, source beside target."""
    if table.empty:
        return table
    known = table[table["size"].notna()]
    return pd.DataFrame(
        {
            "Source": known["source"],
            "Target": known["target"],
            "Factor": known["factor"].str.replace("_", " "),
            "In source": known["in_source"],
            "In target": known["in_target"],
            "Mean difference, SD": [_say(x) for x in known["smd"]],
            "Overlap": [_say(x) for x in known["overlap"]],
            "Size": [_say(x) for x in known["size"]],
            "p (BH)": [_say_p(p) for p in known["p_bh"]],
        }
    )


def tabulate_distances(table: pd.DataFrame) -> pd.DataFrame:
    """Tabulate distances of embeddings and band power, a row per pair."""
    if table.empty:
        return table
    shown = table[table["representation"].isin(["embedding", "band power"])]
    rows = []
    for (source, target, name), own in shown.groupby(
        ["source", "target", "representation"], sort=False
    ):
        values = own.set_index("measure")
        row = {"Source": source, "Target": target, "Representation": name}
        if "domain accuracy" in values.index:
            one = values.loc["domain accuracy"]
            row["Told apart"] = (
                f"{one['value']:.2f} [{one['ci_low']:.2f}, {one['ci_high']:.2f}]"
            )
        for measure in (
            "MMD2",
            "Frechet distance, means",
            "Frechet distance, covariances",
        ):
            row[measure] = _say(values["value"].get(measure))
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


def tabulate_probes(table: pd.DataFrame) -> pd.DataFrame:
    """Tabulate what representations tell of people, beside the label."""
    if table.empty:
        return table
    cells = table.assign(
        cell=[
            f"{row['value']:.2f}"
            + (
                f" [{row['ci_low']:.2f}, {row['ci_high']:.2f}]"
                if pd.notna(row["ci_low"])
                else ""
            )
            for row in table.to_dict("records")
        ],
        Factor=table["factor"] + " (" + table["measure"] + ")",
    )
    wide = cells.pivot_table(
        index=["where", "Factor"],
        columns="representation",
        values="cell",
        aggfunc="first",
        sort=False,
    ).reset_index()
    return wide.rename(columns={"where": "Where"}).fillna("")


def say_transferability(table: pd.DataFrame) -> str:
    """Write whether LogME predicted which features would transfer."""
    if table.empty:
        return ""
    ranks = table.drop_duplicates("task")["rank_correlation"].dropna()
    if ranks.empty:
        return ""
    return (
        f"Scores of the features on training folds (LogME) ranked them as the results "
        f"did with a mean rank correlation of {ranks.mean():.2f} over {len(ranks)} "
        f"{'task' if len(ranks) == 1 else 'tasks'} (1: as they were, 0: no better than "
        "guessing)."
    )


def _say(value: Any) -> str:
    return "" if value is None or pd.isna(value) else f"{value:.2f}"


def _say_p(p: float) -> str:
    return "< .001" if p < 0.001 else f"{p:.3f}".lstrip("0")
