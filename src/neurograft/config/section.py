"""Sections of a study file: known keys only, mistakes in one sentence."""

import difflib
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.fields import FieldInfo

# Names become names of folders and files.
Name = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*$")]


class Section(BaseModel):
    """One table of the study file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Settings that had another name, and another unit.
RENAMED = {"label_budgets": "labels_per_class", "budgets": "labels_per_class"}


def explain(error: ValidationError, model: type[BaseModel], path: str) -> str:
    """Write one sentence: the value, what was expected, and the nearest right name.

    Args:
        error: Error of pydantic; its first problem is explained.
        model: Settings that were read.
        path: File that was read, named in the sentence.
    """
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return _explain_unknown(first["loc"], model, path)
    if first["type"] == "missing":
        return f"{path}: setting {where!r} is missing; add it."
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        return f"{path}: {where + ': ' if where else ''}{message}."
    found = f"{first['input']!r}"
    return f"{path}: {where} = {found[:80]}: {message}."


def _explain_unknown(
    location: tuple[int | str, ...], model: type[BaseModel], path: str
) -> str:
    *sections, key = (str(part) for part in location)
    known = _keys_of(model, sections)
    near = [RENAMED[key]] if RENAMED.get(key) in known else []
    near = near or difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    where = f"[{'.'.join(sections)}]" if sections else "the study"
    meant = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known)}."
    return f"{path}: unknown setting {key!r} in {where}; {meant}"


def _keys_of(model: type[BaseModel], sections: list[str]) -> list[str]:
    for section in sections:
        field = model.model_fields.get(section)
        inner = find_section(field) if field else None
        model = inner or model
    return list(model.model_fields)


def find_section(field: FieldInfo) -> type[BaseModel] | None:
    """Return the section that a field of a section holds, None for a setting."""
    for candidate in (field.annotation, *get_args(field.annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def list_settings(
    model: type[BaseModel], prefix: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """Yield the name, the type with bounds, the default and the text of every setting.

    Sections that repeat under a name of the user's choice show as `cohorts.<name>`.
    """
    for name, field in model.model_fields.items():
        section = find_section(field)
        if section is None:
            kind = name_kind(field.annotation)
            bounds = ", ".join(_bound(part) for part in field.metadata)
            default = "required" if field.is_required() else _plain(field.default)
            text = field.description or ""
            yield prefix + name, f"{kind} {bounds}".strip(), default, text
        else:
            inner = f"{prefix}{name}.<name>." if repeats(field) else f"{prefix}{name}."
            yield from list_settings(section, inner)


def repeats(field: FieldInfo) -> bool:
    """Return whether a section repeats under names of the user's choice."""
    return len(get_args(field.annotation)) > 1


def name_kind(annotation: Any) -> str:
    """Name the type of a setting in words.

    Example:
        >>> name_kind(tuple[str, ...]), name_kind(Literal["a", "b"])
        ('list of str', "'a' or 'b'")
    """
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return name_kind(inner[0])
    if origin is Literal:
        return " or ".join(map(repr, inner))
    if origin is tuple:
        return f"list of {name_kind(inner[0])}"
    if origin is dict:
        return f"table of {name_kind(inner[1])}"
    if inner:
        return " or ".join(name_kind(part) for part in inner if part is not type(None))
    return str(getattr(annotation, "__name__", annotation))


def _bound(part: Any) -> str:
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
    for attribute, sign in signs.items():
        if hasattr(part, attribute):
            return f"{sign} {getattr(part, attribute):g}"
    return ""


def _plain(default: Any) -> str:
    if isinstance(default, tuple):
        return ", ".join(map(str, default))
    return str(default)
