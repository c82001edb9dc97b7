"""Changes: the same inputs and functions as the command line, each sent with why, and safe to send again."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Request
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from db.errors import ConflictError, InputError
from db.session import write_session
from db.tables import Claim, Incident, KeptAnswer, Location, Recorded, Versioned
from incidents.api.access import Recording
from incidents.api.bodies import Change, body_of, read_change
from incidents.api.links import at
from incidents.api.problems import PROBLEMS, ProblemError, missing
from incidents.attributions import AttributionInput, GradingInput, add_attribution, add_grading
from incidents.claims import ClaimInput, add_claim, find_claim, withdraw_claim
from incidents.history import changes_since
from incidents.idempotency import Sent, checked_key, keep_answer, kept_answer
from incidents.inputs import Day, Input, Paragraph
from incidents.investigations import StepInput, add_step
from incidents.locations import LocationInput, add_location, withdraw_location
from incidents.organisations import OrganisationInput, add_organisation
from incidents.records import (
    IncidentEdit,
    IncidentInput,
    StatementInput,
    add_incident,
    add_statement,
    edit_incident,
    incident_with_code,
)
from incidents.reports import ReportInput, add_report
from incidents.same_event import JudgementInput, judge

router = APIRouter(prefix="/api", tags=["changes"], responses=PROBLEMS)

CREATED, DONE = 201, 200
ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-[0-9a-f]{16})?"')
Work = Callable[[Session], Recorded]
KeyHeader = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=100, description="Sent again under the same key, it is done once."),
]
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the version that was seen.",
    "schema": {"type": "string", "pattern": f"^{ETAG.pattern}$"},
}


class Withdrawal(Input):
    """A figure that its source took back."""

    on: Day
    why: Paragraph


class Removal(Input):
    """A place that its source took back; it says no more than the reason of the change."""


def edit_of(model: type[Input]) -> dict[str, Any]:
    """The part of the description of a change to a version that was seen."""
    return body_of(model) | {"parameters": [IF_MATCH]}


@dataclass(frozen=True)
class Target:
    """Where a changed record is found, and the status that its change is answered with."""

    path: Callable[[Recorded], str]
    status: int = CREATED


async def _record(
    request: Request, caller: Recording, change: tuple[Change[Any], bytes], work: Work, target: Target, key: str | None
) -> Response:
    """Do ``work`` in a transaction of its own, or give the answer that it had when it was sent before."""
    said, raw = change
    tag = request.headers.get("if-match", "")
    digest = sha256("\n".join((request.method, request.url.path, tag, "")).encode() + raw).hexdigest()
    sent = None if key is None else Sent(caller.who, checked_key(key), digest)

    def run() -> Response:
        try:
            with write_session(request.app.state.database, who=caller.who, why=said.why) as session:
                before = None if sent is None else kept_answer(session, sent)
                if before is not None:
                    raise _SentBefore(_again(before))
                return _done(request, session, work(session), target, sent)
        except _SentBefore as found:
            return found.answer

    return await run_in_threadpool(run)


class _SentBefore(Exception):  # noqa: N818 - no error: it ends the transaction without a change
    """The change was made before; nothing is recorded now."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def _done(request: Request, session: Session, row: Recorded, target: Target, sent: Sent | None) -> Response:
    session.flush()
    body: dict[str, Any] = {"id": row.key}
    if isinstance(code := getattr(row, "code", None), str):
        body["code"] = code
    etag = None
    if isinstance(row, Versioned):
        body["version"] = row.version
        etag = f'"{row.version}"'
    path = target.path(row)
    text = orjson.dumps(body).decode()
    if sent is not None:
        keep_answer(session, sent, status=target.status, body=text, location=path, etag=etag)
    return _answer(at(request, path), target.status, text, etag)


def _answer(location: str, status: int, body: str, etag: str | None) -> Response:
    headers = {"Location": location} | ({} if etag is None else {"ETag": etag})
    return Response(body, status, headers, "application/json")


def _again(kept: KeptAnswer) -> Response:
    answer = _answer(f"/api{kept.location}", kept.status, kept.body, kept.etag)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _version(request: Request) -> int:
    """The version that the If-Match header names.

    Raises:
        InputError: ``precondition_required``, or ``bad_etag``.
    """
    header = request.headers.get("if-match")
    if header is None:
        raise InputError(
            "precondition_required", "A change of a record names the version that was seen.", where="If-Match",
            fix="Read the record, and send its ETag as If-Match.",
        )  # fmt: skip
    found = ETAG.fullmatch(header.strip())
    if found is None:
        raise InputError("bad_etag", "It is no ETag of a record.", where="If-Match", got=header)
    return int(found[1])


def _versioned(row: Versioned, version: int, session: Session, work: Callable[[], Versioned]) -> Versioned:
    """Do ``work``; where somebody changed ``row`` since ``version``, say what and to which values."""
    if version > row.version:
        raise InputError("bad_etag", f"The record is at version {row.version}.", where="If-Match", got=str(version))
    try:
        return work()
    except ConflictError as error:
        if error.code != "stale_version":
            raise
        found = [change.record() for change in changes_since(session, row, version)]
        members = {"current_version": row.version, "differences": found}
        raise ProblemError(error, members, {"ETag": f'"{row.version}"'}) from error


