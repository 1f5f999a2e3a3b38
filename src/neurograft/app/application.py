"""The routes of the local page."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from neurograft.app.guards import Guard, name_cookie, set_cookie
from neurograft.app.patient.models import LoadedModels
from neurograft.app.patient.patient_pages import (
    NoFormTokenError,
    PatientPages,
    check_form,
)
from neurograft.app.rendering import fill_page, get_session, read_static, refuse
from neurograft.app.sessions import Sessions
from neurograft.app.study.runs import Runs
from neurograft.app.study.study_pages import StudyPages
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


class App(NamedTuple):
    """The application, and what lives in it.

    Attributes:
        asgi: What is served.
        sessions: Visits.
        runs: Processes that were started from its pages.
    """

    asgi: ASGIApp
    sessions: Sessions
    runs: Runs


def build_app(settings: AppSettings, folder: Path) -> App:
    """Make the application.

    Args:
        settings: Of the server.
        folder: For its files: those of visits, and what runs say.
    """
    sessions = Sessions(folder / "visits")
    models = LoadedModels()
    patients = PatientPages(settings.root, models, settings.limit, set())
    doors = _Doors(settings, sessions)
    runs = Runs(folder / "runs")
    studies = StudyPages(settings.root, runs)

    @asynccontextmanager
    async def live(_: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(_sweep(sessions))
        yield
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        await models.close()
        sessions.delete_all()

    app = Starlette(
        routes=[
            Route("/enter", doors.enter),
            Route("/leave", doors.leave, methods=["POST"]),
            Route("/static/{name}", _show_static),
            *_route_patients(patients),
            *_route_studies(studies),
        ],
        lifespan=live,
        exception_handlers={
            404: _say_not_found,
            NoFormTokenError: _refuse_form,
            DataError: _say_missing,
            ConfigError: _refuse_request,
        },
    )
    return App(Guard(app, sessions, settings.port), sessions, runs)


@dataclass(frozen=True)
class _Doors:
    """Ways into a visit and out of it."""

    settings: AppSettings
    sessions: Sessions

    async def enter(self, request: Request) -> Response:
        """Let a browser in that comes by the link."""
        session = self.sessions.enter(request.query_params.get("token", ""))
        if session is None:
            sentence = "This link was used already, or is wrong; the terminal shows"
            return PlainTextResponse(f"{sentence} the one that works.", 403)
        self.settings.tell_link(self.settings.make_link(self.sessions.entry_token))
        # A page and no redirect: a cookie that is strict would not follow one.
        response = fill_page(request, "enter.html")
        set_cookie(response, session, self.settings.port)
        return response

    async def leave(self, request: Request) -> Response:
        """End a visit, and delete its files."""
        await check_form(request)
        self.sessions.end(get_session(request))
        request.state.session = None
        response = fill_page(request, "left.html")
        response.delete_cookie(name_cookie(self.settings.port), path="/")
        return response


def _route_patients(pages: PatientPages) -> list[Route]:
    return [
        Route("/", pages.show_form),
        Route("/patients", pages.ask, methods=["POST"]),
        Route("/patients/{key}", pages.show),
        Route("/patients/{key}/state", pages.show_state),
        Route("/patients/{key}/pages/{number}", pages.show_person),
        Route("/patients/{key}/tables/{name}", pages.show_table),
        Route("/patients/{key}/delete", pages.delete, methods=["POST"]),
    ]


def _route_studies(pages: StudyPages) -> list[Route]:
    return [
        Route("/demo", pages.start_demo, methods=["POST"]),
        Route("/studies", pages.show_all),
        Route("/studies/state", pages.show_all_state),
        Route("/studies/{key}", pages.show),
        Route("/studies/{key}/state", pages.show_state),
        Route("/studies/{key}/files/{page:path}", pages.show_page),
        Route("/studies/{key}/tables/{table}", pages.show_table),
        Route("/studies/{key}/check", pages.check, methods=["POST"]),
        Route("/studies/{key}/start", pages.start, methods=["POST"]),
        Route("/studies/{key}/stop", pages.stop, methods=["POST"]),
    ]


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
