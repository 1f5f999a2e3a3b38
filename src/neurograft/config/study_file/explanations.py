"""Mistakes in a study file in one sentence: what was found, and what to write instead.

Pydantic's own words (tuples, patterns, constrained integers) are for programmers.
"""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from neurograft.config.section import find_section

# Settings that had another name, and another unit.
RENAMED = {"label_budgets": "labels_per_class", "budgets": "labels_per_class"}
# Parts of a place that name a choice between types, not a setting.
TYPE_PART = re.compile(
    r"\[key\]|(constrained-|literal\[|function-|tuple\[|dict\[|list\[|is-instance).*"
    r"|int|float|str|bool|none|path"
)
# What to write, by the type of pydantic's error; {} are filled from its context.
WANTED = {
    "string_type": "write text in quotation marks",
    "string_too_long": "write at most {max_length} characters",
    "string_too_short": "write at least {min_length} characters",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_parsing_size": "write a smaller number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "finite_number": "write a finite number",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "path_type": "write a folder in quotation marks",
    "dict_type": "write a table such as {{ name = value }}",
    "model_type": "write a section, [name], with settings below it",
    "model_attributes_type": "write a section, [name], with settings below it",
    "literal_error": "write {expected}",
    "greater_than": "it must be greater than {gt:,}",
    "greater_than_equal": "it must be at least {ge:,}",
    "less_than": "it must be less than {lt:,}",
    "less_than_equal": "it must be at most {le:,}",
    "recursion_loop": "it is nested too deeply",
}
MAX_SHOWN = 60


def explain(error: ValidationError, model: type[BaseModel], path: str) -> str:
    """Write one sentence: the value, what was expected, and the nearest right name.

    Args:
        error: Error of pydantic; its first problem is explained.
        model: Settings that were read.
        path: File that was read, named in the sentence.
    """
    problems = error.errors(include_url=False)
    first = problems[0]
    place = _find_place(first["loc"])
    where = ".".join(place)
    if first["type"] == "extra_forbidden":
        return _explain_unknown(first["loc"], model, path)
    if first["type"] == "missing":
        return f"{path}: setting {where!r} is missing; add it."
    if first["type"] == "value_error":
        message = first["msg"].removeprefix("Value error, ")
        return f"{path}: {where + ': ' if where else ''}{message}."
    if "[key]" in first["loc"]:
        return _explain_name(first, where.rpartition(".")[0], path)
    wanted = [_say_wanted(one) for one in problems if _find_place(one["loc"]) == place]
    found = _show(first["input"])
    return f"{path}: {where} = {found}: {', or '.join(dict.fromkeys(wanted))}."


def _find_place(location: tuple[int | str, ...]) -> list[str]:
    """Return the names that lead to a setting; the first place of a list is 1."""
    parts = [
        str(part + 1) if isinstance(part, int) else part
        for part in location
        if isinstance(part, int) or not TYPE_PART.fullmatch(part)
    ]
    return parts or [str(location[-1])] if location else []


def _explain_name(problem: Mapping[str, Any], where: str, path: str) -> str:
    """Explain a name in a table that is none of those there are."""
    name = str(problem["input"])
    known = re.findall(r"'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}?" if near else f"{_say_wanted(problem)}."
    return f"{path}: unknown name {name[:MAX_SHOWN]!r} in {where}; {meant}"


def _show(value: Any) -> str:
    """Show what was found as a study file writes it, and not all of what is long."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):
        text = "something nested too deeply"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]} ..."


def _say_wanted(problem: Mapping[str, Any]) -> str:
    """Say what to write instead of what was found."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in ("tuple_type", "list_type", "set_type"):
        value = problem["input"]
        example = _show(value) if isinstance(value, str | int | float) else '"a", "b"'
        return f"write a list in brackets, [{example}]"
    if kind == "string_pattern_mismatch":
        return _say_characters(str(problem["input"]), str(context["pattern"]))
    if kind in WANTED:
        return WANTED[kind].format(**context)
    message = str(problem["msg"])
    return message[:1].lower() + message[1:].replace("Input should be", "it should be")


def _say_characters(text: str, pattern: str) -> str:
    """Say which characters of a name are one too many, or how it has to be written."""
    if ":" in pattern:
        return "write the module and the class with a colon between, 'module:Class'"
    blanks = ", blanks" if " " in pattern else ""
    allowed = f"letters, digits{blanks}, '.', '-' and '_'"
    others = dict.fromkeys(re.findall(rf"[^\w.{' ' if blanks else ''}-]", text))
    if others:
        return f"leave out {', '.join(map(repr, others))}, use {allowed} only"
    return f"use {allowed} only, and begin with a letter or a digit"


def _explain_unknown(
    location: tuple[int | str, ...], model: type[BaseModel], path: str
) -> str:
    *sections, key = (str(part) for part in location)
    known = _keys_of(model, sections)
    near = [RENAMED[key]] if RENAMED.get(key) in known else []
    near = near or difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    where = f"[{'.'.join(sections)}]" if sections else "the study"
    meant = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known)}."
    return f"{path}: unknown setting {key[:MAX_SHOWN]!r} in {where}; {meant}"


def _keys_of(model: type[BaseModel], sections: list[str]) -> list[str]:
    for section in sections:
        field = model.model_fields.get(section)
        inner = find_section(field) if field else None
        model = inner or model
    return list(model.model_fields)
