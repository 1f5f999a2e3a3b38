"""A study file with every setting as a comment, for people to fill in."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from neurograft.config.section import find_section, name_kind, repeats

# With its sign, a line has at most 88 characters, as code has.
TEXT_WIDTH = 86
# Names of the sections that repeat, as in the examples.
PLACEHOLDERS = {"cohorts": "clinic", "tasks": "disease", "designs": "pain"}
INTRODUCTION = (
    "A study file of neurograft. Remove the # before a setting to change it.",
    "A study needs a name, its cohorts, and at least one task or design.",
)


def write_template(model: type[BaseModel], section: str = "") -> Iterator[str]:
    """Yield the lines of a study file whose settings are all comments.

    Texts begin with `# `, settings with `#`, so that a setting without its # counts.

    Args:
        model: Settings of a study.
        section: Write this section only; empty writes all.
    """
    if not section:
        yield from (f"# {line}" for line in INTRODUCTION)
    for name, field in model.model_fields.items():
        if section not in ("", name):
            continue
        inner = find_section(field)
        if inner is None:
            yield from _write_setting(name, field)
            continue
        yield ""
        if repeats(field):
            yield f"#[{name}.{PLACEHOLDERS[name]}]"
        else:
            yield f"[{name}]"
        for key, setting in inner.model_fields.items():
            yield from _write_setting(key, setting)


def _write_setting(name: str, field: FieldInfo) -> Iterator[str]:
    needed = "Needed. " if field.is_required() else ""
    kind = name_kind(field.annotation)
    choices = f" One of {kind}." if kind.startswith("'") else ""
    yield from (
        f"# {line}"
        for line in textwrap.wrap(
            f"{needed}{field.description or ''}{choices}",
            TEXT_WIDTH,
            break_on_hyphens=False,
        )
    )
    has_default = not field.is_required() and field.default is not None
    value = field.default if has_default else (field.examples or [""])[0]
    yield f"#{name} = {write_value(value)}"


def write_value(value: Any) -> str:
    """Write a value as TOML.

    Example:
        >>> write_value(({"latent": 1.0},)), write_value(True), write_value("rest")
        ('[{ latent = 1.0 }]', 'true', '"rest"')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str | Path):
        return f'"{value}"'
    if isinstance(value, Mapping):
        pairs = [f"{key} = {write_value(part)}" for key, part in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, Sequence):
        return f"[{', '.join(write_value(part) for part in value)}]"
    raise TypeError(f"{type(value).__name__} has no form in a study file")
