"""Reports: the pages that everything else is cited from."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sqlmodel import Session, col, or_, select

from db.errors import AmbiguousError, ConflictError, NotFoundError
from db.tables import Report
from db.vocabulary import Visibility
from incidents.inputs import Code, Dates, Input, Instant, Line, Paragraph, WebAddress, span
from incidents.nearest import nearest
from incidents.organisations import find_organisation


class ReportInput(Input):
    """A publication. ``published`` is a day, month, year or interval; leave out what is not known."""

    code: Code
    publisher: Line
    title: Line
    url: WebAddress | None = None
    archive_url: WebAddress | None = None
    published: Dates | None = None
    retrieved_at: Instant | None = None
    language: Code | None = None
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    licence: Line | None = None
    citation: Paragraph | None = None
    may_export: bool = True
    visibility: Visibility = Visibility.PUBLIC
    note: Paragraph | None = None


def add_report(session: Session, data: ReportInput) -> Report:
    """Record a report.

    Raises:
        ConflictError: the code is taken.
        NotFoundError: the publisher is not recorded.
    """
    if session.exec(select(Report).where(Report.code == data.code)).first() is not None:
        raise ConflictError("duplicate_code", "A report has this code.", where="report", got=data.code)
    row = Report(publisher_id=find_organisation(session, data.publisher).key, **own_columns(data))
    session.add(row)
    session.flush()
    return row


def own_columns(data: ReportInput) -> dict[str, Any]:
    """The columns of the report table without its publisher."""
    start, end = span(data.published)
    return data.model_dump(exclude={"publisher"}) | {"published_start": start, "published_end": end}


def find_report(session: Session, text: str) -> Report:
    """The report with the code or the address ``text``.

    Raises:
        NotFoundError: there is none.
        AmbiguousError: several reports have the address.
    """
    found = reports_called(session, text)
    if len(found) == 0:
        raise NotFoundError(
            "unknown_report",
            "No report has this code or address.",
            got=text,
            fix=f"{nearest(text, session.exec(select(Report.code)).all())}Record it first with: incidents report add",
        )
    if len(found) > 1:
        lines = [f"{report.code}: {report.title}" for report in found]
        raise AmbiguousError("ambiguous_report", "Several reports have this address.", lines, got=text)
    return found[0]


def reports_called(session: Session, text: str) -> list[Report]:
    """The report with the code ``text``, or those, at most 20, with that address."""
    called = col(Report.code) == text
    if "://" in text:
        # No index holds the addresses, and a text without :// is none.
        called = or_(called, col(Report.url) == text, col(Report.archive_url) == text)
    return list(session.exec(select(Report).where(called).limit(20)).all())


def list_reports(session: Session, words: str | None = None) -> list[Report]:
    """The reports that have ``words`` in their code or title, by code; all of them for None."""
    query = select(Report).order_by(Report.code)
    if words is not None:
        query = query.where(
            or_(col(Report.code).icontains(words, autoescape=True), col(Report.title).icontains(words, autoescape=True))
        )
    return list(session.exec(query).all())