def _incident(session: Session, code: str) -> Incident:
    row = incident_with_code(session, code)
    if row is None:
        raise missing("incident")
    return row


def _incident_path(row: Recorded) -> str:
    return f"/collections/incidents/items/{getattr(row, 'code', '')}"


@router.post(
    "/collections/incidents/items",
    status_code=CREATED,
    openapi_extra=body_of(IncidentInput),
    summary="Record an incident",
)
async def new_incident(request: Request, caller: Recording, key: KeyHeader = None) -> Response:
    """Record an incident; places and figures follow, each from a source."""
    change = await read_change(request, IncidentInput)
    return await _record(
        request, caller, change, lambda session: add_incident(session, change[0].data), Target(_incident_path), key
    )


@router.patch("/collections/incidents/items/{code}", openapi_extra=edit_of(IncidentEdit), summary="Change an incident")
async def change_incident(request: Request, code: str, caller: Recording, key: KeyHeader = None) -> Response:
    """Change an incident's own fields; the old values stay in the journal."""
    change = await read_change(request, IncidentEdit)
    version = _version(request)

    def work(session: Session) -> Versioned:
        row = _incident(session, code)
        edit = change[0].data
        return _versioned(row, version, session, lambda: edit_incident(session, row.code, edit, version=version))

    return await _record(request, caller, change, work, Target(_incident_path, DONE), key)


def _addition(name: str, model: type[Input], add: Callable[[Session, Incident, Any], Recorded], what: str) -> None:
    """A route that adds something to an incident."""

    async def added(request: Request, code: str, caller: Recording, key: KeyHeader = None) -> Response:
        change = await read_change(request, model)

        def work(session: Session) -> Recorded:
            return add(session, _incident(session, code), change[0].data)

        return await _record(
            request, caller, change, work, Target(lambda _: f"/collections/incidents/items/{code}"), key
        )

    added.__doc__ = f"{what}; rivals, and what was recorded before, stand beside it."
    router.add_api_route(
        f"/collections/incidents/items/{{code}}/{name}", added, methods=["POST"], status_code=CREATED, summary=what,
        openapi_extra=body_of(model), name=f"new_{name}",
    )  # fmt: skip


_addition("locations", LocationInput, add_location, "Record where a source puts an incident")
_addition("gradings", GradingInput, add_grading, "Record how well the reporting stands")
_addition("steps", StepInput, add_step, "Record a step of an investigation")
_addition("attributions", AttributionInput, add_attribution, "Record whom a source names")
_addition("statements", StatementInput, add_statement, "Record what somebody said")


def _creation(
    path: str, model: type[Input], add: Callable[[Session, Any], Recorded], what: str
) -> Callable[..., Awaitable[Response]]:
    """A route that records something of its own."""

    async def created(request: Request, caller: Recording, key: KeyHeader = None) -> Response:
        change = await read_change(request, model)
        return await _record(
            request, caller, change, lambda session: add(session, change[0].data), Target(lambda _: path), key
        )

    created.__doc__ = f"{what}."
    router.add_api_route(
        path, created, methods=["POST"], status_code=CREATED, summary=what, openapi_extra=body_of(model),
        name=f"new_{path.rpartition('/')[2]}",
    )  # fmt: skip
    return created


_creation("/claims", ClaimInput, add_claim, "Record a figure that a source gave")
_creation("/judgements", JudgementInput, judge, "Judge whether two incidents are one event")
_creation("/reports", ReportInput, add_report, "Record a report")
_creation("/organisations", OrganisationInput, add_organisation, "Record an organisation")


@router.post("/claims/{code}/withdrawal", openapi_extra=edit_of(Withdrawal), summary="Withdraw a claim")
async def withdraw_a_claim(request: Request, code: str, caller: Recording, key: KeyHeader = None) -> Response:
    """Mark that the source took the figure back; the claim stays, and is shown as withdrawn."""
    change = await read_change(request, Withdrawal)
    version, data = _version(request), change[0].data

    def work(session: Session) -> Versioned:
        try:
            row: Claim = find_claim(session, code)
        except InputError as error:
            raise missing("claim") from error
        return _versioned(
            row, version, session,
            lambda: withdraw_claim(session, code, on=data.on.isoformat(), why=data.why, version=version),
        )  # fmt: skip

    return await _record(request, caller, change, work, Target(lambda _: f"/claims/{code}", DONE), key)


@router.post("/locations/{number}/withdrawal", openapi_extra=edit_of(Removal), summary="Withdraw a location")
async def withdraw_a_location(request: Request, number: str, caller: Recording, key: KeyHeader = None) -> Response:
    """Mark that the source took the place back; it stays in the history."""
    change = await read_change(request, Removal)
    version = _version(request)

    def work(session: Session) -> Versioned:
        row = session.get(Location, int(number)) if re.fullmatch("[0-9]{1,9}", number) else None
        if row is None:
            raise missing("location")
        return _versioned(row, version, session, lambda: withdraw_location(session, row.key, version=version))

    return await _record(request, caller, change, work, Target(lambda _: f"/locations/{number}", DONE), key)
