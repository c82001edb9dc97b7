"""Errors as problem details (RFC 9457): one table says which status an error is answered with."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from db.errors import (
    AmbiguousError,
    AtlasError,
    ConflictError,
    InputError,
    ResourceError,
    StorageError,
    shown,
)
from incidents.api.pages import HEADERS, HTML, html_page, wants_html

MEDIA_TYPE = "application/problem+json"
_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}, HTML.media_type: {}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "What is wrong, where, and the remedy.", "content": _CONTENT},
    "default": {"description": "As 4XX.", "content": _CONTENT},
}
"""What each route's description says of errors."""
PROBLEM_SCHEMA = {
    "title": "Problem",
    "description": "A problem detail (RFC 9457); code is stable.",
    "type": "object",
    "required": ["title", "status", "detail", "code"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "where": {"type": "string"},
        "got": {"type": "string"},
        "fix": {"type": "string"},
    },
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SAFE = frozenset({"GET", "HEAD"})
LOG = logging.getLogger("incidents.api")

BY_CODE = {
    "not_found": 404,
    "unauthorised": 401,
    "forbidden": 403,
    "cross_site": 403,
    "bad_host": 400,
    "too_slow": 400,
    "not_acceptable": 406,
    "unsupported_media_type": 415,
    "too_many_failures": 429,
    "precondition_required": 428,
    "stale_version": 412,
    "read_only": 403,
    # A body that is no JSON, or JSON that two programs would read in two ways; what it says is 422.
    "empty_file": 400,
    "not_text": 400,
    "not_utf8": 400,
    "not_json": 400,
    "too_deep": 400,
    "duplicate_key": 400,
    "number_too_long": 400,
    "too_large": 413,
}
"""The status of an error by its code, where that says more than its class."""

BY_CLASS: tuple[tuple[type[AtlasError], int, int], ...] = (
    (AmbiguousError, 300, 422),
    (InputError, 400, 422),
    (ConflictError, 409, 409),
    (StorageError, 503, 503),
    (ResourceError, 503, 503),
    (AtlasError, 500, 500),
)
"""The first class that an error is of says its status: of a question, and of a write."""

OF_HTTP = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 400: "bad_request"}


class ProblemError(AtlasError):
    """An error with members of its own, and headers."""

    def __init__(
        self, error: AtlasError, members: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error.code, error.why, where=error.where, fix=error.fix)
        self.got = error.got
        self.error = error
        self.members = members or {}
        self.headers = headers or {}


def status_of(error: AtlasError, method: str) -> int:
    """The status that ``error`` is answered with."""
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    asked, written = next((asked, written) for kind, asked, written in BY_CLASS if isinstance(error, kind))
    return asked if method in SAFE else written


def missing(what: str) -> InputError:
    """The error where nothing is, or nothing that may be seen: the two are answered alike."""
    return InputError("not_found", f"There is no such {what}.")


def add_problems(app: FastAPI) -> None:
    """Answer every error of ``app`` as problem details."""
    app.add_exception_handler(AtlasError, _of_atlas)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_fault)


def problem(request: Request, error: AtlasError) -> Response:
    """The answer that stands for ``error``."""
    members: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, ProblemError):
        members, headers, error = error.members, error.headers, error.error
    status = status_of(error, request.method)
    if isinstance(error, AmbiguousError):
        members = {"candidates": error.candidates} | members
    if status == HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": 'Bearer realm="incidents"'} | headers
    details = {"where": error.where, "got": error.got, "fix": error.fix}
    return _answer(request, status, error.code, error.why, details | members, headers)


def _answer(
    request: Request, status: int, code: str, why: str, members: dict[str, Any], headers: Mapping[str, str]
) -> Response:
    title = HTTPStatus(status).phrase
    body = {"title": title, "status": status, "detail": why, "code": code}
    body |= {name: value for name, value in members.items() if value is not None}
    if request.method in SAFE and wants_html(request):
        return html_page("problem.html", {"title": title, "problem": body}, status=status, headers=headers)
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


async def _of_atlas(request: Request, error: Exception) -> Response:
    assert isinstance(error, AtlasError)  # noqa: S101 - for the type checker: it is registered for these
    return problem(request, error)


async def _of_validation(request: Request, error: Exception) -> Response:
    """A parameter that is unknown or no value of its kind: 400, as OGC 17-069r4 asks (query-param-invalid)."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    code = "unknown_parameter" if first["type"] == "extra_forbidden" else "invalid_parameter"
    why = "This resource has no such parameter." if code == "unknown_parameter" else f"{first['msg']}."
    return _answer(request, 400, code, why, {"where": where, "got": shown(first.get("input"))}, {})


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    code = OF_HTTP.get(error.status_code, "refused")
    why = missing("resource").why if code == "not_found" else f"{error.detail}."
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return _answer(request, error.status_code, code, why, {}, headers)


def _methods(request: Request) -> list[str]:
    """The methods that some route takes at the path; Starlette names those of its first route alone."""
    return [
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]


async def _of_fault(request: Request, error: Exception) -> Response:
    """A fault of ours: what went wrong is in the log, and nowhere else."""
    LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    return _answer(request, 500, "fault", "The server has a fault; it is in its log.", {}, HEADERS)
