"""A model card of one page: what was trained, on whom, for what, and its limits."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from neurograft.files.sentences import fill, read_words, say, translate
from neurograft.report.documents.preparation_steps import Said
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.documents.verdicts import list_verdicts

# Questions of verdicts that sum up a study.
SHOWN = ("evidence", "pretraining")


class CardSection(NamedTuple):
    """A section of the model card.

    Attributes:
        title: Heading.
        sentences: Whole sentences.
    """

    title: str
    sentences: tuple[str, ...]


def write_model_card(
    study: StoredStudy, language: str | None = None
) -> list[CardSection]:
    """Write the nine sections of a model card; what is open is called open.

    Source: Mitchell 2019, figure 1.

    Args:
        study: A finished study.
        language: Of the card; by default the one that the author chose.
    """
    language = language or study.author.language
    words, author = read_words("rows", language), study.author
    told: dict[str, tuple[list[Said], tuple[str, ...]]] = {
        "details": (list(_describe_details(study)), (author.owner, author.contact)),
        "use": (_describe_use(study), (author.intended_use, author.users)),
        "factors": (_describe_factors(study, language), ()),
        "metrics": (_describe_metrics(study, language), ()),
        "evaluation": (_describe_tested(study), (author.setting, author.dates)),
        "training": (_describe_training(study), ()),
        "analyses": (
            _describe_losses(study, language),
            _say_verdicts(study, language),
        ),
        "ethics": (_describe_licences(study), (author.ethics, author.consent)),
        "caveats": ([], (*_list_warnings(study, language), author.limitations)),
    }
    return [
        CardSection(words[f"card-{name}"], _write(said, own, words, language))
        for name, (said, own) in told.items()
    ]


def _write(
    said: list[Said], own: tuple[str, ...], words: dict[str, str], language: str
) -> tuple[str, ...]:
    sentences = [fill(words[code], values, language=language) for code, values in said]
    sentences += [text for text in own if text]
    return tuple(sentences) or (words["remark-open"],)


def _describe_details(study: StoredStudy) -> Iterator[Said]:
    card = study.card
    yield (
        "say-encoder",
        {
            "size": card.get("settings", {}).get("size", "n/a"),
            "objective": card.get("objective", "n/a"),
            "sha256": str(card.get("sha256", "n/a"))[:16],
        },
    )
    if study.software:
        yield "say-software", study.software


def _describe_use(study: StoredStudy) -> list[Said]:
    return [("say-not-for", {"what": what}) for what in study.card.get("not_for", ())]


def _describe_factors(study: StoredStudy, language: str) -> list[Said]:
    table = study.read(study.summary, "subgroups")
    if table.empty:
        return [("say-no-factors", {})]
    return [("say-factors", {"factors": _join_names(table["factor"], language)})]


def _describe_metrics(study: StoredStudy, language: str) -> list[Said]:
    results = study.results
    if results.empty:
        return []
    known = results[results["value"].notna()]
    return [("say-metrics", {"metrics": _join_names(known["metric"], language)})]


def _join_names(names: pd.Series, language: str) -> str:
    """Join distinct names of factors or metrics as people read them."""
    known = read_words("factors", language)
    return ", ".join(known.get(name, name) for name in names.unique())


def _describe_tested(study: StoredStudy) -> list[Said]:
    return [
        (
            "say-task",
            {
                "task": task["task"],
                "n": int(task["n_subjects"]),
                "cohort": task["cohort"],
            },
        )
        for task in study.tasks.to_dict("records")
    ]


def _describe_training(study: StoredStudy) -> list[Said]:
    card = study.card
    if not card.get("n_subjects"):
        return [("say-training-unknown", {})]
    names = ", ".join(card["cohorts"])
    told = {"n": card["n_subjects"], "cohorts": names, "hours": float(card["hours"])}
    return [("say-training", told)]


def _describe_losses(study: StoredStudy, language: str) -> list[Said]:
    """Say without which part of the EEG the encoder loses most, where it was asked."""
    losses = study.read(study.summary, "occlusion")
    if losses.empty:
        return []
    named, names = read_words("figures", language), read_words("factors", language)
    said: list[Said] = []
    for task, own in losses[losses["method"] == "encoder"].groupby("task", sort=False):
        found = own[own["family_low"] > 0].sort_values("loss", ascending=False)
        told: dict[str, Any] = {"task": task, "n": int(own["n"].max())}
        if found.empty:
            said.append(("say-no-loss", told))
            continue
        worst = found.iloc[0]
        part, metric = str(worst["part"]), str(worst["metric"])
        told |= {name: worst[name] for name in ("loss", "ci_low", "ci_high")}
        told |= {"part": named.get(part, part), "metric": names.get(metric, metric)}
        said.append((f"say-loss-{worst['kind']}", told))
    return said


def _describe_licences(study: StoredStudy) -> list[Said]:
    licences = study.card.get("licences", {})
    return [
        ("say-licence", {"cohort": cohort, "licence": licence})
        for cohort, licence in licences.items()
    ]


def _say_verdicts(study: StoredStudy, language: str) -> tuple[str, ...]:
    return tuple(
        f"{one.task}: {say(one.code, one.values, language=language)}"
        for one in list_verdicts(study)
        if one.question in SHOWN
    )


def _list_warnings(study: StoredStudy, language: str) -> list[str]:
    return [translate(str(one), language) for one in study.card.get("warnings", ())]
