"""The routes of the local page."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from neurograft.app.guards import Guard, name_cookie, set_cookie
from neurograft.app.models import LoadedModels
from neurograft.app.patient_pages import NoFormTokenError, PatientPages, check_form
from neurograft.app.rendering import get_session, read_static, refuse, render
from neurograft.app.runs import Runs
from neurograft.app.sessions import Sessions
from neurograft.app.study_pages import StudyPages
from neurograft.errors import ConfigError, DataError

SECONDS_BETWEEN_SWEEPS = 60.0


@dataclass(frozen=True)
class AppSettings:
    """Settings of a server.

    Attributes:
        root: Folder that the user named.
        port: Where it listens.
        limit: Bytes that are taken at once.
        tell_link: Called with the link that lets the next browser in.
    """

    root: Path
    port: int
    limit: int
    tell_link: Callable[[str], None]

    def make_link(self, token: str) -> str:
        """Return the link that lets a browser in once."""
        return f"http://127.0.0.1:{self.port}/enter?token={token}"


def make_app(settings: AppSettings, folder: Path) -> tuple[ASGIApp, Sessions]:
    """Make the application, and the visits that it opens.

    Args:
        settings: Of the server.
        folder: For its files: those of visits, and what runs say.
    """
    sessions = Sessions(folder / "visits")
    models = LoadedModels()
    patients = PatientPages(settings.root, models, settings.limit, set())
    studies = StudyPages(settings.root, Runs(folder / "runs"))

    @asynccontextmanager
    async def live(_: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(_sweep(sessions))
        yield
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        await models.close()
        sessions.delete_all()

    async def enter(request: Request) -> Response:
        session = sessions.enter(request.query_params.get("token", ""))
        if session is None:
            sentence = "This link was used already, or is wrong; the terminal shows"
            return PlainTextResponse(f"{sentence} the one that works.", 403)
        settings.tell_link(settings.make_link(sessions.entry_token))
        # A page and no redirect: a cookie that is strict would not follow one.
        response = render(request, "enter.html")
        set_cookie(response, session, settings.port)
        return response

    async def leave(request: Request) -> Response:
        await check_form(request)
        sessions.end(get_session(request))
        request.state.session = None
        response = render(request, "left.html")
        response.delete_cookie(name_cookie(settings.port), path="/")
        return response

    routes = [
        Route("/enter", enter),
        Route("/leave", leave, methods=["POST"]),
        Route("/static/{name}", _show_static),
        Route("/", patients.show_form),
        Route("/patients", patients.ask, methods=["POST"]),
        Route("/patients/{key}", patients.show),
        Route("/patients/{key}/state", patients.show_state),
        Route("/patients/{key}/pages/{number}", patients.show_person),
        Route("/patients/{key}/tables/{name}", patients.show_table),
        Route("/patients/{key}/delete", patients.delete, methods=["POST"]),
        Route("/demo", studies.start_demo, methods=["POST"]),
        Route("/studies", studies.show_all),
        Route("/studies/state", studies.show_all_state),
        Route("/studies/{key}", studies.show),
        Route("/studies/{key}/state", studies.show_state),
        Route("/studies/{key}/files/{page:path}", studies.show_page),
        Route("/studies/{key}/tables/{table}", studies.show_table),
        Route("/studies/{key}/check", studies.check, methods=["POST"]),
        Route("/studies/{key}/start", studies.start, methods=["POST"]),
        Route("/studies/{key}/stop", studies.stop, methods=["POST"]),
    ]
    app = Starlette(
        routes=routes,
        lifespan=live,
        exception_handlers={
            404: _say_not_found,
            NoFormTokenError: _refuse_form,
            DataError: _say_missing,
            ConfigError: _refuse_request,
        },
    )
    return Guard(app, sessions, settings.port), sessions


async def _sweep(sessions: Sessions) -> None:
    """End idle visits, again and again."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_SWEEPS)
        sessions.end_idle()


async def _show_static(request: Request) -> Response:
    found = read_static(request.path_params["name"])
    if found is None:
        return PlainTextResponse("There is no such file.", 404)
    content, kind = found
    return Response(content, media_type=kind)


async def _say_not_found(request: Request, _: Exception) -> Response:
    return refuse(request, "There is no such page.", 404)


async def _refuse_form(request: Request, error: Exception) -> Response:
    return refuse(request, str(error), 403)


async def _say_missing(request: Request, error: Exception) -> Response:
    return refuse(request, str(error), 404)


async def _refuse_request(request: Request, error: Exception) -> Response:
    return refuse(request, str(error), 409)
