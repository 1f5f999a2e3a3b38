"""Sections of a study file: known keys only, numbers that are finite."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.fields import FieldInfo


def _sort(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(numbers)))


# Numbers of labelled people, each once, the smallest first.
Budgets = Annotated[tuple[Annotated[int, Field(ge=1)], ...], AfterValidator(_sort)]
# Names become names of folders and files.
Name = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*$", max_length=100)]


class Section(BaseModel):
    """One table of the study file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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
            return f"{sign} {getattr(part, attribute):,}"
    return ""


def _plain(default: Any) -> str:
    if isinstance(default, tuple):
        return ", ".join(map(str, default))
    return str(default)
