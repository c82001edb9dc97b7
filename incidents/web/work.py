"""The pages for work: they record what a person writes, and show both versions where two people wrote at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from db.errors import AtlasError, ConflictError
from db.session import write_session
from db.tables import Incident
from db.vocabulary import (
    Category,
    InvestigationState,
    Outcome,
    PrecisionLevel,
    Process,
    StepReason,
    Verdict,
)
from incidents.dossiers import dossier, dossiers
from incidents.exports.masks import mask_for
from incidents.history import history_of, last_change
from incidents.organisations import list_organisations
from incidents.ranges import Range, death_range
from incidents.suggestions.held import HeldSuggestions
from incidents.suggestions.proposals import Suggestion
from incidents.tiers import Tier
from incidents.views import ClaimView, Dossier
from incidents.web.callers import caller_of, signed_in
from incidents.web.pages import page
from incidents.web.places import placed
from incidents.web.routes import database_of, find_key, not_found, reading
from incidents.web.tasks import TASKS, Task, field_of, record

router = APIRouter(include_in_schema=False, dependencies=[Depends(signed_in)])
LONGEST_FORM = 100
"""Fields; a form of ours has a dozen."""
LEAST_SHOWN, MOST_SHOWN = 0.02, 25
"""Probability, and number, of the records that are shown as perhaps the same event."""


def killed(one: Dossier, category: Category) -> Range | None:
    """The range of the killed by the record's own claims; None where none is about the category."""
    found = death_range(one.claims, category=category)
    return None if len(found.used) + len(found.left_out) == 0 else found


SIDES: dict[str, Any] = {"killed": killed, "counted": [Category.CIVILIAN, Category.TOTAL_PEOPLE]}
"""What two records are shown by side by side."""


@router.get("/queue")
def queue_page(request: Request) -> Response:
    """The pairs of records that are to be judged, most deaths times probability first."""
    caller = caller_of(request)
    if not caller.may_write:
        return not_found(request, "queue")
    suggestions: HeldSuggestions = request.app.state.suggestions
    with reading(request) as session:
        found = suggestions.queue(session, tier=caller.tier)
        shown = (found or [])[:MOST_SHOWN]
        keys = list(dict.fromkeys(key for one in shown for key in one.keys))
        records = {one.key: one for one in dossiers(session, keys, tier=caller.tier)}
        pairs = [(*(records[key] for key in one.keys), one) for one in shown if records.keys() >= set(one.keys)]
        return page(
            request, "queue.html", pairs=None if found is None else pairs, found=len(found or []),
            mask=mask_for(session, caller.tier), **SIDES,
        )  # fmt: skip


@router.get("/record/{name:path}/{task_name}")
def form_page(request: Request, name: str, task_name: str) -> Response:
    """The empty form."""
    return _form(request, name, task_name, dict(request.query_params))


@router.post("/record/{name:path}/{task_name}")
async def form_sent(request: Request, name: str, task_name: str) -> Response:
    """Record what the form says, or show it again with what is wrong."""
    async with request.form(max_fields=LONGEST_FORM, max_files=0) as form:
        given = {field: value.strip() for field, value in form.items() if isinstance(value, str) and value.strip()}
    return await run_in_threadpool(_record, request, name, task_name, given)


def _record(request: Request, name: str, task_name: str, given: dict[str, str]) -> Response:
    caller, task = caller_of(request), TASKS.get(task_name)
    with reading(request) as session:
        key = find_key(session, name, caller.tier)
    if key is None or task is None or not caller.may_write:
        return not_found(request, name)
    if "choose" in given:
        given["place"] = given.pop("choose")
    try:
        # The reason is looked at once more inside: a blank one is said beside its field, like all else.
        with write_session(database_of(request), who=caller.who, why=given.get("why", task.name)) as session:
            row = session.get_one(Incident, key)
            _check_seen(session, row, given)
            record(session, task, row, given)
            code = row.code
    except AtlasError as error:
        if error.code == "changed_meanwhile":
            return _form(request, name, task_name, given, status=409, conflict=True)
        return _form(request, name, task_name, given, status=422, errors={field_of(error, task): error})
    to = "/queue" if given.get("back") == "queue" else f"/incidents/{quote(code)}"
    return RedirectResponse(to, status_code=303)


def _check_seen(session: Session, row: Incident, given: dict[str, str]) -> None:
    """Refuse a form that was opened before somebody else recorded something of the same incident."""
    if given.get("seen") != str(last_change(session, row.key)):
        raise ConflictError("changed_meanwhile", "Somebody recorded something of this incident meanwhile.")


def _form(
    request: Request,
    name: str,
    task_name: str,
    given: dict[str, str],
    *,
    status: int = 200,
    errors: dict[str, AtlasError] | None = None,
    conflict: bool = False,
) -> Response:
    caller, task = caller_of(request), TASKS.get(task_name)
    with reading(request) as session:
        key = find_key(session, name, caller.tier)
        one = None if key is None else dossier(session, key, tier=caller.tier)
        if key is None or one is None or task is None or not caller.may_write:
            return not_found(request, name)
        seen = given.get("seen", "")
        known = int(seen) if seen.isascii() and seen.isdigit() else 0
        meanwhile = [entry for entry in history_of(session, key) if entry.number > known]
        values: dict[str, Any] = {
            "one": one,
            "task": task.name,
            "given": given,
            "errors": errors or {},
            "meanwhile": meanwhile if conflict else [],
            "since": meanwhile[0].at if conflict and len(meanwhile) > 0 else None,
            "seen": last_change(session, key) if conflict or seen == "" else seen,
            **SIDES,
            "mask": mask_for(session, caller.tier),
            "claims_to_replace": [(row.code, f"{row.code} {row.words or ''} – {row.source}") for row in standing(one)],
            "places_to_replace": [(str(row.key), f"{row.key} – {row.source}") for row in one.locations],
            **_choices(session, task),
        }
        if task.name == "same":
            values["candidates"] = _candidates(request, session, key, caller.tier)
        if task.name == "place":
            values["places"] = placed(one)
        return page(request, "work.html", status=status, **values)


def _candidates(request: Request, session: Session, key: int, tier: Tier) -> list[tuple[Dossier, Suggestion]]:
    """The records that may be the same event, each with the suggestion, the likeliest first."""
    suggestions: HeldSuggestions = request.app.state.suggestions
    found = suggestions.suggest(session, key, tier=tier, least=LEAST_SHOWN, judged=True)[:MOST_SHOWN]
    others = [suggestion.other(key) for suggestion in found]
    return list(zip(dossiers(session, others, tier=tier), found, strict=True))


def standing(one: Dossier) -> list[ClaimView]:
    """The claims of the incident that nothing replaced or withdrew."""
    return [claim for claim in one.claims if claim.superseded_by is None and not claim.withdrawn]


def _choices(session: Session, task: Task) -> dict[str, Any]:
    """The lists to choose from."""
    return {
        "organisations": [row.name for row in list_organisations(session)] if task.organisations else [],
        "states": list(InvestigationState),
        "processes": list(Process),
        "reasons": list(StepReason),
        "outcomes": list(Outcome)[:5],
        "categories": list(Category)[:7],
        "precisions": list(PrecisionLevel),
        "verdicts": list(Verdict),
    }
