"""Let in only the browser that came by the link, and pages of this server alone."""

from collections.abc import MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from neurograft.app.rendering import NO_MORE
from neurograft.app.sessions import Session, Sessions

# Pages of the app: nothing from elsewhere, no script and no style inside a page.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
METHODS = ("GET", "HEAD", "POST")
# What a browser without a cookie may see.
FREE = ("/enter", "/static/")
NO_ENTRY = (
    "This page opens only in the browser that came by the link of `neurograft serve`. "
    "Copy the link that the terminal shows now; every link works once."
)


class Guard:
    """Checks every request before it reaches a page.

    Args:
        app: What is guarded.
        sessions: Visits.
        port: Where the server listens.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, port: int) -> None:
        self.app, self.sessions = app, sessions
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self.cookie = name_cookie(port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refuse(scope)
        await (refusal or self.app)(scope, receive, add_headers)

    def _refuse(self, scope: MutableMapping[str, Any]) -> Response | None:
        """Say why a request is refused; None lets it in, with its visit."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self.hosts:
            return PlainTextResponse(f"Unknown host; open {self.hosts[0]}.", 421)
        if scope["method"] not in METHODS:
            return PlainTextResponse("Not allowed.", 405)
        if scope["method"] == "POST" and headers.get("origin") != f"http://{host}":
            return PlainTextResponse("This form is not one of this page.", 403)
        session = self.sessions.find(_read_cookie(headers, self.cookie))
        scope.setdefault("state", {})["session"] = session
        if session is None and not scope["path"].startswith(FREE):
            is_poll = headers.get("hx-request") == "true" and scope["method"] == "GET"
            return PlainTextResponse(NO_ENTRY, NO_MORE if is_poll else 403)
        return None


def name_cookie(port: int) -> str:
    """Return the name of the cookie: browsers keep one jar for all ports."""
    return f"neurograft-{port}"


def set_cookie(response: Response, session: Session, port: int) -> None:
    """Let a browser show its visit with every request of this server alone."""
    response.set_cookie(
        name_cookie(port), session.key, httponly=True, samesite="strict", path="/"
    )


def _read_cookie(headers: Headers, name: str) -> str:
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""
