"""Read the style and the script that all pages share."""

from pathlib import Path

from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def read_part(name: str) -> Markup:
    """Read the style or the script of pages.

    Args:
        name: Of a file in `templates/`.
    """
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return Markup(text)
