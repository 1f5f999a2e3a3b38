"""Commands that print what a study file may contain: settings and methods."""

import difflib
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from typing import Annotated

from cyclopts import Parameter

from neurograft.cli.template import write_template
from neurograft.config.method_table import (
    ADAPTERS,
    CHOOSERS,
    DESCRIBED,
    KNOWN_MEAN,
    LEARNERS,
    REMEDIES,
    WEIGHTERS,
    Described,
)
from neurograft.config.section import list_settings
from neurograft.config.study import StudyConfig
from neurograft.errors import ConfigError

# Fits the longest name with its sign, `@auto-neighbourhood`.
NAME_WIDTH = 21
ROLES = {
    "blind": "Blind: they know nothing of the brain, and should fail",
    "baseline": "Baselines: they owe nothing to a pretrained encoder",
    "untrained": "Untrained twins: a pretrained method without its pretraining",
    "pretrained": "Pretrained: they use the pretrained encoder",
}
GRAMMAR = (
    "A method is written as features[@remedy][:learner]; a+b combines features.",
    "  encoder                     embeddings, and a linear model",
    "  encoder@recentre            the same, after every site is moved to one mean",
    "  band-power:forest           band power, and a random forest",
    "  encoder+riemann@recentre    two linear models, combined",
)


def print_settings(
    section: Annotated[str, Parameter(show_default=False)] = "",
    /,
    *,
    template: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """List the settings of a study file: type, bounds, default, meaning.

    For example: `neurograft settings evaluation`, or
    `neurograft settings --template > study.toml` for a file to fill in.

    Args:
        section: Print this section only, for example `pretraining`.
        template: Print a study file with every setting as a comment.
    """
    if section:
        _check_section(section)
    if template:
        for line in write_template(StudyConfig, section):
            print(line)
        return
    for name, kind, default, text in list_settings(StudyConfig):
        if section in ("", name.split(".")[0]):
            print(f"{name}  ({kind}; default: {default})")
            print(_fill(text, "    "))


def _check_section(section: str) -> None:
    known = list(StudyConfig.model_fields)
    if section not in known:
        near = difflib.get_close_matches(section, known, n=1, cutoff=0.5)
        meant = f"did you mean {near[0]!r}?" if near else f"take {', '.join(known)}."
        raise ConfigError(f"There is no section {section!r} in a study file; {meant}")


def print_methods() -> None:
    """List the methods that a study can compare, and how to write them.

    The names go into `methods` of the section `[evaluation]`.
    """
    for line in _list_methods():
        print(line)


def _list_methods() -> Iterator[str]:
    yield from GRAMMAR
    for role, heading in ROLES.items():
        methods = {n: _say_method(m) for n, m in DESCRIBED.items() if m.role == role}
        yield from _list_words(heading, methods)
    yield from _list_words("Remedies after an @: adapters", ADAPTERS, "@")
    yield from _list_words("Remedies after an @: weights", WEIGHTERS, "@")
    yield from _list_words("Remedies after an @: automatic choices", CHOOSERS, "@")
    known = {KNOWN_MEAN: REMEDIES[KNOWN_MEAN]}
    yield from _list_words("Remedies after an @: outside knowledge", known, "@")
    yield from _list_words("Learners after a colon", LEARNERS, ":")


def _list_words(
    heading: str, words: Mapping[str, str], sign: str = ""
) -> Iterator[str]:
    yield f"\n{heading}"
    for name, sentence in words.items():
        label = f"  {sign + name:<{NAME_WIDTH}}"
        yield _fill(label + sentence, " " * len(label), first="")


def _say_method(method: Described) -> str:
    kind = "" if method.kind == "features" else f" ({method.kind})"
    twin = f" Untrained twin: {method.twin}." if method.twin else ""
    needs = f" Needs {method.needs}." if method.needs else ""
    return f"{method.sentence}{kind}{twin}{needs}"


def _fill(text: str, indent: str, first: str | None = None) -> str:
    width = min(shutil.get_terminal_size().columns, 100)
    start = indent if first is None else first
    return textwrap.fill(
        text,
        width,
        initial_indent=start,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
