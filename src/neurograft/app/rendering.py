"""Fill the templates of the local page."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from neurograft.app.patient.questions import PatientQuestion
from neurograft.app.sessions import Session
from neurograft.errors import DataError
from neurograft.report.parts import read_part

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
# Status by which htmx shows the last answer, and asks no more.
NO_MORE = 286


@cache
def _open_templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["minutes"] = say_minutes
    return environment


def fill_page(
    request: Request, name: str, status: int = 200, **content: Any
) -> Response:
    """Return a page, or a part of one.

    Args:
        request: Whose visit it is part of.
        name: Of a template.
        status: Of the answer.
        **content: What it shows.
    """
    session: Session | None = request.state.session
    token = session.form_token if session else ""
    template = _open_templates().get_template(name)
    return HTMLResponse(template.render(token=token, **content), status)


def refuse(request: Request, sentence: str, status: int) -> Response:
    """Return a sentence that says what is wrong: a page, or the part that asked."""
    is_part = request.headers.get("hx-request") == "true"
    name = "_problem.html" if is_part else "problem.html"
    if is_part and request.method == "GET":
        status = NO_MORE
    return fill_page(request, name, status, sentence=sentence)


def go_to(request: Request, place: str) -> Response:
    """Send the browser to a page, whether a form or a script asked."""
    if request.headers.get("hx-request") == "true":
        return Response(status_code=204, headers={"hx-redirect": place})
    return RedirectResponse(place, 303)


def get_session(request: Request) -> Session:
    """Return the visit of a request."""
    session = request.state.session
    assert isinstance(session, Session)
    return session


def find_question(request: Request) -> PatientQuestion:
    """Find the question of an address, in the visit that asked it.

    Raises:
        DataError: If there is none.
    """
    question = get_session(request).questions.get(request.path_params["key"])
    if question is None:
        raise DataError("There is no such answer; it was deleted, or never asked for.")
    return question


def read_static(name: str) -> tuple[bytes, str] | None:
    """Read a style or script by its name; None if there is none."""
    if name == "style.css":
        own = (STATIC / "app.css").read_text(encoding="utf-8")
        return f"{read_part('style.css')}\n{own}".encode(), "text/css"
    if name in ("app.js", "htmx.min.js"):
        return (STATIC / name).read_bytes(), "text/javascript"
    return None


def say_minutes(seconds: float) -> str:
    """Say a duration.

    Example:
        >>> say_minutes(40), say_minutes(150), say_minutes(9000)
        ('less than a minute', '3 minutes', '2.5 hours')
    """
    if seconds < 60:
        return "less than a minute"
    if seconds < 5400:
        n = max(round(seconds / 60 + 1e-9), 1)
        return f"{n} minutes" if n > 1 else "1 minute"
    return f"{seconds / 3600:.1f} hours"
