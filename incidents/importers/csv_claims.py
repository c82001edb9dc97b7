"""One row of the claims CSV recorded, or found recorded."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from sqlmodel import Session, col, select

from db.errors import InputError
from db.tables import Claim, ClaimIncident, Incident, Organisation, Report
from db.vocabulary import Outcome, Scope
from incidents.claims import ClaimInput, add_claim, withdraw_claim
from incidents.importers.carried import refuse_difference
from incidents.importers.csv_cells import flag, split, whole
from incidents.importers.sources import Sources
from incidents.inputs import validated
from incidents.records import find_incident

PLAIN = ("code", "incident", "outcome", "category", "bound", "words", "scope", "area", "period", "period_words",
         "stated", "as_of", "strength", "subset_of", "supersedes", "locator", "note")  # fmt: skip
COMPARED = ("outcome", "category", "scope", "area", "period", "period_words", "stated", "as_of", "strength",
            "locator", "note")  # fmt: skip
"""Columns that hold in the table what they hold in the file."""

Cells = dict[str, str]


def take_claim(session: Session, sources: Sources, cells: Cells) -> bool:
    """Record the claim of a row, or find it recorded; returns whether it is new.

    Raises:
        InputError: some cell is not acceptable. ConflictError: ``different_content``, naming the column.
    """
    data = claim_input(sources, cells)
    row = _recorded(session, data)
    if row is not None:
        field = _difference(session, row, data, cells)
        if field is not None:
            raise refuse_difference(row.code, field)
        return False
    added = add_claim(session, data)
    if "withdrawn_on" in cells:
        if "withdrawn_why" not in cells:
            raise InputError("missing_withdrawal", "Say why it was taken back.", where="withdrawn_why")
        withdraw_claim(session, added.code, on=cells["withdrawn_on"], why=cells["withdrawn_why"])
    return True


def claim_input(sources: Sources, cells: Cells) -> ClaimInput:
    """The claim of a row, checked.

    Raises:
        InputError: as the model; a number cannot be read.
    """
    plain: dict[str, Any] = {"outcome": Outcome.KILLED.value} | {name: cells[name] for name in PLAIN if name in cells}
    for name in ("minimum", "maximum"):
        plain[name] = whole(cells.get(name), name)
    if "words" not in cells and (said := _said_in_other_digits(cells)) != "":
        plain["words"] = said
    plain["confirm_large"] = flag(cells.get("confirmed"), "confirmed")
    plain["incidents"] = split(cells.get("incidents", ""))
    if "scope" not in plain and len(plain["incidents"]) > 0:
        plain["scope"] = Scope.INCIDENT_SET.value
    for name in ("source", "perpetrator", "side"):
        if name in cells:
            plain[name] = sources.organisation(cells[name], name).code
    if "source" in cells and "report" in cells:
        publisher = sources.organisation(cells["source"], "source")
        plain["report"] = sources.report(cells["report"], publisher, "report").code
    return validated(ClaimInput, plain, where="column")


def _said_in_other_digits(cells: Cells) -> str:
    """The number cells as they stand, if they are written in digits other than ours; they are kept as words (B22)."""
    said = dict.fromkeys(cells[name].strip() for name in ("minimum", "maximum") if name in cells)
    return "" if all(text.isascii() for text in said) else "–".join(said)


def _recorded(session: Session, data: ClaimInput) -> Claim | None:
    """The recorded claim with the code of ``data``, or, where it has none, one that says the same."""
    if data.code is not None:
        return session.exec(select(Claim).where(Claim.code == data.code)).first()
    figure = data.count()
    incident = None if data.incident is None else find_incident(session, data.incident).id
    query = select(Claim).where(
        Claim.incident_id == incident,
        Claim.outcome == data.outcome,
        Claim.category == data.category,
        Claim.bound == figure.bound,
        col(Claim.minimum).is_not_distinct_from(figure.min),
        col(Claim.maximum).is_not_distinct_from(figure.max),
        Claim.words == figure.words,
        col(Claim.stated).is_not_distinct_from(data.stated),
    )
    given = _given_references(data)
    rows = session.exec(query.order_by(col(Claim.id))).all()
    return next((row for row in rows if given.items() <= _references(session, row).items()), None)


def _given_references(data: ClaimInput) -> dict[str, Any]:
    """What the row refers to, as codes."""
    names = ("source", "report", "perpetrator", "side", "subset_of", "supersedes")
    given: dict[str, Any] = {name: getattr(data, name) for name in names if getattr(data, name) is not None}
    return given | ({"incidents": tuple(sorted(data.incidents))} if len(data.incidents) > 0 else {})


def _references(session: Session, row: Claim) -> dict[str, Any]:
    """What the recorded claim refers to, as codes."""
    members = (
        select(Incident.code)
        .join(ClaimIncident, col(ClaimIncident.incident_id) == col(Incident.id))
        .where(ClaimIncident.claim_id == row.id)
    )
    return {
        "source": _code(session, Organisation, row.source_id),
        "report": _code(session, Report, row.report_id),
        "perpetrator": _code(session, Organisation, row.perpetrator_id),
        "side": _code(session, Organisation, row.side_id),
        "subset_of": _code(session, Claim, row.subset_of_id),
        "supersedes": _code(session, Claim, row.supersedes_id),
        "incidents": tuple(sorted(session.exec(members).all())),
    }


def _code(session: Session, table: Any, key: int | None) -> str | None:
    return None if key is None else str(session.get_one(table, key).code)


def _difference(session: Session, row: Claim, data: ClaimInput, cells: Cells) -> str | None:
    """The first column that says something else than the recorded claim; an empty cell says nothing."""
    figure = data.count()
    said = {"bound": figure.bound, "minimum": figure.min, "maximum": figure.max, "words": figure.words}
    said |= {name: getattr(data, name) for name in COMPARED if name in cells}
    for name, value in said.items():
        if value != getattr(row, name):
            return name
    if data.incident is not None and find_incident(session, data.incident).id != row.incident_id:
        return "incident"
    held = _references(session, row)
    withdrawn = None if row.withdrawn_on is None else row.withdrawn_on.astimezone(UTC).date().isoformat()
    held |= {"withdrawn_on": withdrawn, "withdrawn_why": row.withdrawn_why}
    given = _given_references(data)
    given |= {name: cells[name] for name in ("withdrawn_on", "withdrawn_why") if name in cells}
    return next((name for name, value in given.items() if value != held[name]), None)
