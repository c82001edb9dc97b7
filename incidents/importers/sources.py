"""Organisations and reports that a CSV names: found, or recorded where that was asked for."""

from __future__ import annotations

import hashlib

from sqlmodel import Session

from db.errors import InputError, NotFoundError
from db.tables import Organisation, Report
from db.tables.base import SHORT
from db.vocabulary import OrganisationKind
from incidents.inputs import validated
from incidents.organisations import OrganisationInput, add_organisation, find_organisation
from incidents.reports import ReportInput, add_report, find_report

CREATE = "Or let the import record it, with --create-sources."


class Sources:
    """Finds what a cell names.

    Args:
        session: a write session.
        create: record what is not found: an organisation of unknown kind under the cell's text, a report under
            its title or address.
    """

    def __init__(self, session: Session, *, create: bool) -> None:
        self._session = session
        self._create = create

    def organisation(self, text: str, column: str) -> Organisation:
        """The organisation with the code or name ``text``.

        Raises:
            NotFoundError: there is none, and none may be recorded.
        """
        try:
            return find_organisation(self._session, text)
        except NotFoundError as error:
            if not self._create:
                raise _with_remedy(error, column) from error
        plain = {"code": _code(text), "name": text, "kind": OrganisationKind.UNKNOWN}
        return add_organisation(self._session, validated(OrganisationInput, plain, where=column))

    def report(self, text: str, publisher: Organisation, column: str) -> Report:
        """The report with the code or address ``text``; a new one is taken for one of ``publisher``.

        Raises:
            NotFoundError: there is none, and none may be recorded.
        """
        try:
            return find_report(self._session, text)
        except NotFoundError as error:
            if not self._create:
                raise _with_remedy(error, column) from error
        plain = {"code": _code(text), "publisher": publisher.code, "title": text}
        if text.startswith(("http://", "https://")):
            plain["url"] = text
        return add_report(self._session, validated(ReportInput, plain, where=column))


def _with_remedy(error: NotFoundError, column: str) -> InputError:
    return NotFoundError(error.code, error.why, where=column, got=error.got, fix=f"{error.fix} {CREATE}")


def _code(text: str) -> str:
    """``text`` where it is short enough for a code, else a code made of its digest."""
    if len(text) <= SHORT and "://" not in text:
        return text
    return f"x-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
