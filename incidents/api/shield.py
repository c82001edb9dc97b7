"""What every request passes: the name of the host, the site that sent it, and the headers of the answer."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from db.errors import InputError
from incidents.api.pages import HEADERS
from incidents.api.problems import SAFE, problem


class Shield:
    """Refuses requests under another name of this machine (DNS rebinding) and writes sent by other sites."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        """``hosts`` are the names, without ports, that the server answers to."""
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _Guarded(send)
        refused = self._refusal(Headers(scope=scope), scope["method"])
        if refused is None:
            await self._app(scope, receive, guarded)
            if guarded.too_large:
                refused = InputError(
                    "too_large", "The body is larger than this server takes.", fix="Send less at once."
                )
        if refused is not None:
            await problem(Request(scope), refused)(scope, receive, _Guarded(send, ours=True))

    def _refusal(self, headers: Headers, method: str) -> InputError | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _name(hosts[0]) not in self._hosts:
            fix = "Use the address that the server printed, or name the host with --allowed-host."
            return InputError("bad_host", "The server does not answer to this name.", where="Host", fix=fix)
        if method in SAFE:
            return None
        site, origin = headers.get("sec-fetch-site", "none"), headers.get("origin")
        if site not in {"none", "same-origin"} or (origin is not None and urlsplit(origin).netloc != hosts[0]):
            return InputError("cross_site", "A change was sent by a page of another site.", where="Origin")
        return None


class _Guarded:
    """Sends an answer with the headers that all have; holds back Starlette's own words on a large body."""

    def __init__(self, send: Send, *, ours: bool = False) -> None:
        self._send = send
        self._ours = ours
        self.too_large = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.too_large = message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and not self._ours
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        if not self.too_large:
            await self._send(message)


def _name(host: str) -> str | None:
    """The name in a Host header, without the port; None where it is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
